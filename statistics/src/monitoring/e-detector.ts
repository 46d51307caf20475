import type { Numbers } from '../numeric/sums.ts';

/** What a change alarm watches for. */
export interface Watch {
  /** The highest mean that is no change, 0 to 1 (for `down` the lowest). At its upper limit plus a tolerance, never below the truth. */
  baseline: number;
  direction: 'up' | 'down';
  /** Logs per false alarm that are tolerated: on average at least so many pass without change before one. */
  averageRunLength: number;
  /** Sizes of bets, each capped at what half bankrupts at the baseline. */
  lambdas?: readonly number[];
}

export interface Detector {
  /** Per bet, Shiryaev-Roberts and CUSUM. */
  sr: readonly number[];
  cusum: readonly number[];
  seen: number;
}

/** Past this an alarm is long over; it keeps numbers finite. */
const ceiling = 1e300;
const usual = [0.25, 0.5, 1, 2, 4];

/** Baseline as seen from the direction of alarm, and the bets. @throws RangeError for a baseline that leaves no room */
function betsOf({ baseline, direction, lambdas = usual }: Watch): { m0: number; bets: number[] } {
  const m0 = direction === 'up' ? baseline : 1 - baseline;
  if (!(m0 > 0 && m0 < 1)) throw new RangeError(`From a baseline of ${baseline} nothing can go ${direction}.`);
  return { m0, bets: lambdas.map((lambda) => Math.min(lambda, 0.5 / m0)) };
}

export function newDetector(watch: Watch): Detector {
  const none = betsOf(watch).bets.map(() => 0);
  return { sr: none, cusum: none, seen: 0 };
}

export interface Detection {
  detector: Detector;
  /** ln of the mean over bets. Alarm when the first reaches ln(averageRunLength). */
  logShiryaevRoberts: number;
  logCusum: number;
  alarm: boolean;
}

/**
 * One value more of a watched mean, x from 0 to 1. The e-detector in its Shiryaev-Roberts form, S = (S + 1)(1 + lambda(x − m0)),
 * averaged over bets: J. Shin, A. Ramdas and A. Rinaldo, "E-detectors: a nonparametric framework for sequential change
 * detection", New England Journal of Statistics in Data Science 2 (2024) 229-260. While the mean stays at or below the baseline
 * the average run length is at least what was asked, for any distribution. A monitor that runs for ever cannot promise no false
 * alarm: it says how often it will cry.
 *
 * Assumes values whose expectation given the past stays below the baseline; aggregate the logs of one user first. After an alarm
 * start anew with `newDetector`.
 */
export function detect(watch: Watch, detector: Detector, x: number): Detection {
  if (!(x >= 0 && x <= 1)) throw new RangeError(`${x} is not between 0 and 1.`);
  const { m0, bets } = betsOf(watch);
  const above = (watch.direction === 'up' ? x : 1 - x) - m0;
  const sr = bets.map((bet, i) => Math.min(ceiling, (detector.sr[i]! + 1) * (1 + bet * above)));
  const cusum = bets.map((bet, i) => Math.min(ceiling, Math.max(detector.cusum[i]!, 1) * (1 + bet * above)));
  const logMean = (values: readonly number[]) => Math.log(values.reduce((sum, value) => sum + value / values.length, 0));
  const logShiryaevRoberts = logMean(sr);
  return {
    detector: { sr, cusum, seen: detector.seen + 1 },
    logShiryaevRoberts,
    logCusum: logMean(cusum),
    alarm: logShiryaevRoberts >= Math.log(watch.averageRunLength),
  };
}

export interface Watched {
  effectiveLambdas: number[];
  logShiryaevRoberts: Float64Array;
  logCusum: Float64Array;
  /** Index of the first alarm; null when there was none. */
  alarmAt: number | null;
}

/** The same over a list, as charts draw it. */
export function eDetector(x: Numbers, watch: Watch): Watched {
  let detector = newDetector(watch);
  const logShiryaevRoberts = new Float64Array(x.length);
  const logCusum = new Float64Array(x.length);
  let alarmAt: number | null = null;
  for (let t = 0; t < x.length; t += 1) {
    const step = detect(watch, detector, x[t]!);
    detector = step.detector;
    logShiryaevRoberts[t] = step.logShiryaevRoberts;
    logCusum[t] = step.logCusum;
    if (step.alarm) alarmAt ??= t;
  }
  return { effectiveLambdas: betsOf(watch).bets, logShiryaevRoberts, logCusum, alarmAt };
}
