import type { ExperimentAssignment, ExperimentEvent, ExperimentResponse } from '@whetstone/contract';
import { weightOf } from '@whetstone/domain';
import { type Assigned, type EventRow, type Experiment, marks } from '../../experiments/index.ts';
import type { PersonResponse } from './file.ts';

export function presentExperiment({ row, file, environment, versions, epochs }: Experiment, by: PersonResponse | null): ExperimentResponse {
  const slots = epochs.at(-1)?.slots;
  return {
    id: row.id,
    name: row.name,
    hypothesis: row.hypothesis,
    file: { id: file.id, path: file.path, type: file.kind },
    environment,
    state: row.state,
    arms: row.arms.map((arm, index) => {
      const version = arm.versionId === null ? undefined : versions.get(arm.versionId)?.version;
      return {
        id: arm.id,
        name: arm.name,
        control: index === 0,
        version: version === undefined ? null : { id: version.id, name: version.name, content_hash: version.contentHash },
        weight: slots === undefined ? arm.weight : weightOf(slots, arm.id),
        state: arm.stoppedAt === null ? ('active' as const) : ('stopped' as const),
        stopped_at: arm.stoppedAt,
        stopped_why: arm.stoppedWhy,
      };
    }),
    traffic: row.traffic,
    metric: row.metric,
    secondary: row.secondary,
    guards: row.guards,
    smallest_difference: row.smallest_difference,
    mode: row.mode,
    planned_units: row.planned_units,
    window_hours: row.window_hours,
    forced: row.forced.map(({ unit, armId }) => ({ unit, arm_id: armId })),
    salt: row.salt,
    epochs: epochs.map(({ number, started_at: startedAt, traffic, slots: of }) => ({
      number,
      started_at: startedAt.toISOString(),
      traffic,
      weights: row.arms.map(({ id }) => ({ arm_id: id, weight: weightOf(of, id) })),
    })),
    hold_out: row.hold_out,
    started_at: row.started_at?.toISOString() ?? null,
    ended_at: row.ended_at?.toISOString() ?? null,
    ended_why: row.ended_why,
    promoted_arm_id: row.promoted_arm_id,
    words: row.words,
    created_at: row.created_at.toISOString(),
    created_by: by,
    updated_at: row.updated_at.toISOString(),
  };
}

export function presentEvent({ at, type, text }: EventRow, by: PersonResponse | null): ExperimentEvent {
  return { at: at.toISOString(), type, text, by };
}

/** Null: no unit was named, so that nothing was assigned. */
export function presentAssigned({ experimentId, armId, served, propensity }: Assigned): ExperimentAssignment | null {
  if (armId === marks.noUnit) return null;
  return { id: experimentId, arm: armId === marks.holdOut ? armId : served, propensity };
}
