import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openTestStorage } from '../../test/storage.ts';
import { readMigrations } from '../migrations.ts';
import { openControlDatabase } from './control-database.ts';
import { copyInto, makeWhole, templateOf } from './template.ts';

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'whetstone-template-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

// Starting an engine process takes a second on an idle machine and many on a busy one.
const patient = { timeout: 180_000 };

test('a first start copies migrated databases, and each installation has an id of its own', patient, async () => {
  const [one, two] = await Promise.all([openTestStorage(), openTestStorage()]);
  onTestFinished(async () => void (await Promise.all([one.close(), two.close()])));
  const read = async (storage: typeof one) => {
    const { rows: instances } = await storage.executeSql<{ id: string; created_at: Date }>('SELECT id, created_at FROM instance');
    const { rows: applied } = await storage.executeSql<{ applied_at: Date }>('SELECT applied_at FROM schema_migrations ORDER BY name');
    return { instance: instances[0], applied };
  };
  const [first, second] = [await read(one), await read(two)];
  // Also what the job queue would make for itself.
  const { rows: tables } = await one.executeSql<{ n: number }>("SELECT count(*)::int AS n FROM pg_tables WHERE schemaname = 'jobs'");
  expect(tables[0]?.n).toBeGreaterThan(3);
  // Equal to the microsecond, because they were applied once, where the copies come from.
  expect(first.applied).toEqual(second.applied);
  expect(first.applied.length).toBeGreaterThan(10);
  expect(first.instance?.id).not.toBe(second.instance?.id);
  expect(first.instance?.id).not.toMatch(/^0{8}-/);
  expect(Date.now() - (first.instance?.created_at.getTime() ?? 0)).toBeLessThan(60_000);
  const applied = await one.logDatabase.query('SELECT applied_at FROM schema_migrations ORDER BY name, statement');
  expect(applied).toEqual(await two.logDatabase.query('SELECT applied_at FROM schema_migrations ORDER BY name, statement'));
  // What one does is not in the other, nor in what both were copied from.
  await one.executeSql('CREATE TABLE only_here (id int)');
  await one.logDatabase.command('CREATE TABLE only_here (id UInt8) ENGINE = MergeTree ORDER BY id');
  const three = await openTestStorage();
  onTestFinished(() => three.close());
  for (const other of [two, three]) {
    await expect(other.executeSql('SELECT 1 FROM only_here')).rejects.toThrow(/does not exist/);
    await expect(other.logDatabase.query('SELECT 1 FROM only_here')).rejects.toThrow(/UNKNOWN_TABLE|Unknown table/);
  }
});

test('the template is another one when a migration is', async () => {
  const shipped = readMigrations();
  const more = [...shipped.clickhouse, { name: '9999-more', statements: ['SELECT 1'], checksum: 'x' }];
  expect(templateOf(shipped)).not.toBe(templateOf({ ...shipped, clickhouse: more }));
  expect(existsSync(templateOf(shipped))).toBe(true);
  // Who installed it need not be who starts it.
  expect(statSync(join(templateOf(shipped), 'postgres', 'PG_VERSION')).mode & 0o044).toBe(0o044);
});

test('without a template a first start makes the cluster itself', patient, async () => {
  const directory = join(temporaryDirectory(), 'postgres');
  const database = await openControlDatabase(directory, join(directory, 'nowhere'), { syncs: 0 });
  expect((await database.query<{ one: number }>('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  await database.close();
});

test('a directory is made whole or not at all, and what an interrupted copy left is removed', async () => {
  const parent = temporaryDirectory();
  const source = join(parent, 'source');
  mkdirSync(join(source, 'store'), { recursive: true });
  writeFileSync(join(source, 'store', 'rows'), 'kept');
  symlinkSync('store', join(source, 'data'));
  mkdirSync(join(parent, 'engine.new-killed'));
  const directory = join(parent, 'engine');

  await expect(makeWhole(directory, async () => Promise.reject(new Error('killed')))).rejects.toThrow('killed');
  expect(existsSync(directory)).toBe(false);

  await makeWhole(directory, async (draft) => {
    expect(copyInto(draft, join(parent, 'nowhere'))).toBe(false);
    expect(copyInto(draft, source)).toBe(true);
  });
  expect(readdirSync(parent).toSorted()).toEqual(['engine', 'source']);
  // The link leads into the copy, wherever that is.
  rmSync(source, { recursive: true });
  expect(readFileSync(join(directory, 'data', 'rows'), 'utf8')).toBe('kept');
  expect(statSync(directory).mode & 0o777).toBe(0o700);
});
