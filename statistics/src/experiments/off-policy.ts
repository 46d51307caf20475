import { zOf } from '../numeric/normal.ts';
import { type Numbers, meanOf, momentsOf, sumOf } from '../numeric/sums.ts';
import { type Estimate, estimateOf } from '../result.ts';

/** Per log: what came out, with which probability it was chosen, and with which the policy in question would choose the same. */
export interface Logged {
  reward: Numbers;
  loggedPropensity: Numbers;
  targetProbability: Numbers;
  /** What a model foretells for the action taken, and on average under the policy in question. */
  modelForAction: Numbers;
  modelForTarget: Numbers;
}

export interface OffPolicy extends Estimate {
  ips: number | null;
  ipsSe: number | null;
  snips: number | null;
  snipsSe: number | null;
  dr: number | null;
  drSe: number | null;
  /** Logs that would say as much if they had been made by the policy in question. */
  ess: number;
  maxWeightShare: number;
  meanWeight: number | null;
}

/**
 * What another policy would have earned, from logs of this one: inverse propensity (IPS), self-normalised (SNIPS), doubly robust
 * (DR), which is the estimate shown. M. Dudík, J. Langford and L. Li, "Doubly robust policy evaluation and learning", ICML 2011.
 * Without overlap (a log of probability 0, fewer than 100 effective logs, one weight over 10 %, weights that do not average 1 ±
 * 0.2) no interval, with the reason.
 *
 * Assumes logged propensities and independent logs; with several a user, sum by user first.
 */
export function offPolicy(logged: Logged, level = 0.95): OffPolicy {
  const { reward, modelForAction, modelForTarget } = logged;
  const n = reward.length;
  const rest = { level, n, method: 'doubly robust' };
  const impossible = Array.from(logged.loggedPropensity).some((p, i) => p === 0 && logged.targetProbability[i]! > 0);
  if (n < 2 || impossible) {
    const none = { ips: null, ipsSe: null, snips: null, snipsSe: null, dr: null, drSe: null, ess: 0, maxWeightShare: 0, meanWeight: null };
    return estimateOf({ ...rest, ...none, reason: n === 0 ? 'no_data' : n === 1 ? 'one_unit' : 'too_little_overlap' });
  }
  const weights = Float64Array.from(logged.targetProbability, (target, i) => (target === 0 ? 0 : target / logged.loggedPropensity[i]!));
  const whole = sumOf(weights);
  const weighted = momentsOf(weights.map((w, i) => w * reward[i]!));
  const robust = momentsOf(weights.map((w, i) => modelForTarget[i]! + w * (reward[i]! - modelForAction[i]!)));
  const seOf = ({ squares }: { squares: number }) => Math.sqrt(squares / (n - 1) / n);
  const snips = whole === 0 ? null : sumOf(weights.map((w, i) => w * reward[i]!)) / whole;
  const snipsSe = snips === null ? null : Math.sqrt(sumOf(weights.map((w, i) => (w * (reward[i]! - snips)) ** 2))) / whole;
  const ess = whole === 0 ? 0 : whole ** 2 / sumOf(weights.map((w) => w * w));
  const maxWeightShare = whole === 0 ? 0 : weights.reduce((most, w) => Math.max(most, w), 0) / whole;
  const meanWeight = meanOf(weights);
  const overlap = ess >= 100 && maxWeightShare <= 0.1 && Math.abs(meanWeight - 1) <= 0.2;
  const drSe = seOf(robust);
  const half = zOf(level) * drSe;
  return estimateOf({
    ...rest,
    estimate: robust.mean,
    lower: overlap ? robust.mean - half : null,
    upper: overlap ? robust.mean + half : null,
    reason: overlap ? null : 'too_little_overlap',
    ips: weighted.mean,
    ipsSe: seOf(weighted),
    snips,
    snipsSe,
    dr: robust.mean,
    drSe,
    ess,
    maxWeightShare,
    meanWeight,
  });
}
