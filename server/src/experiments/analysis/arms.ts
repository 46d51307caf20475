import { weightOf } from '@whetstone/domain';
import { type ArmMoments, type ArmsOfEpoch, type Assigned, armOfSums, mergeArms, noUnits, pairShare } from '@whetstone/statistics';
import type { MetricSums, OrderedOutcome, OutcomeGroup } from '../../logs/index.ts';
import type { EpochRow, ExperimentRow, StoredArm } from '../tables.ts';

/** Arms of an experiment as the statistics want them: epoch by epoch, control first, each arm until it was stopped. */

/** When arms were stopped, in order: sums are asked in the spans between. */
export function stopsOf({ arms }: Pick<ExperimentRow, 'arms'>): Date[] {
  const at = arms.flatMap(({ stoppedAt }) => (stoppedAt === null ? [] : [Date.parse(stoppedAt)]));
  return [...new Set(at)].toSorted((a, b) => a - b).map((ms) => new Date(ms));
}

/** In how many of the spans an arm had its traffic; null: in all. */
function spansOf(row: Pick<ExperimentRow, 'arms'>, arm: StoredArm): number | null {
  if (arm.stoppedAt === null) return null;
  const stopped = Date.parse(arm.stoppedAt);
  return stopsOf(row).findIndex((at) => at.getTime() === stopped);
}

/** Epochs in which an arm could be compared with control: those that began before it was stopped. */
export function epochsUntil(epochs: readonly EpochRow[], arm: StoredArm): EpochRow[] {
  return epochs.filter(({ started_at }) => arm.stoppedAt === null || started_at.getTime() < Date.parse(arm.stoppedAt));
}

/**
 * What is compared with control for one arm: units of all arms whose windows closed until it was stopped, since afterwards nobody was
 * given it and times would be compared, not arms.
 */
export function epochsForArm(
  row: ExperimentRow,
  epochs: readonly EpochRow[],
  groups: readonly OutcomeGroup[],
  arm: StoredArm,
  sumsOf: (group: OutcomeGroup) => MetricSums,
): ArmsOfEpoch[] {
  const last = spansOf(row, arm);
  const before = groups.filter(({ span }) => last === null || span <= last);
  return epochsUntil(epochs, arm).map(({ number, slots }) => ({
    shares: row.arms.map(({ id }) => weightOf(slots, id)),
    arms: row.arms.map(({ id }) => momentsOf(before.filter((group) => group.epoch === number && group.armId === id).map(sumsOf))),
  }));
}

/** Of an arm alone, in all epochs. */
export function armAlone(groups: readonly OutcomeGroup[], armId: string, sumsOf: (group: OutcomeGroup) => MetricSums): ArmMoments {
  return momentsOf(groups.filter((group) => group.armId === armId).map(sumsOf));
}

function momentsOf(sums: readonly MetricSums[]): ArmMoments {
  return sums.reduce<ArmMoments>((all, each) => mergeArms(all, armOfSums({ ...each, before: each.before })), noUnits);
}

/** Units with any feedback of an evaluator, as yes and no. */
export function answeredSums(group: OutcomeGroup, evaluator: number): MetricSums {
  const yes = group.answered[evaluator] ?? 0;
  return { n: group.units, y: yes, yy: yes, yyy: yes, before: { known: 0, x: 0, xx: 0, xy: 0, yKnown: 0 } };
}

/** Units of an arm and of control one by one, in the order in which their windows closed; null where the share of the arm changed. */
export function assignedOf(
  row: ExperimentRow,
  epochs: readonly EpochRow[],
  ordered: readonly OrderedOutcome[],
  arm: StoredArm,
): Assigned | null {
  const control = row.arms[0]!;
  const place = row.arms.indexOf(arm);
  const shares = epochsUntil(epochs, arm).map(({ slots }) =>
    pairShare({ arms: [], shares: row.arms.map(({ id }) => weightOf(slots, id)) }, place),
  );
  const [probB] = shares;
  if (probB == null || shares.some((share) => share !== probB)) return null;
  const until = arm.stoppedAt === null ? Infinity : Date.parse(arm.stoppedAt) * 1000;
  const mine = ordered.filter(
    ({ armId, value, maturedAt }) => (armId === arm.id || armId === control.id) && value !== null && maturedAt < until,
  );
  return {
    y: mine.map(({ value }) => value!),
    inB: mine.map(({ armId }) => (armId === arm.id ? 1 : 0)),
    probB,
  };
}
