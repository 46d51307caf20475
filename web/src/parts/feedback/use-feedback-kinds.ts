import { useQuery } from '@tanstack/react-query';
import { query } from '../../api/query.ts';
import { byUse, type FeedbackKind, ofPairs } from './kinds.ts';

/** What users and colleagues can be asked in this workspace. */
export function useFeedbackKinds(): FeedbackKind[] | undefined {
  const { data } = useQuery({ ...query('evaluators.list', { query: { size: 100 } }), staleTime: 30_000 });
  if (data === undefined) return undefined;
  const humans = data.records.filter(({ spec, path }) => spec.evaluator_type === 'human' && path !== ofPairs);
  return byUse(humans.map(({ id, path, name, description, spec }) => ({ id, path, name, description: description ?? null, spec })));
}
