import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { Answer } from '../../../api/client.ts';
import { query } from '../../../api/query.ts';
import { Button, buttonClass } from '../../../kit/button.tsx';
import { Empty, Notice } from '../../../kit/notice.tsx';
import { Segmented } from '../../../kit/segmented.tsx';
import { Select } from '../../../kit/select.tsx';
import { SkeletonRows } from '../../../kit/skeleton.tsx';
import { useLinks } from '../../../parts/links.ts';
import { useMay } from '../../../parts/session.ts';
import { useFileHere } from '../file-context.ts';
import { MonitorDialog } from './monitor-dialog.tsx';
import { MonitorSection } from './monitor-section.tsx';

const route = getRouteApi('/w/$slug/files/$fileId/monitoring');
const spans = ['1', '7', '30'] as const;
const everywhere = '*';

/** What evaluators find in the new logs of the file. */
export function MonitoringPage(): ReactNode {
  const file = useFileHere();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const mayWrite = useMay('write');
  const monitors = useQuery({ ...query('monitors.list', { query: { file_id: file.id } }), refetchInterval: 10_000 });
  const environments = useQuery(query('prompts.list_environments', { params: { id: file.id } }));
  const [editing, setEditing] = useState<Answer<'monitors.get'> | 'new' | null>(null);
  const [now] = useState(() => Date.now());
  const days = spans.find((one) => one === String(search.days)) ?? '7';
  const start = new Date(Math.floor(now / 3_600_000) * 3_600_000 - Number(days) * 86_400_000).toISOString();
  if (monitors.error)
    return (
      <Notice kind="error" title="The monitors could not be read" className="m-4">
        {monitors.error.message}
      </Notice>
    );
  if (!monitors.data) return <SkeletonRows count={6} height={48} />;
  const { records } = monitors.data;
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      {records.length === 0 ? (
        <NoMonitors onAdd={() => setEditing('new')} />
      ) : (
        <div className="mx-auto w-full max-w-260 px-4 pt-4 pb-16 md:px-6">
          <div className="mb-5 flex flex-wrap items-center gap-2">
            <Segmented
              label="Time"
              value={days}
              onChange={(value) => void navigate({ search: (before) => ({ ...before, days: Number(value) }), replace: true })}
              options={spans.map((value) => ({ value, label: value === '1' ? '24 hours' : `${value} days` }))}
            />
            <Select
              label="Environment"
              className="w-44"
              value={search.environment ?? everywhere}
              options={[
                { value: everywhere, label: 'All environments' },
                ...(environments.data ?? []).map(({ name }) => ({ value: name, label: name })),
              ]}
              onChange={(value) =>
                void navigate({ search: (before) => ({ ...before, environment: value === everywhere ? undefined : value }), replace: true })
              }
            />
            {mayWrite && (
              <Button look="primary" icon={Plus} className="ml-auto" onClick={() => setEditing('new')}>
                Add monitor
              </Button>
            )}
          </div>
          <div className="flex flex-col gap-12">
            {records.map((monitor) => (
              <MonitorSection
                key={monitor.id}
                monitor={monitor}
                start={start}
                environment={search.environment}
                marked={search.alert}
                onEdit={() => setEditing(monitor)}
              />
            ))}
          </div>
        </div>
      )}
      {editing !== null && <MonitorDialog monitor={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
    </div>
  );
}

function NoMonitors({ onAdd }: { onAdd: () => void }): ReactNode {
  const links = useLinks();
  const mayWrite = useMay('write');
  return (
    <Empty
      title="Nothing judges what this file does in production"
      action={
        <div className="flex flex-wrap gap-2">
          {mayWrite && (
            <Button look="primary" icon={Plus} onClick={onAdd}>
              Add monitor
            </Button>
          )}
          <Link {...links.files} className={buttonClass({})}>
            Evaluators
          </Link>
        </div>
      }
    >
      A monitor runs an evaluator on new logs within seconds, on all of them or on a share. You see how good answers are over time, with the
      interval that the sample supports, and are told when that changes.
    </Empty>
  );
}
