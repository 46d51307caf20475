import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { type Answer, call } from '../../../api/client.ts';
import { queryKey } from '../../../api/query.ts';
import { Button } from '../../../kit/button.tsx';
import { Dialog, DialogActions } from '../../../kit/dialog.tsx';
import { Field, Input } from '../../../kit/field.tsx';
import { formatCount, formatMoney } from '../../../kit/format.ts';
import { Segmented } from '../../../kit/segmented.tsx';
import { useAction } from '../../../parts/use-action.ts';

type Monitor = Answer<'monitors.get'>;

const spans = [
  { value: '1', label: '24 hours' },
  { value: '7', label: '7 days' },
  { value: '30', label: '30 days' },
  { value: '365', label: 'A year' },
] as const;

/** Judging logs that are there already: how many, and what it costs, before it begins. */
export function BackfillDialog({ monitor, onClose }: { monitor: Monitor; onClose: () => void }): ReactNode {
  const [days, setDays] = useState<(typeof spans)[number]['value']>('7');
  const [percent, setPercent] = useState(String(Number((monitor.rate * 100).toPrecision(6))));
  const [most, setMost] = useState('');
  const [now] = useState(() => Date.now());
  const { busy, run } = useAction('The back-fill did not begin', ['monitors.list_backfills']);
  const rate = Number(percent) / 100;
  const body = {
    start_date: new Date(now - Number(days) * 86_400_000).toISOString(),
    rate: rate > 0 && rate <= 1 ? rate : 1,
    max_cost_usd: most === '' ? null : Number(most),
  };
  const estimate = useQuery({
    queryKey: queryKey('monitors.estimate_backfill', { id: monitor.id, ...body }),
    queryFn: ({ signal }) => call('monitors.estimate_backfill', { params: { id: monitor.id }, body, signal }),
    placeholderData: (before) => before,
  });
  const start = async () => {
    if (await run(() => call('monitors.create_backfill', { params: { id: monitor.id }, body }), 'Old logs are being judged')) onClose();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title="Judge old logs"
      description="Those that fit the monitor. What it judged already is not judged again. What this costs counts as spent today."
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void start();
        }}
      >
        <Segmented label="Of the last" value={days} onChange={setDays} options={spans} className="self-start" />
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="Share of them, %">
            {(props) => (
              <Input
                {...props}
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
          <Field label="Stop at a cost of, USD" hint="Empty: no limit.">
            {(props) => (
              <Input
                {...props}
                type="number"
                min={0}
                step="any"
                value={most}
                onChange={(event) => setMost(event.target.value)}
                className="num"
              />
            )}
          </Field>
        </div>
        <p role="status" className="min-h-10 text-ink-2">
          {estimate.error ? estimate.error.message : estimate.data ? <Estimated of={estimate.data} /> : 'Counting …'}
        </p>
        <DialogActions className="mt-0">
          <Button type="submit" look="primary" busy={busy} disabled={estimate.data === undefined || estimate.data.logs === 0}>
            {estimate.data === undefined ? 'Judge' : `Judge ${formatCount(estimate.data.logs)} logs`}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function Estimated({ of }: { of: Answer<'monitors.estimate_backfill'> }): ReactNode {
  if (of.logs === 0) return 'No log of this time fits.';
  const count = `${formatCount(of.logs)} ${of.logs === 1 ? 'log' : 'logs'}. `;
  if (of.cost_usd === null) return `${count}What it costs is not known: this monitor has no judgment yet whose cost is known.`;
  if (of.cost_usd === 0) return `${count}It calls no model, so it costs nothing.`;
  return `${count}About ${formatMoney(of.cost_usd)}, at ${formatMoney(of.cost_per_log_usd)} a log as its newest judgments cost.`;
}
