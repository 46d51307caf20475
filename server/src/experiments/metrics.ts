import { AppError, type MetricSpec } from '@whetstone/contract';
import { type MetricFormula, parseMetric, readMetric } from '@whetstone/domain';

/** What is wrong with a metric, in words; null: it can be read. */
export function unreadable({ value }: MetricSpec): string | null {
  const parsed = parseMetric(value);
  return parsed.ok ? null : `\`${value}\` cannot be read at character ${parsed.error.position + 1}: ${parsed.error.message}`;
}

/**
 * Of an experiment that is stored. Since none is taken that cannot be read, such a one is of an older release.
 * @throws AppError 409 with what to do
 */
export function formulaOf(spec: MetricSpec): MetricFormula {
  const why = unreadable(spec);
  if (why === null) return readMetric(spec.value);
  throw new AppError(
    'conflict',
    `The experiment has a metric that cannot be looked at: ${why} Draft another experiment with a metric that can be read, and delete this one.`,
  );
}
