import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NewLog } from '../index.ts';
import { finishRow, mergedRow, newRow } from './merge.ts';
import { plainLine } from './plain.ts';
import { prepare } from './prepare.ts';
import { fromLine, toLine } from './line.ts';
import { blankRow } from './row.ts';

const context = { workspaceId: 'ws', id: 'log_1', at: 1_790_000_000_123_456, receivedAt: 1_790_000_000_200_000, repaired: false };
const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.constantFrom('', ' two  spaces', 'x'.repeat(500), 'Ünïcode 🚲'));
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const json = fc.dictionary(fc.string({ maxLength: 8 }), fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<unknown>, { maxKeys: 4 });
const date = fc.date({ min: new Date('1990-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
const count = maybe(fc.nat(100_000));
const message = fc.record({ role: fc.constantFrom('user' as const, 'assistant' as const, 'system' as const), content: text });

const anyLog: fc.Arbitrary<NewLog> = fc.record(
  {
    kind: fc.constantFrom('prompt' as const, 'tool' as const),
    fileId: fc.constant('pr_1'),
    versionId: fc.constant('prv_1'),
    origin: fc.constantFrom('gateway' as const, 'api' as const),
    contentHash: maybe(text),
    environmentId: maybe(text),
    startTime: maybe(date),
    endTime: maybe(date),
    status: fc.constantFrom('ok' as const, 'error' as const, 'cancelled' as const),
    logStatus: fc.constantFrom(null, 'complete' as const, 'incomplete' as const),
    model: maybe(text),
    user: maybe(text),
    session: maybe(text),
    promptTokens: count,
    cachedTokens: count,
    promptCost: maybe(fc.double({ min: 0, max: 10, noNaN: true })),
    outputCost: maybe(fc.double({ min: 0, max: 10, noNaN: true })),
    estimated: fc.boolean(),
    latencyMs: maybe(fc.integer({ min: -5, max: 100_000 })),
    metadata: maybe(json),
    inputs: maybe(json),
    messages: maybe(fc.array(message, { maxLength: 3 })),
    output: maybe(text),
    outputMessage: maybe(message),
    error: maybe(text),
    toolChoice: fc.constantFrom(null, 'auto' as const),
    providerRequest: maybe(json),
    providerResponse: maybe(json),
  },
  { requiredKeys: ['kind', 'fileId', 'versionId', 'origin'] },
);

describe('the short way of a log', () => {
  test('leaves the same row as the long one, whatever the log', () => {
    let taken = 0;
    fc.assert(
      fc.property(anyLog, (given) => {
        const line = plainLine(given, context);
        const { log, repaired } = prepare(given, null);
        const row = newRow(log, { ...context, repaired });
        const long = fromLine(toLine(finishRow(row, row)));
        if (line === null) return;
        taken += 1;
        expect(fromLine(line)).toEqual(long);
      }),
      { numRuns: 300 },
    );
    expect(taken).toBeGreaterThan(30);
  });

  test('a new row is what a write into a blank one makes', () => {
    fc.assert(
      fc.property(anyLog, (given) => {
        const { log } = prepare(given, null);
        const blank = { ...blankRow, workspace_id: 'ws', id: 'log_1', at: context.at, received_at: context.receivedAt, keep: 1 as const };
        const merged = mergedRow({ ...blank, kind: log.kind, origin: log.origin }, log, context);
        expect(newRow(log, context)).toEqual(merged);
      }),
      { numRuns: 300 },
    );
  });

  test.each<[string, Partial<NewLog>]>([
    ['has a parent', { traceParentId: 'log_0' }],
    ['is the root of a trace', { kind: 'flow' }],
    ['is an agent’s', { kind: 'agent' }],
    ['is not to be kept', { save: false }],
    ['has NUL in it', { output: 'a\0b' }],
    ['has half a pair in a key', { inputs: { '\ud800': 1 } }],
    ['has a number that JSON cannot say', { metadata: { n: Number.POSITIVE_INFINITY } }],
    ['has a string for a blob', { output: 'x'.repeat(300_000) }],
    ['has an image in its text', { inputs: { image: `data:image/png;base64,${'A'.repeat(2_000)}` } }],
  ])('is not taken by a log that %s', (_what, more) => {
    const plain: NewLog = { kind: 'prompt', fileId: 'pr_1', versionId: 'prv_1', origin: 'gateway', output: 'fine' };
    expect(plainLine(plain, context)).not.toBeNull();
    expect(plainLine({ ...plain, ...more }, context)).toBeNull();
  });
});
