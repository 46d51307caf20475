import type { EvaluationResponse } from '@whetstone/contract';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { call } from '../../../api/client.ts';
import { query } from '../../../api/query.ts';
import { Button } from '../../../kit/button.tsx';
import { Checkbox } from '../../../kit/checkbox.tsx';
import { Dialog, DialogActions } from '../../../kit/dialog.tsx';
import { Field, Input } from '../../../kit/field.tsx';
import { Notice } from '../../../kit/notice.tsx';
import { Select } from '../../../kit/select.tsx';
import { useAction } from '../../../parts/use-action.ts';
import { useReportHere } from './report-context.ts';

/** What decides: the primary evaluator, the smallest difference worth having, a rule that must hold; and who judges. */
export function SettingsDialog({ evaluation, onClose }: { evaluation: EvaluationResponse; onClose: () => void }): ReactNode {
  const { id, report, refresh } = useReportHere();
  const { settings } = report;
  const [primaryId, setPrimary] = useState(settings.primary_evaluator_version_id);
  const primary = report.evaluators.find((one) => one.evaluator_version_id === primaryId);
  const factor = primary?.unit === 'points' ? 100 : 1;
  const shown = (value: number | null | undefined) => (value == null ? '' : String(Number((value * factor).toPrecision(6))));
  const rule = settings.hard_rules.find((one) => one.evaluator_version_id === primaryId);
  const [margin, setMargin] = useState(shown(settings.margin));
  const [least, setLeast] = useState(shown(rule?.at_least));
  const judges = useQuery(query('evaluators.list', { query: { size: 100, sort_by: 'name', order: 'asc' } }));
  const there = new Map(evaluation.evaluators.map((one) => [one.version.id, one.version.version_id]));
  const [wanted, setWanted] = useState<ReadonlySet<string>>(new Set(there.keys()));
  const { busy, run } = useAction('The settings were not saved', ['evaluations.get', 'evaluations.list']);
  const judged = report.evaluators.some((one) => one.scores.some((score) => score.judged > 0));
  const numbers = [margin, least].map((text) => (text.trim() === '' ? null : Number(text.replace(',', '.')) / factor));
  const [marginValue = null, leastValue = null] = numbers;
  const wrong = (marginValue !== null && !(marginValue > 0)) || Number.isNaN(leastValue);
  const decides =
    primaryId !== settings.primary_evaluator_version_id || marginValue !== settings.margin || leastValue !== (rule?.at_least ?? null);
  const save = () =>
    run(async () => {
      const added = (judges.data?.records ?? []).filter((one) => wanted.has(one.id) && !there.has(one.id));
      if (added.length > 0)
        await call('evaluations.add_evaluators', {
          params: { id },
          body: { evaluators: added.map((one) => ({ version_id: one.version_id })) },
        });
      for (const [fileId, versionId] of there)
        if (!wanted.has(fileId)) await call('evaluations.remove_evaluator', { params: { id, evaluator_version_id: versionId } });
      if (decides)
        await call('reports.set', {
          params: { id },
          body: {
            primary_evaluator_version_id: primaryId,
            margin: marginValue,
            hard_rules: [
              ...settings.hard_rules.filter((one) => one.evaluator_version_id !== primaryId),
              ...(leastValue === null || primaryId === null
                ? []
                : [{ evaluator_version_id: primaryId, at_least: leastValue, at_most: rule?.at_most ?? null }]),
            ],
          },
        });
      refresh();
    }, 'Settings saved');
  const unit = primary?.unit === 'points' ? ', in points' : '';
  const ordered = report.evaluators.filter((one) => one.higher_is_better !== null);
  return (
    <Dialog open onClose={onClose} title="Settings of the evaluation" width="max-w-xl">
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void save().then((done) => done && onClose());
        }}
      >
        {judged && decides && (
          <Notice kind="warning" title="There are judgments already">
            What decides was not chosen before the data, so the report will call its verdict exploratory.
          </Notice>
        )}
        {ordered.length > 0 && (
          <Field label="Primary evaluator" hint="Its verdict is the verdict of the page.">
            {(props) => (
              <Select
                id={props.id}
                value={primaryId}
                options={ordered.map((one) => ({ value: one.evaluator_version_id, label: one.path }))}
                onChange={setPrimary}
              />
            )}
          </Field>
        )}
        {ordered.length > 0 && (
          <div className="grid gap-4 sm:grid-cols-2">
            <Field label={`Smallest difference worth having${unit}`} hint="Within it, versions count as equal.">
              {(props) => (
                <Input
                  {...props}
                  inputMode="decimal"
                  value={margin}
                  placeholder="none"
                  onChange={(event) => setMargin(event.target.value)}
                  className="num"
                />
              )}
            </Field>
            <Field
              label={`Hard rule: at least${primary?.unit === 'points' ? ', in %' : ''}`}
              hint="A version below this fails, whatever it is compared with."
            >
              {(props) => (
                <Input
                  {...props}
                  inputMode="decimal"
                  value={least}
                  placeholder="none"
                  onChange={(event) => setLeast(event.target.value)}
                  className="num"
                />
              )}
            </Field>
          </div>
        )}
        <fieldset>
          <legend className="mb-1.5 font-medium">Judged by</legend>
          <ul className="max-h-56 overflow-y-auto rounded-md shadow-[inset_0_0_0_1px_var(--line-strong)]">
            {(judges.data?.records ?? [])
              .toSorted((a, b) => Number(there.has(b.id)) - Number(there.has(a.id)))
              .map((one) => (
                <li
                  key={one.id}
                  className="flex min-h-9 items-center gap-3 border-b border-line px-3 last:border-b-0 pointer-coarse:min-h-11"
                >
                  <Checkbox
                    checked={wanted.has(one.id)}
                    onChange={(on) => setWanted(on ? new Set([...wanted, one.id]) : new Set([...wanted].filter((each) => each !== one.id)))}
                    label={`Judge by ${one.path}`}
                  />
                  <span className="min-w-0 truncate">{one.path}</span>
                </li>
              ))}
          </ul>
          <p className="mt-1.5 text-meta text-ink-3">Code, the library and models judge what is already answered too.</p>
        </fieldset>
        <DialogActions className="mt-0">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={busy} disabled={wrong || wanted.size === 0}>
            Save settings
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
