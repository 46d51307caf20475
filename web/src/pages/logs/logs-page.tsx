import { getRouteApi } from '@tanstack/react-router';
import { type ReactNode, useCallback } from 'react';
import { LogsView, type LogsViewProps } from '../../parts/logs/logs-view.tsx';
import { PageBar } from '../../parts/shell/page-bar.tsx';

const route = getRouteApi('/w/$slug/logs');
const everything = {};

export function LogsPage(): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const onSearch: LogsViewProps['onSearch'] = useCallback(
    (change, push = false) => void navigate({ search: (before) => ({ ...before, ...change }), replace: !push }),
    [navigate],
  );
  return (
    <div className="flex h-full min-h-0 flex-col">
      <PageBar title="Logs" crumbs={[{ label: 'Logs' }]} />
      <LogsView scope={everything} search={search} onSearch={onSearch} />
    </div>
  );
}
