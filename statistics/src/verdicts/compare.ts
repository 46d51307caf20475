import { boundedMean, type Range } from '../means/score.ts';
import { clusteredMean } from '../means/clustered-mean.ts';
import { type Repeats, caseDifferences, there } from '../means/paired.ts';
import { skewedT } from '../means/skew.ts';
import { type MeanEstimate, tInterval } from '../means/t.ts';
import { normalCdf } from '../numeric/normal.ts';
import { studentTwoSided } from '../numeric/student.ts';
import { type PairedCounts, pairedVerdictInterval, scoreOfNoDifference } from '../proportions/paired.ts';
import { type Estimate, droppedOf } from '../result.ts';
import { bettingMixture } from '../sequential/betting.ts';
import { adjustP } from './adjust-p.ts';
import { type Judged, verdict } from './verdict.ts';

/** Set before the data. */
export interface Comparing {
  /** Bounds of a judgment: [0, 1] for pass and fail. */
  range: Range;
  higherIsBetter: boolean;
  /** The smallest difference worth having; null when nobody said. */
  margin: number | null;
  level?: number;
  /** Per case the conversation or source that it shares with others, when cases are not independent. */
  groups?: readonly string[] | null;
}

export interface Comparison extends Estimate, Judged {
  /** Two-sided, against no difference; below 1 − level exactly when the interval leaves 0. */
  p: number | null;
  /**
   * The same with every missing judgment at its worst, and at its best, on both sides; null when none is missing or nothing
   * bounds them.
   */
  missingAsWorst: Judged | null;
  missingAsBest: Judged | null;
}

/**
 * Two versions over the same cases, B minus A, with the verdict of the interval that is shown. The method follows from what was
 * measured: Tango for pass and fail where no case disagrees with itself, clusters for grouped cases, betting where bounds are known and fewer than 10
 * cases differ, else Student's t over the differences of cases, widened for skew where nothing bounds them. Cases that lack a
 * side are dropped and counted; when counting what is missing as worst or as best turns the verdict, it cannot be told.
 *
 * @param a per case A's repeats, `null` a missing judgment; b the same cases in the same order
 * @throws RangeError when the lists differ in length
 */
export function compareCases(a: Repeats, b: Repeats, options: Comparing): Comparison {
  const shown = difference(a, b, options);
  const said = verdict({ ...options, lower: shown.lower, upper: shown.upper });
  const missing = [...a, ...b].some((repeats) => repeats.length === 0 || repeats.includes(null));
  const { range } = options;
  if (!missing || range === null) {
    const warnings = missing ? [...shown.warnings, 'Judgments are missing and nothing bounds what they would have been.'] : shown.warnings;
    return { ...shown, ...said, warnings, missingAsWorst: null, missingAsBest: null };
  }
  const [worst, best] = options.higherIsBetter ? range : ([range[1], range[0]] as const);
  const withMissing = (value: number): Judged => {
    const { lower, upper } = difference(filled(a, value), filled(b, value), options);
    return verdict({ ...options, lower, upper });
  };
  const [missingAsWorst, missingAsBest] = [withMissing(worst), withMissing(best)];
  const turns = said.verdict !== 'cannot_tell' && [missingAsWorst, missingAsBest].some(({ verdict: other }) => other !== said.verdict);
  if (!turns) return { ...shown, ...said, missingAsWorst, missingAsBest };
  const cannot = { verdict: 'cannot_tell', belowSmallestWorthwhile: false, reason: 'missing_decides' } as const;
  return { ...shown, ...cannot, missingAsWorst, missingAsBest };
}

function filled(cases: Repeats, value: number): Repeats {
  return cases.map((repeats) => (repeats.length === 0 ? [value] : repeats.map((judgment) => judgment ?? value)));
}

type Difference = Estimate & { p: number | null };

function difference(a: Repeats, b: Repeats, { range, level = 0.95, groups = null }: Comparing): Difference {
  const all = caseDifferences(a, b);
  const kept = Float64Array.from(there(all));
  const rest = {
    n: [...a, ...b].reduce((sum, repeats) => sum + there(repeats).length, 0),
    dropped: droppedOf({ count: all.length - kept.length, why: 'cases that lack a side' }),
  };
  if (groups !== null) return { ...grouped(all, groups, level), ...rest };
  const counts = range !== null && range[0] === 0 && range[1] === 1 ? pairedCounts(a, b) : null;
  if (counts !== null) {
    const byScore = 2 * normalCdf(-Math.abs(scoreOfNoDifference(counts)));
    const interval = pairedVerdictInterval(counts, level);
    return { ...interval, p: kept.length === 0 ? null : Math.max(byScore, interval.pMid), ...rest };
  }
  const differing = kept.filter((value) => value !== 0).length;
  if (range !== null && kept.length > 0 && differing < 10) return { ...byBetting(kept, range, level), ...rest };
  return { ...byStudent(kept, range, level), ...rest };
}

function byStudent(differences: Float64Array, range: Range, level: number): MeanEstimate {
  if (range === null) return skewedT(differences, level);
  const student = tInterval(differences, level);
  return student.se === 0 ? { ...student, lower: null, upper: null, p: null } : student;
}

function byBetting(differences: Float64Array, [from, to]: readonly [number, number], level: number): Difference {
  const span = to - from;
  const interval = boundedMean(differences, [-span, span], level);
  const { logUpAtHalf, logDownAtHalf } = bettingMixture(
    differences.map((d) => (d / span + 1) / 2),
    1 - level,
  );
  return { ...interval, p: Math.min(1, 2 * Math.exp(-Math.max(logUpAtHalf, logDownAtHalf))) };
}

function grouped(differences: readonly (number | null)[], groups: readonly string[], level: number): Difference {
  if (groups.length !== differences.length) throw new RangeError(`${groups.length} groups are given for ${differences.length} cases.`);
  const clusters = new Map<string, { sum: number; size: number }>();
  for (const [i, value] of differences.entries()) {
    if (value === null) continue;
    const { sum, size } = clusters.get(groups[i]!) ?? { sum: 0, size: 0 };
    clusters.set(groups[i]!, { sum: sum + value, size: size + 1 });
  }
  const list = [...clusters.values()];
  const result = clusteredMean({ sums: list.map(({ sum }) => sum), sizes: list.map(({ size }) => size) }, level);
  const { estimate, se, df } = result;
  if (estimate === null || se === null || df === null) return { ...result, p: null };
  if (se === 0) return { ...result, lower: null, upper: null, p: null, reason: 'no_spread' };
  return { ...result, p: studentTwoSided(estimate / se, df) };
}

/** Cells of pass and fail, by case, when no case that has both sides disagrees with itself; null otherwise. */
function pairedCounts(a: Repeats, b: Repeats): PairedCounts | null {
  const counts = { bothPass: 0, onlyB: 0, onlyA: 0, neither: 0 };
  for (const [i, repeats] of a.entries()) {
    const [left, right] = [there(repeats), there(b[i]!)];
    if (left.length === 0 || right.length === 0) continue;
    const [passA, passB] = [allAlike(left), allAlike(right)];
    if (passA === null || passB === null) return null;
    counts[passA === 1 ? (passB === 1 ? 'bothPass' : 'onlyA') : passB === 1 ? 'onlyB' : 'neither'] += 1;
  }
  return counts;
}

/** 1 or 0 when every repeat is that; null otherwise. */
function allAlike(repeats: readonly number[]): 0 | 1 | null {
  const [first] = repeats;
  if ((first !== 0 && first !== 1) || repeats.some((value) => value !== first)) return null;
  return first;
}

/**
 * Several versions against one baseline, on the evaluator that was chosen beforehand: each shown at the level that Holm's
 * procedure gives it, so that at most 1 − level of such pages call any version better or worse that is not. Order as given. The
 * interval of each still holds by itself.
 */
export function compareVersions(baseline: Repeats, others: readonly Repeats[], options: Comparing): Comparison[] {
  const level = options.level ?? 0.95;
  const first = others.map((other) => compareCases(baseline, other, { ...options, level }));
  const levels = holmLevels(
    first.map(({ p }) => p ?? 1),
    level,
  );
  return others.map((other, i) => (levels[i] === level ? first[i]! : compareCases(baseline, other, { ...options, level: levels[i]! })));
}

/** The level of each comparison at which its interval leaves 0 exactly when Holm rejects. */
export function holmLevels(p: readonly number[], level = 0.95): number[] {
  const alpha = 1 - level;
  const { holm } = adjustP(p);
  const rejected = holm.filter((value) => value < alpha).length;
  const order = p.map((_, i) => i).sort((i, j) => p[i]! - p[j]!);
  const levels = p.map(() => level);
  for (const [rank, i] of order.entries()) levels[i] = 1 - alpha / (p.length - Math.min(rank, rejected));
  return levels;
}
