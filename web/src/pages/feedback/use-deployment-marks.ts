import type { FeedbackSummary } from '@whetstone/contract';
import { useQuery } from '@tanstack/react-query';
import { query } from '../../api/query.ts';
import type { PlotMark } from '../../parts/chart/plot.tsx';
import { deploymentsQuery, isVersioned } from '../../parts/file-query.ts';
import { shortHash } from '../../parts/version.tsx';

/** When versions of the file were deployed, on the time of a summary. A workspace has too many files for that. */
export function useDeploymentMarks(fileId: string | null, summary: FeedbackSummary | undefined): PlotMark[] {
  const tree = useQuery({ ...query('files.tree'), enabled: fileId !== null });
  const type = tree.data?.files.find(({ id }) => id === fileId)?.type;
  const kind = type !== undefined && isVersioned(type) ? type : 'prompt';
  const history = useQuery({ ...deploymentsQuery(kind, fileId ?? ''), enabled: fileId !== null && type !== undefined });
  if (summary === undefined) return [];
  const first = Date.parse(summary.start);
  const count = (Date.parse(summary.end) - first) / (summary.bucket_seconds * 1000);
  return (history.data?.records ?? [])
    .map((deployment) => ({
      at: (Date.parse(deployment.created_at) - first) / (summary.bucket_seconds * 1000),
      hash: deployment.content_hash,
      label: `${deployment.version_name ?? shortHash(deployment.content_hash ?? '')} to ${deployment.environment.name}`,
    }))
    .filter(({ at }) => at >= 0 && at <= count);
}
