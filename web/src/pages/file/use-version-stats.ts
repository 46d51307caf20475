import { useQuery } from '@tanstack/react-query';
import { query } from '../../api/query.ts';
import { judgedOf, statsOf, type VersionStats } from './version-stats.ts';

/** By version id, over all time. Playground runs are left out. */
export function useVersionStats(fileId: string): Map<string, VersionStats> {
  const series = useQuery(
    query('logs.series', {
      query: { file_id: [fileId], group_by: 'version', buckets: 1, origin: ['api', 'gateway', 'otel', 'agent', 'demo', 'import'] },
    }),
  );
  const judgments = useQuery(query('logs.judgments', { query: { file_id: fileId } }));
  const judged = judgedOf(judgments.data);
  return new Map((series.data?.groups ?? []).map((group) => [group.key, { ...statsOf(group), judged: judged.get(group.key) ?? null }]));
}
