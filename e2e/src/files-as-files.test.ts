import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Whetstone as Client } from '../../sdk/src/index.ts';
import { run } from '../../sdk/src/cli/run.ts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startWhetstone, type Whetstone } from './whetstone.ts';

const cli = resolve(import.meta.dirname, '../../sdk/src/cli/main.ts');

describe('whetstone pull, push, status, diff', { timeout: 120_000 }, () => {
  let whetstone: Whetstone;
  let api: Client['api'];
  let directory: string;

  beforeAll(async () => {
    whetstone = await startWhetstone();
    ({ api } = new Client({ apiKey: whetstone.apiKey, baseUrl: whetstone.url, logging: false }));
  });
  afterAll(() => whetstone?.close());
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'whetstone-files-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  interface Ran {
    code: number | null;
    out: string;
    err: string;
  }
  const environment = (): Record<string, string> => ({
    WHETSTONE_API_KEY: whetstone.apiKey,
    WHETSTONE_BASE_URL: whetstone.url,
    WHETSTONE_DIR: directory,
    NO_COLOR: '1',
  });
  const whet = async (...args: string[]): Promise<Ran> => {
    const ran: Ran = { code: null, out: '', err: '' };
    const output = {
      out: (text: string) => void (ran.out += `${text}\n`),
      err: (text: string) => void (ran.err += `${text}\n`),
      colour: false,
    };
    ran.code = await run(args, environment(), output);
    return ran;
  };
  const program = (...args: string[]): Promise<Ran> =>
    new Promise((done) => {
      const env = { ...process.env, ...environment() };
      const child = spawn(process.execPath, [cli, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
      let out = '';
      let err = '';
      child.stdout.on('data', (part: Buffer) => (out += part.toString()));
      child.stderr.on('data', (part: Buffer) => (err += part.toString()));
      child.on('exit', (code) => done({ code, out, err }));
    });
  const here = (name: string) => join(directory, name);
  const read = (name: string) => readFileSync(here(name), 'utf8');
  const write = (name: string, text: string) => {
    mkdirSync(dirname(here(name)), { recursive: true });
    writeFileSync(here(name), text);
  };
  const edit = (name: string, from: string, to: string) => {
    expect(read(name)).toContain(from);
    write(name, read(name).replace(from, to));
  };
  const template = (system: string, user: string) => [
    { role: 'system' as const, content: system },
    { role: 'user' as const, content: user },
  ];
  const prompt = (path: string, system = 'You help.', user = '{{question}}', temperature = 0.2) =>
    api.prompts.upsert({ path, model: 'demo-small', temperature, template: template(system, user) });
  const newest = async (path: string) => {
    const file = await api.files.retrieveByPath({ path });
    const versions = await api.prompts.listVersions({ id: file.id });
    return versions.records[0] as (typeof versions.records)[number];
  };

  it('pulls every kind as text, and has nothing to do after', async () => {
    await prompt('all/answer');
    await api.evaluators.upsert({
      path: 'all/short',
      spec: {
        evaluator_type: 'python',
        arguments_type: 'target_free',
        return_type: 'boolean',
        code: 'def evaluate(log):\n    return len(log["output"]) < 100\n',
      },
    } as never);
    await api.evaluators.upsert({
      path: 'all/tone',
      spec: {
        evaluator_type: 'llm',
        arguments_type: 'target_free',
        return_type: 'select',
        options: [
          { name: 'kind', valence: 'positive' },
          { name: 'rude', valence: 'negative' },
        ],
        prompt: { model: 'demo-small', template: template('Judge the tone.', '{{output}}') },
      },
    } as never);
    await api.datasets.upsert({
      path: 'all/questions',
      datapoints: [{ inputs: { question: 'Where?' }, target: { output: 'Here' } }, { inputs: { question: 'Why?' } }],
    });
    await api.tools.upsert({
      path: 'all/search',
      function: { name: 'search', description: 'Finds', parameters: { type: 'object', properties: { q: { type: 'string' } } } },
    });
    await api.flows.upsert({ path: 'all/flow', attributes: { version: 3 } });
    const pulled = await whet('pull', 'all');
    expect(pulled).toMatchObject({ code: 0, err: '' });
    expect(pulled.out).toContain('6 new.');
    expect(read('all/answer.prompt')).toContain('<system>\n  You help.\n</system>');
    expect(read('all/short.evaluator')).toBe(
      '---\nevaluator_type: python\narguments_type: target_free\nreturn_type: boolean\n---\ndef evaluate(log):\n    return len(log["output"]) < 100\n\n',
    );
    expect(read('all/tone.evaluator')).toContain('---\n---\nmodel: demo-small\n');
    expect(read('all/questions.dataset.jsonl')).toBe(
      '{"inputs":{"question":"Where?"},"target":{"output":"Here"}}\n{"inputs":{"question":"Why?"}}\n',
    );
    expect(read('all/search.tool')).toContain('  name: search\n');
    expect(read('all/flow.flow')).toBe('---\nattributes:\n  version: 3\n---\n');
    expect(await whet('pull', 'all')).toMatchObject({ code: 0, out: 'Everything is up to date.\n' });
    expect((await whet('status', 'all')).out).toContain('6 files are the same on both sides');
    // Laid out anew but with the same content, a push finds the versions that are there.
    for (const name of ['all/short.evaluator', 'all/tone.evaluator', 'all/search.tool', 'all/flow.flow'])
      write(name, read(name).replace('---\n', '---\n# by hand\n'));
    write('all/questions.dataset.jsonl', `\n${read('all/questions.dataset.jsonl')}`);
    const again = await whet('push', 'all');
    expect(again).toMatchObject({ code: 0 });
    expect(again.out).toContain('5 already there.');
  });

  it('pushes new and changed files as versions, deploys them when told where, and says so', async () => {
    await prompt('up/answer');
    await whet('pull', 'up');
    edit('up/answer.prompt', 'You help.', 'You help customers.');
    write('up/fresh.prompt', '---\nmodel: demo-small\n---\n<user>\n  Hello {{name}}\n</user>\n');
    write('up/cases.dataset.jsonl', '{"inputs":{"name":"Ada"}}\n');
    const before = await newest('up/answer');
    const dry = await whet('push', 'up', '--dry-run');
    expect(dry.out).toContain('A dry run');
    expect((await newest('up/answer')).version_id).toBe(before.version_id);
    const pushed = await whet('push', 'up', '-e', 'staging');
    expect(pushed).toMatchObject({ code: 0 });
    expect(pushed.out).toMatch(/> up\/fresh\.prompt +new/);
    const after = await newest('up/answer');
    expect(after).toMatchObject({ template: template('You help customers.', '{{question}}'), parent_version_id: before.version_id });
    expect((await api.files.retrieveByPath({ path: 'up/answer', environment: 'staging' })).version_id).toBe(after.version_id);
    expect((await api.files.retrieveByPath({ path: 'up/answer' })).version_id).toBe(before.version_id);
    expect(await whet('push', 'up')).toMatchObject({ code: 0, out: 'Nothing to push.\n' });
    const fromStaging = await whet('pull', 'up', '-e', 'staging', '-d', here('elsewhere'));
    expect(fromStaging.code).toBe(0);
    expect(read('elsewhere/up/answer.prompt')).toContain('You help customers.');
  });

  it('merges edits of both sides, and keeps mine as a change to push', async () => {
    await prompt('both/answer', 'Line one.\nLine two.\nLine three.\nLine four.\nLine five.');
    await whet('pull', 'both');
    edit('both/answer.prompt', 'Line five.', 'Line five, mine.');
    await prompt('both/answer', 'Line one, theirs.\nLine two.\nLine three.\nLine four.\nLine five.');
    expect((await whet('status', 'both')).out).toContain('modified on both sides');
    const behind = await whet('push', 'both');
    expect(behind).toMatchObject({ code: 1 });
    expect(behind.out).toContain('pull first');
    const pulled = await whet('pull', 'both');
    expect(pulled).toMatchObject({ code: 0 });
    expect(pulled.out).toContain('merged');
    expect(read('both/answer.prompt')).toMatch(/Line one, theirs\.[\s\S]*Line five, mine\./);
    expect((await whet('diff', 'both')).out).toMatch(/-\s+Line five\.\n\+\s+Line five, mine\./);
    expect(await whet('push', 'both')).toMatchObject({ code: 0 });
    expect((await newest('both/answer')).template).toEqual(
      template('Line one, theirs.\nLine two.\nLine three.\nLine four.\nLine five, mine.', '{{question}}'),
    );
  });

  it('marks a conflict in the file, loses neither side, and pushes nothing until it is solved', async () => {
    await prompt('clash/answer');
    await whet('pull', 'clash');
    edit('clash/answer.prompt', 'You help.', 'You help gladly.');
    const theirs = await prompt('clash/answer', 'You help briefly.');
    const before = read('clash/answer.prompt');
    expect((await whet('pull', 'clash', '--dry-run')).code).toBe(1);
    expect(read('clash/answer.prompt')).toBe(before);
    const pulled = await whet('pull', 'clash');
    expect(pulled).toMatchObject({ code: 1 });
    expect(pulled.out).toContain('1 place marked in the file');
    expect(read('clash/answer.prompt')).toContain(
      '<<<<<<< here\n  You help gladly.\n=======\n  You help briefly.\n>>>>>>> in the workspace',
    );
    const refused = await whet('push', 'clash');
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.out).toContain('a conflict is marked');
    expect((await newest('clash/answer')).version_id).toBe(theirs.version_id);
    write(
      'clash/answer.prompt',
      read('clash/answer.prompt').replace(/<<<<<<<[\s\S]*>>>>>>> in the workspace/, '  You help gladly and briefly.'),
    );
    expect(await whet('push', 'clash')).toMatchObject({ code: 0 });
    expect((await newest('clash/answer')).template).toEqual(template('You help gladly and briefly.', '{{question}}'));
  });

  it('takes a file that both sides made: the same is agreed on, a different one is a conflict', async () => {
    await prompt('twice/same');
    await prompt('twice/other');
    await whet('pull', 'twice', '-d', here('first'));
    write('second/twice/same.prompt', read('first/twice/same.prompt'));
    write('second/twice/other.prompt', read('first/twice/other.prompt').replace('You help.', 'You do not.'));
    const pushed = await whet('push', 'twice', '-d', here('second'));
    expect(pushed.code).toBe(1);
    expect(pushed.out).toMatch(/twice\/other\.prompt +behind/);
    const pulled = await whet('pull', 'twice', '-d', here('second'));
    expect(pulled.code).toBe(1);
    expect(pulled.out).toMatch(/twice\/other\.prompt +conflict/);
    expect(read('second/twice/other.prompt')).toContain('You do not.');
    expect(read('second/twice/same.prompt')).toBe(read('first/twice/same.prompt'));
  });

  it('follows deletions: a file unchanged here goes, an edited one stays, and the workspace loses nothing unasked', async () => {
    const gone = await prompt('gone/unchanged');
    const edited = await prompt('gone/edited');
    await prompt('gone/local');
    await whet('pull', 'gone');
    await api.prompts.delete({ id: gone.id });
    await api.prompts.delete({ id: edited.id });
    edit('gone/edited.prompt', 'You help.', 'You stay.');
    rmSync(here('gone/local.prompt'));
    const pulled = await whet('pull', 'gone');
    expect(pulled).toMatchObject({ code: 1 });
    expect(existsSync(here('gone/unchanged.prompt'))).toBe(false);
    expect(read('gone/edited.prompt')).toContain('You stay.');
    expect((await whet('push', 'gone')).out).toContain('push --delete');
    expect((await newest('gone/local')).path).toBe('gone/local');
    expect((await newest('gone/edited')).template).toEqual(template('You stay.', '{{question}}'));
    expect(await whet('push', 'gone', '--delete')).toMatchObject({ code: 0 });
    await expect(newest('gone/local')).rejects.toMatchObject({ status: 404 });
  });

  it('names the line of what cannot be read, and pushes the rest', async () => {
    write('bad/one.prompt', '---\nmodel: demo-small\ntemperature: hot\n---\n<user>\n  Hi\n</user>\n');
    write('bad/two.evaluator', '---\nevaluator_type: sometimes\n---\n');
    write('bad/three.dataset.jsonl', '{"inputs":{"a":"b"}}\n{"inputs":\n');
    write('bad/good.prompt', '---\nmodel: demo-small\n---\n<user>\n  Hi\n</user>\n');
    const pushed = await whet('push', 'bad');
    expect(pushed).toMatchObject({ code: 1 });
    expect(pushed.out).toMatch(/bad\/one\.prompt +not pushed: line 3/);
    expect(pushed.out).toMatch(/bad\/two\.evaluator +not pushed: line 2/);
    expect(pushed.out).toMatch(/bad\/three\.dataset\.jsonl +not pushed: line 2/);
    expect((await newest('bad/good')).path).toBe('bad/good');
  });

  it('writes what the pull of Humanloop’s Python client writes from its own requests', async () => {
    await prompt('python/answer');
    await api.agents.upsert({ path: 'python/agent', model: 'demo-small', max_iterations: 3, template: template('Act.', '{{task}}') });
    expect((await whet('pull', 'python')).code).toBe(0);
    const headers = { 'x-api-key': whetstone.apiKey, 'content-type': 'application/json' };
    const listed = `${whetstone.url}/v5/files?page=1&size=100&type=prompt&type=agent&include_raw_file_content=true&path=python`;
    const { records } = (await (await fetch(listed, { headers })).json()) as {
      records: { path: string; type: string; raw_file_content: string }[];
    };
    expect(records.map(({ path }) => path).toSorted()).toEqual(['python/agent', 'python/answer']);
    for (const file of records) {
      expect(read(`${file.path}.${file.type}`)).toBe(file.raw_file_content);
      const url = `${whetstone.url}/v5/files/retrieve-by-path?include_raw_file_content=true`;
      const one = await (await fetch(url, { method: 'POST', headers, body: JSON.stringify({ path: file.path }) })).json();
      expect(one).toMatchObject({ raw_file_content: file.raw_file_content });
    }
    expect(await (await fetch(listed.replace('path=python', 'path=python/none'), { headers })).json()).toMatchObject({
      detail: 'Directory `python/none` does not exist.',
    });
  });

  it('reads files with the line ends of Windows, and finds that nothing changed', async () => {
    await prompt('crlf/answer');
    await whet('pull', 'crlf');
    write('crlf/answer.prompt', read('crlf/answer.prompt').replaceAll('\n', '\r\n'));
    expect((await whet('status', 'crlf', '--check')).code).toBe(0);
  });

  it('tells what is wrong with the call, the key and the server, with exit statuses', async () => {
    expect(await whet('pull', '--sideways')).toMatchObject({ code: 2 });
    expect((await whet('pull', 'none/such')).err).toContain('There is nothing at none/such');
    expect((await whet('pull', '--type', 'song')).err).toContain('--type is one of prompt');
    const wrongKey = await whet('pull', '--api-key', 'nonsense');
    expect(wrongKey).toMatchObject({ code: 1 });
    expect(wrongKey.err).toContain('API key is unknown');
    const away = await whet('pull', '--url', 'http://127.0.0.1:9');
    expect(away).toMatchObject({ code: 1 });
    expect(away.err).toContain('cannot be reached');
    expect((await program('frobnicate')).code).toBe(2);
    const help = await program('help');
    expect(help.code).toBe(0);
    expect(help.out).toContain('whetstone pull');
    expect(help.out).toContain('reset-password');
    expect(await program('status', 'crlf', '--check')).toMatchObject({ code: 1 });
    write('.whetstone.json', '<<<<<<< HEAD');
    expect((await whet('status')).err).toContain('cannot be read');
  });
});
