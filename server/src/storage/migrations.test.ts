import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeOnEditions, openTestStorage } from '../test/storage.ts';
import type { Storage } from './index.ts';
import { expandPlaceholders, migrate, readMigrations, type Migration, type MigrateOptions, type MigrationSet } from './migrations.ts';
import type { Postgres } from './postgres.ts';

class Killed extends Error {}

function migration(name: string, ...statements: string[]): Migration {
  return { name, statements, checksum: statements.join(';') };
}

const first: MigrationSet = {
  postgres: [migration('8001-first', 'CREATE TABLE m_one (id int)', 'INSERT INTO m_one VALUES (1)')],
  clickhouse: [
    migration('8001-first', 'CREATE TABLE IF NOT EXISTS m_one {on_cluster} (id UInt8) ENGINE = {engine:MergeTree()} ORDER BY id'),
  ],
};
const second: MigrationSet = {
  postgres: [
    ...first.postgres,
    migration('8002-second', 'ALTER TABLE m_one ADD COLUMN more text', "UPDATE m_one SET more = 'x'", 'CREATE TABLE m_two (id int)'),
    migration('8003-third', 'CREATE TABLE m_three (id int)'),
  ],
  clickhouse: [
    ...first.clickhouse,
    migration(
      '8002-second',
      'ALTER TABLE m_one ADD COLUMN IF NOT EXISTS more String',
      'CREATE TABLE IF NOT EXISTS m_two (id UInt8) ENGINE = MergeTree ORDER BY id',
    ),
  ],
};

describeOnEditions('migrations', (open, edition) => {
  let storage: Storage;
  beforeAll(async () => {
    storage = await open();
  });
  afterAll(() => storage.close());

  async function run(migrations: MigrationSet, rest: Partial<MigrateOptions> = {}): Promise<void> {
    const shipped = readMigrations();
    const { pool, logDatabase } = storage;
    const postgres = { pool } as Postgres;
    const all = {
      postgres: [...shipped.postgres, ...migrations.postgres],
      clickhouse: [...shipped.clickhouse, ...migrations.clickhouse],
    };
    await migrate({ postgres, logDatabase, migrations: all, appVersion: '0.1.0', ...rest });
  }

  test('F2, F18: an older database is brought to this schema through a kill after every statement', async () => {
    await run(first);
    let kills = 0;
    for (let survive = 0; ; survive += 1) {
      let left = survive;
      const afterStatement = async (): Promise<void> => {
        left -= 1;
        if (left < 0) throw new Killed();
      };
      try {
        await run(second, { afterStatement });
        break;
      } catch (error) {
        expect(error).toBeInstanceOf(Killed);
        kills += 1;
      }
    }
    expect(kills).toBeGreaterThan(3);
    const { rows } = await storage.executeSql('SELECT id, more FROM m_one');
    expect(rows).toEqual([{ id: 1, more: 'x' }]);
    const { rows: names } = await storage.executeSql<{ name: string }>(
      `SELECT name FROM schema_migrations WHERE name LIKE '8%' ORDER BY name`,
    );
    expect(names.map(({ name }) => name)).toEqual(['8001-first', '8002-second', '8003-third']);
    expect(await storage.logDatabase.query('SELECT id, more FROM m_one')).toEqual([]);
    await storage.logDatabase.query('SELECT id FROM m_two');
  });

  // The embedded edition has one process and one backend: nothing to take turns with.
  const testReplicas = edition === 'postgres' ? test : () => undefined;
  testReplicas('replicas that start at once take turns', async () => {
    const more: MigrationSet = {
      ...second,
      postgres: [...second.postgres, migration('8004-fourth', 'CREATE TABLE m_four (id int)')],
    };
    await Promise.all([run(more), run(more), run(more)]);
    const { rows } = await storage.executeSql(`SELECT name FROM schema_migrations WHERE name = '8004-fourth'`);
    expect(rows).toHaveLength(1);
  });

  test('F18: a database of a newer version is refused in one line that names both versions and the way out', async () => {
    const newer: MigrationSet = {
      postgres: [
        ...second.postgres,
        migration('8004-fourth', 'CREATE TABLE m_four (id int)'),
        migration('8100-later', 'CREATE TABLE m_later (id int)'),
      ],
      clickhouse: second.clickhouse,
    };
    await run(newer, { appVersion: '9.9.0' });
    const refusal = await run(second).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(refusal).toMatchObject({ name: 'StorageRefusedError' });
    const { message } = refusal as Error;
    expect(message).toMatch(/PostgreSQL database has schema 8100-later of Whetstone 9\.9\.0/);
    expect(message).toMatch(/this Whetstone 0\.1\.0 with schema 8003-third/);
    expect(message).toMatch(/start version 9\.9\.0 or later, or restore a backup/);
    expect(message).not.toContain('\n');
  });
});

describe('migration files', () => {
  test('every ClickHouse statement bears repetition', async () => {
    const { clickhouse } = readMigrations();
    const statements = clickhouse.flatMap((file) => file.statements);
    expect(statements.length).toBeGreaterThan(0);
    // An index that a part has already is not made again; a setting has one value.
    const repeatable = /\bIF (NOT )?EXISTS\b|\bMATERIALIZE INDEX\b|\bMODIFY SETTING\b/i;
    expect(statements.filter((statement) => !repeatable.test(statement))).toEqual([]);
  });

  test('a file that changed after it was applied is refused', async () => {
    const storage = await openTestStorage();
    try {
      const { postgres, clickhouse } = readMigrations();
      const changed = postgres.map((file) => ({ ...file, checksum: 'other' }));
      const run = migrate({
        postgres: { pool: storage.pool } as Postgres,
        logDatabase: storage.logDatabase,
        migrations: { postgres: changed, clickhouse },
        appVersion: '0.1.0',
      });
      await expect(run).rejects.toThrow(/migrated by another 0001-instance/);
    } finally {
      await storage.close();
    }
  });

  test('on a cluster the engines are replicated and the statements go to every node', () => {
    const statement = 'CREATE TABLE a {on_cluster} (b Int8) ENGINE = {engine:ReplacingMergeTree(v)} ORDER BY b';
    expect(expandPlaceholders(statement, undefined)).toBe('CREATE TABLE a  (b Int8) ENGINE = ReplacingMergeTree(v) ORDER BY b');
    expect(expandPlaceholders(statement, 'main')).toBe(
      `CREATE TABLE a ON CLUSTER 'main' (b Int8) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', v) ORDER BY b`,
    );
  });
});
