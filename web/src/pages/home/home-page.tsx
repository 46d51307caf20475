import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { ChevronsUpDown } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { query } from '../../api/query.ts';
import { Button } from '../../kit/button.tsx';
import { Menu, MenuRadio } from '../../kit/menu.tsx';
import { Notice } from '../../kit/notice.tsx';
import { Segmented } from '../../kit/segmented.tsx';
import { useSession } from '../../parts/session.ts';
import { PageBar } from '../../parts/shell/page-bar.tsx';
import { Activity } from './activity.tsx';
import { Charts } from './charts.tsx';
import { DemoState } from './demo-state.tsx';
import { RunningExperiments } from './experiments.tsx';
import { NeedsYou } from './needs-you.tsx';
import { useDeployments } from './use-deployments.ts';

const route = getRouteApi('/w/$slug/');
const spans = ['7', '14', '30'] as const;
const bys = [
  { value: 'none', label: 'All calls' },
  { value: 'file', label: 'By prompt' },
  { value: 'model', label: 'By model' },
] as const;

/** Calls of models that an application made: what people tried out in the playground is no traffic. */
const counted = { kind: ['prompt'], origin: ['api', 'gateway', 'otel', 'agent', 'demo'] };

/** Midnight of the viewer's zone, so many days back: charts have whole days. */
function startOfDays(days: number, now: number): Date {
  const date = new Date(now);
  date.setHours(0, 0, 0, 0);
  date.setDate(date.getDate() - days + 1);
  return date;
}

export function HomePage(): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { workspace } = useSession();
  const span = spans.find((one) => one === String(search.days)) ?? '14';
  const by = bys.find((one) => one.value === search.by)?.value ?? 'none';
  const [now] = useState(() => Date.now());
  const days = Number(span);
  const start = startOfDays(days, now);
  const end = new Date(start);
  end.setDate(end.getDate() + days);
  const range = { start_date: start.toISOString(), end_date: end.toISOString(), ...counted };
  const total = useQuery(query('logs.series', { query: { ...range, buckets: days } }));
  const split = useQuery({ ...query('logs.series', { query: { ...range, buckets: days, group_by: by } }), enabled: by !== 'none' });
  const files = useQuery(query('files.tree'));
  const deployments = useDeployments(start);
  const series = by === 'none' ? total : split;
  const set = (change: { days?: number; by?: string }) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const nameOf = (key: string) =>
    by === 'file' ? (files.data?.files.find((file) => file.id === key)?.path ?? 'deleted or hidden file') : key || 'unknown model';
  const daysChoice = (
    <Segmented
      label="Days"
      value={span}
      onChange={(value) => set({ days: Number(value) })}
      options={spans.map((value) => ({ value, label: `${value} days` }))}
    />
  );
  return (
    <>
      <PageBar
        title={workspace.name}
        crumbs={[{ label: 'Home' }]}
        actions={
          <>
            <Menu
              trigger={
                <Button look="quiet">
                  {bys.find((one) => one.value === by)?.label}
                  <ChevronsUpDown size={12} strokeWidth={1.5} className="text-ink-3" aria-hidden />
                </Button>
              }
            >
              <MenuRadio value={by} onChange={(value) => set({ by: value })} options={bys} />
            </Menu>
            <span className="max-md:hidden">{daysChoice}</span>
          </>
        }
      />
      <div className="mx-auto flex w-full max-w-300 flex-col gap-9 px-4 pt-6 pb-16 md:px-8">
        <DemoState />
        <NeedsYou now={now} />
        <RunningExperiments />
        <div className="-mb-5 md:hidden">{daysChoice}</div>
        {series.error ? (
          <Notice kind="error" title="The charts could not be drawn">
            {series.error.message}
          </Notice>
        ) : (
          <Charts total={total.data} series={series.data} by={by} nameOf={nameOf} deployments={deployments} days={days} />
        )}
        <Activity deployments={deployments} />
      </div>
    </>
  );
}
