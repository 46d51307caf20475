import { systemScope } from '@whetstone/contract';
import { parseFilter } from '@whetstone/domain';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Logs, StoredLog } from './index.ts';
import { firstPage, openTestLogs, promptLog, type TestLogs } from './test/open.ts';

let room: TestLogs;
let logs: Logs;
beforeAll(async () => {
  room = await openTestLogs();
  logs = room.logs;
});
afterAll(() => room.close());

/** Every test has a workspace of its own. */
let workspaces = 0;
const newScope = () => systemScope(`ws_${++workspaces}`, 'test');
const whole = async (scope: ReturnType<typeof newScope>, id: string) => {
  const log = await logs.find(scope, id);
  if (!log) throw new Error(`no log ${id}`);
  return log;
};

describe('recording', () => {
  test('a log is read by id the moment its write is acknowledged, and the same from the store', async () => {
    const scope = newScope();
    const { id } = await logs.record(scope, {
      ...promptLog(),
      environmentId: 'env_1',
      startTime: new Date('2026-01-02T03:04:05.678Z'),
      endTime: new Date('2026-01-02T03:04:06.000Z'),
      model: 'gpt-4o',
      promptTokens: 0,
      promptCost: 0.25,
      outputCost: 0.5,
      messages: [{ role: 'user', content: 'What is it?' }],
      inputs: {
        a: 'x"}]{[\\',
        list: [1, 'a', null, {}],
        'a.b': 2,
        a2: { b: 1 },
        big: 12345678901234567000,
        none: {},
        text: '\u2028 \t\n\u0001',
      },
      outputMessage: {
        role: 'assistant',
        content: 'an answer',
        tool_calls: [{ id: 't', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }],
      },
      toolChoice: 'auto',
      error: '',
      metadata: { plan: 'pro', nested: { deep: [1, 2] } },
      providerRequest: { a: [{ b: null }] },
    });
    const queued = await whole(scope, id);
    expect(await logs.drained(5_000)).toBe(true);
    expect(logs.backlog().waiting).toBe(0);
    const stored = await whole(scope, id);
    expect(stored).toEqual(queued);
    expect(stored).toMatchObject({
      at: new Date('2026-01-02T03:04:05.678Z'),
      latencyMs: 322,
      costUsd: 0.75,
      promptTokens: 0,
      outputTokens: null,
      toolChoice: 'auto',
      error: '',
      inputs: { 'a.b': 2, big: 12345678901234567000, none: {} },
      inputPreview: 'What is it?',
      outputPreview: 'an answer',
      payload: 'full',
      rowVersion: 1,
    });
  });

  test('who logs and lists at once sees the log', async () => {
    const scope = newScope();
    const { id } = await logs.record(scope, promptLog());
    const { records, total } = await logs.list(scope, {}, firstPage);
    expect(total).toBe(1);
    expect(records).toMatchObject([{ id, payload: 'summary', output: null, outputPreview: 'an answer' }]);
  });

  test('the same id again merges, whether the first is still queued or stored', async () => {
    const scope = newScope();
    for (const drain of [false, true]) {
      const id = `chosen-${drain}`;
      await logs.record(scope, promptLog({ id, inputs: { q: 1 }, user: 'u', metadata: { a: 1 } }));
      if (drain) await logs.drained(5_000);
      expect(await logs.record(scope, promptLog({ id, output: 'better', promptTokens: 5 }))).toEqual({ id, rowVersion: 2 });
      await logs.drained(5_000);
      expect(await whole(scope, id)).toMatchObject({
        output: 'better',
        inputs: { q: 1 },
        user: 'u',
        promptTokens: 5,
        metadata: { a: 1 },
        rowVersion: 2,
      });
    }
    expect((await logs.list(scope, {}, firstPage)).total).toBe(2);
  });

  test('concurrent writes of one id lose nothing', async () => {
    const scope = newScope();
    const fields = ['user', 'session', 'unit', 'referenceId', 'source', 'model', 'provider', 'finishReason'] as const;
    await Promise.all(fields.map((field) => logs.record(scope, { ...promptLog(), id: 'one', [field]: field })));
    await logs.drained(5_000);
    expect(await whole(scope, 'one')).toMatchObject({
      ...Object.fromEntries(fields.map((field) => [field, field])),
      rowVersion: fields.length,
    });
    expect((await logs.list(scope, {}, firstPage)).total).toBe(1);
  });

  test('the place of a log is fixed by its first write', async () => {
    const scope = newScope();
    await logs.record(scope, promptLog({ id: 'fixed', createdAt: new Date('2026-03-01T00:00:00Z') }));
    await logs.record(scope, promptLog({ id: 'fixed', createdAt: new Date('2026-04-01T00:00:00Z') }));
    await logs.drained(5_000);
    expect((await whole(scope, 'fixed')).at).toEqual(new Date('2026-03-01T00:00:00Z'));
    expect((await logs.list(scope, {}, firstPage)).total).toBe(1);
  });

  test('a log from the future is at most a minute ahead, its start time stays', async () => {
    const scope = newScope();
    const startTime = new Date('2262-01-01T00:00:00Z');
    const { id } = await logs.record(scope, promptLog({ startTime }));
    await logs.drained(5_000);
    const log = await whole(scope, id);
    expect(log.at.getTime()).toBeLessThanOrEqual(Date.now() + 60_000);
    expect(log.startTime).toEqual(startTime);
  });

  test('an imported id that looks like one of ours is found where its log is', async () => {
    const scope = newScope();
    const id = logs.newId(new Date('2025-01-01T00:00:00Z'));
    await logs.record(scope, promptLog({ id, createdAt: new Date('2026-02-02T00:00:00Z') }));
    await logs.drained(5_000);
    expect((await whole(scope, id)).at).toEqual(new Date('2026-02-02T00:00:00Z'));
  });

  test('listeners hear of a log once', async () => {
    const scope = newScope();
    const heard: string[] = [];
    const stop = logs.onRecorded((_, log) => void heard.push(log.id));
    await logs.record(scope, promptLog({ id: 'h' }));
    await logs.record(scope, promptLog({ id: 'h', user: 'u' }));
    await logs.change(scope, 'h', { output: 'x' });
    stop();
    await logs.record(scope, promptLog());
    expect(heard).toEqual(['h']);
  });
});

describe('changing', () => {
  test('null unsets, what is left out stays, and an unknown log is a 404', async () => {
    const scope = newScope();
    const { id } = await logs.record(scope, promptLog({ error: 'broken', inputs: { a: 1 } }));
    expect((await whole(scope, id)).status).toBe('error');
    const changed = await logs.change(scope, id, { error: null });
    expect(changed).toMatchObject({ error: null, status: 'ok', output: 'an answer', inputs: { a: 1 }, rowVersion: 2 });
    await logs.drained(5_000);
    expect(await whole(scope, id)).toEqual(changed);
    await expect(logs.change(scope, 'nobody', {})).rejects.toMatchObject({ code: 'not_found' });
    await expect(logs.change(newScope(), id, {})).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('lists', () => {
  test('pages by number and by the last log, in both orders, each log once', async () => {
    const scope = newScope();
    const start = Date.UTC(2026, 0, 1);
    for (let i = 0; i < 25; i++)
      await logs.record(scope, promptLog({ id: `l${i}`, createdAt: new Date(start + (i >> 1) * 1000), latencyMs: i }));
    const all = (await logs.list(scope, {}, firstPage)).records.map(({ id }) => id);
    expect(new Set(all).size).toBe(25);
    const pages: string[] = [];
    for (let page = 1; page <= 4; page++)
      pages.push(...(await logs.list(scope, {}, { ...firstPage, page, size: 10 })).records.map(({ id }) => id));
    expect(pages).toEqual(all);
    const keyset: string[] = [];
    for (let before: string | null = null; ;) {
      const { records }: { records: StoredLog[] } = await logs.list(scope, {}, { ...firstPage, size: 7, before });
      if (records.length === 0) break;
      keyset.push(...records.map(({ id }) => id));
      before = records.at(-1)?.id ?? null;
    }
    expect(keyset).toEqual(all);
    expect((await logs.list(scope, {}, { ...firstPage, sort: 'at' })).records.map(({ id }) => id)).toEqual([...all].reverse());
    expect((await logs.list(scope, {}, { ...firstPage, sort: '-latency', size: 3 })).records.map(({ id }) => id)).toEqual([
      'l24',
      'l23',
      'l22',
    ]);
  });

  test('an older version of a log does not match after it changed', async () => {
    const scope = newScope();
    await logs.record(scope, promptLog({ id: 's', error: 'broken' }));
    await logs.drained(5_000);
    await logs.change(scope, 's', { error: null, output: 'mended' });
    expect((await logs.list(scope, { statuses: ['error'] }, firstPage)).total).toBe(0);
    expect((await logs.list(scope, { statuses: ['error'] }, firstPage)).records).toEqual([]);
    expect((await logs.list(scope, { search: 'broken' }, firstPage)).records).toEqual([]);
    expect((await logs.list(scope, { search: 'MENDED' }, firstPage)).records).toHaveLength(1);
  });

  test('search finds a piece of input or output in any case, and takes no wildcards', async () => {
    const scope = newScope();
    await logs.record(scope, promptLog({ id: 'in', messages: [{ role: 'user', content: 'Straße "100% sure"\nnext' }], output: 'yes_no' }));
    await logs.record(
      scope,
      promptLog({
        id: 'tool',
        outputMessage: {
          role: 'assistant',
          tool_calls: [{ id: 't', type: 'function', function: { name: 'look_up', arguments: '{"q":"Zürich"}' } }],
        },
        output: null,
      }),
    );
    const found = async (search: string) => (await logs.list(scope, { search }, firstPage)).records.map(({ id }) => id);
    expect(await found('STRASSE')).toEqual([]);
    expect(await found('straße "100% SURE"\nnext')).toEqual(['in']);
    expect(await found('100%n')).toEqual([]);
    expect(await found('s_no')).toEqual(['in']);
    expect(await found('ZÜRICH')).toEqual(['tool']);
    expect(await found('role')).toEqual([]);
    expect(await found(`' OR 1=1 --`)).toEqual([]);
  });

  test('payloads come when asked for', async () => {
    const scope = newScope();
    await logs.record(scope, promptLog({ inputs: { q: 1 } }));
    expect((await logs.list(scope, {}, { ...firstPage, payload: true })).records).toMatchObject([
      { payload: 'full', inputs: { q: 1 }, output: 'an answer' },
    ]);
  });

  test('the filter language decides by column, number, text and metadata', async () => {
    const scope = newScope();
    await logs.record(
      scope,
      promptLog({
        id: 'a',
        model: 'gpt-4o',
        latencyMs: 3000,
        promptCost: 0.5,
        user: 'u1',
        metadata: { plan: 'pro', seats: 12, 'a.b': "it's" },
        inputs: { q: 'refund' },
      }),
    );
    await logs.record(scope, promptLog({ id: 'b', model: 'o3-mini', latencyMs: 100, error: 'broken pipe', output: 'no refund' }));
    const found = async (text: string) => {
      const parsed = parseFilter(text);
      if (!parsed.ok) throw new Error(parsed.error.message);
      return (await logs.list(scope, { expression: parsed.filter }, firstPage)).records.map(({ id }) => id).sort();
    };
    expect(await found('model:gpt-4o,o3*')).toEqual(['a', 'b']);
    expect(await found('latency>2s')).toEqual(['a']);
    expect(await found('-cost>0.1')).toEqual(['b']);
    expect(await found('user:*')).toEqual(['a']);
    expect(await found('meta.plan:pro meta.seats>=12')).toEqual(['a']);
    expect(await found(`meta."a.b":"it's"`)).toEqual(['a']);
    expect(await found('refund')).toEqual(['a', 'b']);
    expect(await found('input:refund')).toEqual(['a']);
    expect(await found('output:refund OR error:pipe')).toEqual(['b']);
    expect(await found('at>2020-01-01 -(status:error OR user:u1)')).toEqual([]);
  });

  test('T15: text from outside is never part of a statement', async () => {
    const scope = newScope();
    await logs.record(scope, promptLog({ id: 'x' }));
    const corpus = [
      `'`,
      `\\'`,
      `'; DROP TABLE logs; --`,
      `{p0:String}`,
      `\\`,
      `%`,
      `\u0000'`,
      `') OR 1=1 OR ('`,
      '`',
      '$$',
      '/*',
      `x' UNION ALL SELECT * FROM system.users --`,
      '\n',
      '{workspace:String}',
    ];
    for (const text of corpus) {
      const filters = [
        { search: text },
        { metadataSearch: text },
        { users: [text] },
        { ids: [text] },
        { traceId: text },
        { models: [text], sessions: [text] },
        { counterfactualOf: text },
      ];
      for (const filter of filters) {
        const { total } = await logs.list(scope, filter, firstPage);
        expect([filter, total]).toEqual([filter, 0]);
      }
      for (const field of ['user', 'file', 'meta'] as const) {
        const expression = { type: 'field', field, key: text, op: '=', value: text };
        expect((await logs.list(scope, { expression }, firstPage)).total).toBe(0);
      }
      expect(await logs.find(scope, text)).toBeNull();
    }
    for (const expression of [
      { type: 'field', field: 'x) OR (1=1', key: null, op: '=', value: '' },
      { type: 'nonsense' },
      { type: 'field', field: 'latency', key: null, op: '; --', value: 1 },
    ]) {
      await expect(logs.list(scope, { expression }, firstPage)).rejects.toMatchObject({ code: 'invalid_input' });
    }
    expect((await logs.list(scope, {}, firstPage)).total).toBe(1);
  });

  test('T7: no question crosses workspaces', async () => {
    const [mine, theirs] = [newScope(), newScope()];
    await logs.record(mine, promptLog({ id: 'same', output: 'mine', user: 'u', session: 's' }));
    await logs.record(theirs, promptLog({ id: 'same', output: 'theirs', user: 'u', session: 's' }));
    await logs.judge(mine, { evaluatorId: 'ev', evaluatorVersionId: 'evv', logId: 'same', source: 'user', value: true, origin: 'api' });
    for (const drain of [false, true]) {
      if (drain) await logs.drained(5_000);
      expect((await whole(mine, 'same')).output).toBe('mine');
      expect((await whole(theirs, 'same')).output).toBe('theirs');
    }
    expect((await logs.judgmentsOf(theirs, ['same'])).size).toBe(0);
    expect(await logs.trace(theirs, 'same')).toMatchObject([{ outputPreview: 'theirs' }]);
    expect((await logs.counts(theirs, ['pr_1'])).get('pr_1')?.total).toBe(1);
    expect((await logs.facets(theirs, {}))['user']).toEqual([{ value: 'u', count: 1 }]);
    await logs.delete(theirs, ['same']);
    await logs.deleteUser(theirs, 'u');
    expect((await whole(mine, 'same')).output).toBe('mine');
  });
});
