import type { EstimateResponse as Estimate } from '@whetstone/contract';
import { useQueries } from '@tanstack/react-query';
import { query } from '../../api/query.ts';
import { isChosen, type OtherModel, overrideOf } from './with-model.ts';

/** What the runs with other models would cost, one question each. */
export function useOtherEstimates(
  others: readonly OtherModel[],
  body: { dataset: { version_id: string }; evaluators?: { version_id: string }[]; repetitions: number; cache?: boolean },
  enabled: boolean,
): { estimates: (Estimate | undefined)[]; error: Error | null } {
  const results = useQueries({
    queries: others.filter(isChosen).map((other) => ({
      ...query('evaluations.estimate_new', {
        body: { ...body, versions: [{ version_id: other.versionId }], override: overrideOf(other) },
      }),
      enabled,
      retry: false,
    })),
  });
  return { estimates: results.map(({ data }) => data), error: results.find(({ error }) => error !== null)?.error ?? null };
}
