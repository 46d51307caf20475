import { useQuery } from '@tanstack/react-query';
import { Plus, X } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { type Answer, call } from '../../api/client.ts';
import { query } from '../../api/query.ts';
import { Button, IconButton } from '../../kit/button.tsx';
import { Checkbox } from '../../kit/checkbox.tsx';
import { Dialog, DialogActions } from '../../kit/dialog.tsx';
import { Input } from '../../kit/field.tsx';
import { useAction } from '../../parts/use-action.ts';

type Gate = Answer<'gates.list'>['gates'][number];
type Draft = Pick<Gate, 'evaluation' | 'file_id' | 'no_regression' | 'hard_rules' | 'max_age_days'> & { key: number };

let keys = 0;
const blank = (): Draft => ({ key: (keys += 1), evaluation: '', file_id: null, no_regression: true, hard_rules: true, max_age_days: null });

/** What an environment demands before a version is deployed there. */
export function GatesDialog({
  id,
  name,
  gates,
  onClose,
}: {
  id: string;
  name: string;
  gates: readonly Gate[];
  onClose: () => void;
}): ReactNode {
  const [drafts, setDrafts] = useState<Draft[]>(() =>
    gates.length === 0 ? [blank()] : gates.map((gate) => ({ ...blank(), ...gate, evaluation: gate.evaluation_name ?? gate.evaluation })),
  );
  const evaluations = useQuery(query('evaluations.list', { query: { size: 100 } }));
  const { busy, run } = useAction('The gates were not changed', ['gates.list', 'gates.check']);
  const names = [...new Set((evaluations.data?.records ?? []).flatMap((one) => one.name ?? []))];
  // Of more than the page that was read nobody knows here.
  const all = evaluations.data !== undefined && evaluations.data.total <= evaluations.data.records.length;
  const isUnknown = ({ evaluation, file_id: file }: Draft): boolean =>
    all &&
    file === null &&
    evaluation.trim() !== '' &&
    !evaluations.data.records.some(({ name: one, id: its }) => [one, its].includes(evaluation.trim()));
  const patch = (key: number, change: Partial<Draft>) =>
    setDrafts((all) => all.map((draft) => (draft.key === key ? { ...draft, ...change } : draft)));
  const kept = drafts.filter(({ evaluation }) => evaluation.trim() !== '');
  const nothing = kept.some((draft) => !draft.no_regression && !draft.hard_rules);
  const save = async () => {
    const body = { gates: kept.map(({ key: _key, evaluation, ...rest }) => ({ ...bare(rest), evaluation: evaluation.trim() })) };
    if (
      await run(
        () => call('gates.set', { params: { id }, body }),
        kept.length === 0 ? `${name} demands nothing now` : `Gates of ${name} saved`,
      )
    )
      onClose();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Gates of ${name}`}
      description="A version is deployed here only when these evaluations were run with it and pass. A gate is about every file that has an evaluation of that name. Going back to a version that was here before is always allowed, and an admin can deploy against a gate with a reason."
      width="max-w-2xl"
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <datalist id="gate-evaluations">
          {names.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
        <ul className="flex flex-col gap-3">
          {drafts.map((draft) => (
            <GateRow
              key={draft.key}
              draft={draft}
              unknown={isUnknown(draft)}
              onChange={(change) => patch(draft.key, change)}
              onRemove={() => setDrafts((all) => all.filter(({ key }) => key !== draft.key))}
            />
          ))}
        </ul>
        {drafts.length === 0 && <p className="text-ink-3">{name} demands nothing: every version can be deployed there.</p>}
        <Button type="button" look="quiet" icon={Plus} className="mt-3" onClick={() => setDrafts((all) => [...all, blank()])}>
          Another evaluation
        </Button>
        <DialogActions>
          {nothing && <span className="mr-auto text-meta text-undecided">A gate asks for no regression, for the rules, or both.</span>}
          <Button type="submit" look="primary" busy={busy} disabled={nothing}>
            Save gates
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function bare({ file_id: file, no_regression: regression, hard_rules: rules, max_age_days: age }: Omit<Draft, 'key' | 'evaluation'>) {
  return { file_id: file, no_regression: regression, hard_rules: rules, max_age_days: age };
}

function GateRow({
  draft,
  unknown,
  onChange,
  onRemove,
}: {
  draft: Draft;
  /** Nothing in the workspace is called so. */
  unknown: boolean;
  onChange: (change: Partial<Draft>) => void;
  onRemove: () => void;
}): ReactNode {
  const { evaluation, no_regression: regression, hard_rules: rules, max_age_days: age } = draft;
  return (
    <li className="flex flex-col gap-2 rounded-md bg-sunken p-3">
      <div className="flex items-center gap-2">
        <Input
          aria-label="Name of the evaluation"
          list="gate-evaluations"
          placeholder="Name of an evaluation"
          value={evaluation}
          maxLength={255}
          onChange={(event) => onChange({ evaluation: event.target.value })}
        />
        <IconButton icon={X} label={`Remove the gate ${evaluation}`} onClick={onRemove} />
      </div>
      {unknown && (
        <p role="status" className="text-meta text-undecided">
          No evaluation has this name yet. Until one has, this gate stops nothing.
        </p>
      )}
      <div className="flex flex-wrap items-center gap-x-5 gap-y-2">
        <label className="flex items-center gap-2">
          <Checkbox checked={regression} onChange={(checked) => onChange({ no_regression: checked })} label="No regression" />
          not worse than what is deployed
        </label>
        <label className="flex items-center gap-2">
          <Checkbox checked={rules} onChange={(checked) => onChange({ hard_rules: checked })} label="Hard rules" />
          keeps its hard rules
        </label>
        <label className="flex items-center gap-2">
          not older than
          <Input
            type="number"
            min={1}
            max={3650}
            aria-label="Most days since the run"
            className="w-20"
            value={age ?? ''}
            placeholder="any"
            onChange={(event) => onChange({ max_age_days: event.target.value === '' ? null : Number(event.target.value) })}
          />
          days
        </label>
      </div>
    </li>
  );
}
