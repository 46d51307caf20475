import type { Scope } from '@whetstone/contract';
import { idPrefixes } from '@whetstone/domain';
import { addLook, analysisOf, keepAnalysis, looksOf } from './analysis/store.ts';
import type { Room } from './context.ts';
import { unreadable } from './metrics.ts';
import {
  addEpoch,
  addEvent,
  addExperiment,
  decidingExperiments,
  epochsOf,
  eventsOf,
  everyExperiment,
  findExperiment,
  isTaken,
} from './store.ts';
import type { AnalysisRow, EpochRow, EventRow, ExperimentRow } from './tables.ts';

/** `there`: it was there already, with all that came of it. */
type Taken = { id: string; there?: true } | { why: string };

/** For an export and for the import of one. */
export interface Carry {
  /** Oldest first. */
  experiments(scope: Scope): Promise<CarriedExperiment[]>;
  /** What is there stays; an id that is taken elsewhere on the server is made anew. A second one that would decide is left out. */
  takeExperiment(scope: Scope, carried: CarriedExperiment): Promise<Taken>;
}

type Known = Omit<ExperimentRow, 'workspace_id' | 'seq'>;
export interface CarriedExperiment extends Known {
  epochs: Omit<EpochRow, 'experiment_id'>[];
  /** Oldest first. */
  events: Omit<EventRow, 'experiment_id' | 'seq'>[];
  /** What the analysis keeps; null before its first look. */
  analysis: Pick<AnalysisRow, 'settled_until' | 'looked_at' | 'state'> | null;
  /** Oldest first. */
  looks: { at: Date; look: Record<string, unknown> }[];
}

export function carryOf(room: Room): Carry {
  return {
    async experiments({ workspaceId }) {
      const rows = await everyExperiment(room.db, workspaceId);
      const epochs = await epochsOf(
        room.db,
        rows.map(({ id }) => id),
      );
      return Promise.all(
        rows.map(async ({ workspace_id: _workspace, seq: _seq, ...row }) => ({
          ...row,
          epochs: epochs.filter((epoch) => epoch.experiment_id === row.id).map(({ experiment_id: _of, ...epoch }) => epoch),
          analysis: await analysisFor(room, row.id),
          looks: (await looksOf(room.db, row.id)).map(({ at, look }) => ({ at, look })),
          events: (await eventsOf(room.db, row.id)).toReversed().map(({ experiment_id: _of, seq: _at, ...event }) => event),
        })),
      );
    },
    takeExperiment: (scope, carried) => takeExperiment(room, scope, carried),
  };
}

async function analysisFor({ db }: Room, id: string): Promise<CarriedExperiment['analysis']> {
  const found = await analysisOf(db, id);
  return found === undefined ? null : { settled_until: found.settled_until, looked_at: found.looked_at, state: found.state };
}

async function takeExperiment(room: Room, scope: Scope, { epochs, events, analysis, looks, ...row }: CarriedExperiment): Promise<Taken> {
  const [file, environments] = await Promise.all([room.files.find(scope, null, { id: row.file_id }), room.files.environments.list(scope)]);
  if (file === null) return { why: `There is no file ${row.file_id}.` };
  if (!environments.some(({ id }) => id === row.environment_id)) return { why: `There is no environment ${row.environment_id}.` };
  const versions = await room.files.versionsById(
    scope,
    row.arms.flatMap(({ versionId }) => versionId ?? []),
  );
  const missing = row.arms.find(({ versionId }) => versionId !== null && !versions.has(versionId));
  if (missing !== undefined) return { why: `There is no version ${missing.versionId}.` };
  const [why] = [row.metric, ...row.secondary, ...row.guards.map(({ metric }) => metric)].flatMap((spec) => unreadable(spec) ?? []);
  if (why !== undefined) return { why: `A metric cannot be read: ${why}` };
  return room.write(scope.workspaceId, async (tx) => {
    if ((await findExperiment(tx, scope.workspaceId, row.id)) !== undefined) return { id: row.id, there: true as const };
    const decides = row.state === 'running' || row.hold_out !== null;
    const others = decides ? await decidingExperiments(tx, scope.workspaceId) : [];
    const other = others.find((each) => each.file_id === row.file_id && each.environment_id === row.environment_id);
    if (other !== undefined) return { why: `The experiment ${other.id} decides there already.` };
    const id = (await isTaken(tx, row.id)) ? room.newId(idPrefixes.experiment) : row.id;
    await addExperiment(tx, {
      ...row,
      id,
      workspace_id: scope.workspaceId,
      arms: JSON.stringify(row.arms),
      metric: JSON.stringify(row.metric),
      secondary: JSON.stringify(row.secondary),
      guards: JSON.stringify(row.guards),
      forced: JSON.stringify(row.forced),
    });
    for (const { slots, ...epoch } of epochs) await addEpoch(tx, { ...epoch, experiment_id: id, slots: JSON.stringify(slots) });
    for (const { data, ...event } of events) await addEvent(tx, { ...event, experiment_id: id, data: JSON.stringify(data) });
    if (analysis !== null) {
      const { settled_until: settledUntil, looked_at: lookedAt, state } = analysis;
      await keepAnalysis(tx, { id, workspace_id: scope.workspaceId }, { settledUntil, lookedAt, state });
    }
    for (const { at, look } of looks) await addLook(tx, id, at, look);
    return { id };
  });
}
