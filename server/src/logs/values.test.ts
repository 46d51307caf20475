import { systemScope } from '@whetstone/contract';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NewLog } from './index.ts';
import { firstPage, openTestLogs, promptLog, type TestLogs } from './test/open.ts';

let room: TestLogs;
const rules = [
  { name: 'card', kind: 'pattern' as const, match: '\\d{4}-\\d{4}', replacement: '[card]' },
  { name: 'mail', kind: 'field' as const, match: 'inputs.email', replacement: '[mail]' },
];
beforeAll(async () => {
  room = await openTestLogs({ settings: (id) => ({ redaction: id === 'ws_redacted' ? rules : [] }) });
});
afterAll(() => room.close());

let workspaces = 0;
const newScope = () => systemScope(`ws_${++workspaces}`, 'test');

/** The log as it is read from the queue and, later, from the store. */
async function twice(log: NewLog, scope = newScope()) {
  const { logs } = room;
  const { id } = await logs.record(scope, log);
  const queued = await logs.find(scope, id);
  await logs.drained(5_000);
  const stored = await logs.find(scope, id);
  expect(stored).toEqual(queued);
  if (!stored) throw new Error('the log is gone');
  return stored;
}

describe('F14: odd values', () => {
  test('NUL, lone surrogates and what JSON cannot say take their one form, and the log says so', async () => {
    const log = await twice(promptLog({ output: 'a\0b\uD800', inputs: { 'k\0': ['\uDC00', -0, Number.POSITIVE_INFINITY] }, user: 'u\0' }));
    expect(log).toMatchObject({
      output: 'a\u2400b\uFFFD',
      inputs: { 'k\u2400': ['\uFFFD', 0, null] },
      user: 'u\u2400',
      textRepaired: true,
    });
    expect((await twice(promptLog({ output: '👩‍👩‍👧\r\n\uFEFF' }))).textRepaired).toBe(false);
  });

  test('__proto__ and its kin are data', async () => {
    const text = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"a.__proto__.b":1}';
    const log = await twice(
      promptLog({ inputs: JSON.parse(text) as Record<string, unknown>, metadata: JSON.parse(text) as Record<string, unknown> }),
    );
    expect(JSON.stringify(log.inputs)).toBe(text);
    expect(JSON.stringify(log.metadata)).toBe(text);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('any JSON comes back as it went in', async () => {
    const scope = newScope();
    const { logs } = room;
    const values = fc.sample(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ maxDepth: 4 })), { numRuns: 200, seed: 7 });
    const canonical = values.map((value) => JSON.parse(JSON.stringify(value)) as Record<string, unknown>);
    const ids = await Promise.all(
      canonical.map(
        async (inputs, i) =>
          (await logs.record(scope, promptLog({ inputs, providerRequest: { inputs }, output: JSON.stringify(values[i]) }))).id,
      ),
    );
    await logs.drained(20_000);
    expect((await logs.list(scope, {}, firstPage)).total).toBe(200);
    for (const [i, id] of ids.entries()) {
      const log = await logs.find(scope, id);
      if (log?.textRepaired) continue;
      expect(log).toMatchObject({ output: JSON.stringify(values[i]) });
      expect(JSON.stringify(log?.inputs)).toBe(JSON.stringify(canonical[i]));
      expect(JSON.stringify(log?.providerRequest)).toBe(JSON.stringify({ inputs: canonical[i] }));
    }
  });

  test('nesting beyond the bound is refused with its place, and ten thousand levels do no harm', async () => {
    const deep = (levels: number) => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`) as Record<string, unknown>;
    const { logs } = room;
    for (const levels of [300, 10_000]) {
      await expect(logs.record(newScope(), promptLog({ inputs: deep(levels) }))).rejects.toMatchObject({ code: 'invalid_input' });
    }
    expect((await twice(promptLog({ inputs: deep(150) }))).inputs).toEqual(deep(150));
  });

  test('numbers and dates that the store cannot hold are refused by name, and nothing is written', async () => {
    const { logs } = room;
    const scope = newScope();
    const bad: [Partial<NewLog>, string][] = [
      [{ promptTokens: 1e300 }, 'prompt_tokens'],
      [{ outputTokens: -1 }, 'output_tokens'],
      [{ reasoningTokens: 1.5 }, 'reasoning_tokens'],
      [{ promptCost: Number.POSITIVE_INFINITY }, 'prompt_cost'],
      [{ startTime: new Date(Number.NaN) }, 'start_time'],
      [{ endTime: new Date('+012345-01-01T00:00:00Z') }, 'end_time'],
      [{ createdAt: new Date('1969-12-31T00:00:00Z') }, 'created_at'],
      [{ id: '' }, 'id'],
      [{ id: 'a\0b' }, 'id'],
      [{ id: 'x'.repeat(600) }, 'id'],
    ];
    for (const [log, field] of bad) {
      await expect(logs.record(scope, promptLog(log))).rejects.toMatchObject({
        code: 'invalid_input',
        details: [{ loc: ['body', field] }],
      });
    }
    expect((await logs.list(scope, {}, firstPage)).total).toBe(0);
  });

  test('F13: years 1970 to 2262 and negative durations are kept', async () => {
    for (const year of ['1970', '1999', '2262']) {
      const startTime = new Date(`${year}-06-01T00:00:00.001Z`);
      const log = await twice(promptLog({ startTime, endTime: new Date(startTime.getTime() - 5_000) }));
      expect(log).toMatchObject({ startTime, latencyMs: 0 });
    }
  });

  test('odd ids are ids', async () => {
    for (const id of [`'`, '"', '\\', '\n', '💥', '{"a":1}', 'log_', ' ', '\u2028', 'x'.repeat(512)])
      expect((await twice(promptLog({ id }))).id).toBe(id);
  });
});

describe('what is kept', () => {
  test('redaction comes before anything is written', async () => {
    const scope = systemScope('ws_redacted', 'test');
    const log = await twice(
      promptLog({
        inputs: { email: 'ann@example.org' },
        messages: [{ role: 'user', content: 'I am ann@example.org, 1234-5678' }],
        output: 'card 1234-5678',
      }),
      scope,
    );
    expect(log).toMatchObject({
      inputs: { email: '[mail]' },
      messages: [{ content: 'I am [mail], [card]' }],
      output: 'card [card]',
      outputPreview: 'card [card]',
    });
    const changed = await room.logs.change(scope, log.id, { output: 'again 1234-5678' });
    expect(changed.output).toBe('again [card]');
    for (const search of ['ann@', '1234']) expect((await room.logs.list(scope, { search }, firstPage)).total).toBe(0);
  });

  test('`save: false` drops payload, previews and search text, and stays so', async () => {
    const { logs, storage } = room;
    const scope = newScope();
    const log = await twice(
      promptLog({
        id: 's',
        save: false,
        inputs: { q: 'private' },
        messages: [{ role: 'user', content: 'private' }],
        output: 'private',
        error: 'private',
        stdout: 'private',
        user: 'u',
        metadata: { a: 1 },
        promptTokens: 3,
      }),
      scope,
    );
    expect(log).toMatchObject({
      payload: 'dropped',
      save: false,
      inputs: null,
      messages: null,
      output: null,
      error: null,
      stdout: null,
      inputPreview: '',
      outputPreview: '',
      status: 'error',
      user: 'u',
      metadata: { a: 1 },
      promptTokens: 3,
    });
    await logs.change(scope, 's', { output: 'private' });
    await logs.drained(5_000);
    expect((await logs.list(scope, { search: 'private' }, firstPage)).total).toBe(0);
    const rows = await storage.logDatabase.query('SELECT * FROM logs WHERE workspace_id = {w:String}', { w: scope.workspaceId });
    expect(JSON.stringify(rows)).not.toContain('private');
  });

  test('long strings and data URLs live in blobs and are read back whole', async () => {
    const { storage } = room;
    const scope = newScope();
    const image = `data:image/png;base64,${'iVBORw0KGgo'.repeat(1_000)}`;
    const long = `begin ${'ü'.repeat(200_000)} end`;
    const log = await twice(
      promptLog({
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'see' },
              { type: 'image_url', image_url: { url: image } },
            ],
          },
        ],
        output: long,
        inputs: { __proto__x: [long] },
      }),
      scope,
    );
    expect(log.output).toBe(long);
    expect(log.messages?.[0]?.content).toEqual([
      { type: 'text', text: 'see' },
      { type: 'image_url', image_url: { url: image } },
    ]);
    expect(log.inputs).toEqual({ __proto__x: [long] });
    const [row] = await storage.logDatabase.query<{ hashes: string[]; size: number }>(
      'SELECT blob_hashes AS hashes, length(messages) + length(output) + length(inputs) AS size FROM logs WHERE workspace_id = {w:String}',
      { w: scope.workspaceId },
    );
    expect(row?.hashes).toHaveLength(2);
    expect(row?.size).toBeLessThan(20_000);
    expect((await room.logs.list(scope, { search: 'begin ü' }, firstPage)).total).toBe(1);
  });

  test('text that looks like a reference to a blob is only text', async () => {
    const log = await twice(promptLog({ inputs: { blobs: [{ path: ['output'], sha256: 'a'.repeat(64) }] } }));
    expect(log.inputs).toEqual({ blobs: [{ path: ['output'], sha256: 'a'.repeat(64) }] });
  });
});
