import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { run } from '../../sdk/src/cli/run.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { byKey, caller, send } from './send.ts';
import { eventually, startWhetstone, type Whetstone } from './whetstone.ts';

interface FileRecord {
  id: string;
  type: string;
  path: string;
  version_id: string;
}
interface Listed {
  records: (FileRecord & { environments: { id: string; name: string; tag: string }[] })[];
}

/** One server is left as Humanloop's users left it, by what its export tool asks for and writes; the other is moved into. */
describe('moving in with an export', { timeout: 180_000 }, () => {
  let old: Whetstone;
  let home: Whetstone;
  let directory: string;
  let call: string;

  beforeAll(async () => {
    [old, home] = await Promise.all([startWhetstone(), startWhetstone()]);
    directory = mkdtempSync(join(tmpdir(), 'whetstone-export-'));
    call = await live(old);
    await exported(old, directory);
  }, 120_000);
  afterAll(async () => {
    await Promise.all([old?.close(), home?.close()]);
    rmSync(directory, { recursive: true, force: true });
  });

  const whet = async (...args: string[]) => {
    let out = '';
    let err = '';
    const output = { out: (text: string) => void (out += `${text}\n`), err: (text: string) => void (err += `${text}\n`), colour: false };
    const code = await run(args, { WHETSTONE_API_KEY: home.apiKey, WHETSTONE_BASE_URL: home.url }, output);
    return { code, out, err };
  };

  it('a dry run tells what would come', async () => {
    const { code, out } = await whet('import', 'humanloop', directory, '--dry-run');
    expect([code, out]).toEqual([0, expect.stringMatching(/nothing was changed[\s\S]*versions\s+\d/)]);
    expect((await ask(home, 'GET', '/v5/prompts?size=50')).records).toEqual([]);
  });

  it('everything has its id, its dates and its place afterwards, twice over', async () => {
    for (let round = 0; round < 2; round += 1) {
      const { code, out } = await whet('import', 'humanloop', directory);
      expect([code, out]).toEqual([0, expect.stringContaining('Imported')]);
      expect(out).toContain('To be entered again: keys of openai');
    }
    for (const kind of ['prompts', 'flows', 'datasets', 'evaluators']) {
      const [before, after] = await Promise.all([old, home].map((server) => ask(server, 'GET', `/v5/${kind}?size=50`)));
      const told = (list: Listed | undefined) => list?.records.map(({ id, path, version_id }) => [id, path, version_id]).toSorted();
      // Feedback evaluators are in every workspace, under ids of their own.
      const own = (list: Listed | undefined) => told(list)?.filter(([, path]) => path?.startsWith('feedback/') !== true);
      expect([kind, own(after)]).toEqual([kind, own(before)]);
    }
    const [there, here] = await Promise.all(
      [old, home].map((server) =>
        eventually('the log', async () => {
          const { status, text } = await send(server.url, `/v5/logs/${call}`, { headers: byKey(server.apiKey) });
          return status === 200 ? (JSON.parse(text) as Record<string, unknown>) : null;
        }),
      ),
    );
    for (const field of ['output', 'messages', 'inputs', 'created_at', 'start_time', 'trace_id', 'user', 'environment', 'prompt_tokens'])
      expect([field, here?.[field]]).toEqual([field, there?.[field]]);
    expect(here?.['evaluator_logs']).toMatchObject([{ judgment: true, parent_id: call }]);
  });

  it('says where there is no export, and where there is no server', async () => {
    expect(await whet('import', 'humanloop', join(directory, 'nowhere'))).toMatchObject({ code: 2 });
    mkdirSync(join(directory, 'empty'));
    const refused = await whet('import', 'humanloop', join(directory, 'empty'));
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('files/<file id>/file.json') });
    const away = await whet('import', 'humanloop', directory, '--url', 'http://127.0.0.1:1');
    expect(away).toMatchObject({ code: 1, err: expect.stringContaining('cannot be reached') });
  });
});

const ask = (server: Whetstone, method: string, path: string, body?: unknown) =>
  caller(server.url, byKey(server.apiKey))<Listed & FileRecord>(method, path, body);

/** A little of everything; the id of a call inside a trace, judged. */
async function live(server: Whetstone): Promise<string> {
  const prompt = { path: 'support/answer', model: 'gpt-4o', provider: 'openai', template: [{ role: 'system', content: 'Help {{name}}.' }] };
  await ask(server, 'POST', '/v5/prompts', { ...prompt, temperature: 1 });
  const made = await ask(server, 'POST', '/v5/prompts', { ...prompt, temperature: 0, version_name: 'calm' });
  await ask(server, 'POST', '/v5/datasets', { path: 'support/cases', datapoints: [{ inputs: { name: 'Bo' }, target: { output: 'x' } }] });
  const spec = { evaluator_type: 'external', arguments_type: 'target_free', return_type: 'boolean' };
  await ask(server, 'POST', '/v5/evaluators', { path: 'support/polite', spec });
  const flow = { path: 'support/turn', flow: { attributes: { v: 1 } }, inputs: { q: 'x' }, output: 'y', log_status: 'incomplete' };
  const trace = await ask(server, 'POST', '/v5/flows/log', flow);
  const { id } = await ask(server, 'POST', `/v5/prompts/log?version_id=${made.version_id}`, {
    id: made.id,
    trace_parent_id: trace.id,
    inputs: { name: 'Bo' },
    messages: [{ role: 'user', content: 'Where is it?' }],
    output: 'On its way.',
    prompt_tokens: 12,
    user: 'bo',
    environment: 'production',
    start_time: '2026-01-02T03:04:05.000Z',
    created_at: '2026-01-02T03:04:05.000Z',
  });
  await ask(server, 'POST', '/v5/evaluators/log', { path: 'support/polite', parent_id: id, judgment: true });
  await ask(server, 'PATCH', `/v5/flows/logs/${trace.id}`, { log_status: 'complete' });
  await eventually('the logs in lists', async () => {
    const { records } = await ask(server, 'GET', '/v5/logs?size=10');
    return records.length >= 2 ? records : null;
  });
  return id;
}

/** Asks and writes as the vendor's tool does. */
async function exported(server: Whetstone, directory: string): Promise<void> {
  const write = (path: string, content: string): void => {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  };
  const pages = async (path: string): Promise<object[]> => {
    const all: object[] = [];
    for (let page = 1; ; page += 1) {
      const { records } = await ask(server, 'GET', `${path}${path.includes('?') ? '&' : '?'}page=${page}&size=100`);
      if (records.length === 0) return all;
      all.push(...records);
    }
  };
  const lines = (records: object[]): string => records.map((record) => `${JSON.stringify(record)}\n`).join('');
  for (const file of (await pages('/v5/files')) as FileRecord[]) {
    if (file.path.startsWith('feedback/')) continue;
    const folder = `files/${file.id}`;
    write(`${folder}/file.json`, JSON.stringify(file));
    const { records: versions } = await ask(server, 'GET', `/v5/${file.type}s/${file.id}/versions`);
    for (const version of versions) {
      write(`${folder}/versions/${version.version_id}`, JSON.stringify(version));
      if (file.type !== 'dataset') continue;
      const datapoints = await pages(`/v5/datasets/${file.id}/datapoints?version_id=${version.version_id}`);
      write(`${folder}/datapoints/${version.version_id}/1.jsonl`, lines(datapoints));
    }
    const deployments = versions.flatMap(({ version_id, environments }) =>
      environments.map(({ id, name, tag }) => ({ version_id, environment_id: id, environment_name: name, environment_tag: tag })),
    );
    write(`${folder}/deployments.json`, JSON.stringify(deployments));
    if (file.type !== 'dataset')
      write(`${folder}/logs/1.jsonl`, lines(await pages(`/v5/logs?file_id=${file.id}&include_trace_children=true`)));
    write(`${folder}/.done`, 'Export completed successfully.\n');
  }
}
