import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logIdOf, openOtlp, type OtlpHouse } from './test/room.ts';
import { jsonOfGroups, newTraceId, spanId } from './test/spans.ts';

const day = 86_400_000;

describe('F13: clocks', () => {
  let room: OtlpHouse;
  beforeAll(async () => {
    room = await openOtlp();
  });
  afterAll(() => room.close());

  const now = Date.now();
  const cases: [string, number, number, { at: 'span' | 'now' | 'floor'; latencyMs: number | null }][] = [
    ['a day behind', now - day, now - day + 250, { at: 'span', latencyMs: 250 }],
    ['a day ahead', now + day, now + day + 250, { at: 'now', latencyMs: 250 }],
    ['a year ahead', now + 365 * day, now + 365 * day + 250, { at: 'now', latencyMs: 250 }],
    // As a double, its nanoseconds are a little under the millisecond.
    ['at a millisecond that no double has in nanoseconds', 1_795_375_091_698, 1_795_375_091_948, { at: 'span', latencyMs: 250 }],
    ['in 1970', 1, 251, { at: 'floor', latencyMs: 250 }],
    ['in 2262', Date.UTC(2262, 0, 1), Date.UTC(2262, 0, 1) + 250, { at: 'now', latencyMs: 250 }],
    ['set back while it ran', now, now - 3_600_000, { at: 'span', latencyMs: 0 }],
    ['over midnight UTC', Date.UTC(2026, 2, 28, 23, 59, 59, 900), Date.UTC(2026, 2, 29, 0, 0, 0, 150), { at: 'span', latencyMs: 250 }],
    [
      'over the change to summer time',
      Date.UTC(2026, 2, 29, 0, 59, 59, 900),
      Date.UTC(2026, 2, 29, 1, 0, 0, 150),
      { at: 'span', latencyMs: 250 },
    ],
    ['to a fraction of a millisecond', now, now + 0.125, { at: 'span', latencyMs: 0.125 }],
  ];

  it.each(cases)(
    'a span whose clock is %s is kept, with its own times and a place that can be found',
    async (_name, startMs, endMs, wanted) => {
      const traceId = newTraceId();
      const answer = await room.take([{ spans: [{ traceId, spanId: spanId(1), startMs, endMs }] }]);
      expect(answer.partialSuccess).toBeUndefined();
      const before = Date.now();
      const log = await room.logOf(traceId, spanId(1));
      expect(log.startTime?.getTime()).toBe(Math.floor(startMs));
      expect(log.latencyMs).toBeCloseTo(wanted.latencyMs ?? 0, 2);
      if (wanted.at === 'span') expect(log.at.getTime()).toBe(Math.floor(startMs));
      else if (wanted.at === 'floor') expect(log.at.getTime()).toBe(Date.UTC(2000, 0, 1));
      else expect(Math.abs(log.at.getTime() - before)).toBeLessThan(70_000);
      // The same once more finds the row, wherever its clock put it.
      await room.house.logs.drained(30_000);
      await room.take([{ spans: [{ traceId, spanId: spanId(1), startMs, endMs }] }]);
      expect((await room.logOf(traceId, spanId(1))).at).toEqual(log.at);
    },
  );

  it('nanoseconds beyond what a number can say are read, and times that no calendar has are kept as they came', async () => {
    const traceId = newTraceId();
    const body = jsonOfGroups([
      {
        spans: [
          { traceId, spanId: spanId(1) },
          { traceId, spanId: spanId(2), parentId: spanId(1) },
        ],
      },
    ]) as unknown as {
      resourceSpans: { scopeSpans: { spans: Record<string, unknown>[] }[] }[];
    };
    const [first, second] = body.resourceSpans[0]!.scopeSpans[0]!.spans as [Record<string, unknown>, Record<string, unknown>];
    first['startTimeUnixNano'] = '1795442400123456789';
    first['endTimeUnixNano'] = 1.7954424009e18;
    second['startTimeUnixNano'] = '18446744073709551615';
    second['endTimeUnixNano'] = '0';
    expect((await room.send(JSON.stringify(body))).status).toBe(200);
    expect((await room.logOf(traceId, spanId(1))).startTime?.toISOString()).toBe('2026-11-23T14:00:00.123Z');
    const odd = await room.house.logs.find(room.scope, logIdOf(traceId, spanId(2)));
    expect(odd).toMatchObject({ startTime: null, endTime: null });
    expect(odd?.metadata?.['otel.start_ms']).toBeGreaterThan(1.8e13);
  });

  it('the order of a trace is that of its senders, though they disagree with us', async () => {
    const traceId = newTraceId();
    const ahead = now + 365 * day;
    const spans = [3, 1, 2].map((n) => ({
      traceId,
      spanId: spanId(n),
      ...(n === 1 ? {} : { parentId: spanId(1) }),
      startMs: ahead + n,
      endMs: ahead + n + 1,
    }));
    for (const span of spans) await room.take([{ spans: [span] }]);
    await room.house.logs.drained(30_000);
    const trace = await room.house.logs.trace(room.scope, logIdOf(traceId, spanId(1)));
    expect(trace.map(({ metadata }) => metadata?.['otel.span_id'])).toEqual([1, 2, 3].map(spanId));
  });
});
