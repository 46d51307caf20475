import type { Storage } from '../storage/index.ts';

/** A read model over every table of both stores, for whole copies. Records of migrations are not copied: the target has its own. */

/** What belongs to a running instance and not to its data: job queues, locks. */
const notCopied = new Set(['schema_migrations']);

interface ForeignKey {
  table: string;
  name: string;
  definition: string;
}

export async function controlTables(storage: Storage): Promise<string[]> {
  const { rows } = await storage.executeSql<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY table_name`,
  );
  return rows.map((row) => row.name).filter((name) => !notCopied.has(name));
}

/** Every row of every control table as JSON text, read by one statement and so at one instant. */
export async function controlRows(storage: Storage, tables: readonly string[]): Promise<{ table: string; line: string }[]> {
  const parts = tables.map((table) => `SELECT ${literal(table)} AS "table", row_to_json(t)::text AS line FROM ${identifier(table)} t`);
  if (parts.length === 0) return [];
  return (await storage.executeSql<{ table: string; line: string }>(parts.join(' UNION ALL '))).rows;
}

export async function controlIsEmpty(storage: Storage): Promise<boolean> {
  const { rows } = await storage.executeSql<{ n: number }>('SELECT count(*)::int AS n FROM workspaces');
  return rows[0]?.n === 0;
}

/** Replaces all rows in one transaction; references are checked at the end, whatever the order of tables. */
export async function loadControl(storage: Storage, rows: ReadonlyMap<string, readonly string[]>): Promise<void> {
  const client = await storage.pool.connect();
  try {
    await client.query('BEGIN');
    const { rows: keys } = await client.query<ForeignKey>(
      `SELECT conrelid::regclass::text AS "table", conname AS name, pg_get_constraintdef(oid) AS definition
       FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace`,
    );
    for (const key of keys) await client.query(`ALTER TABLE ${key.table} DROP CONSTRAINT ${identifier(key.name)}`);
    for (const [table, lines] of rows) {
      await client.query(`DELETE FROM ${identifier(table)}`);
      for (let i = 0; i < lines.length; i += 200) {
        await client.query(
          `INSERT INTO ${identifier(table)} OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::${identifier(table)}, $1::json)`,
          [`[${lines.slice(i, i + 200).join(',')}]`],
        );
      }
      await resetSequences(client, table);
    }
    for (const key of keys) await client.query(`ALTER TABLE ${key.table} ADD CONSTRAINT ${identifier(key.name)} ${key.definition}`);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

async function resetSequences(
  client: { query(sql: string, values?: unknown[]): Promise<{ rows: unknown[] }> },
  table: string,
): Promise<void> {
  const { rows } = await client.query(
    `SELECT column_name AS name FROM information_schema.columns
     WHERE table_schema = 'public' AND table_name = $1 AND (column_default LIKE 'nextval(%' OR is_identity = 'YES')`,
    [table],
  );
  for (const { name } of rows as { name: string }[]) {
    await client.query(
      `SELECT setval(pg_get_serial_sequence($1, $2), coalesce((SELECT max(${identifier(name)}) FROM ${identifier(table)}), 1))`,
      [table, name],
    );
  }
}

export async function logTables(storage: Storage): Promise<string[]> {
  const rows = await storage.logDatabase.query<{ name: string }>(
    "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree' ORDER BY name",
  );
  return rows.map((row) => row.name).filter((name) => !notCopied.has(name) && !name.startsWith('.'));
}

export function logRows(storage: Storage, table: string): AsyncIterable<Record<string, unknown>> {
  return storage.logDatabase.stream('SELECT * FROM {table:Identifier}', { table }, { maxSeconds: 3600 });
}

export async function appliedMigrations(storage: Storage): Promise<string[]> {
  return (await storage.executeSql<{ name: string }>('SELECT name FROM schema_migrations ORDER BY name')).rows.map((row) => row.name);
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Bytes and rows as the stores themselves count them; null where a store does not answer. */
export async function storeSizes(
  storage: Storage,
): Promise<{ postgresBytes: number | null; clickhouseBytes: number | null; logRows: number | null }> {
  const [control, logs] = await Promise.all([
    storage.executeSql<{ bytes: number }>('SELECT pg_database_size(current_database())::bigint AS bytes').catch(() => null),
    storage.logDatabase
      .query<{ bytes: number; rows: number }>(
        "SELECT sum(bytes_on_disk) AS bytes, sumIf(rows, table = 'logs') AS rows FROM system.parts WHERE active AND database = currentDatabase()",
      )
      .catch(() => null),
  ]);
  return {
    postgresBytes: control === null ? null : (control.rows[0]?.bytes ?? 0),
    clickhouseBytes: logs === null ? null : (logs[0]?.bytes ?? 0),
    logRows: logs === null ? null : (logs[0]?.rows ?? 0),
  };
}
