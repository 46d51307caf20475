import type { MonitorResponse } from '@whetstone/contract';
import { formatCount, formatShare } from '../../../kit/format.ts';
import type { Answer } from '../../../api/client.ts';
import { judgedTerm } from '../../../parts/logs/filter-text.ts';

type Measure = MonitorResponse['measure'];

/** A measured number as the measure has it: a share in percent, a score as it is. */
export function formatMeasure(measure: Measure, value: number | null | undefined): string {
  if (value == null) return '–';
  return measure?.type === 'share' ? formatShare(value) : String(Number(value.toPrecision(3)));
}

/** Which logs stand behind a number: those judged badly, where it is known what is bad; else all that were judged. */
export function judgedLogs(
  { evaluator, measure, good }: Pick<MonitorResponse, 'evaluator' | 'measure' | 'good'>,
  mean: number | null,
): { filter: string; bad: boolean } {
  const all = { filter: judgedTerm(evaluator.path), bad: false };
  if (measure === null || good === null) return all;
  if (measure.type === 'mean') {
    if (mean === null) return all;
    return { filter: `${all.filter}${good === 'high' ? '<' : '>'}${Number(mean.toPrecision(6))}`, bad: true };
  }
  const counted = measure.values.map((value) => judgedTerm(evaluator.path, value)).join(' OR ');
  if (good === 'low') return { filter: measure.values.length > 1 ? `(${counted})` : counted, bad: true };
  if (measure.values.length === 1 && measure.values[0] === 'true') return { filter: judgedTerm(evaluator.path, 'false'), bad: true };
  return { filter: `${all.filter} -${measure.values.length > 1 ? `(${counted})` : counted}`, bad: true };
}

export function measureWord(measure: Measure): string {
  if (measure === null) return 'Judgments';
  if (measure.type === 'mean') return 'Mean score';
  return measure.values.length === 1 && measure.values[0] === 'true' ? 'Share that passes' : `Share of ${measure.values.join(', ')}`;
}

/** How often a run length comes up at a traffic, in words. */
export function howOften(runLength: number, perDay: number): string | null {
  if (!(perDay > 0)) return null;
  const days = runLength / perDay;
  if (days < 2) return `about every ${Math.max(1, Math.round(days * 24))} hours at your traffic`;
  if (days < 60) return `about every ${Math.round(days)} days at your traffic`;
  return `about every ${Math.round(days / 30)} months at your traffic`;
}

/** What the number of a bucket rests on. */
export function toldOf(bucket: Answer<'monitors.series'>['buckets'][number] | undefined): string {
  if (bucket === undefined) return '';
  const { measured, failed, not_judged: notJudged } = bucket;
  if (measured.n + failed + notJudged === 0) return '';
  const units = measured.units !== measured.n && measured.n > 0 ? ` of ${formatCount(measured.units)} users or sessions` : '';
  return [
    `${formatCount(measured.n)} judged${units}`,
    failed > 0 ? `${formatCount(failed)} failed` : '',
    notJudged > 0 ? `${formatCount(notJudged)} not judged` : '',
  ]
    .filter((part) => part !== '')
    .join(', ');
}
