import type {
  Body,
  Endpoints,
  ExperimentEvent,
  ExperimentPlan,
  ExperimentResult,
  ExperimentResponse,
  Output,
  Scope,
} from '@whetstone/contract';
import type { Logger } from 'pino';
import type { Environment, FileGuard, Files, Snapshot } from '../files/index.ts';
import type { Hooks } from '../hooks/index.ts';
import type { Logs } from '../logs/index.ts';
import type { People } from '../people/index.ts';
import type { Storage } from '../storage/index.ts';
import type { Carry } from './carry.ts';
import type { EpochRow, EventRow, ExperimentRow } from './tables.ts';

export type { CarriedExperiment } from './carry.ts';
export { createExperiments } from './create-experiments.ts';

/**
 * Versions of one prompt or agent on the traffic of one environment: who gets which, since when, and what came of it.
 * One experiment a file and environment runs at a time; arms are pinned, and control is what was deployed at the start.
 */
export interface Experiments {
  /** Newest first. */
  list(
    scope: Scope,
    query: { fileId?: string | null | undefined; state?: ExperimentRow['state'] | null | undefined },
  ): Promise<Experiment[]>;
  /** @throws AppError 404 */
  get(scope: Scope, id: string): Promise<Experiment>;
  create(scope: Scope, input: Body<Endpoints['experiments.create']>): Promise<Experiment>;
  /** Of a draft anything; while it runs name, hypothesis, forced units, and shares (which open an epoch). */
  update(scope: Scope, id: string, patch: Body<Endpoints['experiments.update']>): Promise<Experiment>;
  delete(scope: Scope, id: string): Promise<void>;
  begin(scope: Scope, id: string, options?: { overrideGates?: string | null | undefined }): Promise<Experiment>;
  stop(scope: Scope, id: string, why: string | null): Promise<Experiment>;
  /** By a person (`arm_stopped`) or a guard (`guard_stopped`); its share goes to control. What is stopped already stays so. */
  stopArm(scope: Scope, id: string, armId: string, why: string, by?: 'arm_stopped' | 'guard_stopped'): Promise<Experiment>;
  /** Deploys the arm's version and ends the experiment, in one transaction. */
  promote(
    scope: Scope,
    id: string,
    input: {
      armId: string;
      holdOut?: number | null | undefined;
      message?: string | null | undefined;
      overrideGates?: string | null | undefined;
    },
  ): Promise<Experiment>;
  endHoldOut(scope: Scope, id: string): Promise<Experiment>;
  /** What the unit gets now; nothing is recorded. */
  assignment(scope: Scope, id: string, unit: string): Promise<Output<Endpoints['experiments.assignment']>>;
  /** Newest first. */
  history(scope: Scope, id: string): Promise<EventRow[]>;

  /** What the engine does by itself, now and by the room's clock: how many units were settled. */
  settle(scope: Scope, id: string): Promise<number>;
  result(scope: Scope, id: string): Promise<ExperimentResult>;
  plan(scope: Scope, request: Body<Endpoints['experiments.plan']>): Promise<ExperimentPlan>;

  /**
   * The hot path: what a unit gets of a file in an environment; null where no experiment decides. From memory, at once
   * (no promise) when the workspace is known; at worst a second old, and the last known while PostgreSQL is away.
   */
  assign(scope: Scope, place: Place): Assigned | null | Promise<Assigned | null>;
  /** `assign`, and the version that it means. What was found where no experiment decides. */
  serve<S extends Snapshot>(scope: Scope, found: Resolved<S>, unit: string | null): Promise<Served<S>>;
  /** What a log that the client made belongs to. */
  join(scope: Scope, log: Place & { versionId: string }): Belongs | null | Promise<Belongs | null>;
  /** `serve` for who asks for the version: with the exposure on disk. */
  expose<S extends Snapshot>(scope: Scope, found: Resolved<S>, unit: string | null, source: string): Promise<Served<S>>;

  /** For an export and for the import of one. */
  carry: Carry;
  /** Keeps arms as they are and deployments away while an experiment runs. */
  readonly guard: FileGuard;
  /** Settles outcomes and watches guards, where workers run. */
  start(): Promise<void>;
  close(): Promise<void>;
  deleteWorkspace(workspaceId: string): Promise<void>;
}

export interface ExperimentsDeps {
  storage: Pick<Storage, 'database' | 'logDatabase' | 'listen' | 'notify' | 'onReconnect'>;
  audit: Pick<People['audit'], 'record'>;
  files: Pick<Files, 'get' | 'find' | 'resolve' | 'versionsById' | 'deployed' | 'deploy' | 'environments'>;
  logs: Pick<Logs, 'exposures' | 'experimented' | 'drained'>;
  hooks: Pick<Hooks, 'tell'>;
  /** All that are asked before a deployment: an arm is one, to a share of users. */
  guards: readonly FileGuard[];
  /** Other replicas write to the same log store. */
  replicated: boolean;
  log: Pick<Logger, 'warn'>;
  clock: () => Date;
  randomBytes: (length: number) => Uint8Array;
  /** Milliseconds that never jump; default `performance.now`. */
  monotonicMs?: () => number;
}

/** Where a call is: without an environment, or naming a version, it takes no part and is not asked about. */
export interface Place {
  fileId: string;
  environmentId: string;
  unit: string | null;
}
/** As logs carry it: the id of an arm, or a mark. */
export interface Belongs {
  experimentId: string;
  armId: string;
}
/** What answers carry in their headers; null: nothing, for no unit was named. */
export function experimentHeaders(assigned: Assigned | null): Record<string, string> | null {
  if (assigned === null || assigned.armId === marks.noUnit) return null;
  const arm = assigned.armId === marks.holdOut ? assigned.armId : assigned.served;
  return { 'x-whetstone-experiment': assigned.experimentId, 'x-whetstone-arm': arm };
}
export const marks = { noUnit: '~no_unit', off: '~off', forced: '~forced', holdOut: '~hold_out' } as const;
export interface Assigned extends Belongs {
  /** Whose version is served. */
  served: string;
  versionId: string;
  propensity: number;
  epoch: number;
}
export interface Resolved<S extends Snapshot> {
  snapshot: S;
  /** Null: not because it is deployed. */
  environmentId: string | null;
}
export interface Served<S extends Snapshot> {
  snapshot: S;
  /** Null where no experiment decides. */
  assigned: Assigned | null;
}

export interface Experiment {
  row: ExperimentRow;
  file: { id: string; path: string; kind: string };
  environment: Pick<Environment, 'id' | 'name'>;
  versions: Map<string, Snapshot>;
  /** Oldest first; empty before the start. */
  epochs: EpochRow[];
}
export type { EventRow, ExperimentRow, EpochRow } from './tables.ts';
export type { ExperimentEvent, ExperimentResponse };
