import type { Scope } from '@whetstone/contract';
import type { Transaction } from 'kysely';
import type { FileGuard } from '../files/index.ts';
import { channel, clean, inTheWay, ofOthers, one, type Room, tell } from './context.ts';
import { ended } from './lifecycle.ts';
import { controlOf, percent } from './epochs.ts';
import type { Experiments } from './index.ts';
import { announce, changeExperiment, decidingExperiments, lockExperiment, removeOfFile } from './store.ts';
import type { ExperimentRow, StoredArm, Tx } from './tables.ts';

/** What a scope is about to promote: the deployment that it makes is the end of the experiment. */
interface Promotion {
  experimentId: string;
  arm: StoredArm;
  holdOut: number | null;
}
/** By the very scope that the deployment is made with. */
export type Promotions = WeakMap<Scope, Promotion>;

export const promote =
  (room: Room, promotions: Promotions): Experiments['promote'] =>
  async (scope, id, { armId, holdOut, message, overrideGates }) => {
    const { row, file, versions } = await one(room, scope, id);
    if (row.state === 'draft') throw inTheWay(row, `“${row.name}” was not started, so that nothing is known that could be promoted.`);
    if (row.state === 'promoted') throw inTheWay(row, `“${row.name}” was promoted already.`);
    const arm = row.arms.find((each) => each.id === armId);
    if (arm?.versionId == null)
      throw inTheWay(row, `“${row.name}” has no arm \`${armId}\`: it has ${row.arms.map((each) => `\`${each.id}\``).join(', ')}.`);
    const kept = holdOut == null || holdOut === 0 || arm.versionId === controlOf(row).versionId ? null : holdOut;
    const promotion = { experimentId: row.id, arm, holdOut: kept };
    const deployer: Scope = { ...scope };
    promotions.set(deployer, promotion);
    const text = `Promoted ${arm.name} of experiment “${row.name}” (${row.id})${row.words === null ? '' : `: ${row.words}`}`;
    const kind = versions.get(arm.versionId)?.kind ?? 'prompt';
    const deployed = await room.files.deploy(deployer, kind, file.id, row.environment_id, arm.versionId, {
      message: message == null || clean(message).trim() === '' ? text : `${clean(message).trim()} (${text})`,
      overrideGates: overrideGates ?? null,
    });
    room.forget(scope.workspaceId);
    const after = await one(room, scope, id);
    if (after.row.state === 'promoted') return after;
    // It is what is deployed already: nothing was asked of the guard.
    await room.write(scope.workspaceId, (tx) => concluded(room, tx, scope, promotion, deployed.version.id));
    return one(room, scope, id);
  };

async function concluded(room: Room, tx: Tx, scope: Scope, { experimentId, arm, holdOut }: Promotion, versionId: string): Promise<void> {
  const row = await lockExperiment(tx, scope.workspaceId, experimentId);
  if (row === undefined || row.state === 'promoted') return;
  const at = room.clock();
  const why = `${arm.name} was promoted by ${scope.actor.name}${holdOut === null ? '' : `; ${percent(holdOut)} of users stay on ${controlOf(row).name}`}.`;
  await changeExperiment(tx, row.id, {
    state: 'promoted',
    promoted_arm_id: arm.id,
    hold_out: holdOut,
    ended_at: row.ended_at ?? at,
    ended_why: why,
    updated_at: at,
  });
  await tell(room, tx, scope, row, { type: 'promoted', text: why, data: { arm_id: arm.id, version_id: versionId, hold_out: holdOut }, at });
}

/** What must not happen to an experiment's arms, and what ends it. Roll-backs always go through. */
export function guardOf(room: Room, promotions: Promotions): FileGuard {
  const deciding = async (scope: Scope, transaction: Transaction<never>): Promise<ExperimentRow[]> =>
    decidingExperiments(ofOthers(transaction), scope.workspaceId);
  const told = (tx: Tx, scope: Scope): Promise<void> => announce(tx, channel, scope.workspaceId);
  return {
    async deploy(scope, file, environment, versionId, transaction, { rollBack }) {
      const tx = ofOthers(transaction);
      const promotion = promotions.get(scope);
      if (promotion !== undefined) {
        await refuseOtherHoldOut(tx, scope, promotion, file.id, environment.id);
        await concluded(room, tx, scope, promotion, versionId);
        return told(tx, scope);
      }
      const running = (await deciding(scope, transaction)).find(
        (row) => row.state === 'running' && row.file_id === file.id && row.environment_id === environment.id,
      );
      if (running === undefined) return;
      if (!rollBack)
        throw inTheWay(
          running,
          `The experiment “${running.name}” (${running.id}) is running with \`${file.path}\` in \`${environment.name}\`, and its control is what is deployed there. Stop it, then deploy.`,
        );
      await ended(room, tx, scope, running, `${scope.actor.name} rolled \`${environment.name}\` back to another version.`);
      await told(tx, scope);
    },
    async undeploy(scope, file, environment, transaction) {
      const running = (await deciding(scope, transaction)).find(
        (row) => row.state === 'running' && row.file_id === file.id && row.environment_id === environment.id,
      );
      if (running !== undefined)
        throw inTheWay(
          running,
          `The experiment “${running.name}” (${running.id}) is running with what is deployed to \`${environment.name}\`. Stop it first.`,
        );
    },
    async deleteVersion(scope, file, versionId, transaction) {
      const holder = (await deciding(scope, transaction)).find(
        (row) => row.file_id === file.id && row.arms.some((arm) => arm.versionId === versionId),
      );
      if (holder !== undefined)
        throw inTheWay(
          holder,
          `The version is an arm of the experiment “${holder.name}” (${holder.id}), which still hands it out. ${howToEnd(holder)}`,
        );
    },
    async deleteFile(scope, file, transaction) {
      const holder = (await deciding(scope, transaction)).find((row) => row.file_id === file.id);
      if (holder !== undefined)
        throw inTheWay(
          holder,
          `The experiment “${holder.name}” (${holder.id}) decides which versions of \`${file.path}\` users get. ${howToEnd(holder)}`,
        );
      await removeOfFile(ofOthers(transaction), scope.workspaceId, file.id);
    },
    async deleteEnvironment(scope, environment, transaction) {
      const holder = (await deciding(scope, transaction)).find((row) => row.environment_id === environment.id);
      if (holder !== undefined)
        throw inTheWay(holder, `The experiment “${holder.name}” (${holder.id}) is at work in \`${environment.name}\`. ${howToEnd(holder)}`);
    },
  };
}

function howToEnd({ state }: ExperimentRow): string {
  return state === 'running' ? 'Stop it first.' : 'End its hold-out first.';
}

/** Only one may decide: a hold-out of another would be cut in two. */
async function refuseOtherHoldOut(
  tx: Tx,
  scope: Scope,
  { experimentId, holdOut }: Promotion,
  fileId: string,
  environmentId: string,
): Promise<void> {
  const other = (await decidingExperiments(tx, scope.workspaceId)).find(
    (row) => row.id !== experimentId && row.file_id === fileId && row.environment_id === environmentId,
  );
  if (other === undefined || (holdOut === null && other.state !== 'running')) return;
  throw inTheWay(other, `“${other.name}” (${other.id}) decides who gets what here now. ${howToEnd(other)}`);
}
