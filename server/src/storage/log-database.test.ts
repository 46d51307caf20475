import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestStorage } from '../test/storage.ts';
import type { Storage } from './index.ts';
import { StoreUnavailableError } from './index.ts';
import { ClickHouse } from './log-database.ts';

describe('the log database', () => {
  let storage: Storage;
  beforeAll(async () => {
    storage = await openTestStorage();
    await storage.logDatabase.command(
      `CREATE TABLE lines (id UInt64, body String) ENGINE = MergeTree ORDER BY id
       SETTINGS non_replicated_deduplication_window = 100, fsync_after_insert = 1, fsync_part_directory = 1`,
    );
  });
  afterAll(() => storage.close());

  // Not `fc.string` alone: half of the characters are those that mean something to some parser.
  const nasty = fc.string({
    unit: fc.oneof(
      fc.constantFrom(
        "'",
        '"',
        '`',
        '\\',
        '\0',
        '\n',
        '\r',
        '\t',
        '{',
        '}',
        ':',
        '--',
        '/*',
        '*/',
        '$$',
        ';',
        '%',
        '\u2028',
        '😀',
        '{a:String}',
      ),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
  });

  test('T15: any text comes back as it went in', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(nasty, { minLength: 1, maxLength: 40 }), async (texts) => {
        const [row] = await storage.logDatabase.query<{ list: string[]; one: string; map: Record<string, string>; maybe: string }>(
          `SELECT {list:Array(String)} AS list, {one:String} AS one, {map:Map(String, String)} AS map, {maybe:Nullable(String)} AS maybe`,
          { list: texts, one: texts[0] ?? '', map: new Map([['k', texts[0] ?? '']]), maybe: texts[0] ?? '' },
        );
        const wellFormed = texts.map((text) => text.toWellFormed());
        expect(row).toEqual({ list: wellFormed, one: wellFormed[0], map: { k: wellFormed[0] }, maybe: wellFormed[0] });
      }),
      { numRuns: 60 },
    );
  });

  test('numbers, instants and names come back as they went in', async () => {
    const at = new Date('1969-12-31T23:59:59.001Z');
    const found = await storage.logDatabase.query(
      `SELECT {float:Float64} AS float, {small:Int8} AS small, toString({large:UInt64}) AS large, {amount:Decimal(18, 6)} AS amount,
         {at:DateTime64(3)} AS at, {day:Date} AS day, {flag:Bool} AS flag, {pair:Tuple(String, UInt8)} AS pair, {name:Identifier}
       FROM (SELECT 7 AS column_name) LIMIT {limit:UInt32} OFFSET {offset:UInt64}`,
      {
        float: 0.1,
        small: -5,
        large: 2n ** 64n - 1n,
        amount: '0.000001',
        at,
        day: '2026-11-23',
        flag: false,
        pair: ["'", 1],
        name: 'column_name',
        limit: 1,
        offset: 0,
      },
    );
    expect(found).toEqual([
      {
        float: 0.1,
        small: -5,
        large: '18446744073709551615',
        amount: '0.000001',
        at: at.toISOString(),
        day: '2026-11-23',
        flag: false,
        pair: ["'", 1],
        column_name: 7,
      },
    ]);
  });

  test('a value longer than any URL is bound', async () => {
    const long = "'x\\".repeat(200_000);
    expect(await storage.logDatabase.query('SELECT length({long:String}) AS length', { long })).toEqual([{ length: 600_000 }]);
  });

  test('the same token stores a batch once, another token again', async () => {
    const batch = Array.from({ length: 100 }, (_, id) => Buffer.from(JSON.stringify({ id, body: 'x'.repeat(100) })));
    const count = async (): Promise<unknown> => storage.logDatabase.query('SELECT count() AS n FROM lines');
    await storage.logDatabase.insert('lines', batch, 'first');
    await storage.logDatabase.insert('lines', batch, 'first');
    await Promise.all([storage.logDatabase.insert('lines', batch, 'first'), storage.logDatabase.insert('lines', batch, 'first')]);
    expect(await count()).toEqual([{ n: 100 }]);
    await storage.logDatabase.insert('lines', batch, 'second');
    expect(await count()).toEqual([{ n: 200 }]);
    // A token must not stick to the connection that carried it.
    await storage.logDatabase.insert('lines', [Buffer.from('{"id":1}')], 'third');
    await storage.logDatabase.insert('lines', [Buffer.from('{"id":2}')], 'fourth');
    expect(await count()).toEqual([{ n: 202 }]);
  });

  test('a batch with one bad row stores none of it', async () => {
    const bad = storage.logDatabase.insert('lines', [Buffer.from('{"id":900}'), Buffer.from('{"id":"no"}')], 'bad');
    await expect(bad).rejects.toThrow();
    expect(await storage.logDatabase.query('SELECT id FROM lines WHERE id = 900')).toEqual([]);
  });

  test('every statement has a limit of memory and time', async () => {
    const [limits] = await storage.logDatabase.query(
      `SELECT getSetting('max_execution_time') AS seconds, toString(getSetting('max_memory_usage')) AS bytes`,
    );
    expect(limits).toEqual({ seconds: 30, bytes: String(1 << 30) });
    const greedy = storage.logDatabase.query('SELECT groupArray(number) FROM numbers(50000000)', {}, { maxMemoryBytes: 10_000_000 });
    await expect(greedy).rejects.toThrow(/memory limit/i);
    const slow = storage.logDatabase.query('SELECT count() FROM numbers(1e15)', {}, { maxSeconds: 1 });
    await expect(slow).rejects.toThrow(/timeout|exceeded/i);
  });

  test('reads with values run side by side', async () => {
    const sql = `SELECT sleepEachRow(1) + {n:UInt8} AS n FROM numbers(3)`;
    const most = async (): Promise<number> => {
      const [row] = await storage.logDatabase.query<{ n: number }>(
        `SELECT count() AS n FROM system.processes WHERE query LIKE '%sleepEachRow(1) +%'`,
      );
      return (row?.n ?? 1) - 1;
    };
    const reads = Array.from({ length: 4 }, (_, n) => storage.logDatabase.query(sql, { n }));
    await expect.poll(most, { interval: 20, timeout: 20_000 }).toBe(4);
    await Promise.all(reads);
  });

  test('a caller that aborts gets its own reason', async () => {
    const abort = new AbortController();
    const slow = storage.logDatabase.query('SELECT count() FROM numbers(1e15)', {}, { signal: abort.signal });
    abort.abort(new Error('no longer wanted'));
    await expect(slow).rejects.toThrow('no longer wanted');
  });

  test('a reader that stops early ends the statement, whenever it does', async () => {
    for (const rows of [1, 10, 1_000, 5_000, 20_000, 70_000, 1, 200_000, 66_000, 3, 140_000, 2]) {
      let read = 0;
      for await (const row of storage.logDatabase.stream<{ early: number }>('SELECT number AS early FROM numbers(100000000)')) {
        if (row.early !== read) throw new Error(`row ${read} is ${row.early}`);
        read += 1;
        if (read === rows) break;
      }
    }
    const running = async (): Promise<unknown> =>
      storage.logDatabase.query(`SELECT query FROM system.processes WHERE query LIKE '%AS early%' AND query NOT LIKE '%processes%'`);
    await expect.poll(running, { timeout: 30_000 }).toEqual([]);
  });

  test('a table is a name', async () => {
    await expect(storage.logDatabase.insert('lines SETTINGS x=1', [], 't')).rejects.toThrow(TypeError);
  });

  test('a server that is away is an error of its own kind', async () => {
    const away = new ClickHouse({ url: 'http://127.0.0.1:1', database: 'default' });
    const reading = away.query('SELECT 1');
    await expect(reading).rejects.toThrow(StoreUnavailableError);
    await expect(away.insert('lines', [Buffer.from('{}')], 't')).rejects.toMatchObject({ store: 'clickhouse' });
    await away.close();
  });
});
