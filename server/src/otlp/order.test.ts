import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StoredLog } from '../logs/index.ts';
import { logIdOf, openOtlp, type OtlpHouse } from './test/room.ts';
import { newTraceId, spanId, type Written } from './test/spans.ts';

/** After the room was opened: then its memory is enough. */
let start = Date.now();

/** A root, two children, a grandchild and a great-grandchild; a second grandchild that failed. */
const tree = (traceId: string): Written[] => [
  { traceId, spanId: spanId(1), name: 'root', startMs: start, endMs: start + 100 },
  { traceId, spanId: spanId(2), parentId: spanId(1), name: 'step', startMs: start + 1, endMs: start + 60 },
  { traceId, spanId: spanId(3), parentId: spanId(1), name: 'step', startMs: start + 61, endMs: start + 90 },
  {
    traceId,
    spanId: spanId(4),
    parentId: spanId(2),
    name: 'chat m',
    startMs: start + 2,
    endMs: start + 50,
    attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm' },
  },
  { traceId, spanId: spanId(5), parentId: spanId(4), name: 'POST', startMs: start + 3, endMs: start + 49 },
];

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, at) => permutations([...items.slice(0, at), ...items.slice(at + 1)]).map((rest) => [item, ...rest]));
}

/** What does not depend on when the server heard of it, with the ids of one trace in those of another. */
function stateOf(logs: StoredLog[]): unknown {
  const names = new Map(logs.map(({ id, metadata }) => [id, String(metadata?.['otel.span_id'])]));
  return logs
    .map(({ id, traceId, traceParentId, kind, at, startTime, endTime, latencyMs, late, logStatus, fileId, versionId }) => ({
      span: names.get(id),
      trace: names.get(traceId ?? ''),
      parent: names.get(traceParentId ?? '') ?? traceParentId,
      is: { kind, at, startTime, endTime, latencyMs, late, logStatus, fileId, versionId },
    }))
    .sort((a, b) => String(a.span).localeCompare(String(b.span)));
}

describe('F12: spans out of order', () => {
  let room: OtlpHouse;
  beforeAll(async () => {
    room = await openOtlp();
    start = Date.now();
  });
  afterAll(() => room.close());

  /** All of them by one question to the store. */
  const statesAfter = async (traceIds: readonly string[]): Promise<unknown[]> => {
    await room.house.logs.drained(30_000);
    const ids = traceIds.flatMap((traceId) => [1, 2, 3, 4, 5].map((n) => logIdOf(traceId, spanId(n))));
    const page = { page: 1, size: 1_000, payload: false, count: false };
    const { records } = await room.house.logs.list(room.scope, { ids }, page);
    const byTrace = Map.groupBy(records, ({ metadata }) => metadata?.['otel.trace_id']);
    return traceIds.map((traceId) => stateOf(byTrace.get(traceId) ?? []));
  };
  const stateAfter = async (traceId: string): Promise<unknown> => (await statesAfter([traceId]))[0];

  /** Ten traces at a time, so that the orders mix too. */
  async function statesOf(orders: readonly number[][]): Promise<unknown[]> {
    const traces = [];
    for (let at = 0; at < orders.length; at += 10) {
      const some = orders.slice(at, at + 10).map((order) => ({ order, traceId: newTraceId() }));
      await Promise.all(
        some.map(async ({ order, traceId }) => {
          for (const index of order) await room.take([{ spans: [tree(traceId)[index] as Written] }]);
        }),
      );
      traces.push(...some.map(({ traceId }) => traceId));
    }
    return statesAfter(traces);
  }

  it('all orders of a tree of five spans, a request each, end in the same state', async () => {
    const states = await statesOf(permutations([0, 1, 2, 3, 4]));
    expect(states).toHaveLength(120);
    expect((states[0] as { trace: string }[]).map(({ trace }) => trace)).toEqual(Array(5).fill(spanId(1)));
    for (const state of states) expect(state).toEqual(states[0]);
  }, 120_000);

  it('so they do where memory proves nothing and the store is asked', async () => {
    start -= 86_400_000;
    const orders = [
      [4, 3, 2, 1, 0],
      [0, 1, 2, 3, 4],
      [4, 0, 3, 2, 1],
      [1, 4, 0, 2, 3],
    ];
    const states = await statesOf(orders);
    start += 86_400_000;
    expect((states[0] as { trace: string }[]).map(({ trace }) => trace)).toEqual(Array(5).fill(spanId(1)));
    for (const state of states) expect(state).toEqual(states[0]);
  }, 120_000);

  it('so do all at once, one request each, and again', async () => {
    const [first, ...others] = [newTraceId(), newTraceId(), newTraceId()] as const;
    await room.take([{ spans: tree(first) }]);
    const expected = await stateAfter(first);
    for (const traceId of others) {
      await Promise.all([...tree(traceId), ...tree(traceId)].map((span) => room.take([{ spans: [span] }])));
      expect(await stateAfter(traceId)).toEqual(expected);
    }
  });

  it('the store shows the same as the queue', async () => {
    const traceId = newTraceId();
    for (const span of tree(traceId).toReversed()) await room.take([{ spans: [span] }]);
    await room.house.logs.drained(30_000);
    const root = await room.logOf(traceId, spanId(1));
    const trace = await room.house.logs.trace(room.scope, (await room.logOf(traceId, spanId(5))).id);
    expect(trace.map(({ metadata }) => metadata?.['otel.span_id'])).toEqual([1, 2, 4, 5, 3].map(spanId));
    expect(trace.every((log) => log.traceId === root.id)).toBe(true);
  });

  it('a span that comes a day late, after a restart, is found in its trace and marked late', async () => {
    const traceId = newTraceId();
    const [root, step, other, chat, post] = tree(traceId) as [Written, Written, Written, Written, Written];
    await room.take([{ spans: [root, step, other, chat] }]);
    await room.otlp.completeDue(room.clock.now + 10_000);
    room.clock.now += 86_400_000;
    await room.reopen();
    await room.take([{ spans: [post] }]);
    expect(await room.logOf(traceId, spanId(5))).toMatchObject({ late: true, traceId: (await room.logOf(traceId, spanId(1))).id });
  });
});
