import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { byKey, send } from './send.ts';
import { eventually, startWhetstone, type Whetstone } from './whetstone.ts';

/** A provider that counts who asked what, and does as the test tells it. */
interface Provider {
  url: string;
  /** The user's words of each call, in order. */
  asked: string[];
  /** Calls that were cut off by their caller. */
  cut: number;
  delayMs: number;
  dead: boolean;
  close(): Promise<void>;
}

async function startProvider(): Promise<Provider> {
  const provider: Provider = { url: '', asked: [], cut: 0, delayMs: 60, dead: false, close: async () => undefined };
  const server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      if (provider.dead) return void request.socket.destroy();
      const { messages } = JSON.parse(body) as { messages: { content: string }[] };
      const text = messages.at(-1)?.content ?? '';
      provider.asked.push(text);
      response.on('close', () => (provider.cut += response.writableFinished ? 0 : 1));
      const message = { role: 'assistant', content: `You said: ${text}` };
      const usage = { prompt_tokens: 10, completion_tokens: 10, total_tokens: 20 };
      const answer = { id: 'x', object: 'chat.completion', created: 1, model: 'gpt-4o-mini', usage };
      const whole = JSON.stringify({ ...answer, choices: [{ index: 0, finish_reason: 'stop', message }] });
      setTimeout(() => {
        if (provider.dead) request.socket.destroy();
        else response.writeHead(200, { 'content-type': 'application/json' }).end(whole);
      }, provider.delayMs);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  provider.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  provider.close = () =>
    new Promise((done) => {
      server.closeAllConnections();
      server.close(() => done());
    });
  return provider;
}

type Answer = Record<string, unknown>;
interface RunAnswer extends Answer {
  id: string;
  status: string;
  dataset: { version_id: string };
  progress: Record<string, number | null>;
}

describe('runs through what goes wrong', { timeout: 240_000 }, () => {
  let provider: Provider;
  let whetstone: Whetstone;
  const start = async (dataDir?: string): Promise<void> => {
    const env = { OPENAI_API_KEY: 'sk-x', OPENAI_BASE_URL: `${provider.url}/v1` };
    whetstone = await startWhetstone({ env, ...(dataDir === undefined ? {} : { dataDir }) });
  };
  beforeAll(async () => {
    provider = await startProvider();
    await start();
  });
  afterAll(async () => {
    await whetstone?.close();
    await provider?.close();
  });

  const ask = async <T = Answer>(method: string, path: string, body?: unknown): Promise<T> => {
    const { status, text } = await send(whetstone.url, `/v5${path}`, { method, headers: byKey(whetstone.apiKey), body });
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`);
    return (text === '' ? {} : JSON.parse(text)) as T;
  };
  const code = (source: string, more: object = {}) => ({
    evaluator_type: 'python',
    arguments_type: 'target_free',
    return_type: 'boolean',
    language: 'javascript',
    code: source,
    ...more,
  });
  const says = code('function evaluate(log) { return log.output.startsWith("You said") }');
  let made = 0;
  /** A run of so many cases that has begun. */
  const begin = async (count: number, specs: object[] = [says], more: object = {}): Promise<{ evaluation: string; run: RunAnswer }> => {
    const name = `made-${++made}`;
    const prompt = await ask('POST', '/prompts', {
      path: `${name}/prompt`,
      model: 'gpt-4o-mini',
      template: [{ role: 'user', content: '{{q}}' }],
    });
    const datapoints = Array.from({ length: count }, (_, n) => ({ inputs: { q: `${name} ${n}` } }));
    const dataset = await ask('POST', '/datasets', { path: `${name}/cases`, datapoints });
    const evaluators = [];
    for (const [n, spec] of specs.entries())
      evaluators.push({ id: (await ask('POST', '/evaluators', { path: `${name}/judge-${n}`, spec }))['id'] });
    const { id } = await ask<{ id: string }>('POST', '/evaluations', { name, evaluators });
    const versions = { version: { version_id: prompt['version_id'] }, dataset: { version_id: dataset['version_id'] } };
    provider.asked = [];
    const run = await ask<RunAnswer>('POST', `/evaluations/${id}/runs`, { ...versions, orchestrated: true, concurrency: 8, ...more });
    return { evaluation: id, run };
  };
  const runOf = async (evaluation: string): Promise<RunAnswer> =>
    (await ask<{ runs: RunAnswer[] }>('GET', `/evaluations/${evaluation}/runs`)).runs[0] as RunAnswer;
  const ended = (evaluation: string, within = 120_000): Promise<RunAnswer> =>
    eventually(
      'the end of the run',
      async () => {
        const run = await runOf(evaluation);
        return run.status === 'completed' || run.status === 'cancelled' ? run : null;
      },
      within,
    );
  const enough = (count: number): Promise<boolean> => eventually('the first calls', async () => provider.asked.length >= count, 60_000);

  it('a server that is killed in the middle goes on where it was: nothing is done twice but what was under way', async () => {
    const { evaluation } = await begin(120);
    await enough(40);
    await whetstone.kill('SIGKILL');
    const before = provider.asked.length;
    expect(before).toBeLessThan(120);
    await start(whetstone.dataDir);
    const run = await ended(evaluation);
    expect(run).toMatchObject({ status: 'completed', progress: { total: 120, done: 120, failed: 0, judged: 120, awaited_judgments: 0 } });
    const times = Map.groupBy(provider.asked, (text) => text);
    expect(times.size).toBe(120);
    // Each of the eight places may have a call with the provider and one that was answered and whose log is being written.
    expect(provider.asked.length - 120).toBeLessThanOrEqual(16);
    const { records, total } = await ask<{ records: { log: { id: string; output: string }; evaluator_logs: unknown[] }[]; total: number }>(
      'GET',
      `/evaluations/${evaluation}/logs?size=100`,
    );
    expect(total).toBe(120);
    expect(records.every(({ log, evaluator_logs: own }) => log.output.startsWith('You said') && own.length === 1)).toBe(true);
  });

  it('a provider that dies half-way leaves failed calls that are counted, and the run ends', async () => {
    const { evaluation } = await begin(60);
    await enough(15);
    provider.dead = true;
    const run = await ended(evaluation);
    provider.dead = false;
    expect(run.status).toBe('completed');
    expect(run.progress).toMatchObject({ total: 60, done: 60 });
    expect(run.progress['failed']).toBeGreaterThan(0);
    expect(run.progress['failed']).toBeLessThan(60);
    const { run_stats: stats } = await ask<{ run_stats: Answer[] }>('GET', `/evaluations/${evaluation}/stats`);
    expect(stats[0]).toMatchObject({ num_logs: 60 });
  });

  it('cancelled, it ends within a second and what is under way is cut off; resumed, all of it is made', async () => {
    provider.delayMs = 1_500;
    const { evaluation, run } = await begin(30);
    await enough(8);
    provider.cut = 0;
    await ask('PATCH', `/evaluations/${evaluation}/runs/${run.id}`, { status: 'cancelled' });
    await eventually('the calls to be cut off', async () => provider.cut >= 8, 1_400);
    const asked = provider.asked.length;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(provider.asked.length).toBe(asked);
    expect(await runOf(evaluation)).toMatchObject({ status: 'cancelled', stopped_because: 'caller' });
    provider.delayMs = 20;
    await ask('PATCH', `/evaluations/${evaluation}/runs/${run.id}`, { status: 'running' });
    expect(await ended(evaluation)).toMatchObject({
      status: 'completed',
      stopped_because: null,
      progress: { done: 30, failed: 0, judged: 30 },
    });
    const { run_stats: stats } = await ask<{ run_stats: Answer[] }>('GET', `/evaluations/${evaluation}/stats`);
    expect(stats[0]).toMatchObject({ num_logs: 30, evaluator_stats: [{ num_true: 30 }] });
  });

  it('a dataset that is edited meanwhile changes nothing: the run has the version that it was given', async () => {
    provider.delayMs = 60;
    const { evaluation, run } = await begin(40);
    await enough(5);
    const path = `made-${made}/cases`;
    await ask('POST', '/datasets', { path, datapoints: [{ inputs: { q: 'something else' } }] });
    const after = await ended(evaluation);
    expect(after).toMatchObject({ progress: { total: 40, done: 40 }, dataset: { version_id: run.dataset.version_id } });
    expect(provider.asked).not.toContain('something else');
  });

  it('evaluators of every bad kind cost their own judgments only', async () => {
    provider.delayMs = 5;
    const python = (source: string, more: object = {}) => code(`def evaluate(log):\n${source}`, { language: null, ...more });
    const specs: Record<string, object> = {
      fine: says,
      loops: code('function evaluate() { for (;;) {} }'),
      'loops in Python': python('    while True: pass'),
      'eats memory': python('    return len("x" * 10**10) > 0'),
      'prints a gigabyte': python('    for _ in range(10**6): print("x" * 1000)\n    return True'),
      forks: python('    import os\n    os.fork()\n    return True'),
      'opens files': python('    return open("/etc/passwd").read() != ""'),
      connects: python('    import socket\n    socket.create_connection(("127.0.0.1", 80))\n    return True'),
      'not a number': python('    return float("nan")', { return_type: 'number' }),
      'another type': python('    return "yes"'),
      nothing: python('    pass'),
    };
    const { evaluation } = await begin(3, Object.values(specs));
    const run = await ended(evaluation, 200_000);
    expect(run).toMatchObject({ status: 'completed', progress: { done: 3, awaited_judgments: 0 } });
    type Stats = { num_judgments: number; num_nulls: number; num_errors: number; total_logs: number };
    const { run_stats: stats } = await ask<{ run_stats: { evaluator_stats: Stats[] }[] }>('GET', `/evaluations/${evaluation}/stats`);
    const outcomes = Object.keys(specs).map((name, n) => {
      const {
        num_judgments: judged,
        num_errors: errors,
        num_nulls: nulls,
      } = (stats[0] as { evaluator_stats: Stats[] }).evaluator_stats[n] as Stats;
      return [name, judged, errors, nulls];
    });
    for (const [name, judged, errors, nulls] of outcomes) {
      expect([name, Number(judged) + Number(errors) + Number(nulls)]).toEqual([name, 3]);
      // What is printed is capped, and is no error by itself.
      if (name !== 'fine' && name !== 'prints a gigabyte') expect([name, judged]).toEqual([name, 0]);
    }
    expect(outcomes[0]).toEqual(['fine', 3, 0, 0]);
  });
});
