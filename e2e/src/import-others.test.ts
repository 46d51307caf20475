import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { run } from '../../sdk/src/cli/run.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { byKey, caller } from './send.ts';
import { startWhetstone, type Whetstone } from './whetstone.ts';

const keys = { id: 'pk-lf-1', secret: 'sk-lf-1' };
const prompts = [1, 2, 3].map((version) => ({
  name: 'team/answer',
  type: 'text',
  version,
  prompt: `Version ${version} for {{name}}`,
  config: { model: 'gpt-4o' },
  labels: version === 2 ? ['production'] : [],
  tags: [],
}));
const items = Array.from({ length: 120 }, (_, n) => ({
  id: `item-${n}`,
  status: 'ACTIVE',
  datasetId: 'd1',
  datasetName: 'a dataset',
  input: { question: `Q${n}` },
  expectedOutput: `A${n}`,
}));

/** The public API of Langfuse, as far as it is asked; it is slow to be asked too often, once. */
function fakeLangfuse(): Server {
  let refused = false;
  return createServer((request, reply) => {
    const url = new URL(request.url ?? '/', 'http://langfuse');
    const answer = (status: number, body: unknown): void => {
      reply.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    const page = (all: readonly object[]): void => {
      const [number, limit] = [Number(url.searchParams.get('page')), Number(url.searchParams.get('limit'))];
      const meta = { page: number, limit, totalItems: all.length, totalPages: Math.ceil(all.length / limit) };
      answer(200, { data: all.slice((number - 1) * limit, number * limit), meta });
    };
    const authorization = `Basic ${Buffer.from(`${keys.id}:${keys.secret}`).toString('base64')}`;
    if (request.headers.authorization !== authorization) return answer(401, { message: 'Invalid credentials' });
    if (url.pathname === '/api/public/v2/prompts')
      return page([{ name: 'team/answer', type: 'text', versions: [1, 2, 3], labels: ['production'], tags: [] }]);
    if (url.pathname === '/api/public/v2/prompts/team%2Fanswer') {
      if (!refused) {
        refused = true;
        reply.setHeader('retry-after', '1');
        return answer(429, { message: 'Too many requests' });
      }
      const found = prompts.find(({ version }) => String(version) === url.searchParams.get('version'));
      return found === undefined || found.version === 3 ? answer(404, { message: 'Prompt not found' }) : answer(200, found);
    }
    if (url.pathname === '/api/public/v2/datasets')
      return page([{ id: 'd1', name: 'a dataset', projectId: 'p', createdAt: '2026-01-01T00:00:00Z' }]);
    if (url.pathname === '/api/public/dataset-items')
      return page(items.filter(({ datasetName }) => datasetName === url.searchParams.get('datasetName')));
    return answer(404, { message: 'Not found' });
  });
}

describe('moving in from elsewhere, by the command line', { timeout: 180_000 }, () => {
  let home: Whetstone;
  let langfuse: Server;
  let langfuseUrl: string;
  let directory: string;

  beforeAll(async () => {
    home = await startWhetstone();
    langfuse = fakeLangfuse();
    await new Promise<void>((done) => langfuse.listen(0, '127.0.0.1', done));
    const address = langfuse.address();
    langfuseUrl = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`;
    directory = mkdtempSync(join(tmpdir(), 'whetstone-others-'));
  }, 120_000);
  afterAll(async () => {
    langfuse?.close();
    await home?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const whet = async (args: string[], environment: Record<string, string> = {}) => {
    let out = '';
    let err = '';
    const output = { out: (text: string) => void (out += `${text}\n`), err: (text: string) => void (err += `${text}\n`), colour: false };
    const code = await run(args, { WHETSTONE_API_KEY: home.apiKey, WHETSTONE_BASE_URL: home.url, ...environment }, output);
    return { code, out, err };
  };
  const write = (path: string, content: unknown): void => {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), typeof content === 'string' ? content : JSON.stringify(content));
  };
  const ask = <T>(path: string): Promise<T> => caller(home.url, byKey(home.apiKey))<T>('GET', path);
  interface Found {
    records: { path: string; version_name: string | null; datapoints_count?: number }[];
  }
  const paths = async (kind: string): Promise<string[]> => {
    const { records } = await ask<Found>(`/v5/${kind}?size=50`);
    return records.map(({ path }) => path).filter((path) => !path.startsWith('feedback/'));
  };

  it('asks Langfuse itself, waits when told to, and says what it did not get', async () => {
    const environment = { LANGFUSE_PUBLIC_KEY: keys.id, LANGFUSE_SECRET_KEY: keys.secret };
    const { code, out } = await whet(['import', 'langfuse', langfuseUrl, '--to', 'moved'], environment);
    expect(out).toContain('prompt team/answer version 3: Langfuse answers 404');
    expect([code, out]).toEqual([1, expect.stringMatching(/versions\s+3 of 3[\s\S]*datapoints\s+120 of 120/)]);
    const { records } = await ask<Found>('/v5/prompts?size=50');
    expect(records.map(({ path, version_name }) => [path, version_name])).toEqual([['moved/team/answer', 'v2']]);
    expect((await ask<Found>('/v5/datasets?size=50')).records).toMatchObject([{ path: 'moved/a dataset', datapoints_count: 120 }]);
  });

  it('needs keys that Langfuse takes', async () => {
    expect(await whet(['import', 'langfuse', langfuseUrl])).toMatchObject({ code: 2, err: expect.stringContaining('LANGFUSE_PUBLIC_KEY') });
    const wrong = await whet(['import', 'langfuse', langfuseUrl], { LANGFUSE_PUBLIC_KEY: 'a', LANGFUSE_SECRET_KEY: 'b' });
    expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('does not take these keys (401)') });
  });

  it('reads a directory of promptfoo without what lies beside it, or one file', async () => {
    write(
      'bot/promptfooconfig.yaml',
      'prompts: [file://p.txt]\nproviders: [openai:gpt-4o]\ntests: [{ vars: { q: a }, assert: [{ type: equals, value: b }] }]\n',
    );
    write('bot/p.txt', 'Say {{q}}');
    write('bot/node_modules/x/promptfooconfig.yaml', 'prompts: [not mine]\n');
    const dry = await whet(['import', 'promptfoo', join(directory, 'bot'), '--dry-run']);
    expect([dry.code, dry.out]).toEqual([0, expect.stringMatching(/nothing was changed[\s\S]*files\s+3/)]);
    for (let round = 0; round < 2; round += 1)
      expect(await whet(['import', 'promptfoo', join(directory, 'bot')])).toMatchObject({ code: 0 });
    expect(await paths('prompts')).toContain('bot/p');
    expect(await paths('evaluators')).toEqual(['bot/equals']);
    write('alone.yaml', 'description: alone\nprompts: ["Hi {{x}}"]\nproviders: [openai:gpt-4o]\n');
    expect(await whet(['import', 'promptfoo', join(directory, 'alone.yaml')])).toMatchObject({ code: 0 });
    expect(await paths('prompts')).toContain('alone/prompt');
  });

  it('reads evals and stored prompts of OpenAI; a call of such a prompt renders', async () => {
    write('openai/prompt.json', {
      id: 'pmpt_1',
      name: 'stored',
      versions: [{ version: '1', instructions: 'Help {{who}}.', model: 'gpt-5' }],
    });
    write('openai/eval.json', { eval: { object: 'eval', id: 'eval_1', name: 'E', testing_criteria: [] }, rows: [{ q: 'x' }], runs: [] });
    expect(await whet(['import', 'openai', join(directory, 'openai')])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/files\s+2 of 2/),
    });
    const { records } = await ask<{ records: { id: string; path: string }[] }>('/v5/prompts?size=50');
    const id = records.find(({ path }) => path === 'stored')?.id;
    const populated = await caller(home.url, byKey(home.apiKey))<{ populated_template: object[] }>('POST', `/v5/prompts/${id}/populate`, {
      who: 'Ada',
    });
    expect(populated.populated_template).toEqual([{ role: 'developer', content: 'Help Ada.' }]);
  });

  it('says what it does not know, and what is no export', async () => {
    expect(await whet(['import', 'nobody', directory])).toMatchObject({
      code: 2,
      err: expect.stringContaining('whetstone import langfuse'),
    });
    write('empty/a.json', { a: 1 });
    expect(await whet(['import', 'langfuse', join(directory, 'empty')])).toMatchObject({
      code: 1,
      err: expect.stringContaining('public API'),
    });
    expect(await whet(['import', 'promptfoo', 'https://example.com'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('from a directory'),
    });
  });
});
