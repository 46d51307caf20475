import type { ChatMessage, EditMeasures, JudgmentValue, Origin, Scope, ToolChoice } from '@whetstone/contract';
import type { RedactionRule } from '../people/index.ts';
import type { Storage } from '../storage/index.ts';
import type { BatchLog, Recorded } from './batch.ts';
import type { Experimented } from './experimented/experimented.ts';
import type { Exposures } from './exposures/exposures.ts';
import type { Faults } from './intake/intake.ts';
import type { Monitored } from './monitored/monitored.ts';
import type { LogFeedback } from './feedback/feedback.ts';
import { openLogs } from './room.ts';

export type {
  DueUnit,
  Experimented,
  ExperimentCounts,
  MetricSums,
  OrderedOutcome,
  Outcome,
  OutcomeGroup,
  OutcomeTrack,
  TermAsked,
  TermSource,
  UnitTerms,
} from './experimented/experimented.ts';
export { unitKeyOf } from './experimented/unit-key.ts';
export type { CarriedExposure, CarriedOutcome, Exposure, Exposures } from './exposures/exposures.ts';
export { ownProvider } from './own-provider.ts';

export type { BatchLog, Recorded } from './batch.ts';
export type { Agree, Counted, CountedKind, FeedbackArrived, JudgedLog, LogFeedback, Said, SaidChange } from './feedback/feedback.ts';
export type { Arrival, Cluster, Measure, Monitored, MonitoredDay, Place, Sampled } from './monitored/monitored.ts';

/** Everything that ran, and every judgment of it: intake queue, store, questions. */
export interface Logs {
  /** A new time-ordered id for a log that starts at the given moment (default now). */
  newId(at?: Date): string;
  /**
   * Durable when it resolves: the record is flushed to the intake queue. The same id again merges into the newest row.
   * Redaction and `save: false` are applied here, before anything is written. Throws `unavailable` when the disk refuses.
   */
  record(scope: Scope, log: NewLog): Promise<{ id: string; rowVersion: number }>;
  /**
   * Many logs with one flush, in order. One that cannot be written is refused alone, in its place of the answer;
   * `unavailable` is thrown for all. For senders who know whole traces (`BatchLog`).
   */
  recordMany(scope: Scope, logs: readonly BatchLog[]): Promise<Recorded[]>;
  /** Of logs whose trace had no root yet, those that are still in the stand-in's trace. */
  moveToTrace(scope: Scope, ids: readonly string[], from: string, root: string): Promise<void>;
  /** Merges into the newest row; 404 when unknown. `null` unsets, `undefined` leaves. */
  change(scope: Scope, id: string, change: LogChange): Promise<StoredLog>;
  /** Appends a judgment of a log (which may come later); same durability. */
  judge(scope: Scope, judgment: NewJudgment): Promise<{ id: string }>;

  /** Newest row, undrained intake first; null when unknown or deleted. A log on another replica's queue is waited for, a second at most. */
  find(scope: Scope, id: string): Promise<StoredLog | null>;
  findJudgment(scope: Scope, id: string): Promise<StoredJudgment | null>;
  list(scope: Scope, filter: LogFilter, page: LogPage): Promise<{ records: StoredLog[]; total: number }>;
  /** Judgments whose parent is one of the logs, newest per (log, evaluator, source, judge). */
  judgmentsOf(scope: Scope, logIds: readonly string[]): Promise<Map<string, StoredJudgment[]>>;
  judgments(
    scope: Scope,
    filter: LogFilter & { evaluatorId?: string | null },
    page: LogPage,
  ): Promise<{ records: StoredJudgment[]; total: number }>;
  /** What an evaluation counts: logs in brief and what was said of them. */
  runs: {
    /** Logs written into the runs, and those that are still at the places; oldest first. */
    logs(scope: Scope, runIds: readonly string[], places: readonly { id: string; at: Date }[]): Promise<RunLog[]>;
    /** The newest log that a version left for each datapoint. */
    logsOfVersion(scope: Scope, versionId: string): Promise<RunLog[]>;
    /** Oldest first; of several by the same evaluator the last counts. */
    judgments(scope: Scope, logIds: readonly string[], evaluatorIds: readonly string[]): Promise<RunJudgment[]>;
    /** Of judges that compare two answers: with which log each of the logs was compared; oldest first. */
    pairs(scope: Scope, logIds: readonly string[], evaluatorIds: readonly string[]): Promise<RunPair[]>;
    /** The same in columns and with what was measured, for reports; of one run or many. Oldest first. */
    columns(
      scope: Scope,
      runIds: readonly string[],
      places: readonly { id: string; at: Date }[],
      evaluatorIds: readonly string[],
    ): Promise<{ logs: RunLogColumns; judgments: RunJudgmentColumns }>;
    /** How long the answers at the places are, in characters. */
    lengths(scope: Scope, places: readonly { id: string; at: Date }[]): Promise<Map<string, number>>;
    /** Those of the logs at the places whose inputs or answer contain the text, whatever its case. */
    matching(scope: Scope, places: readonly { id: string; at: Date }[], text: string): Promise<Set<string>>;
  };
  /** Who was given an arm of an experiment without a call through the server. */
  exposures: Exposures;
  /** What experiments ask of logs, and the outcomes of their units. */
  experimented: Experimented;
  /** What users say and do. */
  feedback: LogFeedback;
  /** What monitors ask: logs in the order in which the store got them, and what became of them. */
  monitored: Monitored;
  /** All logs of a trace, by start; payloads only when asked. */
  trace(scope: Scope, traceId: string, options?: { payload?: boolean }): Promise<StoredLog[]>;
  /** As `trace`, of many at once, by the ids that were asked for. */
  traces(scope: Scope, traceIds: readonly string[], options?: { payload?: boolean }): Promise<Map<string, StoredLog[]>>;
  series(
    scope: Scope,
    filter: LogFilter,
    options: { buckets: number; groupBy: 'none' | 'file' | 'version' | 'model' | 'environment' | 'status' },
  ): Promise<LogSeries>;
  /** What the versions of a file were judged to be by these evaluators; of several judgments by one judge the last counts. */
  judgmentCounts(scope: Scope, fileId: string, evaluatorIds: readonly string[]): Promise<JudgmentCount[]>;
  facets(scope: Scope, filter: LogFilter): Promise<Record<string, { value: string; count: number }[]>>;
  /** Newest first, with payloads, read in pages so that memory stays bounded. */
  export(scope: Scope, filter: LogFilter, signal: AbortSignal): AsyncIterable<StoredLog>;
  /** Logs per version and per file. */
  counts(
    scope: Scope,
    fileIds: readonly string[],
  ): Promise<Map<string, { total: number; byVersion: Map<string, number>; lastAt: Date | null }>>;

  /** Tombstones: 404 at once, payloads erased by `erase` within 24 h. */
  delete(scope: Scope, ids: readonly string[]): Promise<number>;
  deleteUser(scope: Scope, user: string): Promise<number>;
  deleteFile(scope: Scope, fileId: string): Promise<void>;
  deleteWorkspace(workspaceId: string): Promise<void>;
  /** Physically removes what was deleted or is past its retention. */
  erase(
    now: Date,
    retention: (workspaceId: string) => Promise<{ days: number | null; environments: Record<string, number | null> }>,
  ): Promise<void>;

  /** Removes blobs older than a day that no log names, left by writes that failed; how many. Of this replica's disk. */
  sweepBlobs(now: Date): Promise<number>;

  /** Called on this replica after a record became durable, once per log. */
  /** @returns a function that ends it */
  onRecorded(listener: (scope: Scope, log: RecordedLog) => void): () => void;
  /** Called when a log is finished: at once for a log that is no trace, once when a trace's status becomes `complete`. */
  onCompleted(listener: (scope: Scope, log: RecordedLog) => void): () => void;
  /** Waits until what was acknowledged before the call is in the store, or the time is over; true when it is. */
  drained(timeoutMs: number): Promise<boolean>;
  /** `refuses`: why nothing can be acknowledged. `error`: that, or else why nothing gets on into the store. */
  backlog(): { waiting: number; oldestSeconds: number | null; dropped: number; error: string | null; refuses: string | null };
  close(): Promise<void>;
}

export interface LogsDeps {
  storage: Pick<Storage, 'dataDir' | 'logDatabase' | 'blobs'>;
  /** Asked for every write, so cached by whoever answers. The same list of rules is the same object. */
  settings: (workspaceId: string) => { redaction: RedactionRule[] } | Promise<{ redaction: RedactionRule[] }>;
  /** Milliseconds since 1970. */
  now?: () => number;
  random?: (bytes: number) => Uint8Array;
  /** Other replicas write to the same store: a log that is not here may be in another's queue. */
  replicated?: boolean;
  /** Undrained bytes beyond which writes are refused as `unavailable`; 4 GiB. */
  maxBacklogBytes?: number;
  log?: { warn(fields: object, message: string): void; error(fields: object, message: string): void };
  /** Where tests break things. */
  faults?: Faults;
}

/** Opens the intake queue in the data directory and starts to drain it. */
export function createLogs(deps: LogsDeps): Logs {
  return openLogs(deps);
}

/** What listeners are told of every log, so little that telling costs nothing. */
export type RecordedLog = Pick<StoredLog, 'id' | 'kind' | 'at' | 'versionId' | 'datapointId' | 'runId' | 'referenceId'>;

export type LogKind = 'prompt' | 'tool' | 'flow' | 'agent';
export type LogState = 'ok' | 'error' | 'cancelled' | 'incomplete';

/** What a call leaves. Times are Dates, money USD, durations milliseconds. Absent is unknown, never zero. */
export interface NewLog {
  id?: string | undefined;
  kind: LogKind;
  fileId: string;
  versionId: string;
  contentHash?: string | null;
  environmentId?: string | null;
  origin: Origin;
  /** Caller's time of creation; decides `at` with `startTime`. */
  createdAt?: Date | null;
  startTime?: Date | null;
  endTime?: Date | null;
  /** Default: `error` when there is an error, else `ok`. */
  status?: LogState;
  /** Whether the trace under this log is finished; null for a log that is no trace. */
  logStatus?: 'complete' | 'incomplete' | null;
  traceParentId?: string | null;
  runId?: string | null;
  datapointId?: string | null;
  keyId?: string | null;
  experimentId?: string | null;
  armId?: string | null;
  counterfactualOf?: string | null;
  model?: string | null;
  provider?: string | null;
  promptTokens?: number | null;
  outputTokens?: number | null;
  reasoningTokens?: number | null;
  cachedTokens?: number | null;
  promptCost?: number | null;
  outputCost?: number | null;
  estimated?: boolean;
  finishReason?: string | null;
  latencyMs?: number | null;
  firstTokenMs?: number | null;
  user?: string | null;
  session?: string | null;
  unit?: string | null;
  referenceId?: string | null;
  source?: string | null;
  metadata?: Record<string, unknown> | null;
  /** `false` keeps the columns of lists and drops payloads and previews. */
  save?: boolean;
  /** The door already replaced NUL or malformed text. */
  textRepaired?: boolean;
  // Payload:
  inputs?: Record<string, unknown> | null;
  messages?: ChatMessage[] | null;
  output?: string | null;
  outputMessage?: ChatMessage | null;
  toolChoice?: ToolChoice | null;
  error?: string | null;
  stdout?: string | null;
  providerRequest?: Record<string, unknown> | null;
  providerResponse?: Record<string, unknown> | null;
}
export type LogChange = Partial<
  Pick<
    NewLog,
    | 'startTime'
    | 'endTime'
    | 'status'
    | 'logStatus'
    | 'promptTokens'
    | 'outputTokens'
    | 'reasoningTokens'
    | 'promptCost'
    | 'outputCost'
    | 'finishReason'
    | 'latencyMs'
    | 'source'
    | 'metadata'
    | 'inputs'
    | 'messages'
    | 'output'
    | 'outputMessage'
    | 'toolChoice'
    | 'error'
    | 'stdout'
    | 'providerRequest'
    | 'providerResponse'
  >
>;

export interface StoredLog extends Required<Omit<NewLog, 'createdAt' | 'contentHash'>> {
  id: string;
  at: Date;
  contentHash: string;
  traceId: string | null;
  /** Came into a trace that was complete. */
  late: boolean;
  rowVersion: number;
  costUsd: number | null;
  inputPreview: string;
  outputPreview: string;
  textRepaired: boolean;
  /** `summary`: a list row, payload fields are null. `dropped`: never kept, or gone by retention. */
  payload: 'full' | 'summary' | 'dropped';
}

export type JudgmentSource = 'code' | 'llm' | 'human' | 'user' | 'external';
export interface NewJudgment {
  id?: string | undefined;
  evaluatorId: string;
  evaluatorVersionId: string;
  logId: string;
  source: JudgmentSource;
  /** User or unit that judged. */
  judge?: string | null;
  value: JudgmentValue | null;
  reason?: string | null;
  error?: string | null;
  createdAt?: Date | null;
  startTime?: Date | null;
  endTime?: Date | null;
  metadata?: Record<string, unknown> | null;
  stdout?: string | null;
  origin: Origin;
  keyId?: string | null;
  /** Which monitor judged. */
  monitorId?: string | null;
  /** What is there of the id, deleted or not, stays as it is. */
  keep?: boolean;
  /** Nobody can have written the id before, so that nothing is looked for. */
  fresh?: boolean;
  /** The value is what the answer should have been: it is measured how much was edited. */
  correction?: boolean;
}
export interface StoredJudgment extends Required<Omit<NewJudgment, 'createdAt' | 'keep' | 'fresh' | 'correction'>> {
  id: string;
  /** When it was said. */
  at: Date;
  /** When it came, by our clock. */
  receivedAt: Date;
  /** Of a correction, how it differs from the answer. */
  edit: EditMeasures | null;
  rowVersion: number;
}

export interface RunLog {
  id: string;
  runId: string | null;
  at: Date;
  versionId: string;
  datapointId: string | null;
  kind: LogKind;
  /** `false`: a trace that is still open. */
  complete: boolean;
}
export interface RunJudgment {
  id: string;
  logId: string;
  evaluatorId: string;
  evaluatorVersionId: string;
  value: JudgmentValue | null;
  /** There is an error in place of a value. */
  failed: boolean;
}

export interface RunPair {
  logId: string;
  otherId: string;
  evaluatorId: string;
  evaluatorVersionId: string;
  value: string | null;
  failed: boolean;
  /** What was said with the log shown first, and with the other one shown first; '' is unknown. */
  orders: [string, string];
}

/** Lists of equal length. '' is none, null unknown. */
export interface RunLogColumns {
  ids: string[];
  /** The run that the log names. */
  runIds: string[];
  atMs: number[];
  datapointIds: string[];
  kinds: LogKind[];
  complete: (0 | 1)[];
  statuses: LogState[];
  /** Of a flow or an agent: of the whole trace. */
  costUsd: (number | null)[];
  estimated: (0 | 1)[];
  latencyMs: (number | null)[];
  promptTokens: (number | null)[];
  outputTokens: (number | null)[];
  models: string[];
  finishReasons: string[];
}
export interface RunJudgmentColumns {
  logIds: string[];
  evaluatorIds: string[];
  versionIds: string[];
  atMs: number[];
  types: ('' | 'boolean' | 'number' | 'labels' | 'text')[];
  /** Of booleans 0 or 1. */
  numbers: (number | null)[];
  labels: string[][];
  /** The first 1,000 characters. */
  texts: string[];
  failed: (0 | 1)[];
}

/** How many logs of a version an evaluator's judges found to be this. */
export interface JudgmentCount {
  versionId: string;
  evaluatorId: string;
  value: string;
  n: number;
}

export interface LogFilter {
  kinds?: readonly LogKind[];
  fileIds?: readonly string[];
  versionIds?: readonly string[];
  ids?: readonly string[];
  environmentIds?: readonly string[];
  statuses?: readonly LogState[];
  models?: readonly string[];
  users?: readonly string[];
  sessions?: readonly string[];
  origins?: readonly Origin[];
  traceId?: string | null;
  counterfactualOf?: string | null;
  /** Substring of input or output, case-insensitive. */
  search?: string | null;
  metadataSearch?: string | null;
  from?: Date | null;
  to?: Date | null;
  /** `true`: only logs inside a trace; `false`: only roots and single logs. */
  inTrace?: boolean | null;
  /** The filter language of the logs page, parsed (domain/src/log-filter.ts). */
  expression?: unknown;
}
export interface LogPage {
  page: number;
  size: number;
  /** Read payload columns too. */
  payload: boolean;
  count: boolean;
  before?: string | null;
  sort?: 'at' | '-at' | 'latency' | '-latency' | 'cost' | '-cost' | null;
  sample?: number | null;
}
export interface LogSeries {
  bucketSeconds: number;
  start: Date;
  end: Date;
  groups: {
    key: string;
    count: number[];
    errors: number[];
    costUsd: number[];
    p50Ms: (number | null)[];
    p95Ms: (number | null)[];
    tokens: number[];
  }[];
}
