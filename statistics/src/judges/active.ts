import { zOf } from '../numeric/normal.ts';
import { type Numbers, momentsOf, sumOf, varianceOf } from '../numeric/sums.ts';
import { drawIndex, type Random } from '../random.ts';
import { type Estimate, estimateOf } from '../result.ts';

/**
 * The probability with which each case should be labelled next, for `budget` labels on average: more where the judge is expected
 * to err more, with a share at random so that what was saved can be measured and a wrong guess of the errors costs little. T.
 * Zrnic and E. J. Candès, "Active statistical inference", ICML 2024. Log the probability with each label.
 *
 * @param uncertainty expected spread of the judge's error, per case, 0 or above; for a binary judge sure to degree c,
 * sqrt(c(1−c))
 * @param randomShare the part of the budget that is spent evenly; 0.3 unless there is a reason
 */
export function activePolicy(uncertainty: Numbers, budget: number, randomShare = 0.3): Float64Array {
  const n = uncertainty.length;
  if (!(randomShare >= 0 && randomShare <= 1)) throw new RangeError(`A random share of ${randomShare} is not between 0 and 1.`);
  if (!(budget >= 0)) throw new RangeError(`A budget of ${budget} labels is none.`);
  const whole = sumOf(uncertainty);
  const even = whole === 0 ? 1 : randomShare;
  const wanted = Float64Array.from(uncertainty, (u) => (whole === 0 ? 0 : ((1 - even) * budget * u) / whole) + (even * budget) / n);
  return capped(wanted, Math.min(budget, n));
}

/** At most 1 each; what is over is spread over the others in proportion, until nothing is over. */
function capped(wanted: Float64Array, budget: number): Float64Array {
  const full = new Uint8Array(wanted.length);
  for (;;) {
    let left = budget;
    let open = 0;
    for (const [i, share] of wanted.entries()) {
      if (full[i] === 1) left -= 1;
      else open += share;
    }
    const scale = open === 0 ? 0 : left / open;
    let over = false;
    for (const [i, share] of wanted.entries()) {
      if (full[i] === 0 && share * scale >= 1) {
        full[i] = 1;
        over = true;
      }
    }
    if (!over) return wanted.map((share, i) => (full[i] === 1 ? 1 : share * scale));
  }
}

/**
 * Which cases to label: each by its own probability, and as many of them as the probabilities add up to (rounded down or up), so that
 * chance gives nobody more labels than were asked for, or none. Systematic sampling from a random order: W. G. Madow, "On the theory of
 * systematic sampling II", Ann. Math. Stat. 20 (1949) 333; H. O. Hartley and J. N. K. Rao, Ann. Math. Stat. 33 (1962) 350. Choices are
 * not quite independent, which varies no more than if they were: intervals that count them as independent hold.
 *
 * @returns indices in order
 */
export function chooseLabels(probabilities: Numbers, random: Random): number[] {
  const order = Array.from(probabilities, (_, i) => i);
  for (let i = order.length - 1; i > 0; i -= 1) {
    const j = drawIndex(random, i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  // Below 1 by more than rounding: a sum of 1 always reaches it.
  let next = random() * (1 - 1e-9);
  let sum = 0;
  const chosen: number[] = [];
  for (const i of order) {
    sum += probabilities[i]!;
    if (sum <= next) continue;
    chosen.push(i);
    next += 1;
  }
  return chosen.toSorted((a, b) => a - b);
}

/** Per case what the judge said, the probability with which it was chosen, and the label; `null` where it was not. */
export interface ActiveSample {
  judge: Numbers;
  labelProbability: Numbers;
  label: readonly (number | null)[];
}

export interface ActiveMean extends Estimate {
  se: number | null;
  /** Variance that the same number of labels at random would have left, over that of the choice: 1.5 saves a third of them. */
  saving: number | null;
}

/**
 * The mean that people would give, from labels that were chosen: each counts inversely to its probability, so that choosing
 * biases nothing (Zrnic and Candès 2024). A mean of chosen labels without weights is biased. The saving is measured, not
 * promised: the variance of labelling evenly is estimated from the same labels by the same weights.
 *
 * Assumes cases drawn at random, labels that depend on nothing but their probability, which was logged and above 0 for every case.
 */
export function activeMean({ judge, labelProbability, label }: ActiveSample, level = 0.95): ActiveMean {
  const n = judge.length;
  if (label.length !== n || labelProbability.length !== n)
    throw new RangeError('Judgments, probabilities and labels are not of the same cases.');
  const labelled = label.filter((value) => value !== null).length;
  const rest = { level, n, units: labelled, method: 'active inference' };
  const scores = Float64Array.from(judge, (f, i) => {
    const y = label[i] ?? null;
    const pi = labelProbability[i]!;
    if (!(pi > 0 && pi <= 1)) throw new RangeError(`A case with probability ${pi} of being labelled says nothing.`);
    return y === null ? f : f + (y - f) / pi;
  });
  const moments = momentsOf(scores);
  const variance = varianceOf(moments);
  if (n === 0 || labelled === 0) return estimateOf({ ...rest, se: null, saving: null, reason: 'no_data' });
  if (variance === null) return estimateOf({ ...rest, estimate: moments.mean, se: null, saving: null, reason: 'one_unit' });
  const se = Math.sqrt(variance / n);
  if (se === 0) return estimateOf({ ...rest, estimate: moments.mean, se, saving: null, reason: 'no_spread' });
  const half = zOf(level) * se;
  const estimate = moments.mean;
  const saving = savingOf({ judge, labelProbability, label });
  return estimateOf({ ...rest, estimate, lower: estimate - half, upper: estimate + half, se, saving });
}

/** Excess variance of labels at one even probability over that of the policy: Σ e²/π·(1/π̄ − 1) against Σ e²/π·(1/π − 1). */
function savingOf({ judge, labelProbability, label }: ActiveSample): number | null {
  const even = sumOf(labelProbability) / labelProbability.length;
  let [uniform, active] = [0, 0];
  for (let i = 0; i < judge.length; i += 1) {
    const y = label[i] ?? null;
    if (y === null) continue;
    const pi = labelProbability[i]!;
    const square = (y - judge[i]!) ** 2 / pi;
    uniform += square * (1 / even - 1);
    active += square * (1 / pi - 1);
  }
  return active === 0 ? null : uniform / active;
}
