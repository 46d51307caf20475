import type { EvaluatorSpec, JudgmentValue, Measured } from '@whetstone/contract';
import { type Estimate, reasons } from '@whetstone/statistics';

/** Estimates as answers carry them, and judgments as statistics takes them. */

export function measuredOf({ estimate, lower, upper, level, n, method, reason, warnings }: Estimate): Measured {
  return { estimate, lower, upper, level, n, method, reason: reason === null ? null : reasons[reason], warnings: [...warnings] };
}

/** Whether a judgment says good (1) or bad (0); null when it says neither. */
export function passOf({ return_type: type, options, number_valence: valence }: EvaluatorSpec, value: JudgmentValue | null): number | null {
  if (type === 'boolean') {
    if (typeof value !== 'boolean') return null;
    const bad = options?.find(({ name }) => name === 'true')?.valence === 'negative' || valence === 'negative';
    return value === bad ? 0 : 1;
  }
  if (type !== 'select' || typeof value !== 'string') return null;
  const said = options?.find(({ name }) => name === value)?.valence;
  return said === 'positive' ? 1 : said === 'negative' ? 0 : null;
}

/** Whether an evaluator can say good and bad. */
export function isPass({ return_type: type, options }: EvaluatorSpec): boolean {
  if (type === 'boolean') return true;
  const valences = new Set(options?.map(({ valence }) => valence));
  return type === 'select' && valences.has('positive') && valences.has('negative');
}

/** A judgment as a number: a score as it is, good as 1 and bad as 0. */
export function scoreOf(spec: EvaluatorSpec, value: JudgmentValue | null): number | null {
  if (spec.return_type === 'number') return typeof value === 'number' ? value : null;
  return passOf(spec, value);
}

/** As a category for agreement: labels in any order are the same. */
export function categoryOf(value: JudgmentValue): number | string {
  if (typeof value === 'number' || typeof value === 'string') return value;
  return typeof value === 'boolean' ? String(value) : value.toSorted().join(' + ') || '(none)';
}
