import { type Numbers, meanOf } from '../numeric/sums.ts';
import { type Estimate, estimateOf } from '../result.ts';
import { limitsOf, logMixtureWealth, logWealth, mixtureBets, predictableBets } from './bets.ts';

/** Outcomes in 0..1 in the order of assignment, whether each unit saw B, and the probability with which it did. */
export interface Assigned {
  y: Numbers;
  inB: Numbers;
  probB: number;
}

export interface BettingDifference extends Estimate {
  /** Largest value that a pseudo-outcome can have. */
  range: number;
  pseudo: Float64Array;
  /** ln of the evidence that B − A is above `against`, and below. */
  logEBetter: number;
  logEWorse: number;
}

/**
 * Pseudo-outcomes whose mean is B − A: phi = (y − c)(w/p − (1−w)/(1−p)), with c the mean so far. @throws RangeError when y leaves 0..1
 */
function pseudoOutcomes({ y, inB, probB }: Assigned): { pseudo: Float64Array; range: number; unit: Float64Array } {
  if (!(probB > 0 && probB < 1)) throw new RangeError(`A probability of ${probB} assigns nothing at random.`);
  if (y.length !== inB.length) throw new RangeError(`${y.length} outcomes and ${inB.length} assignments are not of the same units.`);
  const range = 1 / Math.min(probB, 1 - probB);
  let sum = 0.5;
  const pseudo = Float64Array.from(y, (value, t) => {
    if (!(value >= 0 && value <= 1)) throw new RangeError(`${value} is not between 0 and 1.`);
    const phi = (value - sum / (t + 1)) * (inB[t] === 1 ? 1 / probB : -1 / (1 - probB));
    sum += value;
    return phi;
  });
  return { pseudo, range, unit: pseudo.map((phi) => Math.min(1, Math.max(0, (phi / range + 1) / 2))) };
}

type Wealth = (unit: Float64Array) => (m: number, side: 1 | -1) => number;

function difference(assigned: Assigned, alpha: number, against: number, method: string, wealthOf: Wealth): BettingDifference {
  const { pseudo, range, unit } = pseudoOutcomes(assigned);
  const n = pseudo.length;
  const wealth = wealthOf(unit);
  const limits = limitsOf(
    (m) => wealth(m, 1),
    (m) => wealth(m, -1),
    2 / alpha,
  );
  const scaled = (m: number) => Math.max(-1, Math.min(1, range * (2 * m - 1)));
  const m0 = (against / range + 1) / 2;
  return estimateOf({
    estimate: n === 0 ? null : meanOf(pseudo),
    lower: scaled(limits.lower),
    upper: scaled(limits.upper),
    level: 1 - alpha,
    n,
    method,
    reason: n === 0 ? 'no_data' : null,
    range,
    pseudo,
    logEBetter: wealth(m0, 1),
    logEWorse: wealth(m0, -1),
  });
}

/**
 * The difference of two arms of an experiment for outcomes in 0..1, B minus A, exact at every n and look: bets on
 * pseudo-outcomes, after I. Waudby-Smith, L. Wu, A. Ramdas, N. Karampatziakis and P. Mineiro, "Anytime-valid off-policy
 * inference for contextual bandits", ACM/IMS Journal of Data Science 1 (2024) 3. Needs the order of assignment, the known
 * probability, and bounds set beforehand. One bet at a time; `bettingMixtureDifference` is faster to decide.
 *
 * @param against the difference that the evidence is against; one-sided at alpha: reject at e ≥ 1/alpha
 */
export function bettingDifference(assigned: Assigned, alpha = 0.05, against = 0): BettingDifference {
  return difference(assigned, alpha, against, 'betting', (unit) => {
    const bets = predictableBets(unit, alpha);
    return (m, side) => logWealth(unit, bets, m, side);
  });
}

/** The same with a mixture of six sizes of bets: under 500 users, for rare events, uneven traffic, and to confirm a stop. */
export function bettingMixtureDifference(assigned: Assigned, alpha = 0.05, against = 0): BettingDifference {
  return difference(assigned, alpha, against, 'betting mixture', (unit) => {
    const bets = mixtureBets(unit);
    return (m, side) => logMixtureWealth(unit, bets, m, side);
  });
}

/** ln of the evidence that B − A is above `against` alone, for guards: no limits, so that 200,000 units take milliseconds. */
export function bettingHarm(assigned: Assigned, against: number): number {
  const { unit, range } = pseudoOutcomes(assigned);
  return unit.length === 0 ? 0 : logMixtureWealth(unit, mixtureBets(unit), (against / range + 1) / 2, 1);
}
