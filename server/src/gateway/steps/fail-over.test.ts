import { describe, expect, it } from 'vitest';
import type { Attempt } from './call.ts';
import { defaultLimits } from '../create-gateway.ts';
import { failOver, type FailOverOptions, isWorthRepeating, RetryBudget, retryAfterMs } from './fail-over.ts';
import { findProvider, type Provider } from '../providers/table.ts';
import type { Target } from '../room.ts';

const target = (model: string): Target => ({
  provider: findProvider('openai') as Provider,
  credential: null,
  secret: '',
  baseUrl: '',
  privateAllowed: false,
  model,
  named: 'openai',
});
const refused = (status: number, at = target('a'), headers: Record<string, string> = {}): Attempt => ({
  type: 'refused',
  target: at,
  headers,
  status,
  body: '',
  words: { message: `${status}`, type: '', param: null, code: null },
});
const broken = (kind: Extract<Attempt, { type: 'broken' }>['kind'], forwarded = false): Attempt => ({
  type: 'broken',
  target: target('a'),
  kind,
  message: kind,
  words: null,
  partial: null,
  forwarded,
  firstAt: null,
});

async function go(outcomes: Attempt[], more: Partial<FailOverOptions> = {}) {
  const asked: string[] = [];
  const result = await failOver({
    targets: [target('a')],
    limits: { ...defaultLimits, retryDelayMs: 0, retries: 2 },
    budget: new RetryBudget(),
    random: () => 0,
    now: () => 0,
    signal: new AbortController().signal,
    onRetry: () => undefined,
    run: async (at) => {
      asked.push(at.model);
      return outcomes[asked.length - 1] ?? (outcomes.at(-1) as Attempt);
    },
    ...more,
  });
  return { ...result, asked };
}

describe('fail over', () => {
  it('repeats what may go better, as often as the limits say', async () => {
    const { asked, failed } = await go([refused(500)]);
    expect(asked).toHaveLength(3);
    expect(failed).toHaveLength(2);
  });

  it('goes on to the next target', async () => {
    const { asked } = await go([refused(503)], { targets: [target('a'), target('b')] });
    expect(asked).toEqual(['a', 'b', 'a']);
  });

  it('never repeats after the first byte has reached the caller', () => {
    expect(isWorthRepeating(broken('reset', true))).toBe(false);
    expect(isWorthRepeating(broken('reset'))).toBe(true);
  });

  it.each(['aborted', 'denied', 'headers_timeout', 'idle_timeout', 'total_timeout', 'bad_answer', 'truncated'] as const)(
    'does not repeat %s',
    (kind) => {
      expect(isWorthRepeating(broken(kind))).toBe(false);
    },
  );

  it.each([
    [{ 'retry-after': '2' }, 2000],
    [{ 'retry-after-ms': '150', 'retry-after': '2' }, 150],
    [{ 'retry-after': 'Thu, 01 Jan 1970 00:00:07 GMT' }, 6000],
    [{ 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' }, 0],
    [{ 'retry-after': 'soon' }, null],
    [{}, null],
  ])('reads %j', (headers, expected) => {
    expect(retryAfterMs(headers as Record<string, string>, 1000)).toBe(expected);
  });

  it('gives back the answer when the pause asked for is too long', async () => {
    const { asked, attempt } = await go([refused(429, target('a'), { 'retry-after': '3600' })]);
    expect(asked).toHaveLength(1);
    expect(attempt).toMatchObject({ status: 429 });
  });

  it('spends no more retries than its budget has', async () => {
    const budget = new RetryBudget(3, 0);
    for (let i = 0; i < 5; i++) await go([refused(500)], { budget });
    expect((await go([refused(500)], { budget })).asked).toHaveLength(1);
  });

  it('a caller who goes away during the pause ends it as cancelled', async () => {
    const gone = new AbortController();
    setTimeout(() => gone.abort(), 10);
    const { asked, attempt } = await go([refused(500)], { signal: gone.signal, limits: { ...defaultLimits, retryDelayMs: 3000 } });
    expect(asked).toHaveLength(1);
    expect(attempt).toMatchObject({ type: 'broken', kind: 'aborted' });
  });
});
