import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { type Answer, call } from '../../../api/client.ts';
import { query } from '../../../api/query.ts';
import { Button } from '../../../kit/button.tsx';
import { Dialog, DialogActions } from '../../../kit/dialog.tsx';
import { Field, Input } from '../../../kit/field.tsx';
import { Notice } from '../../../kit/notice.tsx';
import { Select } from '../../../kit/select.tsx';
import { judgesItself, judgeWord } from '../../../parts/evaluation/evaluator-facts.ts';
import { useLinks } from '../../../parts/links.ts';
import { filterProblem } from '../../../parts/logs/filter-text.ts';
import { useAction } from '../../../parts/use-action.ts';
import { useFileHere } from '../file-context.ts';

type Monitor = Answer<'monitors.get'>;

const everywhere = '*';

/** Which evaluator judges which logs, and for how much. */
export function MonitorDialog({ monitor, onClose }: { monitor: Monitor | null; onClose: () => void }): ReactNode {
  const file = useFileHere();
  const links = useLinks();
  const evaluators = useQuery({ ...query('evaluators.list', { query: { size: 100 } }), enabled: monitor === null });
  const environments = useQuery(query('prompts.list_environments', { params: { id: file.id } }));
  const [evaluator, setEvaluator] = useState<string | null>(monitor?.evaluator.id ?? null);
  const [environment, setEnvironment] = useState(monitor?.environment?.name ?? everywhere);
  const [filter, setFilter] = useState(monitor?.filter ?? '');
  const [percent, setPercent] = useState(String(Number(((monitor?.rate ?? 1) * 100).toPrecision(6))));
  const [budget, setBudget] = useState(monitor?.budget_usd == null ? '' : String(monitor.budget_usd));
  const { busy, run } = useAction(monitor === null ? 'The monitor was not added' : 'The monitor was not changed', [
    'monitors.list',
    'monitors.series',
  ]);
  const able = (evaluators.data?.records ?? []).filter((each) => judgesItself(each) && each.id !== file.id);
  const wrong = filter.trim() === '' ? null : filterProblem(filter);
  const save = async () => {
    const settings = {
      environment: environment === everywhere ? null : environment,
      filter: filter.trim() === '' ? null : filter.trim(),
      rate: Number(percent) / 100,
      budget_usd: budget === '' ? null : Number(budget),
    };
    const done = await run(
      () =>
        monitor === null
          ? call('monitors.create', { body: { file_id: file.id, evaluator: { id: evaluator ?? '' }, ...settings } })
          : call('monitors.update', { params: { id: monitor.id }, body: settings }),
      monitor === null ? 'New logs are judged from now on' : 'Monitor changed',
    );
    if (done) onClose();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={monitor === null ? 'Add a monitor' : `Change the monitor of ${monitor.evaluator.path}`}
      description="The evaluator’s version that is deployed judges. Only logs of applications count, not of the playground or of evaluations."
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {monitor === null && evaluators.data && able.length === 0 && (
          <Notice title="There is no evaluator that the server can run">
            Make one of code, of a model or of the library under{' '}
            <Link {...links.files} className="underline">
              Files
            </Link>
            , and deploy it.
          </Notice>
        )}
        {monitor === null && (
          <Field label="Evaluator">
            {(props) => (
              <Select
                id={props.id}
                value={evaluator}
                placeholder={evaluators.data ? 'Choose one' : 'Loading …'}
                options={able.map((each) => ({ value: each.id, label: each.path, hint: judgeWord(each) }))}
                onChange={setEvaluator}
              />
            )}
          </Field>
        )}
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="Logs of">
            {(props) => (
              <Select
                id={props.id}
                value={environment}
                options={[
                  { value: everywhere, label: 'All environments' },
                  ...(environments.data ?? []).map(({ name }) => ({ value: name, label: name })),
                ]}
                onChange={setEnvironment}
              />
            )}
          </Field>
          <Field label="Share of them, %" hint="The same logs for every monitor of the share.">
            {(props) => (
              <Input
                {...props}
                required
                type="number"
                min={0.0001}
                max={100}
                step="any"
                value={percent}
                onChange={(event) => setPercent(event.target.value)}
                className="num"
              />
            )}
          </Field>
        </div>
        <Field
          label="Only logs that fit a filter"
          hint="As on the page of logs, for example latency>2000 or meta.plan:pro. Empty: all."
          error={wrong}
        >
          {(props) => (
            <Input
              {...props}
              value={filter}
              onChange={(event) => setFilter(event.target.value)}
              className="font-mono text-[12px]"
              spellCheck={false}
            />
          )}
        </Field>
        <Field
          label="Budget for model calls, USD a day"
          hint="When it is spent the monitor pauses until midnight (UTC). Empty: no limit. Code costs nothing."
        >
          {(props) => (
            <Input
              {...props}
              type="number"
              min={0}
              step="any"
              value={budget}
              onChange={(event) => setBudget(event.target.value)}
              className="num"
            />
          )}
        </Field>
        <DialogActions className="mt-0">
          <Button type="submit" look="primary" busy={busy} disabled={evaluator === null || wrong !== null}>
            {monitor === null ? 'Add monitor' : 'Save'}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
