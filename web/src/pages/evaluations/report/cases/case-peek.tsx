import type { ReportCase } from '@whetstone/contract';
import { useQuery } from '@tanstack/react-query';
import { Link2, X } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { query } from '../../../../api/query.ts';
import { Button, IconButton } from '../../../../kit/button.tsx';
import { Checkbox } from '../../../../kit/checkbox.tsx';
import { useCopy } from '../../../../kit/copy.tsx';
import { cx } from '../../../../kit/cx.ts';
import { Notice } from '../../../../kit/notice.tsx';
import { SkeletonRows } from '../../../../kit/skeleton.tsx';
import { useStored } from '../../../../kit/stored.ts';
import { Message } from '../../../../parts/log/message.tsx';
import { Section } from '../../../../parts/log/section.tsx';
import { Values } from '../../../../parts/log/values.tsx';
import { useReportHere } from '../report-context.ts';
import { CaseRun } from './case-run.tsx';
import { targetText } from './case-text.ts';
import { Change } from './outcome.tsx';
import { askedOf } from './use-cases.ts';

/** One case with all that is known of it, beside the list or over the page where there is no room. */
export default function CasePeek({ id, beside }: { id: string; beside: boolean }): ReactNode {
  const here = useReportHere();
  const found = useQuery({
    ...query('reports.cases', { params: { id: here.id }, query: { ...askedOf(here), datapoint_id: [id], size: 1 } }),
  });
  const one = found.data?.records[0];
  const panel = useRef<HTMLElement>(null);
  const [copied, copy] = useCopy();
  const close = () => here.onSearch({ case: undefined });
  useEffect(() => {
    if (!beside) panel.current?.focus();
  }, [beside]);
  return (
    <aside
      ref={panel}
      tabIndex={-1}
      aria-label="Case"
      className={cx(
        'flex flex-col bg-page outline-none',
        beside ? 'w-[min(48vw,760px)] min-w-110 shrink-0 border-l border-line' : 'fixed inset-0 z-40',
      )}
    >
      <header className="flex h-11 shrink-0 items-center gap-2 border-b border-line pr-2 pl-4">
        <h2 className="font-medium">{one?.position == null ? 'Case' : `Case ${one.position + 1}`}</h2>
        {one && here.report.runs.length > 1 && <Change of={one} unit={here.evaluator?.unit ?? 'points'} />}
        <span className="flex-1" />
        <Button look="quiet" size="sm" icon={Link2} onClick={() => copy(window.location.href)}>
          {copied ? 'Copied' : 'Copy link'}
        </Button>
        <IconButton icon={X} label="Close" keys="escape" onClick={close} />
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto px-4 pb-10">
        {found.error && (
          <Notice kind="error" title="The case could not be read" className="mt-4">
            {found.error.message}
          </Notice>
        )}
        {found.isPending && <SkeletonRows count={6} height={44} />}
        {found.data && one === undefined && (
          <Notice title="This case is not in the report" className="mt-4">
            None of the runs answered it, and it is in none of their datasets.
          </Notice>
        )}
        {one && <CaseBody one={one} />}
      </div>
    </aside>
  );
}

function CaseBody({ one }: { one: ReportCase }): ReactNode {
  const { report, baseline } = useReportHere();
  const [diff, setDiff] = useStored('whetstone.report.diff', true);
  const [all, setAll] = useState(false);
  const { inputs, messages, target } = one.datapoint;
  const baselineLogs = one.runs.find((run) => run.run_id === baseline?.run_id)?.logs ?? [];
  const ordered = report.runs.toSorted((a, b) => Number(b.baseline) - Number(a.baseline));
  const shown = all ? ordered : ordered.slice(0, 4);
  const wanted = targetText(target);
  return (
    <>
      {inputs !== null && Object.keys(inputs).length > 0 && (
        <Section title="Goes in">
          <Values values={inputs} />
        </Section>
      )}
      {messages !== null && messages.length > 0 && (
        <Section title="Messages">
          {messages.map((message, at) => (
            <Message key={at} message={message} markdown={false} />
          ))}
        </Section>
      )}
      {wanted !== '' && (
        <Section title="Should come out">
          <p className="rounded-md bg-sunken px-3 py-2 whitespace-pre-wrap wrap-anywhere">{wanted}</p>
        </Section>
      )}
      <Section
        title="Answers"
        aside={
          report.runs.length > 1 && (
            <label className="flex items-center gap-2 pointer-coarse:h-10">
              <Checkbox checked={diff} onChange={setDiff} label="Show what differs from the baseline" />
              differences from the baseline
            </label>
          )
        }
      >
        {shown.map((run) => (
          <CaseRun
            key={run.run_id}
            run={run}
            logs={one.runs.find((each) => each.run_id === run.run_id)?.logs ?? []}
            baselineLogs={diff && !run.baseline ? baselineLogs : null}
          />
        ))}
        {ordered.length > shown.length && (
          <Button look="quiet" className="mt-2" onClick={() => setAll(true)}>
            Show all {ordered.length} runs
          </Button>
        )}
      </Section>
    </>
  );
}
