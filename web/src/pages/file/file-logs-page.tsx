import { getRouteApi } from '@tanstack/react-router';
import { type ReactNode, useCallback, useMemo } from 'react';
import { LogsView, type LogsViewProps } from '../../parts/logs/logs-view.tsx';
import { useFileHere } from './file-context.ts';

const route = getRouteApi('/w/$slug/files/$fileId/logs');

export function FileLogsPage(): ReactNode {
  const { id } = useFileHere();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const scope = useMemo(() => ({ file_id: [id] }), [id]);
  const onSearch: LogsViewProps['onSearch'] = useCallback(
    (change, push = false) => void navigate({ search: (before) => ({ ...before, ...change }), replace: !push }),
    [navigate],
  );
  return <LogsView scope={scope} search={search} onSearch={onSearch} />;
}
