import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFakeProvider, type FakeProvider } from '../../server/src/fake-provider/index.ts';
import { byKey, caller, type Caller } from './send.ts';
import { eventually, startWhetstone, type Whetstone } from './whetstone.ts';

interface Log {
  id: string;
  type: string;
  status: string;
  output: string | null;
  trace_parent_id: string | null;
  tool?: { path: string };
  prompt?: { path: string; version_id: string };
  model: string | null;
  evaluator_logs: { judgment: unknown }[];
}

/** The folders of `examples/`, run as a newcomer runs them. */
describe('examples', { timeout: 120_000 }, () => {
  let whetstone: Whetstone;
  let provider: FakeProvider;
  let call: Caller;

  beforeAll(async () => {
    provider = await startFakeProvider();
    whetstone = await startWhetstone({ env: { OPENAI_API_KEY: 'sk-operator', OPENAI_BASE_URL: `${provider.url}/v1` } });
    call = caller(whetstone.url, byKey(whetstone.apiKey));
  });
  afterAll(async () => {
    await whetstone?.close();
    await provider?.close();
  });

  const run = (name: string, env: Record<string, string> = {}): Promise<string> =>
    new Promise((done, fail) => {
      const program = resolve(import.meta.dirname, '../../examples', name, 'main.ts');
      const child = spawn(process.execPath, [program, 'What is the weather in Paris?'], {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          PATH: process.env['PATH'],
          WHETSTONE_BASE_URL: whetstone.url,
          WHETSTONE_API_KEY: whetstone.apiKey,
          MODEL: 'gpt-4o-mini',
          ...env,
        },
      });
      let out = '';
      let err = '';
      child.stdout.on('data', (part: Buffer) => (out += part.toString()));
      child.stderr.on('data', (part: Buffer) => (err += part.toString()));
      child.once('close', (code) => (code === 0 ? done(out.trim()) : fail(new Error(`${name} ended with ${code}:\n${err}`))));
    });
  const flowOf = (path: string): Promise<Log> =>
    eventually(
      `the flow ${path}`,
      async () => (await call<{ records: Log[] }>('GET', `/v5/logs?filter=${encodeURIComponent(`file:${path}`)}`)).records[0],
      30_000,
    );
  const insideOf = async (root: Log): Promise<Log[]> => {
    const { records } = await call<{ records: Log[] }>('GET', `/v5/logs/${root.id}/trace`);
    return records.filter((log) => log.id !== root.id);
  };

  it('plain: a prompt of Whetstone, called directly, with a tool and feedback', async () => {
    const printed = await run('plain', { OPENAI_API_KEY: 'sk-own', OPENAI_BASE_URL: `${provider.url}/v1` });
    expect(printed).toBe('You said: What is the weather in Paris?');
    const flow = await flowOf('examples/plain');
    expect(flow).toMatchObject({ type: 'flow', output: printed });
    const inside = await insideOf(flow);
    expect(inside.map((log) => [log.type, log.trace_parent_id])).toEqual([
      ['tool', flow.id],
      ['prompt', flow.id],
    ]);
    expect(inside[1]?.prompt?.path).toBe('examples/support');
    const whole = await eventually('the vote', async () => {
      const log = await call<Log>('GET', `/v5/logs/${flow.id}`);
      return log.evaluator_logs.length > 0 && log;
    });
    expect(whole.evaluator_logs.map((log) => log.judgment)).toEqual(['good']);
  });

  it('plain, without a key of any provider: through the gateway to a simulated model', async () => {
    expect(await run('plain', { MODEL: 'demo-small' })).not.toBe('');
  });

  it.each(['vercel-ai-sdk', 'langchain', 'openai-agents'])('%s: calls the tool that the model asks for, all in one trace', async (name) => {
    const printed = await run(name);
    expect(printed).toBe('You said: What is the weather in Paris?');
    const flow = await flowOf(`examples/${name}`);
    expect(flow.output).toBe(printed);
    const inside = await insideOf(flow);
    expect(inside.map((log) => [log.type, log.trace_parent_id, log.status])).toEqual([
      ['prompt', flow.id, 'ok'],
      ['tool', flow.id, 'ok'],
      ['prompt', flow.id, 'ok'],
    ]);
  });

  it('llamaindex: its index with embeddings, what was retrieved and the call, in one trace', async () => {
    const printed = await run('llamaindex');
    expect(printed).toBe('You said: What is the weather in Paris?');
    const inside = await insideOf(await flowOf('examples/llamaindex'));
    const said = inside.map((log) => log.tool?.path ?? `${log.model}`).toSorted((one, other) => one.localeCompare(other));
    expect(said).toEqual(['demo-embedding', 'demo-embedding', 'examples/retrieve', 'examples/weather', 'gpt-4o-mini']);
    const { id } = inside.find((log) => log.tool?.path === 'examples/retrieve') as Log;
    const retrieved = await call<Log>('GET', `/v5/logs/${id}`);
    expect(JSON.parse(retrieved.output ?? '')).toHaveLength(2);
  });
});
