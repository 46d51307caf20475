import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Bell, Ellipsis, History, Pause, Pencil, Play, Trash2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { type Answer, call } from '../../../api/client.ts';
import { query } from '../../../api/query.ts';
import { Badge } from '../../../kit/badge.tsx';
import { Button } from '../../../kit/button.tsx';
import { cx } from '../../../kit/cx.ts';
import { ConfirmDialog } from '../../../kit/dialog.tsx';
import { formatCount, formatMoney, formatShare } from '../../../kit/format.ts';
import { Menu, MenuItem, MenuLine } from '../../../kit/menu.tsx';
import { Notice } from '../../../kit/notice.tsx';
import { BandChart } from '../../../parts/chart/band-chart.tsx';
import { deploymentsQuery } from '../../../parts/file-query.ts';
import { useLinks } from '../../../parts/links.ts';
import { judgedTerm, term } from '../../../parts/logs/filter-text.ts';
import { useMay } from '../../../parts/session.ts';
import { useAction } from '../../../parts/use-action.ts';
import { shortHash, VersionMark } from '../../../parts/version.tsx';
import { useFileHere } from '../file-context.ts';
import { AlertDialog } from './alert-dialog.tsx';
import { Alerts } from './alerts.tsx';
import { BackfillDialog } from './backfill-dialog.tsx';
import { Backfills } from './backfills.tsx';
import { Breakdown } from './breakdown.tsx';
import { formatMeasure, judgedLogs, measureWord, toldOf } from './words.ts';

type Monitor = Answer<'monitors.get'>;
type Series = Answer<'monitors.series'>;

/** One monitor: its chart, what it found by version, and its alerts. */
export function MonitorSection({
  monitor,
  start,
  environment,
  marked,
  onEdit,
}: {
  monitor: Monitor;
  start: string;
  environment: string | undefined;
  /** The alert that a message led to. */
  marked: string | undefined;
  onEdit: () => void;
}): ReactNode {
  const [open, setOpen] = useState<'alert' | 'backfill' | null>(null);
  const series = useQuery({
    ...query('monitors.series', { params: { id: monitor.id }, query: { start_date: start, buckets: 42, environment } }),
    refetchInterval: 15_000,
    placeholderData: (before) => before,
  });
  return (
    <section aria-label={monitor.evaluator.path}>
      <Head monitor={monitor} onEdit={onEdit} onAlert={() => setOpen('alert')} onBackfill={() => setOpen('backfill')} />
      {series.error && (
        <Notice kind="error" title="The chart could not be drawn" className="my-3">
          {series.error.message}
        </Notice>
      )}
      {series.data ? (
        <Found monitor={monitor} series={series.data} environment={environment} onBackfill={() => setOpen('backfill')} />
      ) : (
        <div className="skeleton mt-3 h-44" />
      )}
      <Backfills monitorId={monitor.id} />
      <Alerts monitor={monitor} marked={marked} onAdd={() => setOpen('alert')} />
      {open === 'alert' && <AlertDialog monitor={monitor} series={series.data ?? null} onClose={() => setOpen(null)} />}
      {open === 'backfill' && <BackfillDialog monitor={monitor} onClose={() => setOpen(null)} />}
    </section>
  );
}

const tints = { watching: 'bg-better', paused: 'bg-undecided', trouble: 'bg-worse', off: 'bg-line-strong' };

function Head({
  monitor,
  onEdit,
  onAlert,
  onBackfill,
}: {
  monitor: Monitor;
  onEdit: () => void;
  onAlert: () => void;
  onBackfill: () => void;
}): ReactNode {
  const links = useLinks();
  const mayWrite = useMay('write');
  const [deleting, setDeleting] = useState(false);
  const change = useAction('The monitor was not changed', ['monitors.list']);
  const { id, evaluator, version, environment, filter, rate, budget_usd: budget, state, status, text } = monitor;
  const turn = (to: Monitor['state']) => change.run(() => call('monitors.update', { params: { id }, body: { state: to } }));
  return (
    <header>
      <div className="flex min-h-8 items-center gap-3">
        <h2 className="min-w-0 truncate text-title font-semibold">
          <Link {...links.file(evaluator.id)} className="hover:underline">
            {evaluator.path}
          </Link>
        </h2>
        {version && <VersionMark hash={version.content_hash} name={version.name} className="shrink-0 text-ink-2" />}
        {mayWrite && (
          <div className="ml-auto flex shrink-0 gap-1.5">
            <Button size="sm" icon={Bell} onClick={onAlert} className="max-sm:hidden">
              Add alert
            </Button>
            <Menu trigger={<Button size="sm" look="quiet" icon={Ellipsis} aria-label={`More about ${evaluator.path}`} />}>
              <MenuItem icon={Pencil} onSelect={onEdit}>
                Change
              </MenuItem>
              <MenuItem icon={Bell} onSelect={onAlert}>
                Add an alert
              </MenuItem>
              <MenuItem icon={History} onSelect={onBackfill}>
                Judge old logs
              </MenuItem>
              <MenuItem icon={state === 'active' ? Pause : Play} onSelect={() => void turn(state === 'active' ? 'inactive' : 'active')}>
                {state === 'active' ? 'Switch off' : 'Switch on'}
              </MenuItem>
              <MenuLine />
              <MenuItem icon={Trash2} onSelect={() => setDeleting(true)}>
                Delete
              </MenuItem>
            </Menu>
          </div>
        )}
      </div>
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-ink-2">
        <span aria-hidden className={cx('size-2 rounded-full', tints[status])} />
        <span>{text}</span>
        {environment && <Badge>{environment.name} only</Badge>}
        {filter !== null && <Badge>{filter}</Badge>}
        {rate < 1 && <Badge>{formatShare(rate)} of logs</Badge>}
        {budget !== null && <Badge>at most {formatMoney(budget)} a day</Badge>}
      </p>
      <ConfirmDialog
        open={deleting}
        onClose={() => setDeleting(false)}
        title={`Delete the monitor of ${evaluator.path}?`}
        loss="Its chart and its alerts are gone, and new logs are not judged by it. The judgments that it made stay at their logs."
        action="Delete monitor"
        onConfirm={() => change.run(() => call('monitors.delete', { params: { id } }), 'Monitor deleted')}
      />
    </header>
  );
}

/** The scale: what the evaluator says, else what was found, with some room. */
function scaleOf({ range }: Monitor, { buckets }: Series): [number, number] {
  if (range !== null) return [range[0] ?? 0, range[1] ?? 1];
  const seen = buckets
    .flatMap(({ measured: { estimate, lower, upper } }) => [lower ?? estimate, upper ?? estimate])
    .filter((x) => x !== null);
  if (seen.length === 0) return [0, 1];
  const [low, high] = [Math.min(0, ...seen), Math.max(...seen)];
  return high > low ? [low, high] : [low, low + 1];
}

function Found({
  monitor,
  series,
  environment,
  onBackfill,
}: {
  monitor: Monitor;
  series: Series;
  environment: string | undefined;
  onBackfill: () => void;
}): ReactNode {
  const file = useFileHere();
  const links = useLinks();
  const navigate = useNavigate();
  const history = useQuery(deploymentsQuery(file.kind, file.id));
  const range = scaleOf(monitor, series);
  const { whole } = series;
  const nothing = whole.n === 0 && series.failed === 0 && series.not_judged === 0;
  const { filter, bad } = judgedLogs(monitor, whole.estimate);
  const within = (from: string, to: string, judged: string) => {
    const own = monitor.filter === null || !monitor.filter.includes(' OR ') ? monitor.filter : `(${monitor.filter})`;
    const place = environment ?? monitor.environment?.name;
    return links.fileLogs(file.id, { from, to, q: [judged, place && term('environment', place), own].filter(Boolean).join(' ') });
  };
  const openLogs = (bucket: number) => {
    const from = series.buckets[bucket]?.start ?? series.start;
    void navigate(within(from, new Date(new Date(from).getTime() + series.bucket_seconds * 1000).toISOString(), filter));
  };
  const logsOf = (judged: string) => within(series.start, series.end, judged);
  const first = new Date(series.start).getTime();
  const marks = (history.data?.records ?? [])
    .map((deployment) => ({
      at: (new Date(deployment.created_at).getTime() - first) / (series.bucket_seconds * 1000),
      hash: deployment.content_hash,
      label: `${deployment.version_name ?? shortHash(deployment.content_hash ?? '')} to ${deployment.environment.name}`,
    }))
    .filter(({ at }) => at >= 0 && at <= series.buckets.length);
  if (nothing)
    return (
      <div className="mt-3 flex flex-wrap items-center gap-x-4 gap-y-2 rounded-md bg-sunken px-4 py-5 text-ink-2">
        <span className="min-w-0 flex-1 basis-72">
          Nothing was judged in this time. New logs appear here within seconds; logs that are there already can be judged, too.
        </span>
        <Button size="sm" icon={History} onClick={onBackfill}>
          Judge old logs
        </Button>
      </div>
    );
  return (
    <>
      <div className="mt-4 grid gap-x-8 gap-y-4 md:grid-cols-[15rem_1fr]">
        <div>
          <div className="text-ink-2">{measureWord(series.measure)}</div>
          <div className="text-figure font-semibold tracking-tight tabular-nums">{formatMeasure(series.measure, whole.estimate)}</div>
          <div className="text-meta text-ink-3">
            {whole.lower !== null && whole.upper !== null ? (
              <>
                95 % interval <span className="num">{formatMeasure(series.measure, whole.lower)}</span> to{' '}
                <span className="num">{formatMeasure(series.measure, whole.upper)}</span>
              </>
            ) : (
              whole.reason
            )}
          </div>
          <Facts monitor={monitor} series={series} failedLogs={logsOf(judgedTerm(monitor.evaluator.path, 'error'))} />
          {bad && whole.n > 0 && (
            <Link {...logsOf(filter)} className="mt-2 inline-block text-meta text-accent-ink hover:underline">
              Logs judged badly
            </Link>
          )}
        </div>
        <BandChart
          series={series}
          range={range}
          marks={marks}
          label={`${measureWord(series.measure)} over time`}
          format={(value) => formatMeasure(series.measure, value)}
          tell={(bucket) => toldOf(series.buckets[bucket])}
          opens={bad ? 'Click for the logs judged badly' : 'Click for the logs'}
          onOpen={openLogs}
        />
      </div>
      <details className="mt-3">
        <summary className="cursor-pointer text-ink-2 select-none hover:text-ink">By version and environment</summary>
        <div className="mt-2">
          <Breakdown fileId={file.id} series={series} range={range} />
        </div>
      </details>
    </>
  );
}

function Facts({
  monitor,
  series,
  failedLogs,
}: {
  monitor: Monitor;
  series: Series;
  failedLogs: ReturnType<ReturnType<typeof useLinks>['fileLogs']>;
}): ReactNode {
  const { today, budget_usd: budget } = monitor;
  const facts: [string, ReactNode][] = [
    ['judged', formatCount(series.whole.n)],
    [
      'failed',
      series.failed > 0 ? (
        <Link {...failedLogs} className="text-worse hover:underline">
          {formatCount(series.failed)}
        </Link>
      ) : (
        '0'
      ),
    ],
    ['not judged', formatCount(series.not_judged)],
  ];
  if (today !== null && (today.cost_usd > 0 || budget !== null))
    facts.push(['spent today', budget === null ? formatMoney(today.cost_usd) : `${formatMoney(today.cost_usd)} of ${formatMoney(budget)}`]);
  if (today !== null && today.unpriced > 0) facts.push(['calls without a known price', formatCount(today.unpriced)]);
  return (
    <dl className="mt-3 flex flex-wrap gap-x-5 gap-y-1 text-meta">
      {facts.map(([name, value]) => (
        <div key={name} className="flex gap-1.5">
          <dt className="text-ink-3">{name}</dt>
          <dd className="num">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
