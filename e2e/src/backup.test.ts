import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeOnEditions } from './editions.ts';
import type { Whetstone } from './whetstone.ts';

const root = resolve(import.meta.dirname, '../..');

/** The command as an operator types it. */
async function run(env: Record<string, string>, ...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [join(root, 'server/src/whetstone.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...env },
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  return new Promise((done) => void child.once('exit', (code) => done({ code, out, err })));
}

async function ask(
  server: Whetstone,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(server.url + path, {
    method,
    headers: { 'x-api-key': server.apiKey, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
}

const prompt = { model: 'demo-small', provider: 'demo', template: [{ role: 'user', content: '{{question}}' }] };

async function writeLog(server: Whetstone, question: string): Promise<string> {
  const messages = [{ role: 'user', content: question }];
  const answer = await ask(server, 'POST', '/v5/prompts/log', { path: 'support/answer', prompt, messages, output: `About ${question}` });
  expect(answer.status).toBe(200);
  return String(answer.body['id']);
}

describeOnEditions(describe, 'F24: backup while running, restore elsewhere', (start, _edition, envOf) => {
  const folder = mkdtempSync(join(tmpdir(), 'whetstone-backup-'));
  const file = join(folder, 'whole.tar');
  const whetstone = async (dataDir: string, ...args: string[]) => run({ WHETSTONE_DATA_DIR: dataDir, ...(await envOf(dataDir)) }, ...args);
  let server: Whetstone;
  const before: string[] = [];
  let spoken = '';

  beforeAll(async () => {
    server = await start();
    await ask(server, 'POST', '/v5/credentials', { name: 'mine', provider: 'openai', secret: 'sk-canary-of-the-backup' });
    for (let i = 0; i < 15; i++) before.push(await writeLog(server, `question ${i}`));
    before.push(await writeLog(server, 'long '.repeat(80_000)));
    const written = new AbortController();
    const writer = (async () => {
      while (!written.signal.aborted) await writeLog(server, 'meanwhile');
    })();
    const result = await whetstone(server.dataDir, 'backup', file);
    written.abort();
    await writer;
    expect(result).toMatchObject({ code: 0, err: '' });
    spoken = result.out;
  }, 240_000);
  afterAll(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('writes one file for its owner only, says what it holds, and never overwrites', { timeout: 240_000 }, async () => {
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(spoken).toContain(file);
    expect(await whetstone(server.dataDir, 'backup', file)).toMatchObject({ code: 1, err: expect.stringContaining('exists') as string });
    expect(existsSync(`${file}.part`)).toBe(false);
  });

  it('holds the secret of no credential in the open', () => {
    expect(readFileSync(file).includes('sk-canary-of-the-backup')).toBe(false);
  });

  it('restores every log that was acknowledged before it, the files, the keys and the credentials', { timeout: 240_000 }, async () => {
    const dataDir = join(folder, 'restored');
    expect(await whetstone(dataDir, 'restore', file)).toMatchObject({ code: 0, err: '' });
    const copy = await start({ dataDir, firstVisit: true });
    try {
      for (const id of before) {
        const [here, there] = await Promise.all([ask(server, 'GET', `/v5/logs/${id}`), ask(copy, 'GET', `/v5/logs/${id}`)]);
        expect(there.status, id).toBe(200);
        expect({ ...there.body, prompt: null }).toEqual({ ...here.body, prompt: null });
      }
      const credentials = await ask(copy, 'GET', '/v5/credentials');
      expect(JSON.stringify(credentials.body)).toContain('"hint":"ckup"');
      // What is written next continues where the copy ends.
      const next = await ask(copy, 'POST', '/v5/prompts', { path: 'support/answer', ...prompt, temperature: 0.3 });
      expect(next.status).toBe(200);
      expect((await ask(copy, 'GET', `/v5/logs/${await writeLog(copy, 'afterwards')}`)).status).toBe(200);
    } finally {
      await copy.kill('SIGTERM');
    }
    const again = await whetstone(dataDir, 'restore', file);
    expect(again).toMatchObject({ code: 1, err: expect.stringContaining('empty') as string });
  });

  it('refuses a file that was cut off or is something else, and leaves nothing behind that looks whole', { timeout: 240_000 }, async () => {
    const half = join(folder, 'half.tar');
    writeFileSync(half, readFileSync(file).subarray(0, 20 * 512));
    const dataDir = join(folder, 'half');
    expect((await whetstone(dataDir, 'restore', half)).code).toBe(1);
    const other = join(folder, 'other.tar');
    writeFileSync(other, 'no tar at all');
    expect((await whetstone(dataDir, 'restore', other)).code).toBe(1);
    expect(await whetstone(dataDir, 'restore', file)).toMatchObject({ code: 0, err: '' });
  });

  it('says what is wrong with the words of a call', { timeout: 240_000 }, async () => {
    expect(await whetstone(folder, 'backup', join(folder, 'x.tar'))).toMatchObject({
      code: 1,
      err: expect.stringContaining('No server runs') as string,
    });
    expect(await whetstone(folder, 'backup')).toMatchObject({ code: 2 });
    expect(await whetstone(folder, 'bakcup', 'x')).toMatchObject({ code: 2, err: expect.stringContaining('bakcup') as string });
    expect(await whetstone(server.dataDir, 'restore', file)).toMatchObject({
      code: 1,
      err: expect.stringContaining('Stop it first') as string,
    });
  });
});
