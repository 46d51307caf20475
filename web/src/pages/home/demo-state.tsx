import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { query } from '../../api/query.ts';
import { Notice } from '../../kit/notice.tsx';
import { formatCount } from '../../kit/format.ts';

/** While the demo application is being run in the background: what it is, and how far. */
export function DemoState(): ReactNode {
  const me = useQuery({ ...query('me.get'), refetchInterval: ({ state }) => (state.data?.workspace?.demo === 'loading' ? 1_500 : false) });
  const demo = me.data?.workspace?.demo;
  const loading = demo === 'loading';
  const count = useQuery({
    ...query('logs.list', { query: { size: 1, summary: true } }),
    enabled: loading,
    refetchInterval: loading ? 2_000 : false,
  });
  if (loading) {
    return (
      <Notice title="The demo application is running">
        A support assistant answers two weeks of questions with simulated models, so that there is something to look at. It takes half a
        minute
        {count.data !== undefined && count.data.total > 0 ? `; ${formatCount(count.data.total)} logs so far` : ''}. You can start working
        meanwhile.
      </Notice>
    );
  }
  if (demo === 'failed')
    return (
      <Notice kind="warning" title="The demo application could not be loaded">
        Everything else works. The server’s log says why; restarting it tries again.
      </Notice>
    );
  return null;
}
