import type { AlertRule } from '@whetstone/contract';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { type Answer, call } from '../../../api/client.ts';
import { query } from '../../../api/query.ts';
import { Button } from '../../../kit/button.tsx';
import { Dialog, DialogActions } from '../../../kit/dialog.tsx';
import { Field, Input } from '../../../kit/field.tsx';
import { formatCount } from '../../../kit/format.ts';
import { Segmented } from '../../../kit/segmented.tsx';
import { Select } from '../../../kit/select.tsx';
import { useLinks } from '../../../parts/links.ts';
import { useMay } from '../../../parts/session.ts';
import { useAction } from '../../../parts/use-action.ts';
import { formatMeasure, howOften } from './words.ts';

type Monitor = Answer<'monitors.get'>;
type Series = Answer<'monitors.series'>;

const runLengths = [500, 2_000, 10_000, 50_000, 250_000];

/** What to be told of, how often a false alarm may come, and whom to tell. */
export function AlertDialog({ monitor, series, onClose }: { monitor: Monitor; series: Series | null; onClose: () => void }): ReactNode {
  const share = monitor.measure?.type === 'share';
  const [kind, setKind] = useState<AlertRule['type']>('change');
  const [direction, setDirection] = useState<'down' | 'up'>(monitor.good === 'low' ? 'up' : 'down');
  const [runLength, setRunLength] = useState('10000');
  const [value, setValue] = useState(share ? '90' : '');
  const [last, setLast] = useState('200');
  const [limits, setLimits] = useState<[string, string]>([String(monitor.range?.[0] ?? ''), String(monitor.range?.[1] ?? '')]);
  const [mail, setMail] = useState('');
  const { busy, run } = useAction('The alert was not added', ['monitors.list', 'alerts.list']);
  const perDay = series === null ? 0 : series.whole.n / Math.max(1, (Date.now() - new Date(series.start).getTime()) / 86_400_000);
  const scale = share ? 100 : 1;
  const rule = (): AlertRule =>
    kind === 'change'
      ? {
          type: 'change',
          direction,
          average_run_length: Number(runLength),
          tolerance: share ? 0.02 : (Number(limits[1]) - Number(limits[0])) * 0.02,
          user_minutes: 60,
          ...(monitor.range === null ? { range: [Number(limits[0]), Number(limits[1])] as [number, number] } : {}),
        }
      : {
          type: 'threshold',
          side: direction === 'down' ? 'below' : 'above',
          value: Number(value) / scale,
          over: { logs: Number(last) },
          level: 0.99,
        };
  const emails = mail.split(/[\s,;]+/).filter(Boolean);
  const add = async () => {
    const body = { rule: rule(), channels: { webhook_ids: null, emails } };
    if (await run(() => call('alerts.create', { params: { id: monitor.id }, body }), 'Alert added')) onClose();
  };
  return (
    <Dialog open onClose={onClose} title={`Alert on ${monitor.evaluator.path}`}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void add();
        }}
      >
        <Segmented
          label="Tell"
          value={kind}
          onChange={setKind}
          options={[
            { value: 'change', label: 'When it changes' },
            { value: 'threshold', label: 'When it crosses a line' },
          ]}
          className="self-start"
        />
        <Segmented
          label="Direction"
          value={direction}
          onChange={setDirection}
          options={[
            { value: 'down', label: kind === 'change' ? 'Goes down' : 'Is below' },
            { value: 'up', label: kind === 'change' ? 'Goes up' : 'Is above' },
          ]}
          className="self-start"
        />
        {kind === 'change' ? (
          <>
            <Field
              label="False alarms"
              hint={
                <>
                  Whatever watches for ever cries wolf at times. This is how seldom,{' '}
                  {howOften(Number(runLength), perDay) ?? 'once something is judged'}; the seldomer, the later it sees a real change. What
                  is usual is learned from the next 200 users or logs.
                </>
              }
            >
              {(props) => (
                <Select
                  id={props.id}
                  value={runLength}
                  options={runLengths.map((each) => ({
                    value: String(each),
                    label: `At most one in ${formatCount(each)} judgments`,
                    hint: howOften(each, perDay),
                  }))}
                  onChange={setRunLength}
                />
              )}
            </Field>
            {monitor.range === null && (
              <div className="grid grid-cols-2 gap-4">
                {(['Least score', 'Most score'] as const).map((label, at) => (
                  <Field key={label} label={label}>
                    {(props) => (
                      <Input
                        {...props}
                        required
                        type="number"
                        step="any"
                        value={limits[at]}
                        onChange={(event) => setLimits(at === 0 ? [event.target.value, limits[1]] : [limits[0], event.target.value])}
                        className="num"
                      />
                    )}
                  </Field>
                ))}
              </div>
            )}
          </>
        ) : (
          <div className="grid gap-4 sm:grid-cols-2">
            <Field
              label={share ? 'Line, in percent' : 'Line'}
              hint={`It is ${formatMeasure(monitor.measure, series?.whole.estimate)} in the chart.`}
            >
              {(props) => (
                <Input
                  {...props}
                  required
                  type="number"
                  step="any"
                  value={value}
                  onChange={(event) => setValue(event.target.value)}
                  className="num"
                />
              )}
            </Field>
            <Field label="Over the last judgments" hint="It tells when their 99 % interval lies beyond the line as a whole.">
              {(props) => (
                <Input
                  {...props}
                  required
                  type="number"
                  min={20}
                  max={10_000}
                  value={last}
                  onChange={(event) => setLast(event.target.value)}
                  className="num"
                />
              )}
            </Field>
          </div>
        )}
        <Whom mail={mail} onMail={setMail} />
        <DialogActions className="mt-0">
          <Button type="submit" look="primary" busy={busy}>
            Add alert
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function Whom({ mail, onMail }: { mail: string; onMail: (text: string) => void }): ReactNode {
  const links = useLinks();
  const admin = useMay('admin');
  const webhooks = useQuery({ ...query('webhooks.list'), enabled: admin, retry: false });
  const told = (webhooks.data?.records ?? []).filter(({ events }) => events.includes('alert.opened'));
  return (
    <fieldset className="flex flex-col gap-3 border-t border-line pt-4">
      <legend className="sr-only">Whom to tell</legend>
      <p className="text-ink-2">
        {told.length > 0
          ? `Told: ${told.map(({ url, format }) => `${new URL(url).host}${format === 'slack' ? ' (Slack)' : ''}`).join(', ')}, `
          : 'Told: every webhook of the workspace that is set to hear of alerts, '}
        and whom you name here.{' '}
        {admin && (
          <Link {...links.settings('webhooks')} className="underline">
            Webhooks and Slack
          </Link>
        )}
      </p>
      <Field label="Mail to" hint="Addresses, with commas between. Needs a mail server (SMTP_URL).">
        {(props) => <Input {...props} value={mail} onChange={(event) => onMail(event.target.value)} placeholder="on-call@example.com" />}
      </Field>
    </fieldset>
  );
}
