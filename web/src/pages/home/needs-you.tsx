import { wilsonInterval } from '@whetstone/statistics';
import { useQuery } from '@tanstack/react-query';
import { Link, type LinkProps } from '@tanstack/react-router';
import {
  Bell,
  ChevronRight,
  CircleAlert,
  ClipboardCheck,
  FilePen,
  FilePlus,
  Import,
  KeyRound,
  type LucideIcon,
  Plug,
  Sparkles,
} from 'lucide-react';
import type { ReactNode } from 'react';
import type { Answer } from '../../api/client.ts';
import { query } from '../../api/query.ts';
import { formatCount } from '../../kit/format.ts';
import { Measured } from '../../parts/chart/measured.tsx';
import { storedDrafts } from '../../parts/drafts.ts';
import { type Links, useLinks } from '../../parts/links.ts';
import { term } from '../../parts/logs/filter-text.ts';
import { useMay, useSession } from '../../parts/session.ts';

interface Need {
  key: string;
  icon: LucideIcon;
  tint: string;
  title: ReactNode;
  detail: ReactNode;
  link: LinkProps;
}

/** Few enough failures are weather. */
const worthSaying = 3;

/** Alerts that are open and nobody has seen, and monitors that do not judge. */
function monitorNeeds(links: Links, monitors: Answer<'monitors.list'>['records'], alerts: Answer<'alerts.list'>['records']): Need[] {
  const open = alerts.flatMap((alert): Need[] => {
    const monitor = monitors.find((one) => one.id === alert.monitor_id);
    if (monitor === undefined || alert.acknowledged) return [];
    return [
      {
        key: `alert ${alert.id}`,
        icon: Bell,
        tint: 'text-worse',
        title: `${monitor.file.path}: ${alert.name}, by ${monitor.evaluator.path}`,
        detail: alert.text,
        link: links.monitoring(monitor.file.id, { alert: alert.id }),
      },
    ];
  });
  const silent = monitors.flatMap(({ id, file, evaluator, status, text, today }): Need[] => {
    const failed = today?.failed ?? 0;
    const stands = status === 'trouble' || status === 'paused';
    if (status === 'off' || (!stands && failed < worthSaying)) return [];
    const what = stands ? (status === 'paused' ? 'is paused' : 'stands still') : `failed ${formatCount(failed)} times today`;
    return [
      {
        key: `monitor ${id}`,
        icon: CircleAlert,
        tint: 'text-undecided',
        title: `The monitor ${evaluator.path} of ${file.path} ${what}`,
        detail: stands ? text : 'Its judgments say why',
        link: links.monitoring(file.id),
      },
    ];
  });
  return [...open, ...silent];
}

/** What waits for a person: failures of the last day, unsaved drafts, what is still to be set up. */
export function NeedsYou({ now }: { now: number }): ReactNode {
  const { me, workspace } = useSession();
  const admin = useMay('admin');
  const links = useLinks();
  const since = new Date(Math.floor(now / 3_600_000) * 3_600_000 - 86_400_000).toISOString();
  const failing = useQuery(
    query('logs.series', {
      query: { start_date: since, buckets: 1, group_by: 'file', kind: ['prompt'], origin: ['api', 'gateway', 'otel', 'agent', 'demo'] },
    }),
  );
  const alerts = useQuery({ ...query('alerts.list', { query: { state: 'open' } }), refetchInterval: 30_000 });
  const monitors = useQuery(query('monitors.list', { query: {} }));
  const tree = useQuery(query('files.tree'));
  const models = useQuery(query('models.list'));
  const connect = useQuery(query('connect.get'));
  const reviews = useQuery(query('reviews.list', { query: { closed: false } }));
  const needs: Need[] = [];
  for (const group of failing.data?.groups ?? []) {
    const failed = group.errors.reduce((a, b) => a + b, 0);
    const calls = group.count.reduce((a, b) => a + b, 0);
    const file = tree.data?.files.find((one) => one.id === group.key);
    if (failed < worthSaying || file === undefined) continue;
    needs.push({
      key: `failing ${group.key}`,
      icon: CircleAlert,
      tint: 'text-worse',
      title: `${file.path} failed ${formatCount(failed)} times in the last day`,
      detail: <Measured of={wilsonInterval(Math.min(failed, calls), calls)} what="calls failed" />,
      link: links.logs({ q: `${term('file', file.path)} status:error`, range: '24h' }),
    });
  }
  for (const queue of reviews.data?.records ?? []) {
    if (queue.mine.left === 0) continue;
    const { left } = queue.mine;
    needs.push({
      key: `review ${queue.id}`,
      icon: ClipboardCheck,
      tint: 'text-accent-ink',
      title: `Review “${queue.name}”`,
      detail: `${formatCount(left)} ${left === 1 ? 'log waits' : 'logs wait'} for your judgment`,
      link: links.reviewing(queue.id),
    });
  }
  needs.push(...monitorNeeds(links, monitors.data?.records ?? [], alerts.data?.records ?? []));
  for (const id of storedDrafts(workspace.slug)) {
    const file = tree.data?.files.find((one) => one.id === id);
    if (file)
      needs.push({
        key: `draft ${id}`,
        icon: FilePen,
        tint: 'text-undecided',
        title: `${file.path} has an unsaved draft in this browser`,
        detail: 'Save it as a version, or discard it',
        link: links.file(id),
      });
  }
  const demo = me.workspaces.find((one) => one.slug === 'demo' && one.slug !== workspace.slug);
  const empty = tree.data !== undefined && !tree.data.files.some((file) => file.type === 'prompt');
  if (demo && empty) {
    const link: LinkProps = { to: '/w/$slug', params: { slug: demo.slug }, reloadDocument: true };
    needs.push({
      key: 'demo',
      icon: Sparkles,
      tint: 'text-accent-ink',
      title: `Look around in “${demo.name}”`,
      detail: 'Two weeks of a simulated support assistant, to try everything on',
      link,
    });
  }
  if (empty)
    needs.push({
      key: 'first',
      icon: FilePlus,
      tint: 'text-accent-ink',
      title: 'Make your first prompt',
      detail: 'Messages with variables, a model, and a path to call it by',
      link: links.files,
    });
  if (empty && admin)
    needs.push({
      key: 'import',
      icon: Import,
      tint: 'text-accent-ink',
      title: 'Bring what you have elsewhere',
      detail: 'From Humanloop, OpenAI, promptfoo or Langfuse; looked at first, nothing changes until you say so',
      link: links.settings('import'),
    });
  if (connect.data?.last_log === null)
    needs.push({
      key: 'connect',
      icon: Plug,
      tint: 'text-accent-ink',
      title: 'No application is connected yet',
      detail: 'Three lines of code, with a real key',
      link: links.connect,
    });
  if (admin && models.data && !models.data.records.some((model) => model.available && !model.simulated)) {
    needs.push({
      key: 'credential',
      icon: KeyRound,
      tint: 'text-accent-ink',
      title: 'Only simulated models can be called',
      detail: 'Add a key of OpenAI, Anthropic, Google or your own server',
      link: links.settings('credentials'),
    });
  }
  const known = failing.data && tree.data;
  return (
    <section>
      <h2 className="mb-2 text-title font-semibold">Needs you</h2>
      {!known && <div className="skeleton h-9" role="status" aria-label="Loading" />}
      {known && needs.length === 0 && (
        <p className="flex items-center gap-2 text-ink-2">
          <Sparkles size={15} strokeWidth={1.5} className="text-ink-3" aria-hidden /> Nothing. No prompt is failing, nothing is half done.
        </p>
      )}
      <ul className="border-t border-line empty:hidden">
        {known &&
          needs.map((need) => (
            <li key={need.key}>
              <Link {...need.link} className="flex min-h-10 items-center gap-3 border-b border-line py-1.5 hover:bg-hover sm:px-2">
                <need.icon size={16} strokeWidth={1.5} className={`shrink-0 ${need.tint}`} aria-hidden />
                <span className="flex min-w-0 flex-1 flex-wrap items-center gap-x-4">
                  <span className="min-w-0 truncate">{need.title}</span>
                  <span className="text-meta text-ink-3">{need.detail}</span>
                </span>
                <ChevronRight size={14} strokeWidth={1.5} className="shrink-0 text-ink-3" aria-hidden />
              </Link>
            </li>
          ))}
      </ul>
    </section>
  );
}
