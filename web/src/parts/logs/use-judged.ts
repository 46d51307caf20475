import { useQuery } from '@tanstack/react-query';
import { query } from '../../api/query.ts';
import { evaluatorOf } from './completions.ts';
import type { Facets } from './use-facets.ts';

/** Evaluators, and what the one in the word may say, for completion; nothing is asked before `judged:` is written. */
export function useJudged(word: string): Facets {
  const wanted = /^-?judged:/.test(word);
  const { data } = useQuery({
    ...query('evaluators.list', { query: { size: 100, sort_by: 'name', order: 'asc' } }),
    enabled: wanted,
    staleTime: 60_000,
  });
  if (!wanted || data === undefined) return {};
  const path = evaluatorOf(word);
  const spec = data.records.find((evaluator) => evaluator.path === path)?.spec;
  const values = spec?.return_type === 'boolean' ? ['true', 'false'] : (spec?.options ?? []).map(({ name }) => name);
  return {
    judged: data.records.map((evaluator) => ({ value: evaluator.path, label: evaluator.spec.return_type, count: 0 })),
    'judged values': (spec === undefined ? [] : [...values, 'error']).map((value) => ({ value, label: null, count: 0 })),
  };
}
