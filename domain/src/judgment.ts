import type { EvaluatorSpec, JudgmentValue } from '@whetstone/contract';

/** Why a judgment is none that the evaluator gives: another type, an option that it does not have, a number beyond its limits; null when it is one. */
export function judgmentMismatch(spec: EvaluatorSpec, value: JudgmentValue): string | null {
  const options = spec.options?.map((option) => option.name) ?? [];
  const among = (label: string) => options.length === 0 || options.includes(label);
  const list = options.map((option) => `\`${option}\``).join(', ');
  switch (spec.return_type) {
    case 'boolean':
      return typeof value === 'boolean' ? null : 'This evaluator takes true or false.';
    case 'number': {
      const { min, max } = spec.number_limits ?? {};
      if (typeof value !== 'number' || !Number.isFinite(value)) return 'This evaluator takes a number.';
      return (min != null && value < min) || (max != null && value > max)
        ? `This evaluator takes a number from ${min ?? '−∞'} to ${max ?? '∞'}.`
        : null;
    }
    case 'select':
      return typeof value === 'string' && among(value) ? null : `This evaluator takes one of ${list || 'its options, as text'}.`;
    case 'multi_select':
      return Array.isArray(value) && value.every(among) ? null : `This evaluator takes a list of ${list || 'its options, as text'}.`;
    case 'text':
      return typeof value === 'string' ? null : 'This evaluator takes text.';
  }
}
