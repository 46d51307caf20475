import { randomBytes } from 'node:crypto';
import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { systemScope, type Scope } from '@whetstone/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ZipFile } from 'yazl';
import type { Files } from '../files/index.ts';
import type { Logs } from '../logs/index.ts';
import type { Exchange, ImportReport } from './index.ts';
import { type ExchangeHouse, openExchange } from './test/open.ts';

let house: ExchangeHouse;
let files: Files;
let logs: Logs;
let exchange: Exchange;
let scope: Scope;
let workspaces = 0;
const directory = mkdtempSync(join(tmpdir(), 'whetstone-import-'));

beforeAll(async () => {
  house = await openExchange();
  ({ files, logs, exchange } = house);
});
afterAll(async () => {
  await house?.close();
  rmSync(directory, { recursive: true, force: true });
});
beforeEach(async () => {
  scope = systemScope(`ws_${++workspaces}`, 'test');
  await files.prepareWorkspace(scope.workspaceId);
});

type Tree = Record<string, unknown>;
/** Strings are written as they are, lists as lines of JSON, objects as JSON. */
async function packed(tree: Tree): Promise<string> {
  const zip = new ZipFile();
  for (const [path, content] of Object.entries(tree)) {
    const lines = Array.isArray(content) && path.endsWith('.jsonl') ? content.map((line) => `${text(line)}\n`).join('') : text(content);
    zip.addBuffer(Buffer.from(lines), `exports/20250901-120000/${path}`);
  }
  zip.end();
  const path = join(directory, `${randomBytes(6).toString('hex')}.zip`);
  await pipeline(zip.outputStream, createWriteStream(path));
  return path;
}
const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
const run = async (tree: Tree, dryRun = false): Promise<ImportReport> =>
  exchange.import(scope, 'humanloop', await packed(tree), {
    dryRun,
    to: null,
    onProgress: () => undefined,
    signal: new AbortController().signal,
  });

/** A support prompt with two versions, its evaluator, a dataset, a flow; with ids of their own in each test, for ids are a server's. */
function exported(): { tree: Tree; id: (prefix: string) => string } {
  const salt = randomBytes(6).toString('hex');
  const id = (prefix: string): string => `${prefix}_${salt}`;
  const person = { id: 'usr_1', email_address: 'ada@example.com', full_name: 'Ada' };
  const prompt = { id: id('pr'), type: 'prompt', path: 'support/answer', description: 'Answers customers', tags: ['live'] };
  const version = (versionId: string, temperature: number, created: string) => ({
    ...prompt,
    version_id: versionId,
    version_name: temperature === 0 ? 'calm' : null,
    created_at: created,
    created_by: person,
    model: 'gpt-4o',
    provider: 'openai',
    endpoint: 'chat',
    template: [{ role: 'system', content: 'Help {{name}}.' }],
    temperature,
    inputs: [{ name: 'name' }],
    environments: [],
  });
  const evaluator = { id: id('ev'), type: 'evaluator', path: 'support/polite' };
  const spec = { evaluator_type: 'python', arguments_type: 'target_free', return_type: 'boolean', code: 'def f(log):\n  return True' };
  const judgment = {
    id: id('ev_data'),
    parent_id: id('data'),
    judgment: true,
    created_at: '2025-06-02T10:00:05',
    evaluator: { ...evaluator, version_id: id('evv'), spec },
  };
  const log = {
    id: id('data'),
    created_at: '2025-06-02T10:00:00',
    start_time: '2025-06-02T10:00:00',
    end_time: '2025-06-02T10:00:02',
    inputs: { name: 'Bo' },
    messages: [{ role: 'user', content: 'Where is my order?' }],
    output: 'On its way.',
    output_message: { role: 'assistant', content: 'On its way.' },
    prompt_tokens: 12,
    output_tokens: 5,
    provider_latency: 1.5,
    user: 'bo',
    environment: 'production',
    trace_parent_id: id('trace'),
    prompt: { ...prompt, version_id: id('prv_b') },
    evaluator_logs: [judgment],
    trace_children: null,
  };
  const flow = { id: id('fl'), type: 'flow', path: 'support/turn' };
  const trace = {
    id: id('trace'),
    created_at: '2025-06-02T09:59:59',
    log_status: 'complete',
    flow: { ...flow, version_id: id('flv') },
    trace_children: [log],
    evaluator_logs: [],
  };
  const dataset = { id: id('ds'), type: 'dataset', path: 'support/cases' };
  const datapoint = (n: number) => ({ id: `dp_${salt}_${n}`, inputs: { name: `N${n}` }, messages: [], target: { output: 'x' } });
  const tree: Tree = {
    'export.log': 'anything',
    [`files/${prompt.id}/file.json`]: prompt,
    [`files/${prompt.id}/versions/${id('prv_a')}`]: version(id('prv_a'), 1, '2025-06-01T10:00:00'),
    [`files/${prompt.id}/versions/${id('prv_b')}`]: version(id('prv_b'), 0, '2025-06-01T11:00:00'),
    [`files/${prompt.id}/deployments.json`]: [
      { version_id: id('prv_b'), environment_id: 'env_1', environment_name: 'production', environment_tag: 'default' },
      { version_id: id('prv_a'), environment_id: 'env_2', environment_name: 'beta', environment_tag: 'other' },
    ],
    [`files/${prompt.id}/logs/1.jsonl`]: [log],
    [`files/${prompt.id}/.done`]: 'Export completed successfully.\n',
    [`files/${evaluator.id}/file.json`]: evaluator,
    [`files/${evaluator.id}/versions/${id('evv')}`]: { ...evaluator, version_id: id('evv'), created_at: '2025-06-01T10:00:00', spec },
    [`files/${flow.id}/file.json`]: flow,
    [`files/${flow.id}/versions/${id('flv')}`]: { ...flow, version_id: id('flv'), created_at: '2025-06-01T10:00:00', attributes: { v: 1 } },
    [`files/${flow.id}/logs/1.jsonl`]: [trace],
    [`files/${dataset.id}/file.json`]: dataset,
    [`files/${dataset.id}/versions/${id('dsv')}`]: {
      ...dataset,
      version_id: id('dsv'),
      created_at: '2025-06-01T10:00:00',
      datapoints_count: 2,
    },
    [`files/${dataset.id}/datapoints/${id('dsv')}/1.jsonl`]: [datapoint(1), datapoint(2)],
  };
  return { tree, id };
}

describe('an export of Humanloop', () => {
  test('comes whole: files, versions, deployments, datapoints, traces and judgments, each under its id', async () => {
    const { tree, id } = exported();
    const report = await run(tree);
    expect(report.problems).toEqual([]);
    expect(report.counts).toMatchObject({
      files: { found: 4, carried: 4 },
      versions: { found: 5, carried: 5 },
      deployments: { found: 2, carried: 2 },
      datapoints: { found: 2, carried: 2 },
      logs: { found: 2, carried: 2 },
      judgments: { found: 1, carried: 1 },
    });
    expect(report.reenter).toMatchObject({ providers: ['openai'], people: ['ada@example.com'] });
    const prompt = await files.get(scope, 'prompt', { path: 'support/answer' });
    expect(prompt.file).toMatchObject({ id: id('pr'), description: 'Answers customers', tags: ['live'] });
    expect(prompt.version).toMatchObject({ id: id('prv_b'), name: 'calm', createdAt: new Date('2025-06-01T11:00:00Z') });
    const deployed = await files.deployed(scope, 'prompt', id('pr'));
    expect(deployed.map(({ environment, snapshot }) => [environment.name, snapshot?.version.id ?? null])).toEqual(
      expect.arrayContaining([
        ['production', id('prv_b')],
        ['beta', id('prv_a')],
      ]),
    );
    expect((await files.datasets.datapoints(scope, id('dsv'))).records.map((each) => each.inputs)).toEqual([
      { name: 'N1' },
      { name: 'N2' },
    ]);
    expect(await logs.find(scope, id('data'))).toMatchObject({
      at: new Date('2025-06-02T10:00:00Z'),
      versionId: id('prv_b'),
      output: 'On its way.',
      user: 'bo',
      origin: 'import',
      latencyMs: 1500,
      traceId: id('trace'),
      promptTokens: 12,
    });
    expect((await logs.trace(scope, id('trace'))).map((each) => each.id)).toEqual([id('trace'), id('data')]);
    expect((await logs.judgmentsOf(scope, [id('data')])).get(id('data'))).toMatchObject([
      { id: id('ev_data'), value: true, source: 'code' },
    ]);
  });

  test('may be imported again: nothing is there twice, no deployment is repeated', async () => {
    const { tree, id } = exported();
    await run(tree);
    const again = await run(tree);
    expect(again.problems).toEqual([]);
    expect(again.counts.versions).toEqual({ found: 5, carried: 5 });
    expect(await files.versions(scope, 'prompt', id('pr'))).toHaveLength(2);
    const { total } = await files.deployments(scope, 'prompt', id('pr'), { page: 1, size: 10 });
    expect(total).toBe(2);
    expect((await logs.list(scope, {}, { page: 1, size: 10, payload: false, count: true })).total).toBe(2);
    expect((await logs.judgmentsOf(scope, [id('data')])).get(id('data'))).toHaveLength(1);
  });

  test('a dry run says what would come and changes nothing', async () => {
    const { tree, id } = exported();
    const report = await run(tree, true);
    expect(report.counts).toMatchObject({
      files: { found: 4, carried: 0 },
      versions: { found: 5, carried: 0 },
      logs: { found: 2, carried: 0 },
    });
    expect(await files.find(scope, 'prompt', { id: id('pr') })).toBeNull();
    expect(await logs.find(scope, id('data'))).toBeNull();
  });

  test('what is damaged is listed by its place, and everything else comes', async () => {
    const { tree, id } = exported();
    const broken: Tree = {
      ...tree,
      [`files/${id('pr')}/versions/${id('prv_a')}`]: '{"version_id": "cut',
      [`files/${id('pr')}/logs/2.jsonl`]: [
        'not json',
        { id: 'no file' },
        { ...(tree[`files/${id('pr')}/logs/1.jsonl`] as object[])[0], id: id('second') },
      ],
      [`files/${id('fl')}/versions/${id('flv')}`]: { type: 'flow' },
      'files/pr_empty/versions/prv_lost': { version_id: 'prv_lost' },
    };
    const report = await run(broken);
    expect(report.problems.map(({ where }) => where).toSorted()).toEqual(
      [
        `files/${id('fl')}/logs/1.jsonl:1`,
        `files/${id('fl')}/versions/${id('flv')}`,
        `files/${id('pr')}/deployments.json`,
        `files/${id('pr')}/logs/2.jsonl:1`,
        `files/${id('pr')}/logs/2.jsonl:2`,
        `files/${id('pr')}/versions/${id('prv_a')}`,
        'files/pr_empty/file.json',
      ].toSorted(),
    );
    expect(await logs.find(scope, id('second'))).toMatchObject({ output: 'On its way.' });
    expect((await files.get(scope, 'prompt', { id: id('pr') })).version.id).toBe(id('prv_b'));
  });

  test('what is no export is refused in words that say what is expected', async () => {
    const path = join(directory, 'no.zip');
    writeFileSync(path, 'PK but no archive');
    const options = { dryRun: false, to: null, onProgress: () => undefined, signal: new AbortController().signal };
    await expect(exchange.import(scope, 'humanloop', path, options)).rejects.toMatchObject({ code: 'invalid_input' });
    await expect(run({ 'readme.txt': 'hello' })).rejects.toThrow('files/<file id>/file.json');
  });
});
