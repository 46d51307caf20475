import { Pool } from 'undici';
import { apiKey } from './processes.ts';

const headers = { 'content-type': 'application/json', authorization: `Bearer ${apiKey}`, 'x-api-key': apiKey };

/** The body of a typical chat call, about 1.2 KB. */
export const chatBody = JSON.stringify({
  model: 'gpt-4o-mini',
  messages: [
    {
      role: 'system',
      content: 'You are the support assistant of a bicycle shop. Answer from the articles below, briefly and in plain words. '.repeat(8),
    },
    { role: 'user', content: 'How do I return a bike I bought two weeks ago?' },
  ],
  temperature: 0.2,
});

/** Requests per second with `connections` callers that never wait, after a warm-up. */
export async function closedLoop(url: string, path: string, connections: number, seconds: number, body = chatBody): Promise<number> {
  const pool = new Pool(url, { connections });
  let counting = false;
  let done = 0;
  let failed = 0;
  const until = performance.now() + (seconds + 2) * 1000;
  const caller = async (): Promise<void> => {
    while (performance.now() < until) {
      const response = await pool.request({ path, method: 'POST', headers, body });
      await response.body.dump({ limit: 10_000_000 });
      if (response.statusCode !== 200) failed += 1;
      else if (counting) done += 1;
    }
  };
  setTimeout(() => (counting = true), 2000);
  await Promise.all(Array.from({ length: connections }, caller));
  await pool.close();
  if (failed > 0) throw new Error(`${failed} requests to ${url} failed`);
  return done / seconds;
}

const warmUpSeconds = 4;

/** Latencies in ms of requests sent at a steady rate, whether or not earlier ones were answered. */
export async function openLoop(url: string, path: string, perSecond: number, seconds: number): Promise<number[]> {
  const pool = new Pool(url, { connections: 64 });
  const latencies: number[] = [];
  const pending: Promise<void>[] = [];
  const start = performance.now();
  for (let i = 0; i < perSecond * (warmUpSeconds + seconds); i += 1) {
    const due = start + (i * 1000) / perSecond;
    const wait = due - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    pending.push(timed(pool, path, latencies));
  }
  await Promise.all(pending);
  await pool.close();
  // The first seconds warm both sides up: a fresh process compiles what it runs often.
  return latencies.slice(perSecond * warmUpSeconds);
}

async function timed(pool: Pool, path: string, latencies: number[]): Promise<void> {
  const sent = performance.now();
  const response = await pool.request({ path, method: 'POST', headers, body: chatBody });
  await response.body.dump({ limit: 10_000_000 });
  if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`);
  latencies.push(performance.now() - sent);
}

export interface StreamResult {
  /** From the provider's write of the first chunk to our reading of it, ms. */
  firstByteMs: number;
  complete: boolean;
}

/** One streamed call through `url`. */
export async function stream(pool: Pool, path: string, chunks: number, everyMs: number): Promise<StreamResult> {
  const body = JSON.stringify({ ...(JSON.parse(chatBody) as object), stream: true, max_tokens: chunks, seed: everyMs });
  const response = await pool.request({ path, method: 'POST', headers, body, headersTimeout: 60_000, bodyTimeout: 60_000 });
  let firstByteMs = Number.NaN;
  let tail = '';
  for await (const part of response.body) {
    const text = (part as Buffer).toString();
    if (Number.isNaN(firstByteMs)) {
      const written = /@([\d.]+)@/.exec(text)?.[1];
      if (written !== undefined) firstByteMs = performance.timeOrigin + performance.now() - Number(written);
    }
    tail = (tail + text).slice(-40);
  }
  return { firstByteMs, complete: response.statusCode === 200 && tail.includes('[DONE]') };
}
