import type { Kysely } from 'kysely';
import type { Pool } from 'pg';
import type { Blobs } from './blobs.ts';
import type { Engines, EnginesLog } from './engines/supervisor.ts';
import type { StoreHealth } from './health.ts';
import type { LogDatabase } from './log-database.ts';

/**
 * Both databases and the blobs, embedded or on servers; the other rooms see no difference.
 *
 * ```ts
 * const storage = await createStorage({ dataDir, databaseUrl, clickhouseUrl, log });
 * const db = storage.database<{ people: PeopleTable }>();           // Kysely
 * await db.transaction().execute(async (tx) => { … });              // only `tx` inside
 * await storage.logDatabase.query<{ id: string }>(
 *   'SELECT id FROM logs WHERE workspace_id = {workspace:String} AND at > {from:DateTime64(3)} LIMIT {limit:UInt32}',
 *   { workspace, from: new Date(), limit: 50 },
 * );
 * await storage.logDatabase.insert('logs', rows.map((row) => Buffer.from(JSON.stringify(row))), token);
 * ```
 *
 * Tables: a room writes `migrations/postgres/NNNN-room.sql` and `migrations/clickhouse/NNNN-room.sql`.
 * A PostgreSQL file runs in one transaction. A ClickHouse file is recorded statement by statement and
 * may be cut off between a statement and its record, so each statement says `IF NOT EXISTS` or bears
 * repetition; write `CREATE TABLE IF NOT EXISTS logs {on_cluster} (…) ENGINE =
 * {engine:ReplacingMergeTree(row_version)} …`. An applied file never changes; a change is a new file.
 *
 * Tests: `openTestStorage()` in `server/src/test/storage.ts`.
 */
export interface Storage {
  /** Absolute; other rooms keep what is theirs in a directory of their own below it. */
  readonly dataDir: string;

  /**
   * Kysely over the one pool. int8 and `count(*)` are numbers (RangeError beyond 2^53), numeric and
   * interval strings, timestamptz Date, bytea Buffer, json parsed. Arrays and objects for a jsonb
   * column go in as `JSON.stringify`. Embedded, one backend serves all connections in turns: a
   * transaction holds it, so nothing inside one may wait for the network or for the pool (after 10 s
   * of that the transaction is ended with an error).
   *
   * @throws StoreUnavailableError from any statement while PostgreSQL is away
   */
  database<Tables>(): Kysely<Tables>;
  /** For libraries that bring their own SQL (pg-boss, better-auth). */
  readonly pool: Pool;
  /** One text of one or (without values) several statements; a failed one leaves no open transaction. */
  executeSql<Row>(text: string, values?: readonly unknown[]): Promise<{ rows: Row[] }>;

  /**
   * ClickHouse. Values only as `{name:Type}` with `params`: Date for DateTime64, Map for Map,
   * `{column:Identifier}` for a name. Rows arrive as JSON: 64-bit integers as numbers (wrap hashes in
   * `toString`), DateTime64 as ISO strings. Each statement has a time limit (`maxSeconds`, 30) and a
   * memory limit; `signal` ends it in the engine as well.
   *
   * `insert` takes rows that are already JSON, one an element, without newlines. The same `token` on
   * the same table is stored once, if the table has `non_replicated_deduplication_window` and the
   * batch is under 1,000,000 rows and 256 MB.
   *
   * @throws StoreUnavailableError while ClickHouse is away; ClickHouseError when it refuses a statement;
   * TypeError when a value does not fit its type; the signal's reason when aborted
   */
  readonly logDatabase: LogDatabase;

  /**
   * Bytes by their SHA-256. `put` is on disk when it resolves. An absent blob is undefined or false.
   *
   * @throws StoreUnavailableError when the disk refuses; TypeError for a name that is not 64 hex digits
   */
  readonly blobs: Blobs;

  /**
   * Calls `listener` for every `notify` on the channel from any replica, this one included.
   * @param channel lower-case letters, digits and `_`
   * @returns stops listening
   */
  listen(channel: string, listener: (payload: string) => void): Promise<() => void>;
  /** @param payload under 8,000 bytes */
  notify(channel: string, payload: string): Promise<void>;
  /** After the listening connection was lost and is back: what was notified in between is lost. */
  onReconnect(listener: () => void): () => void;

  /** Never throws; a store that does not answer a query within 2 s is not ok. */
  health(): Promise<{ postgres: StoreHealth; clickhouse: StoreHealth }>;
  /** The engine process; undefined when both stores are servers. */
  readonly engines: Engines | undefined;
  close(): Promise<void>;
}

export interface StorageOptions {
  dataDir: string;
  /** `postgres://…`; embedded when absent. */
  databaseUrl?: string | null;
  /** `http://user:password@host:8123/database?cluster=name`; embedded when absent. */
  clickhouseUrl?: string | null;
  log: EnginesLog;
  /** Silence after which the engine process is killed and started again; default 30 s. */
  hangMs?: number;
  /** Memory that embedded ClickHouse may take in all; default 1 GiB. */
  logMemoryBytes?: number;
}

/**
 * Opens the stores and brings them to this version's schema.
 *
 * @throws StorageRefusedError with one line for the operator: the directory is in use (it names the
 * process), or a database was written by a newer version (it names both)
 */
export { createStorage } from './create-storage.ts';
/** What a first start copies; made once, when a checkout is prepared. */
export { prepareTemplate } from './prepare.ts';
export { StorageRefusedError, StoreUnavailableError, type StoreName } from './errors.ts';
export type { BlobRef, Blobs } from './blobs.ts';
export type { Engines } from './engines/supervisor.ts';
export type { StoreHealth } from './health.ts';
export type { LogParams, LogValue } from './literals.ts';
export type { LogDatabase, LogQueryOptions } from './log-database.ts';
