import { useQueries, useQuery } from '@tanstack/react-query';
import type { Answer } from '../../api/client.ts';
import { query } from '../../api/query.ts';

export interface Deployed {
  deployment: Answer<'prompts.list_deployments'>['records'][number];
  file: { id: string; path: string; name: string };
}

/** How many prompts are asked for their deployments: those changed last. */
const asked = 8;

/** What was deployed lately, newest first; null while it is being read. */
export function useDeployments(since: Date): Deployed[] | null {
  const tree = useQuery(query('files.tree'));
  const prompts = (tree.data?.files ?? [])
    .filter((file) => file.type === 'prompt')
    .toSorted((a, b) => (a.updated_at < b.updated_at ? 1 : -1))
    .slice(0, asked);
  const answers = useQueries({
    queries: prompts.map((file) => query('prompts.list_deployments', { params: { id: file.id }, query: { size: 20 } })),
  });
  if (tree.isPending || answers.some((answer) => answer.isPending)) return null;
  const oldest = since.toISOString();
  return answers
    .flatMap((answer, at) =>
      (answer.data?.records ?? []).map((deployment) => ({ deployment, file: prompts[at] ?? { id: '', path: '', name: '' } })),
    )
    .filter(({ deployment }) => deployment.created_at >= oldest)
    .toSorted((a, b) => (a.deployment.created_at < b.deployment.created_at ? 1 : -1));
}
