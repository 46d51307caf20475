import { setTimeout as sleep } from 'node:timers/promises';
import { apiKey, makeData, type Running, startScript, startWhetstone } from './processes.ts';
import { promptfooRate } from './promptfoo.ts';
import type { Figure } from './report.ts';

const atOnce = 32;
const latencyMs = 200;
/** Of what the provider's latency alone would take. */
const mostOfIdeal = 1.05;
const timesPromptfoo = 3;

/** What both products judge each answer by. */
export const assertions = ["output.includes('unridden bike')", 'output.length > 100 && output.length < 10_000'];
export const promptText = 'How do I return the bike {{word}}? Answer briefly.';

/** Runs of the server: from the request to the finished report, with a slow provider and with one that answers at once. */
export async function benchEvaluate(quick: boolean): Promise<Figure[]> {
  const cases = quick ? 320 : 1_000;
  return [
    ...(await withProvider(latencyMs, (server) => slow(server, cases))),
    ...(await withProvider(0, (server, url) => fast(server, url, cases))),
  ];
}

async function withProvider(ms: number, work: (server: Running, providerUrl: string) => Promise<Figure[]>): Promise<Figure[]> {
  const provider = await startScript('bench/src/provider.ts', [String(ms)]);
  const data = makeData();
  const server = await startWhetstone(data.dir, { OPENAI_API_KEY: 'sk-bench', OPENAI_BASE_URL: `${provider.url}/v1` });
  try {
    return await work(server, provider.url);
  } finally {
    await server.stop();
    await provider.stop();
    data.remove();
  }
}

async function slow(server: Running, cases: number): Promise<Figure[]> {
  const idealMs = Math.ceil(cases / atOnce) * latencyMs;
  const ms = await evaluateOnce(server, cases, idealMs);
  return [
    {
      suite: 'evaluate',
      name: `${cases} cases x 2 code evaluators at ${latencyMs} ms, of the ideal`,
      value: ms / idealMs,
      unit: 'x',
      bound: { op: '<=', value: mostOfIdeal },
      note: `${(ms / 1000).toFixed(2)} s, ideal ${(idealMs / 1000).toFixed(2)} s`,
    },
  ];
}

async function fast(server: Running, providerUrl: string, cases: number): Promise<Figure[]> {
  const ms = await evaluateOnce(server, cases, 0);
  const rate = (cases / ms) * 1000;
  const theirs = await promptfooRate(`${providerUrl}/v1`, cases, atOnce);
  const name = 'cases a second, provider at once';
  const own: Figure = { suite: 'evaluate', name, value: rate, unit: 'cases/s', note: `${cases} cases x 2 code evaluators` };
  if (typeof theirs === 'string')
    return [own, { suite: 'evaluate', name: 'against promptfoo', value: 0, unit: '', note: `not measured: ${theirs}` }];
  return [
    own,
    { suite: 'evaluate', name: 'promptfoo, the same', value: theirs.rate, unit: 'cases/s', note: `promptfoo ${theirs.version}` },
    { suite: 'evaluate', name: 'against promptfoo', value: rate / theirs.rate, unit: 'x', bound: { op: '>=', value: timesPromptfoo } },
  ];
}

/** Milliseconds from the request for a run to its finished report, after a run that warmed everything up. */
async function evaluateOnce(server: Running, cases: number, idealMs: number): Promise<number> {
  const ask = client(server.url);
  const prompt = await ask('POST', '/prompts', {
    path: 'bench/answer',
    model: 'gpt-4o-mini',
    template: [{ role: 'user', content: promptText }],
  });
  const evaluators: { id: unknown }[] = [];
  for (const [index, test] of assertions.entries()) {
    const spec = { evaluator_type: 'python', language: 'javascript', arguments_type: 'target_free', return_type: 'boolean' };
    const code = `function evaluate(log) { const output = log.output; return ${test} }`;
    const { id } = await ask('POST', '/evaluators', { path: `bench/judge-${index}`, spec: { ...spec, code } });
    evaluators.push({ id });
  }
  const dataset = async (name: string, count: number, from: number): Promise<unknown> => {
    const datapoints = Array.from({ length: count }, (_, n) => ({ inputs: { word: `number ${from + n}` } }));
    return (await ask('POST', '/datasets', { path: name, datapoints }))['version_id'];
  };
  const run = async (version: unknown, count: number, waitMs: number): Promise<number> => {
    const { id } = await ask('POST', '/evaluations', { name: `bench ${count} ${String(version)}`, evaluators });
    const since = performance.now();
    const request = {
      dataset: { version_id: version },
      version: { version_id: prompt['version_id'] },
      orchestrated: true,
      concurrency: atOnce,
    };
    await ask('POST', `/evaluations/${String(id)}/runs`, request);
    // Asking costs time of the server: not before it could be done.
    await sleep(waitMs);
    for (;;) {
      const stats = await ask('GET', `/evaluations/${String(id)}/stats`);
      if (stats['status'] === 'completed') return checked(stats, count, performance.now() - since);
      await sleep(20);
    }
  };
  await run(await dataset('bench/warm', 320, 1_000_000), 320, 0);
  return run(await dataset('bench/cases', cases, 0), cases, idealMs);
}

function checked(stats: Record<string, unknown>, cases: number, ms: number): number {
  const [run] = stats['run_stats'] as { num_logs: number; evaluator_stats: { num_true: number }[] }[];
  if (run?.num_logs !== cases || !run.evaluator_stats.every(({ num_true: good }) => good === cases))
    throw new Error(`the run did not come to what it should: ${JSON.stringify(run)}`);
  return ms;
}

function client(url: string) {
  return async (method: string, path: string, body?: unknown): Promise<Record<string, unknown>> => {
    const response = await fetch(`${url}/v5${path}`, {
      method,
      headers: { 'content-type': 'application/json', 'x-api-key': apiKey },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Record<string, unknown>;
  };
}
