import type { EvaluationSearch } from './evaluation/search.ts';
import type { LogSearch } from './logs/log-range.ts';
import { useMemo } from 'react';
import { useSession } from './session.ts';

/** Where things are, for `<Link {...links.log(id)}>` and `navigate(links.log(id))`: the only place that knows the addresses below a workspace. */
export function useLinks() {
  const { slug } = useSession().workspace;
  return useMemo(() => linksOf(slug), [slug]);
}

export function linksOf(slug: string) {
  const params = { slug };
  return {
    home: { to: '/w/$slug', params } as const,
    connect: { to: '/w/$slug/connect', params } as const,
    files: { to: '/w/$slug/files', params } as const,
    file: (fileId: string, search: { version?: string | undefined; beside?: string | undefined } = {}) =>
      ({ to: '/w/$slug/files/$fileId', params: { slug, fileId }, search }) as const,
    versions: (fileId: string, search: { from?: string | undefined; to?: string | undefined } = {}) =>
      ({ to: '/w/$slug/files/$fileId/versions', params: { slug, fileId }, search }) as const,
    fileLogs: (fileId: string, search: LogSearch = {}) =>
      ({ to: '/w/$slug/files/$fileId/logs', params: { slug, fileId }, search }) as const,
    monitoring: (
      fileId: string,
      search: { days?: number | undefined; environment?: string | undefined; alert?: string | undefined } = {},
    ) => ({ to: '/w/$slug/files/$fileId/monitoring', params: { slug, fileId }, search }) as const,
    deployments: (fileId: string) => ({ to: '/w/$slug/files/$fileId/deployments', params: { slug, fileId } }) as const,
    logs: (search: LogSearch = {}) => ({ to: '/w/$slug/logs', params, search }) as const,
    log: (logId: string) => ({ to: '/w/$slug/logs/$logId', params: { slug, logId } }) as const,
    playground: (logId: string) => ({ to: '/w/$slug/logs/$logId/playground', params: { slug, logId } }) as const,
    evaluations: (search: { q?: string | undefined; file?: string | undefined } = {}) =>
      ({ to: '/w/$slug/evaluations', params, search }) as const,
    fileEvaluations: (fileId: string) => ({ to: '/w/$slug/files/$fileId/evaluations', params: { slug, fileId } }) as const,
    newEvaluation: (
      search: {
        file?: string | undefined;
        version?: string | undefined;
        dataset?: string | undefined;
        evaluator?: string | undefined;
      } = {},
    ) => ({ to: '/w/$slug/evaluations/new', params, search }) as const,
    evaluation: (evaluationId: string, search: EvaluationSearch = {}) =>
      ({ to: '/w/$slug/evaluations/$evaluationId', params: { slug, evaluationId }, search }) as const,
    feedback: { to: '/w/$slug/feedback', params } as const,
    fileFeedback: (fileId: string) => ({ to: '/w/$slug/files/$fileId/feedback', params: { slug, fileId } }) as const,
    experiments: (search: { state?: string | undefined } = {}) => ({ to: '/w/$slug/experiments', params, search }) as const,
    fileExperiments: (fileId: string) => ({ to: '/w/$slug/files/$fileId/experiments', params: { slug, fileId } }) as const,
    newExperiment: (
      search: {
        file?: string | undefined;
        version?: string | undefined;
        environment?: string | undefined;
        draft?: string | undefined;
      } = {},
    ) => ({ to: '/w/$slug/experiments/new', params, search }) as const,
    experiment: (experimentId: string) => ({ to: '/w/$slug/experiments/$experimentId', params: { slug, experimentId } }) as const,
    review: { to: '/w/$slug/review', params } as const,
    newReview: (
      search: {
        q?: string | undefined;
        range?: string | undefined;
        /** Ids with commas between. */
        logs?: string | undefined;
        evaluation?: string | undefined;
        run?: string | undefined;
      } = {},
    ) => ({ to: '/w/$slug/review/new', params, search }) as const,
    judges: (
      search: { judge?: string | undefined; human?: string | undefined; file?: string | undefined; run?: string | undefined } = {},
    ) => ({ to: '/w/$slug/review/judges', params, search }) as const,
    reviewQueue: (queueId: string) => ({ to: '/w/$slug/review/$queueId', params: { slug, queueId } }) as const,
    reviewing: (queueId: string) => ({ to: '/w/$slug/review/$queueId/go', params: { slug, queueId } }) as const,
    settings: (section: string) => ({ to: '/w/$slug/settings/$section', params: { slug, section } }) as const,
  };
}
export type Links = ReturnType<typeof linksOf>;
