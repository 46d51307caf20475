import type {
  AgainstPeople,
  ReviewAgreement,
  ReviewAnswer,
  ReviewAnswers,
  ReviewDisagreement,
  ReviewEstimate,
  ReviewItem,
  ReviewQueue,
  ReviewQueueRequest,
  Scope,
} from '@whetstone/contract';
import type { Logger } from 'pino';
import type { Evaluations } from '../evaluations/index.ts';
import type { Files } from '../files/index.ts';
import type { LogFilter, Logs, RecordedLog } from '../logs/index.ts';
import type { People } from '../people/index.ts';
import type { Storage } from '../storage/index.ts';
import type { Carry } from './carry/carried.ts';

export type { CarriedItem, CarriedQueue } from './carry/carried.ts';
export { createReviews } from './create-reviews.ts';

/**
 * People who judge: queues of logs given out one at a time, what the people agree on, and how well automatic judges do
 * against them. Judgments are ordinary logs of evaluators; the room keeps who has which log and what was answered.
 */
export interface Reviews {
  /** Newest first; `closed` null: both. */
  list(scope: Scope, closed: boolean | null): Promise<ReviewQueue[]>;
  /** @throws AppError 404 */
  get(scope: Scope, id: string): Promise<ReviewQueue>;
  create(scope: Scope, input: NewQueue): Promise<ReviewQueue>;
  update(scope: Scope, id: string, patch: QueuePatch): Promise<ReviewQueue>;
  delete(scope: Scope, id: string): Promise<void>;

  /** The next items for the person, held for them until the lease is over. */
  claim(scope: Scope, id: string, options: { count: number; held: readonly string[] }): Promise<ReviewItem[]>;
  readonly leaseSeconds: number;
  item(scope: Scope, id: string, itemId: string): Promise<ReviewItem>;
  /** May be repeated: the ids of the judgments follow from item, person and evaluator. An answer is taken when its lease is over too. */
  answer(scope: Scope, id: string, itemId: string, answers: ReviewAnswers): Promise<string[]>;
  undo(scope: Scope, id: string, itemId: string): Promise<void>;
  skip(scope: Scope, id: string, itemId: string): Promise<void>;

  agreement(scope: Scope, id: string): Promise<ReviewAgreement>;
  disagreements(scope: Scope, id: string, page: { page: number; size: number }): Promise<{ records: ReviewDisagreement[]; total: number }>;
  comment(scope: Scope, id: string, itemId: string, text: string): Promise<string>;
  resolve(scope: Scope, id: string, itemId: string, answers: readonly ReviewAnswer[]): Promise<string[]>;

  /** An automatic evaluator against a human one, over logs that both judged. */
  againstPeople(scope: Scope, judgeId: string, of: Population): Promise<AgainstPeople>;
  /** A queue of the logs whose labels would tell most. */
  labelNext(scope: Scope, judgeId: string, of: Population, options: LabelNext): Promise<ReviewQueue>;
  estimate(scope: Scope, id: string): Promise<ReviewEstimate>;

  /** What the room keeps, for an export and for the import of one. */
  carry: Carry;

  /** Takes a log into the live queues that it matches. Wired to `logs.onRecorded`. */
  recorded(scope: Scope, log: RecordedLog): void;
  /** Takes in what an earlier process did not come to. */
  start(): Promise<void>;
  close(): Promise<void>;
  deleteWorkspace(workspaceId: string): Promise<void>;
}

export interface ReviewsDeps {
  storage: Pick<Storage, 'database' | 'logDatabase'>;
  files: Pick<Files, 'get' | 'find' | 'versions' | 'versionsById' | 'upsert' | 'environments' | 'datasets' | 'deployed' | 'resolve'>;
  logs: Pick<Logs, 'find' | 'list' | 'judge' | 'judgmentsOf' | 'delete' | 'drained'>;
  evaluations: Pick<Evaluations, 'logs' | 'get'>;
  people: { users: Pick<People['users'], 'names'>; members: Pick<People['members'], 'list'> };
  log: Pick<Logger, 'warn'>;
  clock: () => Date;
  randomBytes: (length: number) => Uint8Array;
}

export interface NewQueue extends Omit<ReviewQueueRequest, 'source'> {
  source: ReviewQueueRequest['source'];
  /** Of a source of type `filter`, with its names resolved. */
  filter: LogFilter | null;
}
export interface QueuePatch {
  name?: string | undefined;
  instructions?: string | null | undefined;
  assignees?: string[] | undefined;
  overlap?: number | undefined;
  closed?: boolean | undefined;
}
/** Whose logs: of a file, an environment, a time, or a run. */
export interface Population {
  humanId: string;
  fileId: string | null;
  environment: string | null;
  from: Date | null;
  to: Date | null;
  runId: string | null;
}
export interface LabelNext {
  name: string | null;
  budget: number;
  randomShare: number;
  assignees: string[];
  overlap: number;
  blind: boolean;
}
