import type { EvaluatorSpec } from '@whetstone/contract';

type ModelSpec = Extract<EvaluatorSpec, { evaluator_type: 'llm' }>;

/** Whether the evaluator compares two answers to one case. */
export function isPairwise(spec: EvaluatorSpec): spec is ModelSpec & { pairwise: true } {
  return spec.evaluator_type === 'llm' && spec.pairwise === true;
}
