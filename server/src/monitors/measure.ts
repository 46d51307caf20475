import type { EvaluatorSpec, JudgmentValue, MonitorMeasure } from '@whetstone/contract';

/** What judgments of an evaluator count for; null where they are texts, or options of which nobody said which are good. */
export function measureOf(spec: EvaluatorSpec): MonitorMeasure | null {
  const { return_type: type } = spec;
  if (type === 'number') return { type: 'mean' };
  if (type === 'text') return null;
  const good = (spec.options ?? []).filter(({ valence }) => valence === 'positive').map(({ name }) => name);
  if (good.length > 0) return { type: 'share', values: good };
  return type === 'boolean' ? { type: 'share', values: ['true'] } : null;
}

/** Whether more of the measure is good; null: nobody said. */
export function goodOf(spec: EvaluatorSpec): 'high' | 'low' | null {
  if (spec.return_type !== 'number') return measureOf(spec) === null ? null : 'high';
  if (spec.number_valence === 'positive') return 'high';
  return spec.number_valence === 'negative' ? 'low' : null;
}

/** The least and the most that the measure can be, as far as the evaluator says it. */
export function rangeOf(spec: EvaluatorSpec): [number, number] | null {
  const measure = measureOf(spec);
  if (measure === null) return null;
  if (measure.type === 'share') return [0, 1];
  const { min, max } = spec.number_limits ?? {};
  return min != null && max != null && max > min ? [min, max] : null;
}

/** What one judgment counts; null: nothing, it has no value of the kind. */
export function countOf(measure: MonitorMeasure, value: JudgmentValue | null): number | null {
  if (value === null) return null;
  if (measure.type === 'mean') return typeof value === 'number' ? value : null;
  if (typeof value === 'number') return null;
  const values = Array.isArray(value) ? value : [String(value)];
  return values.some((each) => measure.values.includes(each)) ? 1 : 0;
}
