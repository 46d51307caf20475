import type { ExperimentResult, Scope } from '@whetstone/contract';
import { type ArmsOfEpoch, guardInWords, type GuardLook, lookAtGuard, pairShare } from '@whetstone/statistics';
import type { OrderedOutcome } from '../../logs/index.ts';
import type { Room } from '../context.ts';
import type { StoredArm } from '../tables.ts';
import { assignedOf, epochsForArm, epochsUntil } from './arms.ts';
import { type Read, sumsOf } from './outcome.ts';
import type { Watched, WatchedMetric } from './watched.ts';
import { toleratedWords } from './words.ts';

export type GuardOfArm = ExperimentResult['guards'][number]['arms'][number];

/** Evidence by betting reads every unit; so many are more than any arm that does harm needs. */
const mostRead = 1_000_000;

/**
 * Every arm held to a guard, with what its units showed until it was stopped. All guards of all arms together raise a false alarm in at
 * most 5 % of experiments, however often they are looked at: the number of tests is fixed at the start.
 */
export async function guardArms(room: Room, scope: Scope, watched: Watched, read: Read, metric: WatchedMetric): Promise<GuardOfArm[]> {
  const { row, epochs } = watched;
  const groups = read.groups.get(metric.track.key) ?? [];
  const { guard } = metric;
  if (guard === null) return [];
  let ordered: OrderedOutcome[] | null = null;
  if ('difference' in guard.bound && metric.range !== null)
    ordered = await room.logs.experimented.ordered(scope, metric.track.key, metric.place, mostRead);
  const tests = watched.guards.length * (row.arms.length - 1);
  return row.arms.slice(1).map((arm, index): GuardOfArm => {
    const ofArm = epochsForArm(row, epochs, groups, arm, sumsOf(metric));
    const plan = { bound: guard.bound, higherIsBetter: metric.higherIsBetter, tests, nStar: read.nStar, range: metric.range };
    const held = runs(ofArm, index + 1).map((part) =>
      lookAtGuard({
        ...plan,
        arm: index + 1,
        epochs: part.epochs,
        ordered: ordered === null ? null : unitsOf(watched, part, ordered, arm),
      }),
    );
    const look = together(held, index + 1, tests / 0.05);
    const tolerated = toleratedWords(metric, guard, row.arms[0]!.name);
    return {
      arm_id: arm.id,
      state: look.state,
      evidence: look.evidence,
      threshold: look.threshold,
      words: guardInWords(look, { arm: arm.name, tolerated }),
    };
  });
}

interface Run {
  epochs: ArmsOfEpoch[];
  /** Places of the epochs. */
  from: number;
}

/** Epochs one after the other in which an arm had the same share beside control: betting needs one. */
function runs(epochs: readonly ArmsOfEpoch[], arm: number): Run[] {
  const found: Run[] = [];
  for (const [place, epoch] of epochs.entries()) {
    const last = found.at(-1);
    if (last !== undefined && pairShare(last.epochs[0]!, arm) === pairShare(epoch, arm)) last.epochs.push(epoch);
    else found.push({ epochs: [epoch], from: place });
  }
  return found;
}

function unitsOf(watched: Watched, { epochs, from }: Run, ordered: readonly OrderedOutcome[], arm: StoredArm) {
  const some = epochsUntil(watched.epochs, arm).slice(from, from + epochs.length);
  const numbers = new Set(some.map(({ number }) => number));
  return assignedOf(
    watched.row,
    some,
    ordered.filter(({ epoch }) => numbers.has(epoch)),
    arm,
  );
}

/** Evidence of units that came one after the other is multiplied. */
function together(looks: readonly GuardLook[], arm: number, threshold: number): GuardLook {
  const known = looks.filter(({ logEvidence }) => logEvidence !== null);
  const [first] = known;
  if (first === undefined) return { arm, state: 'no_data', evidence: null, logEvidence: null, threshold, method: 'none' };
  const logEvidence = known.reduce((sum, look) => sum + look.logEvidence!, 0);
  const state = logEvidence >= Math.log(threshold) ? 'breached' : 'watching';
  return { ...first, state, logEvidence, evidence: Math.exp(Math.min(700, logEvidence)), threshold };
}
