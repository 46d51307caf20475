import type { MonitorMeasure } from '@whetstone/contract';

/** A measured number in words: a share in percent, a score as it is. */
export function inWords(measure: MonitorMeasure, value: number): string {
  if (measure.type === 'mean') return String(Number(value.toPrecision(4)));
  const percent = value * 100;
  return `${percent > 0 && percent < 10 ? percent.toFixed(1) : percent.toFixed(0)} %`;
}

export function subjectOf(measure: MonitorMeasure): string {
  if (measure.type === 'mean') return 'the mean score';
  return measure.values.length === 1 ? `the share of “${measure.values[0]}”` : 'the share of good judgments';
}

export function intervalInWords(measure: MonitorMeasure, { lower, upper }: { lower: number; upper: number }): string {
  return `${inWords(measure, lower)} to ${inWords(measure, upper)}`;
}
