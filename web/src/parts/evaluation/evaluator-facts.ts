import type { EvaluatorResponse } from '@whetstone/contract';

export type EvaluatorLike = Pick<EvaluatorResponse, 'spec'>;

/** Whether the server judges with it by itself, or somebody else has to. */
export function judgesItself({ spec }: EvaluatorLike): boolean {
  return spec.evaluator_type === 'python' || spec.evaluator_type === 'llm' || (spec.evaluator_type === 'external' && spec.library != null);
}

/** Who judges, in a word or two. */
export function judgeWord({ spec }: EvaluatorLike): string {
  if (spec.evaluator_type === 'python') return spec.language === 'javascript' ? 'JavaScript' : 'Python';
  if (spec.evaluator_type === 'llm') return 'a model';
  if (spec.evaluator_type === 'human') return 'people';
  return spec.library == null ? 'your own program' : `library: ${spec.library.name}`;
}

/** How a difference of its scores is told; null when its values have no better and worse. */
export function unitOf({ spec }: EvaluatorLike): 'points' | 'number' | null {
  if (spec.return_type === 'boolean') return 'points';
  if (spec.return_type === 'number') return 'number';
  const valences = (spec.options ?? []).map((option) => option.valence);
  return valences.includes('positive') || valences.includes('negative') ? 'points' : null;
}

/** How far apart its numbers can lie; null when nothing bounds them. */
export function rangeOf({ spec }: EvaluatorLike): number | null {
  if (spec.return_type !== 'number') return null;
  const { min, max } = spec.number_limits ?? {};
  return min == null || max == null || max <= min ? null : max - min;
}
