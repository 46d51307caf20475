import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { systemScope, type Scope } from '@whetstone/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ZipFile } from 'yazl';
import { Pack } from './export/pack.ts';
import type { ImportReport } from './index.ts';
import { type ExchangeHouse, openExchange } from './test/open.ts';

let house: ExchangeHouse;
let scope: Scope;
let workspaces = 0;
const directory = mkdtempSync(join(tmpdir(), 'whetstone-damaged-'));

beforeAll(async () => {
  house = await openExchange();
});
afterAll(async () => {
  await house?.close();
  rmSync(directory, { recursive: true, force: true });
});
beforeEach(async () => {
  scope = systemScope(`ws_${++workspaces}`, 'test');
  await house.files.prepareWorkspace(scope.workspaceId);
});

interface Extra {
  path: string;
  content: string | Buffer;
  /** Of the file system: a link is one. */
  mode?: number;
  compress?: boolean;
}

/** A prompt with a version, and what is added; ids are its own. */
async function archive(...extra: Extra[]): Promise<{ bytes: Buffer; id: string }> {
  const id = `pr_${randomBytes(6).toString('hex')}`;
  return { bytes: await archiveOf(id, ...extra), id };
}

async function archiveOf(id: string, ...extra: Extra[]): Promise<Buffer> {
  const prompt = { id, type: 'prompt', path: 'support/answer' };
  const zip = new ZipFile();
  const add = ({ path, content, mode, compress }: Extra): void =>
    zip.addBuffer(Buffer.from(content), path, { compress: compress ?? true, ...(mode === undefined ? {} : { mode }) });
  add({ path: `files/${id}/file.json`, content: JSON.stringify(prompt) });
  add({
    path: `files/${id}/versions/${id}_v`,
    content: JSON.stringify({ ...prompt, version_id: `${id}_v`, model: 'gpt-4o', created_at: '2025-06-01T10:00:00' }),
  });
  for (const each of extra) add({ ...each, path: each.path.replace('ID', id) });
  zip.end();
  return buffer(zip.outputStream);
}

function written(bytes: Buffer): string {
  const path = join(directory, `${randomBytes(6).toString('hex')}.zip`);
  writeFileSync(path, bytes);
  return path;
}

async function run(bytes: Buffer, { newIds = false } = {}): Promise<ImportReport> {
  const path = written(bytes);
  const options = { dryRun: false, to: null, newIds, onProgress: () => undefined, signal: new AbortController().signal };
  return house.exchange.import(scope, 'humanloop', path, options);
}

const listed = ({ problems }: ImportReport) => problems.map(({ where, why }) => [where, why]);
const renamed = (bytes: Buffer, from: string, to: string): Buffer => Buffer.from(bytes.toString('latin1').replaceAll(from, to), 'latin1');

describe('an archive that somebody made or damaged', () => {
  test('a path that leads out, an absolute one and a link are listed, and all else comes', async () => {
    const { bytes, id } = await archive(
      { path: 'files/xx/a', content: 'x' },
      { path: 'filesXyy/b', content: 'x' },
      { path: 'files/link', content: '/etc/passwd', mode: 0o120777 },
    );
    const report = await run(renamed(renamed(bytes, 'files/xx/a', '../../xx/a'), 'filesXyy/b', '/filesXyyb'));
    expect(listed(report)).toEqual([
      ['../../xx/a', expect.stringContaining('leads out')],
      ['/filesXyyb', expect.stringContaining('leads out')],
      ['files/link', 'It is a link.'],
    ]);
    expect(await house.files.find(scope, 'prompt', { id })).not.toBeNull();
  });

  test('a file that becomes large out of nothing is not unpacked', async () => {
    const { bytes } = await archive({ path: 'files/ID/logs/1.jsonl', content: Buffer.alloc(80 << 20, 32) });
    expect(bytes.length).toBeLessThan(1 << 20);
    const report = await run(bytes);
    expect(listed(report)).toEqual([[expect.stringContaining('logs/1.jsonl'), expect.stringContaining('80 MB')]]);
    expect(report.counts.versions).toEqual({ found: 1, carried: 1 });
  });

  test('bytes that were changed on the way are noticed', async () => {
    const log = { id: 'log_1', prompt: { id: 'pr', version_id: 'ID' }, output: 'UNTOUCHED' };
    const { bytes } = await archive({ path: 'files/ID/logs/1.jsonl', content: JSON.stringify(log), compress: false });
    const report = await run(renamed(bytes, 'UNTOUCHED', 'unTOUCHED'));
    expect(report.problems).toContainEqual(expect.objectContaining({ what: 'logs', why: 'it is damaged' }));
  });

  test('of what is cut off everything whole is carried, and the rest is listed', async () => {
    const late = { path: 'files/pr_late/file.json', content: '{"id":"pr_late","type":"prompt","path":"late"}' };
    for (const compress of [true, false]) {
      const { id } = await archive();
      const prompt = { id, version_id: `${id}_v` };
      const line = (n: number) => JSON.stringify({ id: `log_${id}_${n}`, type: 'prompt', prompt, output: randomBytes(30).toString('hex') });
      const logs = Array.from({ length: 400 }, (_, n) => line(n)).join('\n');
      const bytes = await archiveOf(id, { path: 'files/ID/logs/1.jsonl', content: logs, compress }, late);
      const middle = bytes.indexOf('logs/1.jsonl') + 8_000;
      const report = await run(bytes.subarray(0, middle));
      expect(await house.files.find(scope, 'prompt', { path: 'support/answer' })).not.toBeNull();
      expect(report.counts.versions).toEqual({ found: 1, carried: 1 });
      expect(report.problems[0]).toMatchObject({ where: 'the ZIP file', why: expect.stringContaining('cut off') });
      expect(listed(report)).toContainEqual([`files/${id}/logs/1.jsonl`, 'it is cut off']);
      expect(report.counts.logs.found).toBeGreaterThan(20);
      expect(report.counts.logs.found).toBeLessThan(400);
      // Only the directory at the end is lost: nothing of the content is.
      const whole = await run(bytes.subarray(0, bytes.length - 30));
      expect(whole.counts.logs.found).toBe(400);
      expect(listed(whole).map(([where]) => where)).toContain('files/pr_late/file.json');
    }
  });

  test('what was packed while it was read, as our own exports are, is read without its end too', async () => {
    const { signal } = new AbortController();
    const pack = new Pack(signal);
    const own = buffer(pack.stream);
    await pack.json('files/pr_1/file.json', { id: 'pr_1', type: 'prompt', path: 'support/streamed' });
    await pack.json('files/pr_1/versions/v_1', { version_id: 'v_1', model: 'gpt-4o', created_at: '2025-06-01T10:00:00' });
    pack.end();
    const report = await run((await own).subarray(0, -30));
    expect(report.problems.map(({ where }) => where)).toEqual(['the ZIP file']);
    expect(await house.files.find(scope, 'prompt', { path: 'support/streamed' })).not.toBeNull();
  });

  test('what another workspace of the server has is refused at once, and comes with ids of its own when that is asked', async () => {
    const log = { id: 'log_1', type: 'prompt', prompt: { id: 'ID', version_id: 'ID_v' }, output: 'Names ID.' };
    const { bytes, id } = await archive({ path: 'files/ID/logs/1.jsonl', content: '' });
    const of = (text: string): string => text.replaceAll('ID', id);
    const whole = await archiveOf(id, { path: 'files/ID/logs/1.jsonl', content: of(JSON.stringify(log)) });
    await run(bytes);
    const first = scope;
    scope = systemScope(`ws_${++workspaces}`, 'test');
    await house.files.prepareWorkspace(scope.workspaceId);
    await expect(run(whole)).rejects.toThrow('--new-ids');
    expect(await house.files.find(scope, 'prompt', { path: 'support/answer' })).toBeNull();
    for (let time = 0; time < 2; time += 1) {
      const report = await run(whole, { newIds: true });
      expect(report.problems).toEqual([]);
      expect(report.counts.logs).toEqual({ found: 1, carried: 1 });
    }
    const here = await house.files.find(scope, 'prompt', { path: 'support/answer' });
    expect(here?.file.id).toMatch(/^pr_[0-9A-Za-z]{21}$/);
    expect(here?.file.id).not.toBe(id);
    const stored = await house.logs.find(scope, 'log_1');
    expect(stored).toMatchObject({ fileId: here?.file.id, output: of('Names ID.') });
    expect((await house.files.find(first, 'prompt', { path: 'support/answer' }))?.file.id).toBe(id);
  });

  test('what is no ZIP file is refused, in words that say so', async () => {
    await expect(run(Buffer.from('{"id":"pr_1"}'))).rejects.toThrow('cannot be read as a ZIP file');
    await expect(run(Buffer.alloc(0))).rejects.toThrow('cannot be read as a ZIP file');
  });

  test('an id that is there twice, a version without a file and unknown keys cost nothing else', async () => {
    const again = (id: string) => JSON.stringify({ id, type: 'prompt', path: 'support/answer', unknown: { to: 'us' } });
    const { id } = await archive();
    const made = await archive({ path: 'files/pr_lost/versions/prv_lost', content: '{"version_id":"prv_lost"}' });
    const twice = await archive({ path: 'files/twin/file.json', content: again(id) });
    const report = await run(made.bytes);
    expect(listed(report)).toEqual([['files/pr_lost/file.json', 'it is missing']]);
    const second = await run(twice.bytes);
    expect(second.problems.map(({ where }) => where)).toContain('files/twin/file.json');
    // The path is taken by the first: its versions came into that file.
    expect(second.counts.versions).toEqual({ found: 1, carried: 1 });
  });

  test('a damaged setting of ours costs no other, and a newer export is refused', async () => {
    const about = { path: 'whetstone/about.json', content: '{"format":1}' };
    const good = { name: 'fast', targets: [{ model: 'gpt-4o' }] };
    const { bytes } = await archive(about, { path: 'whetstone/routes.json', content: JSON.stringify([{ name: '?' }, good]) });
    const report = await run(bytes);
    expect(report.problems.map(({ where }) => where)).toContain('whetstone/routes.json:1');
    expect(report.counts.settings).toEqual({ found: 1, carried: 1 });
    const newer = await archive({ ...about, content: '{"format":2}' });
    await expect(run(newer.bytes)).rejects.toThrow('newer version');
  });

  test('who made a version is never a person of another workspace here', async () => {
    const { people, files } = house;
    const { userId } = await ownerOf(people);
    const by = (id: string) => ({ id, full_name: 'Bo', email_address: 'bo@example.com' });
    const version = (n: number, id: string) =>
      JSON.stringify({ type: 'prompt', version_id: `v_${n}`, model: `m${n}`, created_by: by(id), created_at: `2025-06-0${n}T00:00:00` });
    const { bytes, id } = await archive(
      { path: 'whetstone/about.json', content: '{"format":1}' },
      { path: 'files/ID/versions/v_1', content: version(1, userId) },
      { path: 'files/ID/versions/v_2', content: version(2, 'usr_of_elsewhere') },
    );
    await run(bytes);
    const versions = await files.carry.versions(scope, id);
    const makers = new Map(versions.map(({ version: { id: versionId, createdBy } }) => [versionId, createdBy]));
    expect([makers.get('v_1'), makers.get('v_2')]).toEqual([null, 'usr_of_elsewhere']);
  });
});

async function ownerOf(people: ExchangeHouse['people']) {
  const { setUpOwner } = await import('../people/fixtures.ts');
  return setUpOwner(people);
}
