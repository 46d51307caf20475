import { mkdtempSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { startFakeProvider } from '../../server/src/fake-provider/index.ts';
import { describeOnEditions } from './editions.ts';
import { byKey, send } from './send.ts';
import type { StartOptions, Whetstone } from './whetstone.ts';
import { Acknowledged, compare, intact, pause, startWriters } from './writers.ts';

/** Rounds of F1, and a tenth of them of F3. WHETSTONE_TEST_KILL_ROUNDS=1000 for a night's run. */
const allRounds = Number(process.env['WHETSTONE_TEST_KILL_ROUNDS'] ?? 20);
/** What a machine with much other work takes for one; a quiet one takes three seconds. */
const roundMs = 40_000;

describeOnEditions(describe, 'a server that is ended', (startOne, edition) => {
  // What is acknowledged is in the same queue on the same disk; the other edition shows that nothing else differs.
  const killRounds = edition === 'embedded' ? allRounds : Math.ceil(allRounds / 5);
  const termRounds = Math.ceil(killRounds / 10);
  let last: Whetstone | null = null;
  afterEach(async () => {
    await last?.close();
    last = null;
  });
  const start = async (options: StartOptions): Promise<Whetstone> => (last = await startOne(options));

  it(`F1: loses nothing acknowledged in ${killRounds} kills at any moment`, { timeout: 60_000 + killRounds * roundMs }, async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'whetstone-e2e-'));
    const acked = new Acknowledged();
    for (let round = 0; round < killRounds; round += 1) {
      const whetstone = await start({ dataDir, unchecked: true });
      const before = acked.texts.size;
      const writers = startWriters(whetstone.url, whetstone.apiKey, acked);
      // The first write makes the file; then anything between at once and two batches later.
      for (let waited = 0; acked.texts.size === before && waited < 1_000; waited += 1) await pause(10);
      await pause(Math.random() * 1_300);
      expect(await whetstone.kill('SIGKILL')).toBeNull();
      await writers.stop();
      expect(acked.texts.size).toBeGreaterThan(before);
    }
    const whetstone = await start({ dataDir });
    expect(acked.refused).toEqual([]);
    expect(await compare(whetstone.url, whetstone.apiKey, acked)).toEqual(intact);
    const listed = await send(whetstone.url, '/v5/logs?size=1000&summary=true', { headers: byKey(whetstone.apiKey) });
    const { records, total } = listed.json<{ records: { id: string }[]; total: number }>();
    expect(new Set(records.map(({ id }) => id)).size).toBe(records.length);
    expect(total).toBeGreaterThanOrEqual(acked.texts.size);
    // What was under way when the server died may be there or not, but only once.
    expect(total).toBeLessThanOrEqual(acked.attempts);
  });

  it(
    `F3: told to stop under load, finishes what it began and exits with 0 (${termRounds} rounds)`,
    { timeout: 60_000 + termRounds * 2 * roundMs },
    async () => {
      const dataDir = mkdtempSync(join(tmpdir(), 'whetstone-e2e-'));
      const provider = await startFakeProvider();
      const acked = new Acknowledged();
      try {
        for (let round = 0; round < termRounds; round += 1) {
          const env = { OPENAI_API_KEY: 'sk-x', OPENAI_BASE_URL: `${provider.url}/v1` };
          const whetstone = await start({ dataDir, env });
          const writers = startWriters(whetstone.url, whetstone.apiKey, acked);
          const streams = ['fake-slow-drip', 'fake-slow-drip', 'fake-half-open-stream'].map((model) => openStream(whetstone, model, acked));
          const events = openEvents(whetstone);
          await Promise.all([...streams.map(({ began }) => began), events.began]);
          await pause(500 + Math.random() * 500);
          const told = Date.now();
          expect(await whetstone.kill('SIGTERM'), whetstone.stderr()).toBe(0);
          // 10 s, and as much again for a machine with other work.
          expect(Date.now() - told).toBeLessThan(20_000);
          await writers.stop();
          for (const stream of streams) expect(['ended', 'cut']).toContain(await stream.end);
          await events.end;
          expect(whetstone.stderr()).not.toMatch(/could not stop cleanly|unexpected error/);
        }
        const whetstone = await start({ dataDir });
        expect(acked.texts.size).toBeGreaterThan(0);
        // Late callers may be told that the server is stopping; nobody gets an error of ours.
        expect(acked.refused.filter((status) => status !== 503)).toEqual([]);
        expect(await compare(whetstone.url, whetstone.apiKey, acked)).toEqual(intact);
      } finally {
        await provider.close();
      }
    },
  );

  it('F19: a second process on the same data directory exits at once and names the holder', { timeout: 120_000 }, async () => {
    const whetstone = await start({});
    const acked = new Acknowledged();
    const writers = startWriters(whetstone.url, whetstone.apiKey, acked, { count: 1 });
    const asked = Date.now();
    await expect(startOne({ dataDir: whetstone.dataDir })).rejects.toThrow(new RegExp(`in use by process ${whetstone.pid}\\b`));
    expect(Date.now() - asked).toBeLessThan(20_000);
    await writers.stop();
    expect(acked.refused).toEqual([]);
    expect(await compare(whetstone.url, whetstone.apiKey, acked)).toEqual(intact);
  });

  interface Opened {
    began: Promise<void>;
    /** `ended`: the server finished it; `cut`: the connection broke. */
    end: Promise<'ended' | 'cut'>;
  }

  /** A streamed call; when its end mark comes, it counts as acknowledged. */
  function openStream(whetstone: Whetstone, model: string, acked: Acknowledged): Opened {
    const text = `stream of ${model} ${Math.random()}`;
    const body = JSON.stringify({ model, stream: true, messages: [{ role: 'user', content: text }] });
    const headers = { 'content-type': 'application/json', ...byKey(whetstone.apiKey) };
    return open(whetstone, '/v1/chat/completions', 'POST', headers, body, (id, received) => {
      if (received.includes('data: [DONE]')) acked.texts.set(id, text);
    });
  }

  function openEvents(whetstone: Whetstone): Opened {
    return open(whetstone, '/v5/logs/events', 'GET', byKey(whetstone.apiKey), null, () => undefined);
  }

  function open(
    whetstone: Whetstone,
    path: string,
    method: string,
    headers: Record<string, string>,
    body: string | null,
    done: (id: string, received: string) => void,
  ): Opened {
    const outgoing = request(new URL(path, whetstone.url), { method, headers, agent: false });
    let end: Opened['end'] = Promise.resolve('cut');
    const began = new Promise<void>((ok, fail) => {
      outgoing.on('error', fail);
      outgoing.on('response', (incoming) => {
        let received = '';
        incoming.on('data', (chunk: Buffer) => (received += chunk.toString()));
        end = new Promise((resolve) => {
          incoming.on('end', () => resolve('ended'));
          incoming.on('error', () => resolve('cut'));
          incoming.on('close', () => {
            done(String(incoming.headers['x-whetstone-log-id']), received);
            resolve('cut');
          });
        });
        ok();
      });
    });
    outgoing.end(body ?? undefined);
    return {
      began,
      get end() {
        return end;
      },
    };
  }
});
