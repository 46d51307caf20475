import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Pool, PoolClient } from 'pg';
import { StorageRefusedError } from './errors.ts';
import type { LogDatabase } from './log-database.ts';
import type { Postgres } from './postgres.ts';
import { splitStatements } from './statements.ts';

export interface Migration {
  /** `0010-people`: the number orders, the whole identifies. */
  name: string;
  statements: string[];
  checksum: string;
}

export interface MigrationSet {
  postgres: Migration[];
  clickhouse: Migration[];
}

export interface MigrateOptions {
  postgres: Postgres;
  logDatabase: LogDatabase;
  migrations: MigrationSet;
  /** Version of this program, recorded with what it applies and named in a refusal. */
  appVersion: string;
  /** Cluster of `ON CLUSTER`, replicated engines; none for a single node. */
  clickhouseCluster?: string | undefined;
  /** Called after each statement; a test ends the process here. */
  afterStatement?: (store: 'postgres' | 'clickhouse', statement: string) => Promise<void>;
}

// Any number of our own: replicas that start together take turns.
const ADVISORY_LOCK = 4_400_001;

const MIGRATIONS_DIRECTORY = fileURLToPath(new URL('migrations', import.meta.url));

/** Reads `DIRECTORY/{postgres,clickhouse}/NNNN-name.sql`. */
export function readMigrations(directory = MIGRATIONS_DIRECTORY): MigrationSet {
  return { postgres: readDialect(join(directory, 'postgres')), clickhouse: readDialect(join(directory, 'clickhouse')) };
}

function readDialect(directory: string): Migration[] {
  const files = readdirSync(directory).filter((file) => file.endsWith('.sql'));
  return files.toSorted().map((file) => {
    if (!/^\d{4}-[a-z0-9-]+\.sql$/.test(file)) throw new Error(`${file} is not NNNN-name.sql`);
    const statements = splitStatements(readFileSync(join(directory, file), 'utf8'));
    return { name: file.slice(0, -'.sql'.length), statements, checksum: checksum(statements) };
  });
}

/** Blind to comments and layout. */
function checksum(statements: string[]): string {
  const text = statements.map((statement) => statement.replace(/\s+/g, ' ')).join(';');
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/**
 * Brings both databases to this program's schema. PostgreSQL takes each file in one transaction;
 * ClickHouse has none, so its statements are recorded one by one and each must bear repetition.
 *
 * @throws StorageRefusedError when a database was written by a newer version, before anything changes
 */
export async function migrate(options: MigrateOptions): Promise<void> {
  const client = await options.postgres.pool.connect();
  try {
    await client.query('SET statement_timeout = 0');
    await client.query('SELECT pg_advisory_lock($1)', [ADVISORY_LOCK]);
    const applied = await readApplied(client, options);
    await applyPostgres(client, options, applied.postgres);
    await client.query('UPDATE instance SET id = gen_random_uuid(), created_at = now() WHERE id = $1', [NOBODY]);
    await applyClickHouse(options, applied.clickhouse);
    await client.query('SELECT pg_advisory_unlock($1)', [ADVISORY_LOCK]);
    await client.query('RESET statement_timeout');
    client.release();
  } catch (error) {
    // Ends the transaction and lets go of the lock, whatever state they are in.
    client.release(true);
    throw error;
  }
}

/** The id of an installation that is yet to be: of databases that are made to be copied. */
const NOBODY = '00000000-0000-0000-0000-000000000000';

/** Makes a migrated database one to be copied: whoever opens a copy gives it an id of its own. */
export async function disown(pool: Pool): Promise<void> {
  await pool.query('UPDATE instance SET id = $1', [NOBODY]);
}

interface Applied {
  name: string;
  checksum: string;
  app_version: string;
}

async function readApplied(client: PoolClient, options: MigrateOptions): Promise<{ postgres: Applied[]; clickhouse: Map<string, number> }> {
  await client.query(`CREATE TABLE IF NOT EXISTS schema_migrations (
    name text PRIMARY KEY,
    checksum text NOT NULL,
    app_version text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
  )`);
  const { rows } = await client.query<Applied>('SELECT name, checksum, app_version FROM schema_migrations ORDER BY name');
  refuseForeign('PostgreSQL', rows, options.migrations.postgres, options.appVersion);

  const engine = expandEngine('MergeTree()', options.clickhouseCluster);
  await options.logDatabase.command(`CREATE TABLE IF NOT EXISTS schema_migrations ${engine.onCluster} (
    name String,
    checksum String,
    app_version String,
    statement UInt32,
    applied_at DateTime64(3, 'UTC') DEFAULT now64(3)
  ) ENGINE = ${engine.engine} ORDER BY (name, statement)
  SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`);
  const statements = await options.logDatabase.query<Applied & { done: number }>(
    `SELECT name, max(statement) AS done, argMax(checksum, applied_at) AS checksum,
       argMax(app_version, applied_at) AS app_version
     FROM schema_migrations GROUP BY name ORDER BY name`,
  );
  refuseForeign('ClickHouse', statements, options.migrations.clickhouse, options.appVersion);
  return { postgres: rows, clickhouse: new Map(statements.map((row) => [row.name, row.done])) };
}

function refuseForeign(store: string, found: Applied[], known: Migration[], version: string): void {
  const newest = found.at(-1);
  const ours = known.at(-1)?.name ?? 'none';
  for (const row of found) {
    const migration = known.find(({ name }) => name === row.name);
    if (!migration) {
      throw new StorageRefusedError(
        `The ${store} database has schema ${newest?.name} of Whetstone ${newest?.app_version}, ` +
          `which is newer than this Whetstone ${version} with schema ${ours}: ` +
          `start version ${newest?.app_version} or later, or restore a backup made before the upgrade.`,
      );
    }
    if (migration.checksum !== row.checksum) {
      throw new StorageRefusedError(
        `The ${store} database was migrated by another ${row.name} (Whetstone ${row.app_version}) than ` +
          `the one of this Whetstone ${version}: start the version that made it, or use another data directory.`,
      );
    }
  }
}

async function applyPostgres(client: PoolClient, options: MigrateOptions, applied: Applied[]): Promise<void> {
  const done = new Set(applied.map(({ name }) => name));
  for (const migration of options.migrations.postgres) {
    if (done.has(migration.name)) continue;
    await client.query('BEGIN');
    for (const statement of migration.statements) {
      await attempt(migration.name, statement, () => client.query(statement));
      await options.afterStatement?.('postgres', statement);
    }
    await client.query('INSERT INTO schema_migrations (name, checksum, app_version) VALUES ($1, $2, $3)', [
      migration.name,
      migration.checksum,
      options.appVersion,
    ]);
    await client.query('COMMIT');
    await options.afterStatement?.('postgres', 'COMMIT');
  }
}

async function applyClickHouse(options: MigrateOptions, applied: Map<string, number>): Promise<void> {
  const { logDatabase, clickhouseCluster } = options;
  for (const { name, statements, checksum: sum } of options.migrations.clickhouse) {
    const first = applied.get(name) ?? 0;
    for (const [index, statement] of statements.entries()) {
      const number = index + 1;
      if (number <= first) continue;
      const sql = expandPlaceholders(statement, clickhouseCluster);
      await attempt(name, sql, () => logDatabase.command(sql, {}, { maxSeconds: 3_600 }));
      await options.afterStatement?.('clickhouse', statement);
      const row = { name, checksum: sum, app_version: options.appVersion, statement: number };
      await logDatabase.insert('schema_migrations', [Buffer.from(JSON.stringify(row))], `${name}:${number}`);
      await options.afterStatement?.('clickhouse', 'recorded');
    }
  }
}

async function attempt(name: string, statement: string, run: () => Promise<unknown>): Promise<void> {
  try {
    await run();
  } catch (error) {
    throw new Error(`migration ${name} failed at: ${statement.slice(0, 300)}`, { cause: error });
  }
}

/**
 * `{engine:ReplacingMergeTree(row_version)}` and `{on_cluster}` are what differs between a single
 * node and a cluster.
 */
export function expandPlaceholders(statement: string, cluster: string | undefined): string {
  return statement
    .replaceAll('{on_cluster}', expandEngine('', cluster).onCluster)
    .replace(/\{engine:([^{}]+)\}/g, (_, engine: string) => expandEngine(engine, cluster).engine);
}

function expandEngine(engine: string, cluster: string | undefined): { engine: string; onCluster: string } {
  if (cluster === undefined) return { engine, onCluster: '' };
  if (!/^[\w-]+$/.test(cluster)) throw new Error(`${cluster} is not the name of a cluster`);
  const [, name = engine, inner = ''] = /^\s*(\w+)\s*(?:\((.*)\))?\s*$/s.exec(engine) ?? [];
  const replica = String.raw`'/clickhouse/tables/{shard}/{database}/{table}', '{replica}'`;
  const args = inner.trim() === '' ? replica : `${replica}, ${inner}`;
  return { engine: `Replicated${name}(${args})`, onCluster: `ON CLUSTER '${cluster}'` };
}
