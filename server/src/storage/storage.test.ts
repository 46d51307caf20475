import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeOnEditions } from '../test/storage.ts';
import type { Storage } from './index.ts';
import { openPostgres } from './postgres.ts';

describeOnEditions('storage', (open) => {
  let storage: Storage;
  beforeAll(async () => {
    storage = await open();
    await storage.executeSql(`CREATE TABLE things (id bigint PRIMARY KEY, body jsonb, at timestamptz, amount numeric)`);
  });
  afterAll(() => storage.close());

  interface Tables {
    things: { id: number; body: unknown; at: Date; amount: string };
  }

  test('values have the same types in both editions', async () => {
    const db = storage.database<Tables>();
    const at = new Date('2026-01-02T03:04:05.678Z');
    await db
      .insertInto('things')
      .values({ id: 2 ** 40, body: JSON.stringify([1, { a: null }]), at, amount: '1.50' })
      .execute();
    const row = await db.selectFrom('things').selectAll().executeTakeFirstOrThrow();
    expect(row).toEqual({ id: 2 ** 40, body: [1, { a: null }], at, amount: '1.50' });
    const { n } = await db
      .selectFrom('things')
      .select((build) => build.fn.countAll<number>().as('n'))
      .executeTakeFirstOrThrow();
    expect(n).toBe(1);
  });

  test('a failed text of several statements leaves no transaction open', async () => {
    await expect(storage.executeSql('BEGIN; SELECT 1/0; COMMIT')).rejects.toThrow('division by zero');
    const { rows } = await storage.executeSql<{ one: number }>('SELECT 1 AS one');
    expect(rows).toEqual([{ one: 1 }]);
  });

  test('a transaction that throws is rolled back whole', async () => {
    const db = storage.database<Tables>();
    const run = db.transaction().execute(async (tx) => {
      await tx.insertInto('things').values({ id: 7, body: null, at: new Date(), amount: '0' }).execute();
      throw new Error('no');
    });
    await expect(run).rejects.toThrow('no');
    expect(await db.selectFrom('things').where('id', '=', 7).selectAll().execute()).toEqual([]);
  });

  test('concurrent transactions do not see each other half done', async () => {
    const db = storage.database<Tables>();
    await db.insertInto('things').values({ id: 100, body: '0', at: new Date(), amount: '0' }).execute();
    await Promise.all(
      Array.from({ length: 20 }, () =>
        db.transaction().execute(async (tx) => {
          const row = await tx.selectFrom('things').where('id', '=', 100).forUpdate().select('body').executeTakeFirstOrThrow();
          await tx
            .updateTable('things')
            .set({ body: String(Number(row.body) + 1) })
            .where('id', '=', 100)
            .execute();
        }),
      ),
    );
    const row = await db.selectFrom('things').where('id', '=', 100).select('body').executeTakeFirst();
    expect(row?.body).toBe(20);
  });

  test('a listener hears what is notified', async () => {
    const heard: string[] = [];
    const stop = await storage.listen('news', (payload) => heard.push(payload));
    await storage.notify('news', 'one');
    await storage.notify('other', 'not this');
    await storage.notify('news', 'two');
    await expect.poll(() => heard, { timeout: 10_000 }).toEqual(['one', 'two']);
    stop();
    await storage.notify('news', 'three');
    await storage.executeSql('SELECT 1');
    expect(heard).toEqual(['one', 'two']);
  });

  test('both stores report health', async () => {
    const health = await storage.health();
    expect(health.postgres.ok && health.clickhouse.ok).toBe(true);
  });

  describe('the log database', () => {
    test('reads what was inserted, typed', async () => {
      await storage.logDatabase.command(
        `CREATE TABLE events (id UInt64, at DateTime64(3, 'UTC'), tags Map(String, String))
         ENGINE = MergeTree ORDER BY id`,
      );
      const rows = [
        { id: 1, at: '2026-01-02T03:04:05.678Z', tags: { a: '\u2400"\\' } },
        { id: 2, at: '2026-01-02T03:04:06.000Z', tags: {} },
      ];
      await storage.logDatabase.insert(
        'events',
        rows.map((row) => Buffer.from(JSON.stringify(row))),
        'first',
      );
      const found = await storage.logDatabase.query(
        'SELECT * FROM events WHERE at >= {from:DateTime64(3)} ORDER BY id LIMIT {limit:UInt32}',
        { from: new Date('2026-01-02T03:04:05.678Z'), limit: 10 },
      );
      expect(found).toEqual(rows);
    });
  });
});

test('a PostgreSQL server that is away is an error of its own kind, on every way to it', async () => {
  const postgres = openPostgres(
    { host: '127.0.0.1', port: 1, user: 'nobody', database: 'none', connectionTimeoutMillis: 2_000 },
    () => undefined,
  );
  const away = { name: 'StoreUnavailableError', store: 'postgres' };
  await expect(postgres.executeSql('SELECT 1')).rejects.toMatchObject(away);
  const db = postgres.database<{ things: { id: number } }>();
  await expect(db.selectFrom('things').selectAll().execute()).rejects.toMatchObject(away);
  await expect(db.transaction().execute((tx) => tx.selectFrom('things').selectAll().execute())).rejects.toMatchObject(away);
  await postgres.close();
});
