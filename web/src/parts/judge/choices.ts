import type { EvaluatorSpec, JudgmentValue } from '@whetstone/contract';

/** What a human evaluator lets one choose. */
export interface Choice {
  value: JudgmentValue;
  label: string;
  tone: 'positive' | 'negative' | 'neutral';
}

/** What can be chosen by one press; null for what is typed. */
export function choicesOf(spec: EvaluatorSpec): Choice[] | null {
  if (spec.return_type === 'boolean') {
    const bad = spec.number_valence === 'negative' || spec.options?.find(({ name }) => name === 'true')?.valence === 'negative';
    return [
      { value: true, label: 'Yes', tone: bad ? 'negative' : 'positive' },
      { value: false, label: 'No', tone: bad ? 'positive' : 'negative' },
    ];
  }
  if (spec.return_type === 'select' || spec.return_type === 'multi_select')
    return spec.options?.length
      ? spec.options.map(({ name, valence }) => ({ value: name, label: name, tone: valence ?? 'neutral' }))
      : null;
  const { min, max, step } = spec.number_limits ?? {};
  if (spec.return_type !== 'number' || min == null || max == null || (step ?? 1) !== 1 || max - min > 10) return null;
  return Array.from({ length: max - min + 1 }, (_, at) => ({ value: min + at, label: String(min + at), tone: 'neutral' }));
}

export function chosen(value: JudgmentValue | undefined, choice: Choice): boolean {
  return Array.isArray(value) ? value.includes(String(choice.value)) : value === choice.value;
}

/** The judgment after a press: of several labels one is turned on or off; else the same again takes it back. */
export function pressed(spec: EvaluatorSpec, value: JudgmentValue | undefined, choice: Choice): JudgmentValue | undefined {
  if (spec.return_type !== 'multi_select') return value === choice.value ? undefined : choice.value;
  const label = String(choice.value);
  const labels = Array.isArray(value) ? value : [];
  return labels.includes(label) ? labels.filter((one) => one !== label) : [...labels, label];
}
