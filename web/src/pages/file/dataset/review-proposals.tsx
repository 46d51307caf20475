import type { Datapoint } from '@whetstone/contract';
import { Check, Pencil, X } from 'lucide-react';
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { Badge } from '../../../kit/badge.tsx';
import { Button, IconButton } from '../../../kit/button.tsx';
import { cx } from '../../../kit/cx.ts';
import { DialogActions } from '../../../kit/dialog.tsx';
import { Field } from '../../../kit/field.tsx';
import { Notice } from '../../../kit/notice.tsx';
import { CaseText } from '../../../parts/dataset/case-text.tsx';
import { LongText } from './long-text.tsx';

type Verdict = 'accepted' | 'rejected';
interface Proposal {
  inputs?: Datapoint['inputs'];
  target?: Record<string, unknown> | null | undefined;
}

/** One after the other, by keyboard: j and k move, a accepts, r rejects, e edits. */
export function ReviewProposals<P extends Proposal>({
  proposals,
  about,
  empty,
  busy,
  failed,
  back,
  rejects = false,
  onSave,
}: {
  proposals: readonly { datapoint: P; note?: ReactNode }[];
  /** After how many there are. */
  about: string;
  /** What stands in place of none. */
  empty: string;
  busy: boolean;
  failed: string | null;
  back: ReactNode;
  /** What is rejected is saved as such, so rejecting alone is something to save. */
  rejects?: boolean;
  /** By their places in the list, as they were changed. */
  onSave: (accepted: readonly { index: number; datapoint: P }[], rejected: readonly number[]) => void;
}): ReactNode {
  const [cases, setCases] = useState<readonly P[]>(() => proposals.map(({ datapoint }) => datapoint));
  const [verdicts, setVerdicts] = useState<Readonly<Record<number, Verdict>>>({});
  const [at, setAt] = useState(0);
  const [editing, setEditing] = useState(false);
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current?.focus();
  }, []);
  const accepted = cases.flatMap((datapoint, index) => (verdicts[index] === 'accepted' ? [{ index, datapoint }] : []));
  const rejected = cases.flatMap((_, index) => (verdicts[index] === 'rejected' ? [index] : []));
  const go = (to: number): void => {
    const next = Math.min(cases.length - 1, Math.max(0, to));
    setAt(next);
    setEditing(false);
    list.current?.children[next]?.scrollIntoView({ block: 'nearest' });
  };
  const judge = (index: number, verdict: Verdict): void => {
    setVerdicts((before) => ({ ...before, [index]: verdict }));
    go(index + 1);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.metaKey || event.ctrlKey || event.altKey || event.target !== event.currentTarget) return;
    const keys: Record<string, () => void> = {
      j: () => go(at + 1),
      ArrowDown: () => go(at + 1),
      k: () => go(at - 1),
      ArrowUp: () => go(at - 1),
      a: () => judge(at, 'accepted'),
      r: () => judge(at, 'rejected'),
      e: () => setEditing(true),
    };
    const work = keys[event.key];
    if (work === undefined) return;
    event.preventDefault();
    work();
  };
  return (
    <div>
      <p className="text-ink-2">
        {cases.length} {cases.length === 1 ? 'proposal' : 'proposals'}
        {about}. <span className="max-md:hidden">Keys: a accepts, r rejects, e edits, j and k move.</span>
      </p>
      <ul
        ref={list}
        tabIndex={0}
        role="listbox"
        aria-label="Proposals"
        aria-activedescendant={`proposal-${at}`}
        onKeyDown={onKeyDown}
        className="mt-3 flex max-h-[50vh] flex-col overflow-y-auto rounded-md border border-line focus-visible:outline-2 focus-visible:outline-accent"
      >
        {cases.map((proposal, index) => (
          <li
            key={index}
            id={`proposal-${index}`}
            role="option"
            aria-selected={index === at}
            onClick={() => setAt(index)}
            className={cx(
              'flex flex-wrap items-start gap-x-3 gap-y-1 border-b md:flex-nowrap border-line px-3 py-2.5 last:border-b-0',
              index === at && 'bg-hover',
              verdicts[index] === 'rejected' && 'opacity-50',
            )}
          >
            <span className="w-18 shrink-0 pt-0.5 max-md:flex-1">
              {verdicts[index] === undefined ? (
                <Badge>open</Badge>
              ) : (
                <Badge tone={verdicts[index] === 'accepted' ? 'better' : 'worse'}>{verdicts[index]}</Badge>
              )}
            </span>
            <div className="min-w-0 flex-1 max-md:order-last max-md:basis-full">
              {editing && index === at ? (
                <EditProposal proposal={proposal} onChange={(next) => setCases(cases.map((one, each) => (each === index ? next : one)))} />
              ) : (
                <CaseText datapoint={proposal as never} />
              )}
              {proposals[index]?.note}
            </div>
            <IconButton icon={Check} label={`Accept proposal ${index + 1}`} keys="a" onClick={() => judge(index, 'accepted')} />
            <IconButton
              icon={Pencil}
              label={`Edit proposal ${index + 1}`}
              keys="e"
              onClick={() => {
                setAt(index);
                setEditing(!(editing && at === index));
              }}
            />
            <IconButton icon={X} label={`Reject proposal ${index + 1}`} keys="r" onClick={() => judge(index, 'rejected')} />
          </li>
        ))}
        {cases.length === 0 && <li className="px-3 py-4 text-ink-3">{empty}</li>}
      </ul>
      {failed !== null && (
        <Notice kind="error" title="Not saved" className="mt-3">
          {failed}
        </Notice>
      )}
      <DialogActions>
        {back}
        <Button onClick={() => setVerdicts(Object.fromEntries(cases.map((_, index) => [index, verdicts[index] ?? 'accepted'])))}>
          Accept the rest
        </Button>
        <Button
          look="primary"
          busy={busy}
          disabled={accepted.length + (rejects ? rejected.length : 0) === 0}
          onClick={() => onSave(accepted, rejected)}
        >
          {accepted.length === 0 && rejected.length > 0 && rejects ? `Dismiss ${rejected.length}` : `Save ${accepted.length} accepted`}
        </Button>
      </DialogActions>
    </div>
  );
}

function EditProposal<P extends Proposal>({ proposal, onChange }: { proposal: P; onChange: (proposal: P) => void }): ReactNode {
  const parts = [
    ...Object.entries(proposal.inputs ?? {}).map(([name, text]) => ({ part: 'inputs' as const, name, text })),
    ...Object.entries(proposal.target ?? {}).map(([name, value]) => ({
      part: 'target' as const,
      name,
      text: typeof value === 'string' ? value : JSON.stringify(value),
    })),
  ];
  return (
    <div className="flex flex-col gap-2">
      {parts.map(({ part, name, text }) => (
        <Field
          key={`${part} ${name}`}
          label={<span className="text-meta font-normal text-ink-3">{part === 'target' ? `→ ${name}` : name}</span>}
        >
          {(props) => (
            <LongText {...props} text={text} onText={(next) => onChange({ ...proposal, [part]: { ...proposal[part], [name]: next } })} />
          )}
        </Field>
      ))}
    </div>
  );
}
