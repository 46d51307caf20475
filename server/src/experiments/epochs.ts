import type { Body, Endpoints, Scope } from '@whetstone/contract';
import { giveSlots, type Slot, weightOf } from '@whetstone/domain';
import { inTheWay, lockedRow, one, type Room, tell } from './context.ts';
import { forcedOf, textsOf } from './drafts.ts';
import type { Experiments } from './index.ts';
import { addEpoch, changeExperiment, epochsOf } from './store.ts';
import type { EpochRow, ExperimentRow, StoredArm, Tx } from './tables.ts';

/** Shares of a running experiment: a change of them opens an epoch. */

export async function openEpoch(
  tx: Tx,
  id: string,
  number: number,
  at: Date,
  shares: { traffic: number; slots: readonly Slot[] },
): Promise<void> {
  const { traffic, slots } = shares;
  await addEpoch(tx, { experiment_id: id, number, started_at: at, traffic, slots: JSON.stringify(slots) });
}

export async function lastEpoch(tx: Tx, id: string): Promise<EpochRow> {
  const epoch = (await epochsOf(tx, [id])).at(-1);
  if (epoch === undefined) throw new Error(`The experiment ${id} was started without an epoch.`);
  return epoch;
}

/** Control's place is at the end where held out units are, see `isHeldOut`. */
export const controlOf = (row: Pick<ExperimentRow, 'arms'>): StoredArm => {
  const [control] = row.arms;
  if (control === undefined) throw new Error('An experiment without arms.');
  return control;
};

export async function changeRunning(
  room: Room,
  tx: Tx,
  scope: Scope,
  row: ExperimentRow,
  { patch, arms }: { patch: Body<Endpoints['experiments.update']>; arms: StoredArm[] | null },
): Promise<void> {
  const at = room.clock();
  const forced = patch.forced == null ? row.forced : forcedOf(patch.forced, row.arms);
  const kept = arms?.map((arm) => {
    const now = row.arms.find(({ id }) => id === arm.id);
    return now === undefined ? arm : { ...now, weight: arm.weight };
  });
  await changeExperiment(tx, row.id, {
    ...textsOf(row, patch),
    ...(kept === undefined ? {} : { arms: JSON.stringify(kept) }),
    traffic: patch.traffic ?? row.traffic,
    forced: JSON.stringify(forced),
    updated_at: at,
  });
  if (patch.forced != null && JSON.stringify(forced) !== JSON.stringify(row.forced))
    await tell(room, tx, scope, row, { type: 'changed', text: `${forced.length} users have an arm given to them.`, at });
  const epoch = await lastEpoch(tx, row.id);
  const traffic = patch.traffic ?? epoch.traffic;
  // Arms that were stopped stay so: their share is control's.
  const slots =
    kept === undefined || same(kept, row.arms)
      ? epoch.slots
      : kept.map(({ id, weight, stoppedAt }) => ({ armId: stoppedAt === null ? id : controlOf(row).id, weight }));
  if (traffic === epoch.traffic && slots === epoch.slots) return;
  await openEpoch(tx, row.id, epoch.number + 1, at, { traffic, slots });
  await tell(room, tx, scope, row, { type: 'epoch', text: wordsOf(row, epoch.number + 1, traffic, slots), data: { traffic, slots }, at });
}

const same = (a: readonly StoredArm[], b: readonly StoredArm[]): boolean => a.every(({ weight }, index) => weight === b[index]?.weight);

function wordsOf({ arms }: ExperimentRow, number: number, traffic: number, slots: readonly Slot[]): string {
  const shares = arms.map(({ id, name }) => `${name} ${percent(weightOf(slots, id))}`).join(', ');
  return `Epoch ${number}: ${percent(traffic)} of users take part; ${shares}.`;
}

export const percent = (share: number): string => `${Number((share * 100).toFixed(2))} %`;

export const stopArm =
  (room: Room): Experiments['stopArm'] =>
  async (scope, id, armId, why, by = 'arm_stopped') => {
    await room.write(scope.workspaceId, async (tx) => {
      const row = await lockedRow(tx, scope, id);
      const arm = row.arms.find((each) => each.id === armId);
      const control = controlOf(row);
      if (arm === undefined)
        throw inTheWay(row, `“${row.name}” has no arm \`${armId}\`: it has ${row.arms.map((each) => `\`${each.id}\``).join(', ')}.`);
      if (arm.id === control.id) throw inTheWay(row, 'Control cannot be stopped: it is what the others fall back to. Stop the experiment.');
      if (row.state !== 'running') throw inTheWay(row, `“${row.name}” is not running, so that none of its arms has traffic.`);
      if (arm.stoppedAt !== null) return;
      const at = room.clock();
      const arms = row.arms.map((each) => (each.id === armId ? { ...each, stoppedAt: at.toISOString(), stoppedWhy: why } : each));
      await changeExperiment(tx, row.id, { arms: JSON.stringify(arms), updated_at: at });
      const epoch = await lastEpoch(tx, row.id);
      const slots = giveSlots(epoch.slots, armId, control.id);
      await openEpoch(tx, row.id, epoch.number + 1, at, { traffic: epoch.traffic, slots });
      await tell(room, tx, scope, row, { type: by, text: `${arm.name} was stopped: ${why}`, data: { arm_id: armId, why }, at });
    });
    return one(room, scope, id);
  };
