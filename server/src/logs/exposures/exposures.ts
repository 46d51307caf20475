import type { Scope } from '@whetstone/contract';
import type { Intake } from '../intake/intake.ts';
import { timeText } from '../record/line.ts';
import type { ExposureStore } from './store.ts';

export interface Exposure {
  experimentId: string;
  /** '': the caller named none, and got control. */
  unit: string;
  armId: string;
  epoch: number;
  at: Date;
  /** Which door. */
  source: string;
}
export interface Exposures {
  /** Durable when it resolves. What decides is when the server got it, by its own clock. */
  record(scope: Scope, exposures: readonly Exposure[]): Promise<void>;
  /** For an export, oldest first, in pages so that memory stays bounded; with when logs first showed a unit, as source `log`. */
  all(scope: Scope): AsyncIterable<CarriedExposure>;
  /** As they were received elsewhere. */
  take(scope: Scope, exposures: readonly CarriedExposure[]): Promise<void>;
  /** Outcomes of units, row by row as the store has them; by an id, so that what comes twice is there once. */
  outcomes(scope: Scope): AsyncIterable<CarriedOutcome>;
  takeOutcomes(scope: Scope, outcomes: readonly CarriedOutcome[]): Promise<void>;
}
/** Columns of `experiment_outcomes`, times in microseconds. */
export interface CarriedOutcome {
  experiment_id: string;
  unit_key: string;
  arm_id: string;
  epoch: number;
  first_at: number;
  matured_at: number;
  settled_at: number;
  precedence: number;
  left_out: string;
  logs: number;
  outcomes: (number | null)[];
  before: (number | null)[];
  answered: number[];
}
export interface CarriedExposure extends Exposure {
  receivedAt: Date;
}

export function exposuresOf(intake: Intake, store: ExposureStore, now: () => number): Exposures {
  const put = ({ workspaceId }: Scope, rows: readonly CarriedExposure[]): Promise<void> =>
    intake.put(rows.map((row) => ({ table: 'exposures', key: null, line: lineOf(workspaceId, row) })));
  return {
    record: (scope, exposures) => {
      const receivedAt = new Date(now());
      return put(
        scope,
        exposures.map((exposure) => ({ ...exposure, receivedAt })),
      );
    },
    async *all({ workspaceId }) {
      await intake.drained(10_000);
      yield* store.all(workspaceId);
    },
    take: (scope, exposures) => put(scope, exposures),
    outcomes: ({ workspaceId }) => store.outcomes(workspaceId),
    takeOutcomes: ({ workspaceId }, outcomes) => store.addOutcomes(workspaceId, outcomes),
  };
}

function lineOf(workspaceId: string, { experimentId, unit, armId, epoch, at, receivedAt, source }: CarriedExposure): Buffer {
  return Buffer.from(
    JSON.stringify({
      workspace_id: workspaceId,
      experiment_id: experimentId,
      unit,
      arm_id: armId,
      epoch,
      at: timeText(at.getTime() * 1000),
      received_at: timeText(receivedAt.getTime() * 1000),
      source,
      log_id: '',
    }),
  );
}
