import type { JudgmentValue, ReturnType, Scope } from '@whetstone/contract';
import { logIdAt } from '@whetstone/domain';
import { StoreUnavailableError } from '../../storage/index.ts';
import type { JudgmentSource } from '../index.ts';
import type { Intake } from '../intake/intake.ts';
import { keyOf } from '../intake/queue.ts';
import { Lookup } from '../lookup.ts';
import { answered, type Reads } from '../reads.ts';
import type { JudgedRow } from '../record/judgment.ts';
import type { Redact } from '../record/prepare.ts';
import type { Recent } from './recent.ts';
import { sayMany } from './say.ts';
import type { BaseRow, FeedbackStore } from './store.ts';

/** What somebody does to his judgment of a log. Options are those of which several may hold. */
export type SaidChange =
  | { type: 'set'; value: JudgmentValue }
  | { type: 'options'; add: readonly string[]; drop: readonly string[] }
  /** With a value only where that is what he says now. */
  | { type: 'remove'; value: JudgmentValue | null };

/** Feedback of a log that is known. The same log, evaluator, source and judge is one judgment, whose id follows from the four. */
export interface Said {
  log: JudgedLog;
  evaluatorId: string;
  evaluatorVersionId: string;
  source: JudgmentSource;
  judge: string;
  change: SaidChange;
  reason: string | null;
  metadata: Record<string, unknown> | null;
  /** The text is what the answer should have been. */
  correction: boolean;
  /** The value is a text of its own and no option: rules for redaction hold for it. */
  text: boolean;
  createdAt: Date | null;
  keyId: string | null;
  /** When it came, if not now: what came later stays. */
  receivedAt: Date | null;
}

/** A log as feedback needs it. */
export type JudgedLog = JudgedRow & { id: string; reference_id: string; deleted: 0 | 1 };

/** What replicas have to agree about before rows are written: the newest version and the options that hold. */
export interface Agreement {
  id: string;
  rowVersion: number;
  deleted: boolean;
  labels: string[] | null;
  change: SaidChange;
}
export type Agree = (scope: Scope, rows: readonly Agreement[]) => Promise<Pick<Agreement, 'rowVersion' | 'deleted' | 'labels'>[]>;

export interface CountedKind {
  evaluatorId: string;
  returnType: ReturnType;
  measure: 'share' | 'mean' | 'edited' | 'none';
  positive: readonly string[];
  negative: readonly string[];
}
/** So many units have so many logs (or judged logs) that sum to this. One of the three is set, or none for the whole. */
export interface Counted {
  bucket: number | null;
  versionId: string | null;
  environmentId: string | null;
  evaluatorId: string;
  size: number;
  sum: number;
  count: number;
}
export interface FeedbackRange {
  fileId: string | null;
  environmentId: string | null;
  from: Date;
  to: Date;
  seconds: number;
}
export interface FeedbackArrived {
  logs: number;
  withUser: number;
  withReference: number;
  evaluators: { evaluatorId: string; lastAt: Date; day: number; week: number }[];
}

export interface LogFeedback {
  /** Those of the logs that are known, deleted ones too. A store that is away knows nothing. */
  logs(scope: Scope, ids: readonly string[]): Promise<Map<string, JudgedLog>>;
  /** By the application's own ids, the newest log that has each. */
  byReference(scope: Scope, references: readonly string[]): Promise<Map<string, JudgedLog>>;
  /** Writes with one flush, in order; the judgments' ids. */
  say(scope: Scope, said: readonly Said[], agree: Agree | null): Promise<{ id: string; deleted: boolean }[]>;
  /** Logs by units and how many of a unit's have feedback of each kind; and the values of those. */
  counted(
    scope: Scope,
    range: FeedbackRange,
    kinds: readonly CountedKind[],
  ): Promise<{ logs: number; rates: Counted[]; values: Counted[]; options: { evaluatorId: string; name: string; logs: number }[] }>;
  arrived(scope: Scope, fileId: string | null, evaluatorIds: readonly string[], now: Date): Promise<FeedbackArrived>;
}

export interface FeedbackParts {
  intake: Intake;
  reads: Reads;
  store: FeedbackStore;
  /** Null where others write to the store, too. */
  recent: Recent | null;
  redact: (workspaceId: string) => Redact | null | Promise<Redact | null>;
  now: () => number;
  inTurns: <T>(keys: readonly string[], work: () => Promise<T>) => Promise<T>;
}

export function feedbackOf(parts: FeedbackParts): LogFeedback {
  const { intake, reads, store, recent } = parts;
  const logs = new Lookup<JudgedLog>((workspaceId, wanted) => store.logs(workspaceId, wanted));
  const bases = new Lookup<BaseRow>((workspaceId, wanted) => store.bases(workspaceId, wanted));
  const log = async (workspaceId: string, id: string): Promise<JudgedLog | null> => {
    const queued = intake.log(workspaceId, id);
    if (queued !== null && !(queued.unsettled && logIdAt(id) === null)) return queued.row;
    try {
      const ask = () => logs.row(workspaceId, id);
      return await (recent === null ? ask() : recent.row(keyOf('logs', workspaceId, id), ask));
    } catch (error) {
      if (error instanceof StoreUnavailableError) return null;
      throw error;
    }
  };
  return {
    async logs({ workspaceId }, ids) {
      const rows = await Promise.all(ids.map((id) => log(workspaceId, id)));
      return new Map(rows.flatMap((row) => (row === null ? [] : [[row.id, row] as const])));
    },
    async byReference({ workspaceId }, references) {
      const found = await answered(store.byReference(workspaceId, references));
      // What was deleted a moment ago may be on its way.
      return new Map(found.map((row) => [row.reference_id, intake.log(workspaceId, row.id)?.row ?? row] as const));
    },
    say: (scope, said, agree) => sayMany({ ...parts, bases }, scope, said, agree),
    async counted({ workspaceId }, range, kinds) {
      await reads.settled();
      return answered(store.counted(workspaceId, range, kinds));
    },
    async arrived({ workspaceId }, fileId, evaluatorIds, now) {
      await reads.settled();
      return answered(store.arrived(workspaceId, fileId, evaluatorIds, now));
    },
  };
}
