import type { EvaluatorSpec, JudgmentValue, Valence } from '@whetstone/contract';

/** A judgment in words. */
export function valueText(value: JudgmentValue): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return String(Number(value.toPrecision(4)));
  if (Array.isArray(value)) return value.length === 0 ? 'none of them' : value.join(', ');
  return value;
}

/** Whether a judgment speaks for the log. Numbers and texts do not say. */
export function valueValence(
  spec: Pick<EvaluatorSpec, 'options'> & { number_valence?: EvaluatorSpec['number_valence'] },
  value: JudgmentValue,
): Valence {
  if (typeof value === 'boolean') return value === (spec.number_valence !== 'negative') ? 'positive' : 'negative';
  if (typeof value === 'number') return 'neutral';
  const valences = [value].flat().map((name) => spec.options?.find((option) => option.name === name)?.valence);
  if (valences.includes('negative')) return 'negative';
  return valences.includes('positive') ? 'positive' : 'neutral';
}

/** Under which judgments count as the same: labels in any order. */
export function categoryOf(value: JudgmentValue): string {
  return Array.isArray(value) ? value.toSorted().join(', ') || 'none of them' : valueText(value);
}
