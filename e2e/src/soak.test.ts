import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFakeProvider, type FakeProvider } from '../../server/src/fake-provider/index.ts';
import { byKey, send } from './send.ts';
import { startWhetstone, type Whetstone } from './whetstone.ts';
import { pause } from './writers.ts';

/**
 * Minutes of the long form; the ordinary run is the short one, which finds what leaks with every call and not what
 * grows by the hour.
 */
const minutes = Number(process.env['WHETSTONE_TEST_SOAK_MINUTES'] ?? 0);
const shortWindows = 6;
const callsAtOnce = 8;
const callsAWindow = 600;
const mb = 1024 * 1024;

interface Sample {
  atMs: number;
  residentMb: number;
  handles: number;
  failed: number;
  p99Ms: number;
}

describe.skipIf(process.platform !== 'linux')('F21: load that goes on (needs /proc)', () => {
  let whetstone: Whetstone;
  let provider: FakeProvider;
  beforeAll(async () => {
    provider = await startFakeProvider();
    whetstone = await startWhetstone({ unchecked: true, env: { OPENAI_API_KEY: 'sk-operator', OPENAI_BASE_URL: `${provider.url}/v1` } });
  });
  afterAll(async () => {
    await whetstone?.close();
    await provider?.close();
  });

  if (minutes === 0)
    it('thousands of mixed calls leave handles where they were, and memory levels off', { timeout: 240_000 }, async () => {
      // What is loaded, cached and compiled once comes with the first.
      await window(2 * callsAWindow);
      const samples: Sample[] = [];
      for (let n = 0; n < shortWindows; n += 1) samples.push(await window(callsAWindow));
      expect(samples.map(({ failed }) => failed)).toEqual(samples.map(() => 0));
      const [first, last] = ends(samples);
      // Connections of the stores' pools may still be opened.
      expect(last.handles - first.handles).toBeLessThanOrEqual(12);
      // 3,600 calls, of which the median windows lie 1,800 apart: 50 KB that each of them kept would be 88 MB. The collector's own breathing is under that.
      expect(last.residentMb - first.residentMb).toBeLessThan(80);
    });
  else
    it(
      `${minutes} minutes of mixed calls: memory grows by less than 1 MB a minute, handles and latency stay`,
      { timeout: (minutes + 5) * 60_000 },
      async () => {
        const until = Date.now() + minutes * 60_000;
        const samples: Sample[] = [];
        while (Date.now() < until) samples.push(await window(callsAWindow, 20));
        const warm = samples.slice(Math.ceil(samples.length / 3));
        expect(samples.filter(({ failed }) => failed > 0)).toEqual([]);
        const [first, last] = ends(warm);
        expect(last.handles - first.handles).toBeLessThanOrEqual(12);
        expect(slope(warm.map(({ atMs, residentMb }) => [atMs / 60_000, residentMb]))).toBeLessThan(1);
        expect(last.p99Ms).toBeLessThan(first.p99Ms * 1.1 + 5);
      },
    );

  /** So many calls of every sort, then what the server holds. */
  async function window(calls: number, pauseMs = 0): Promise<Sample> {
    let left = calls;
    let failed = 0;
    const took: number[] = [];
    const run = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        const began = performance.now();
        if (!(await one(left))) failed += 1;
        took.push(performance.now() - began);
        if (pauseMs > 0) await pause(pauseMs * Math.random() * 2);
      }
    };
    await Promise.all(Array.from({ length: callsAtOnce }, run));
    const sorted = took.toSorted((a, b) => a - b);
    return {
      atMs: Date.now(),
      residentMb: residentBytes(whetstone.pid) / mb,
      handles: readdirSync(`/proc/${whetstone.pid}/fd`).length,
      failed,
      p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
    };
  }

  async function one(n: number): Promise<boolean> {
    const headers = byKey(whetstone.apiKey);
    const messages = [{ role: 'user', content: `Question ${n % 50}` }];
    const ask = (body: Record<string, unknown>) =>
      send(whetstone.url, '/v1/chat/completions', { method: 'POST', headers, body: { messages, max_tokens: 8, ...body } });
    const sorts = [
      () => ask({ model: 'gpt-4o-mini' }),
      () => ask({ model: 'gpt-4o-mini', stream: true }),
      () =>
        send(whetstone.url, '/v5/prompts/log', {
          method: 'POST',
          headers,
          body: { path: 'soak/log', prompt: { model: 'demo-small' }, messages, output: 'x'.repeat(2_000) },
        }),
      () => send(whetstone.url, '/v5/logs?size=10&count=false&summary=true', { headers }),
    ];
    // Lists weigh more than calls, and are asked for less.
    const answer = await sorts[n % 40 === 0 ? 3 : n % 3]?.();
    return answer?.status === 200;
  }
});

/** The first and the last, each the middle one of three. */
function ends(samples: readonly Sample[]): [Sample, Sample] {
  const middle = (three: readonly Sample[]): Sample => ({
    atMs: median(three.map(({ atMs }) => atMs)),
    residentMb: median(three.map(({ residentMb }) => residentMb)),
    handles: median(three.map(({ handles }) => handles)),
    failed: median(three.map(({ failed }) => failed)),
    p99Ms: median(three.map(({ p99Ms }) => p99Ms)),
  });
  return [middle(samples.slice(0, 3)), middle(samples.slice(-3))];
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** Of the straight line that fits the points best. */
function slope(points: readonly (readonly [number, number])[]): number {
  const mean = (of: 0 | 1): number => points.reduce((sum, point) => sum + point[of], 0) / points.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  const above = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  return above / points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
}

function residentBytes(pid: number): number {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1] ?? 0) * 1024;
}
