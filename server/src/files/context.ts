import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@whetstone/contract';
import type { Scope } from '@whetstone/contract';
import { idRandomBytes, makeId } from '@whetstone/domain';
import type { Transaction } from 'kysely';
import type { AuditInput } from '../people/index.ts';
import type { Storage } from '../storage/index.ts';
import { StoreUnavailableError } from '../storage/index.ts';
import { announce } from './deployments/store.ts';
import { FreshCache } from './fresh-cache.ts';
import type { Environment, FileEvent, FileListener, Snapshot } from './index.ts';
import type { Connection, FileTables, FileTransaction } from './tables.ts';

/** What the room takes from others. */
export interface FilesDeps {
  storage: Pick<Storage, 'database' | 'listen' | 'onReconnect'>;
  audit: { record(scope: Scope, entry: AuditInput, transaction?: Transaction<never>): Promise<void> };
  /** For the filter by creator; without it only ids match. */
  users?: { names(ids: readonly string[]): Promise<Map<string, { name: string; email: string | null }>> };
  clock: () => Date;
  randomBytes: (length: number) => Uint8Array;
  /** Asked, inside the transaction, before what they guard; they throw an AppError (409) to refuse. May grow after the start. */
  guards?: readonly FileGuard[];
  /** Called inside the transaction that deletes a file, so that what it enqueues stands or falls with it. */
  onFileDeleted?: (scope: Scope, fileId: string, transaction: Transaction<never>) => Promise<void>;
  /** Milliseconds that never jump, for ages in memory; default `performance.now`. */
  monotonicMs?: () => number;
}

/** Within a guard only `transaction` may be asked, never the pool: embedded, the transaction holds the one backend. */
export interface FileGuard {
  /** Asked before the transaction begins, so that it may read and take its time. */
  beforeDeploy?(scope: Scope, request: { environmentId: string; versionId: string; overrideGates: string | null }): Promise<void>;
  deploy?(
    scope: Scope,
    file: { id: string; path: string },
    environment: Environment,
    versionId: string,
    transaction: Transaction<never>,
    /** `rollBack`: the version was deployed there before. */
    how: { rollBack: boolean },
  ): Promise<void>;
  undeploy?(scope: Scope, file: { id: string; path: string }, environment: Environment, transaction: Transaction<never>): Promise<void>;
  deleteEnvironment?(scope: Scope, environment: { id: string; name: string }, transaction: Transaction<never>): Promise<void>;
  deleteVersion?(scope: Scope, file: { id: string; path: string }, versionId: string, transaction: Transaction<never>): Promise<void>;
  deleteFile?(scope: Scope, file: { id: string; path: string }, transaction: Transaction<never>): Promise<void>;
}

/** What a change leaves to do once it is committed. */
export interface Aftermath {
  /** A file changed, or (null) what concerns all files of the workspace. */
  changed(fileId: string | null): void;
  /** Told to listeners before the commit, in its transaction. */
  tell(event: FileEvent): void;
}

export type Resolved = { snapshot: Snapshot; environmentId: string | null; fileId: string };

/** What the verbs of the room share. */
export interface Room {
  readonly db: Connection;
  readonly deps: FilesDeps;
  readonly resolved: FreshCache<Resolved>;
  readonly known: FreshCache<{ snapshot: Snapshot; fileId: string }>;
  /** Marks the messages of this one, which has forgotten already. */
  readonly replica: string;
  readonly listeners: Set<FileListener>;
  newId(prefix: string): string;
  guards(): readonly FileGuard[];
  audit(scope: Scope, transaction: FileTransaction, entry: AuditInput): Promise<void>;
  /** Runs a change, and what listeners make of it, in one transaction; then drops what is remembered, here and on other replicas. */
  write<T>(workspaceId: string, change: (transaction: FileTransaction, after: Aftermath) => Promise<T>): Promise<T>;
}

export const channel = 'files_changed';
const attempts = 4;
/** Listeners stand on a job queue that begins within seconds of the server. */
const notYetPauseMs = 250;
const notYetPauses = 20;

export function openRoom(deps: FilesDeps): Room {
  const db = deps.storage.database<FileTables>();
  const monotonicMs = deps.monotonicMs ?? (() => performance.now());
  const watch = { awayUntil: Number.NEGATIVE_INFINITY };
  const room: Room = {
    db,
    deps,
    resolved: new FreshCache({ monotonicMs, watch }),
    known: new FreshCache({ monotonicMs, watch }),
    replica: makeId('', deps.randomBytes(idRandomBytes)),
    listeners: new Set(),
    newId: (prefix) => makeId(prefix, deps.randomBytes(idRandomBytes)),
    guards: () => deps.guards ?? [],
    audit: (scope, transaction, entry) => deps.audit.record(scope, entry, transaction as unknown as Transaction<never>),
    write: (workspaceId, change) => write(room, workspaceId, change),
  };
  return room;
}

export function forget(room: Room, workspaceId: string | null, fileId: string | null): void {
  room.resolved.drop(workspaceId, fileId);
  room.known.drop(workspaceId, fileId);
}

async function write<T>(
  room: Room,
  workspaceId: string,
  change: (transaction: FileTransaction, after: Aftermath) => Promise<T>,
): Promise<T> {
  let pauses = 0;
  for (let attempt = 1; ; attempt += 1) {
    const fileIds = new Set<string | null>();
    const events: FileEvent[] = [];
    const after: Aftermath = { changed: (fileId) => void fileIds.add(fileId), tell: (event) => void events.push(event) };
    try {
      const result = await room.db.transaction().execute(async (transaction) => {
        const value = await change(transaction, after);
        await tell(room, events, transaction);
        for (const fileId of fileIds) await announce(transaction, channel, `${room.replica} ${workspaceId} ${fileId ?? ''}`);
        return value;
      });
      for (const fileId of fileIds) forget(room, workspaceId, fileId);
      return result;
    } catch (error) {
      // Whether a transaction that lost its connection took place is unknown: nothing remembered can be trusted.
      if (error instanceof StoreUnavailableError) for (const fileId of fileIds) forget(room, workspaceId, fileId);
      if (isNotYet(error) && pauses < notYetPauses) {
        pauses += 1;
        attempt -= 1;
        await sleep(notYetPauseMs);
        continue;
      }
      if (!isRetryable(error)) throw translated(error);
      if (attempt >= attempts) throw new AppError('conflict', 'Too many changes at once. Try again.', { cause: error });
    }
  }
}

async function tell(room: Room, events: readonly FileEvent[], transaction: FileTransaction): Promise<void> {
  for (const event of events) {
    for (const listener of room.listeners) await listener(event, transaction as unknown as Transaction<never>);
  }
}

/** The transaction is over, so that whoever begins has the one backend. */
function isNotYet(error: unknown): boolean {
  return error instanceof AppError && error.code === 'unavailable';
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Deadlock, serialization, or a row that another transaction made first: once more, and it will be seen. */
function isRetryable(error: unknown): boolean {
  return ['40P01', '40001', '23505', '23503'].includes(codeOf(error) ?? '');
}

/** What PostgreSQL refuses of a value that passed all checks is still the caller's value. */
function translated(error: unknown): unknown {
  if (codeOf(error)?.startsWith('22') !== true) return error;
  return new AppError('invalid_input', 'A value cannot be stored: it has characters or a size that the database refuses.', {
    cause: error,
  });
}
