import { assignUnit, isHeldOut, type Shares } from '@whetstone/domain';
import { type Assigned, type Belongs, marks, type Place } from './index.ts';
import type { EpochRow, ExperimentRow } from './tables.ts';

/** What decides who gets what of one file in one environment, made ready for a call. */
export interface Deciding {
  id: string;
  state: 'running' | 'holding_out';
  epoch: number;
  shares: Shares;
  holdOut: number;
  control: { id: string; versionId: string };
  versions: ReadonlyMap<string, string>;
  forced: ReadonlyMap<string, string>;
}

export function armOf(row: ExperimentRow, epoch: EpochRow): Deciding {
  const [control] = row.arms;
  return {
    id: row.id,
    state: row.state === 'running' ? 'running' : 'holding_out',
    epoch: epoch.number,
    shares: { salt: row.salt, traffic: epoch.traffic, slots: epoch.slots },
    holdOut: row.hold_out ?? 0,
    control: { id: control?.id ?? '', versionId: control?.versionId ?? '' },
    versions: new Map(row.arms.flatMap(({ id, versionId }) => (versionId === null ? [] : [[id, versionId]]))),
    forced: new Map(row.forced.map(({ unit, armId }) => [unit, armId])),
  };
}

/** What a unit gets; null: what is deployed, and nothing is noted. */
export function decide(deciding: Deciding, unit: string | null): Assigned | null {
  const known = unit === null || unit === '' ? null : unit;
  if (deciding.state === 'holding_out')
    return known !== null && isHeldOut(deciding.shares.salt, deciding.holdOut, known)
      ? served(deciding, deciding.control.id, marks.holdOut, deciding.holdOut)
      : null;
  if (known === null) return served(deciding, deciding.control.id, marks.noUnit, 1);
  const forced = deciding.forced.get(known);
  if (forced !== undefined) return served(deciding, forced, marks.forced, 1);
  const found = assignUnit(deciding.shares, known);
  return found === null ? null : served(deciding, found.armId, found.armId, found.propensity);
}

/** What a log that the client made belongs to. */
export function belongs(deciding: Deciding, { unit, versionId }: Pick<Place, 'unit'> & { versionId: string }): Belongs | null {
  const assigned = decide(deciding, unit);
  if (assigned === null) return null;
  const { experimentId, armId } = assigned;
  const counts = armId !== marks.noUnit && armId !== marks.forced && armId !== marks.holdOut;
  return { experimentId, armId: counts && assigned.versionId !== versionId ? marks.off : armId };
}

function served(deciding: Deciding, arm: string, armId: string, propensity: number): Assigned {
  return {
    experimentId: deciding.id,
    armId,
    served: arm,
    versionId: deciding.versions.get(arm) ?? deciding.control.versionId,
    propensity,
    epoch: deciding.epoch,
  };
}
