import { Agent, request, type AgentOptions } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { ClickHouseError, ClickHouseLogLevel, createClient, type ClickHouseClient } from '@clickhouse/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestStorage } from '../../test/storage.ts';
import type { Storage } from '../index.ts';
import { CLICKHOUSE_SOCKET } from './messages.ts';

// The published client, as another program would use it.
describe("ClickHouse's HTTP over the embedded engine", () => {
  let storage: Storage;
  let client: ClickHouseClient;
  let agent: Agent;
  beforeAll(async () => {
    storage = await openTestStorage();
    const options: AgentOptions & { socketPath: string } = {
      keepAlive: true,
      socketPath: join(storage.engines?.socketDir ?? '', CLICKHOUSE_SOCKET),
    };
    agent = new Agent(options);
    client = createClient({ url: 'http://engine', http_agent: agent, log: { level: ClickHouseLogLevel.OFF } });
    await client.command({ query: 'CREATE TABLE numbers_kept (n UInt64, s String) ENGINE = MergeTree ORDER BY n' });
  });
  afterAll(async () => {
    await client.close();
    agent.destroy();
    await storage.close();
  });

  async function rows<Row>(query: string, more: object = {}): Promise<Row[]> {
    const result = await client.query({ query, format: 'JSONEachRow', ...more });
    return result.json<Row>();
  }

  test('it answers a ping, with and without a query', async () => {
    expect(await client.ping()).toEqual({ success: true });
    expect(await client.ping({ select: true })).toEqual({ success: true });
  });

  test('rows of objects go in and come out in every format', async () => {
    await client.insert({ table: 'numbers_kept', values: [{ n: 1, s: "it's \\ ✓" }], format: 'JSONEachRow' });
    await client.insert({ table: 'numbers_kept', columns: ['s', 'n'], values: [['two', 2]], format: 'JSONCompactEachRow' });
    await client.insert({ table: 'numbers_kept', values: Readable.from(['3\tthree\n'], { objectMode: false }), format: 'TabSeparated' });
    const expected = [
      { n: 1, s: "it's \\ ✓" },
      { n: 2, s: 'two' },
      { n: 3, s: 'three' },
    ];
    expect(await rows('SELECT * FROM numbers_kept ORDER BY n')).toEqual(expected);
    const json = await client.query({ query: 'SELECT * FROM numbers_kept ORDER BY n', format: 'JSON' });
    expect((await json.json()).data).toEqual(expected);
    const csv = await client.query({ query: 'SELECT n FROM numbers_kept ORDER BY n', format: 'CSV' });
    expect(await csv.text()).toBe('1\n2\n3\n');
  });

  test('an empty insert is nothing', async () => {
    await client.insert({ table: 'numbers_kept', values: Readable.from([]), format: 'JSONEachRow' });
    expect(await rows('SELECT count() AS n FROM numbers_kept')).toEqual([{ n: 3 }]);
  });

  test('parameters of the client are bound', async () => {
    const text = `'; DROP TABLE numbers_kept -- \\ \t\n "ü😀`;
    const at = new Date('2026-11-23T10:00:00.123Z');
    const [found] = await rows(
      `SELECT {text:String} AS text, {list:Array(String)} AS list, {n:UInt64} AS n, {none:Nullable(String)} AS none,
         toUnixTimestamp64Milli({at:DateTime64(3)}) AS at, {name:Identifier} AS name FROM (SELECT 5 AS five)`,
      { query_params: { text, list: [text, ''], n: 7, none: null, at, name: 'five' } },
    );
    expect(found).toEqual({ text, list: [text, ''], n: 7, none: null, at: at.getTime(), name: 5 });
  });

  test('settings of one statement are gone for the next', async () => {
    const read = `SELECT getSetting('max_execution_time') AS seconds, getSetting('max_threads') AS threads`;
    const before = await rows(read);
    for (let time = 0; time < 10; time += 1) {
      const [during] = await rows<{ seconds: number }>(read, { clickhouse_settings: { max_execution_time: 7, max_threads: 1 } });
      expect(during).toEqual({ seconds: 7, threads: 1 });
    }
    const after = await Promise.all(Array.from({ length: 10 }, () => rows(read)));
    expect(after).toEqual(Array.from({ length: 10 }, () => before));
  });

  test('a setting that does not exist fails that statement alone', async () => {
    const wrong = rows('SELECT 1', { clickhouse_settings: { no_such_setting: 1 } });
    await expect(wrong).rejects.toThrow(ClickHouseError);
    for (let time = 0; time < 10; time += 1) expect(await rows('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test.each([
    ['SELECT * FROM nowhere', '60', 404],
    ['SELEKT 1', '62', 400],
    ['SELECT nothing', '47', 404],
    ['SELECT throwIf(1)', '395', 500],
  ])('%s is refused with code %s', async (sql, code, status) => {
    await expect(rows(sql)).rejects.toMatchObject({ code });
    const answer = await post(sql);
    expect(answer).toMatchObject({ status, code });
    expect(answer.body).toContain(`Code: ${code}. DB::Exception`);
  });

  async function post(sql: string): Promise<{ status: number | undefined; code: unknown; body: string }> {
    return new Promise((resolve, reject) => {
      const call = request({ agent, method: 'POST', path: '/' }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => (body += text));
        response.on('end', () => resolve({ status: response.statusCode, code: response.headers['x-clickhouse-exception-code'], body }));
      });
      call.on('error', reject).end(sql);
    });
  }

  test('an error behind the first rows is an error to the reader, not the end of the rows', async () => {
    const read = rows('SELECT throwIf(number = 900000) AS n, number FROM numbers(1000000) SETTINGS max_threads = 1');
    await expect(read).rejects.toMatchObject({ code: '395' });
  });

  test('a large result arrives in parts while it is made', async () => {
    const result = await client.query({ query: `SELECT number, repeat('x', 1000) AS s FROM numbers(100000)`, format: 'JSONEachRow' });
    let count = 0;
    for await (const part of result.stream<{ number: string }>()) count += part.length;
    expect(count).toBe(100_000);
  });

  test.each([0, 1] as const)('a statement that its caller gives up on ends in the engine (wait_end_of_query = %i)', async (wait) => {
    const abort = new AbortController();
    const slow = rows(`SELECT sleepEachRow(1) AS slow FROM numbers(60)`, {
      abort_signal: abort.signal,
      clickhouse_settings: { max_block_size: '1', wait_end_of_query: wait },
    });
    const running = (): Promise<object[]> =>
      rows(`SELECT query FROM system.processes WHERE NOT is_cancelled AND query LIKE '%AS slow FROM%' AND query NOT LIKE '%processes%'`);
    await expect.poll(running, { timeout: 10_000 }).toHaveLength(1);
    abort.abort();
    await expect(slow).rejects.toThrow();
    await expect.poll(running, { timeout: 15_000 }).toEqual([]);
  });

  // One statement in a hundred does not come back when it is killed: its place must.
  test('the places of statements that were given up are free again', { timeout: 60_000 }, async () => {
    const settings = { max_block_size: '1', wait_end_of_query: 1 } as const;
    for (let round = 0; round < 3; round += 1) {
      const abort = new AbortController();
      const slow = Array.from({ length: 8 }, () =>
        rows('SELECT sleepEachRow(1) FROM numbers(50)', { abort_signal: abort.signal, clickhouse_settings: settings }),
      );
      setTimeout(() => abort.abort(), 300);
      const ended = await Promise.allSettled(slow);
      expect(ended.map(({ status }) => status)).toEqual(slow.map(() => 'rejected'));
      const next = Array.from({ length: 8 }, () => rows('SELECT sleepEachRow(0.2) AS s FROM numbers(1)'));
      expect(await Promise.all(next)).toEqual(next.map(() => [{ s: 0 }]));
    }
  });

  test('statements beyond those that run side by side wait their turn, and one that is given up leaves the queue', async () => {
    const settings = { max_block_size: '1' };
    const busy = Array.from({ length: 8 }, () => rows('SELECT sleepEachRow(0.5) FROM numbers(2)', { clickhouse_settings: settings }));
    const abort = new AbortController();
    const left = rows('SELECT 1', { abort_signal: abort.signal });
    const waiting = rows('SELECT 2 AS two');
    abort.abort();
    await expect(left).rejects.toThrow();
    expect(await waiting).toEqual([{ two: 2 }]);
    await Promise.all(busy);
  });

  test('the time limit of a statement ends it', async () => {
    const slow = rows('SELECT sleepEachRow(0.1) FROM numbers(100)', {
      clickhouse_settings: { max_execution_time: 1, max_block_size: '1' },
    });
    await expect(slow).rejects.toMatchObject({ code: '159' });
  });

  test('a name or setting that is no word is refused', async () => {
    const answer = await new Promise<number | undefined>((resolve, reject) => {
      const call = request({ agent, method: 'POST', path: '/?database=a%60b' }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      call.on('error', reject).end('SELECT 1');
    });
    expect(answer).toBe(400);
  });
});
