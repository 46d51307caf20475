import type { AlertChannels, AlertRule, FileKind, MonitorMeasure, Scope } from '@whetstone/contract';
import type { Logger } from 'pino';
import type { Environment, FileGuard, Files, Snapshot, VersionRef } from '../files/index.ts';
import type { Hooks } from '../hooks/index.ts';
import type { Judges } from '../judges/index.ts';
import type { Logs, MonitoredDay } from '../logs/index.ts';
import type { Mail } from '../people/index.ts';
import type { Storage } from '../storage/index.ts';
import type { Carry } from './carry.ts';
import type { AlertEventRow, AlertRow, BackfillRow, MonitorRow } from './tables.ts';
import type { Counts } from './watch/meters.ts';

export type { CarriedAlert, CarriedBackfill, CarriedMonitor } from './carry.ts';
export { createMonitors } from './create-monitors.ts';

/**
 * Monitors: evaluators over the new logs of a file, within seconds, each log once; over old ones when asked; charts of what they
 * found; and alerts.
 */
export interface Monitors {
  list(scope: Scope, fileId: string | null): Promise<Monitor[]>;
  /** @throws AppError 404 */
  get(scope: Scope, id: string): Promise<Monitor>;
  /** @throws AppError 409 when there is one of the evaluator over the same logs */
  create(scope: Scope, input: NewMonitor): Promise<Monitor>;
  update(scope: Scope, id: string, patch: MonitorPatch): Promise<Monitor>;
  delete(scope: Scope, id: string): Promise<void>;
  series(
    scope: Scope,
    id: string,
    range: { from: Date; to?: Date | undefined; buckets: number; environment?: string | null | undefined },
  ): Promise<MonitorSeries>;
  backfills: {
    estimate(
      scope: Scope,
      monitorId: string,
      input: BackfillInput,
    ): Promise<{ logs: number; costUsd: number | null; costPerLogUsd: number | null }>;
    create(scope: Scope, monitorId: string, input: BackfillInput): Promise<Backfill>;
    /** Newest first. */
    list(scope: Scope, monitorId: string): Promise<Backfill[]>;
    cancel(scope: Scope, monitorId: string, id: string): Promise<Backfill>;
  };
  alerts: {
    list(scope: Scope, query: { monitorId?: string | null | undefined; state?: AlertRow['state'] | null | undefined }): Promise<Alert[]>;
    create(scope: Scope, monitorId: string, input: NewAlert): Promise<Alert>;
    /** With another rule it starts anew. */
    update(scope: Scope, id: string, patch: Partial<NewAlert>): Promise<Alert>;
    delete(scope: Scope, id: string): Promise<void>;
    test(scope: Scope, id: string): Promise<AlertEvent>;
    acknowledge(scope: Scope, id: string): Promise<Alert>;
    mute(scope: Scope, id: string, until: Date | null): Promise<Alert>;
    relearn(scope: Scope, id: string): Promise<Alert>;
    /** Newest first. */
    history(scope: Scope, id: string): Promise<AlertEvent[]>;
  };
  /** Evaluators attached to files, as v5 has it. */
  attached: {
    /** @throws AppError 404 for a file, an evaluator or an environment that does not exist */
    change(scope: Scope, kind: FileKind, fileId: string, change: MonitorChange): Promise<void>;
    /** In the order in which they were attached. */
    of(scope: Scope, fileIds: readonly string[]): Promise<Map<string, Attached[]>>;
  };
  /** All that the room keeps of a workspace, for an export and for the import of one. */
  carry: Carry;
  /** A log was acknowledged, or a trace ended. Wired to `logs.onRecorded` and `logs.onCompleted`. */
  wake(scope: Scope): void;
  start(): Promise<void>;
  /** Lets go of what is under way: it is taken up again. */
  close(): Promise<void>;
  counters(): Counts;
  /** Refuses to delete a version that a monitor runs. */
  readonly guard: FileGuard;
  deleteWorkspace(workspaceId: string): Promise<void>;
}

export interface MonitorsDeps {
  storage: Pick<Storage, 'database' | 'listen' | 'notify'>;
  files: Pick<Files, 'get' | 'find' | 'resolve' | 'versionsById' | 'deployed' | 'environments'>;
  logs: Pick<Logs, 'find' | 'findJudgment' | 'judge' | 'monitored'>;
  judges: Pick<Judges, 'runs' | 'judge' | 'subjectsOf'>;
  hooks: Pick<Hooks, 'tell'>;
  /** Null: no mail server is set up. */
  mail: Mail | null;
  /** The filter language of the logs, with names resolved. Handed in by the door, which is above. */
  readFilter(scope: Scope, text: string): Promise<unknown>;
  /** For links in messages. */
  url: () => string;
  slugOf(workspaceId: string): Promise<string>;
  /** Other replicas write to the same log store. */
  replicated: boolean;
  log: Pick<Logger, 'warn'>;
  clock: () => Date;
  randomBytes: (length: number) => Uint8Array;
}

export interface NewMonitor extends Omit<MonitorPatch, 'state'> {
  fileId: string;
  /** A version, or a file and an environment. */
  evaluator: VersionRef;
}
/** Null unsets, undefined leaves. Of `rate` null is 1. */
export interface MonitorPatch {
  /** By name. */
  environment?: string | null | undefined;
  filter?: string | null | undefined;
  rate?: number | null | undefined;
  budgetUsd?: number | null | undefined;
  state?: MonitorRow['state'] | null | undefined;
}
export interface Monitor {
  row: MonitorRow;
  file: Snapshot;
  /** As it judges now, else its newest. */
  evaluator: Snapshot<'evaluator'>;
  deployed: boolean;
  evaluatorEnvironment: Environment | null;
  environment: Environment | null;
  status: 'watching' | 'paused' | 'trouble' | 'off';
  text: string;
  measure: MonitorMeasure | null;
  good: 'high' | 'low' | null;
  range: [number, number] | null;
  /** Null: the log store does not answer. */
  today: MonitoredDay | null;
  alerts: Alert[];
}
export interface Measured {
  n: number;
  units: number;
  estimate: number | null;
  lower: number | null;
  upper: number | null;
  reason: string | null;
}
export interface MonitorSeries {
  bucketSeconds: number;
  start: Date;
  end: Date;
  level: number;
  measure: MonitorMeasure | null;
  buckets: { start: Date; measured: Measured; notJudged: number; failed: number }[];
  whole: Measured;
  versions: { versionId: string; name: string | null; contentHash: string | null; measured: Measured; values: (number | null)[] }[];
  environments: { id: string; name: string; measured: Measured }[];
  notJudged: number;
  failed: number;
}
export interface BackfillInput {
  from: Date;
  to?: Date | undefined;
  filter?: string | null | undefined;
  rate?: number | null | undefined;
  maxCostUsd?: number | null | undefined;
}
export interface Backfill {
  id: string;
  monitorId: string;
  from: Date;
  to: Date;
  filter: string | null;
  rate: number;
  maxCostUsd: number | null;
  state: BackfillRow['state'];
  reason: string | null;
  total: number;
  lookedAt: number;
  judged: number;
  failed: number;
  costUsd: number;
  secondsLeft: number | null;
  createdAt: Date;
  endedAt: Date | null;
}
export interface NewAlert {
  name?: string | null | undefined;
  rule: AlertRule;
  channels?: AlertChannels | null | undefined;
}
export interface Alert {
  row: AlertRow;
  text: string;
  /** In the unit of the measure. */
  baseline: number | null;
  toLearn: number | null;
}
export type AlertEvent = Omit<AlertEventRow, 'seq'>;

export type MonitorRef = { evaluatorVersionId: string } | { evaluatorId: string; environmentId: string };
export interface MonitorChange {
  activate: readonly MonitorRef[];
  deactivate: readonly MonitorRef[];
}
/** A monitor as v5 shows it. */
export interface Attached {
  id: string;
  /** What is judged with now; null when nothing is deployed in the environment. */
  version: Snapshot<'evaluator'> | null;
  reference:
    | { type: 'version'; version: Snapshot<'evaluator'> }
    | { type: 'environment'; file: Snapshot<'evaluator'>; environment: Awaited<ReturnType<Files['environments']['byName']>> };
  state: MonitorRow['state'];
  createdAt: Date;
  updatedAt: Date;
}
