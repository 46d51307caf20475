import type { FeedbackSummary } from '@whetstone/contract';
import { formatCount, formatShare } from '../../kit/format.ts';
import { judgedTerm } from '../../parts/logs/filter-text.ts';

export type Kind = FeedbackSummary['kinds'][number];
export type Measured = Kind['whole']['value'];

export function formatValue({ measure }: Pick<Kind, 'measure'>, value: number | null): string {
  if (value === null) return '–';
  return measure === 'mean' ? String(Number(value.toPrecision(3))) : formatShare(value);
}

/** What the number is, in words. Texts have none: of them it is told how many logs have one. */
export function measureWord({ measure, evaluator, whole }: Kind): string {
  if (measure === 'none') return 'Logs that have one';
  if (measure === 'edited') return 'Amount edited, on average';
  if (measure === 'mean') return 'Mean';
  const positive = whole.options.filter(({ valence }) => valence === 'positive').map(({ name }) => name);
  if (evaluator.return_type === 'boolean') return 'Share that says yes';
  return positive.length === 0 ? 'Share without fault' : `Share of ${positive.slice(0, 3).join(', ')}`;
}

/** The number that is drawn: what was said, of texts how many logs have one. */
export function drawn(kind: Pick<Kind, 'measure'>, of: { rate: Measured; value: Measured }): Measured {
  return kind.measure === 'none' ? of.rate : of.value;
}

/** The scale of a kind: shares as wide as what was found, numbers with some room. */
export function scaleOf(kind: Kind): [number, number] {
  const all = [kind.whole, ...kind.buckets, ...kind.versions, ...kind.environments].map((one) => drawn(kind, one));
  const seen = all.flatMap(({ estimate, lower, upper }) => [estimate, lower, upper]).filter((x) => x !== null);
  if (kind.measure !== 'mean') {
    const most = Math.max(0, ...seen);
    return [0, [0.05, 0.1, 0.2, 0.5].find((end) => end >= most) ?? 1];
  }
  if (seen.length === 0) return [0, 1];
  const [low, high] = [Math.min(0, ...seen), Math.max(...seen)];
  return high > low ? [low, high] : [low, low + 1];
}

/** Buckets that nothing was said in are there too, so that time is drawn evenly. */
export function evenly(summary: FeedbackSummary, kind: Kind, count: number): { start: string; rate: Measured; value: Measured }[] {
  const none: Measured = { n: 0, units: 0, estimate: null, lower: null, upper: null, reason: null };
  const first = Date.parse(summary.start);
  const at = new Map(
    kind.buckets.map((bucket) => [Math.round((Date.parse(bucket.start) - first) / 1000 / summary.bucket_seconds), bucket]),
  );
  return Array.from({ length: count }, (_, index) => {
    const start = new Date(first + index * summary.bucket_seconds * 1000).toISOString();
    return at.get(index) ?? { start, rate: none, value: none };
  });
}

export function sampleOf({ n, units }: Measured, what: string): string {
  const logs = `${formatCount(n)} ${n === 1 ? what : `${what}s`}`;
  return units === n ? logs : `${logs} of ${formatCount(units)} users or sessions`;
}

/** The logs behind a kind: those where something was found wrong, where it is known what; else all that have it. */
export function filterOf({ evaluator, whole, measure }: Kind): { filter: string; bad: boolean } {
  const negative = whole.options.filter(({ valence }) => valence === 'negative').map(({ name }) => judgedTerm(evaluator.path, name));
  if (measure === 'share' && negative.length > 0)
    return { filter: negative.length === 1 ? (negative[0] ?? '') : `(${negative.join(' OR ')})`, bad: true };
  return { filter: judgedTerm(evaluator.path), bad: false };
}
