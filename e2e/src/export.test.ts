import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../sdk/src/cli/run.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { image, livedIn, toolPaths } from './lived-in-workspace.ts';
import { byKey, caller, send } from './send.ts';
import { eventually, startWhetstone, type Whetstone } from './whetstone.ts';
import { mayNameNowhere, mark } from './workspace-of-everything.ts';

/** A workspace with all there is, exported, imported into an empty server, and exported there. */
describe('a workspace that moves', { timeout: 300_000 }, () => {
  let old: Whetstone;
  let home: Whetstone;
  let folder: string;

  beforeAll(async () => {
    [old, home] = await Promise.all([startWhetstone({ env: mayNameNowhere }), startWhetstone({ env: mayNameNowhere })]);
    folder = mkdtempSync(join(tmpdir(), 'whetstone-move-'));
    await livedIn(old);
  }, 180_000);
  afterAll(async () => {
    await Promise.all([old?.close(), home?.close()]);
    rmSync(folder, { recursive: true, force: true });
  });

  const whet = async (server: Whetstone, ...args: string[]) => {
    let out = '';
    let err = '';
    const output = { out: (text: string) => void (out += `${text}\n`), err: (text: string) => void (err += `${text}\n`), colour: false };
    const code = await run(args, { WHETSTONE_API_KEY: server.apiKey, WHETSTONE_BASE_URL: server.url }, output);
    return { code, out, err };
  };
  const at = (name: string): string => join(folder, name);

  it('is the same, byte for byte, when it is exported where it came to', async () => {
    const exported = await whet(old, 'export', at('first'));
    expect(exported).toMatchObject({ code: 0, out: expect.stringMatching(/Exported \d+ files/) });
    const imported = await whet(home, 'import', 'humanloop', at('first'));
    expect(imported.out).not.toContain('Not carried');
    expect(imported).toMatchObject({ code: 0 });
    expect(imported.out).toMatch(
      /alerts\s+3 of 3[\s\S]*evaluations\s+4 of 4[\s\S]*reviews\s+3 of 3[\s\S]*gates\s+2 of 2[\s\S]*settings\s+\d+ of/,
    );
    expect(await whet(home, 'export', at('second'))).toMatchObject({ code: 0 });
    expectSame(treeOf(at('first')), treeOf(at('second')));
  });

  it('has everything in it, and no secret', () => {
    const first = treeOf(at('first'));
    const records = [...first]
      .filter(([path]) => /^files\/[^/]+\/file\.json$/.test(path))
      .map(([, text]) => JSON.parse(text) as FileRecord);
    expect(new Set(records.map(({ type }) => type))).toEqual(new Set(['prompt', 'tool', 'dataset', 'evaluator', 'flow', 'agent']));
    expect(records.map(({ path }) => path)).toEqual(expect.arrayContaining(toolPaths));
    expect(records.find(({ path }) => path === 'gateway/demo-small')).toMatchObject({ hidden: true });
    const all = [...first.values()].join('\n');
    for (const sign of [
      image,
      'x'.repeat(300_000),
      '"deleted"',
      '"inactive"',
      '"roll_back"',
      '"late":true',
      '"save":false',
      'It arrives tomorrow.',
      '"split":"held-out"',
      '"repetitions": 2',
      '"max_cost_usd": 3.5',
      '"margin": 0.05',
      '"branch": "other"',
      '"filter": "status = error"',
      '"name": "fewer pass"',
      '"max_age_days": 30',
      'I was not sure.',
      '"state":"skipped"',
      '"random_share": 0.5',
      '"outcome":"ok"',
      '"max_cost_usd": 2.25',
      '"log":"log_that_never_came"',
    ])
      expect([sign.slice(0, 40), all.includes(sign)]).toEqual([sign.slice(0, 40), true]);
    for (const secret of ['sk-not-a-real-one', 'very-secret', 'most-secret', `${mark}-value`, 'whsec_', old.apiKey])
      expect([secret, all.includes(secret)]).toEqual([secret, false]);
    expect(first.get('whetstone/reenter.json')).toMatch(/"TOKEN"[\s\S]*hooks\.slack\.com[^"]* of the alert fewer pass/);
  });

  it('changes nothing when it comes a second time', async () => {
    const again = await whet(home, 'import', 'humanloop', at('first'));
    expect(again.out).not.toContain('Not carried');
    expect(again).toMatchObject({ code: 0 });
    expect(await whet(home, 'export', at('third'))).toMatchObject({ code: 0 });
    expectSame(treeOf(at('first')), treeOf(at('third')));
  });

  it('is the same file each time, and for admins', async () => {
    const zip = async () =>
      Buffer.from(await (await fetch(`${home.url}/v5/exports/humanloop`, { headers: byKey(home.apiKey) })).arrayBuffer());
    expect((await zip()).equals(await zip())).toBe(true);
    const ask = caller(home.url, byKey(home.apiKey));
    const { key } = await ask<{ key: string }>('POST', '/v5/api-keys', { name: 'editor', role: 'editor' });
    expect((await send(home.url, '/v5/exports/humanloop', { headers: byKey(key) })).status).toBe(403);
    const bound = await ask<{ key: string }>('POST', '/v5/api-keys', { name: 'bound', role: 'admin', environment: 'staging' });
    expect((await send(home.url, '/v5/exports/humanloop', { headers: byKey(bound.key) })).status).toBe(403);
    const audited = await ask<{ records: { action: string }[] }>('GET', '/v5/audit?action=workspace.exported');
    expect(audited.records.length).toBeGreaterThan(0);
  });

  it('is not written over what is there, and --force leaves nothing of an older one', async () => {
    expect(await whet(home, 'export', at('first'))).toMatchObject({ code: 2, err: expect.stringContaining('not empty') });
    writeFileSync(join(at('third'), 'files', 'old'), 'of before');
    writeFileSync(join(at('third'), 'mine'), 'stays');
    expect(await whet(home, 'export', at('third'), '--force')).toMatchObject({ code: 0 });
    expect([existsSync(join(at('third'), 'files', 'old')), existsSync(join(at('third'), 'mine'))]).toEqual([false, true]);
  });

  it('tells what of a damaged directory could not be carried, and ends with 1', async () => {
    const empty = await startWhetstone({ unchecked: true });
    try {
      const [broken = ''] = [...treeOf(at('second')).keys()].filter((path) => path.includes('/versions/prv_'));
      writeFileSync(join(at('second'), broken), '{"version_id": "cut');
      symlinkSync('/etc/passwd', join(at('second'), 'files', 'link'));
      const { code, out, err } = await whet(empty, 'import', 'humanloop', at('second'));
      expect({ code, out, err }).toMatchObject({ code: 1, out: expect.stringContaining(broken) });
      expect(out + err).toContain('files/link');
      const { total } = await caller(empty.url, byKey(empty.apiKey))<{ total: number }>('GET', '/v5/files?size=1');
      expect(total).toBeGreaterThan(10);
    } finally {
      await empty.close();
    }
  });

  it('ends when the caller goes', async () => {
    const stop = new AbortController();
    const response = await fetch(`${old.url}/v5/exports/humanloop`, { headers: byKey(old.apiKey), signal: stop.signal });
    stop.abort();
    await expect(response.arrayBuffer()).rejects.toThrow();
    // The server is there for others, and says nothing of a fault.
    expect((await send(old.url, '/readyz')).status).toBe(200);
    expect(old.stderr()).not.toContain('"level":50');
  });

  it('measures corrections again, and keeps feedback waiting for its log', async () => {
    const [before, after] = await Promise.all(
      [old, home].map(async ({ url, apiKey }) => {
        const admin = caller(url, byKey(apiKey));
        const edited = await admin<{ total: number }>('GET', '/v5/logs?filter=edited%3E0');
        const { id } = await admin<{ id: string }>('POST', '/v5/prompts/log', {
          path: 'support/answer',
          output: 'Yours is on its way.',
          prompt: { model: 'gpt-4o', template: 'Plain {{a}}' },
          reference_id: 'order 7',
        });
        const said = await eventually('what waited', async () => {
          const { evaluator_logs: all } = await admin<{ evaluator_logs: { judgment: unknown }[] }>('GET', `/v5/logs/${id}`);
          if (all.length < 2) throw new Error(JSON.stringify(all));
          return all.map(({ judgment }) => judgment);
        });
        return { edited: edited.total, said };
      }),
    );
    // One of a user, and one of a reviewer whose log was drawn: it may be the same log, or one whose text is not kept.
    expect(before).toEqual({
      edited: expect.toSatisfy((total: number) => total === 1 || total === 2),
      said: expect.arrayContaining(['bad', ['copied']]),
    });
    expect(after).toEqual({ edited: before?.edited, said: expect.arrayContaining(['bad', ['copied']]) });
  });
});

interface FileRecord {
  type: string;
  path: string;
}

function expectSame(first: Map<string, string>, second: Map<string, string>): void {
  expect([...second.keys()]).toEqual([...first.keys()]);
  for (const [path, text] of first) expect(`${path}\n${settled(path, second.get(path) ?? '')}`).toBe(`${path}\n${settled(path, text)}`);
}

function treeOf(root: string): Map<string, string> {
  const paths = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
  return new Map(paths.toSorted().map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}

/** How far the analysis of an experiment is moves with the clock, on both servers. */
function settled(path: string, text: string): string {
  if (path !== 'whetstone/experiments.json') return text;
  const records = JSON.parse(text) as Record<string, unknown>[];
  return JSON.stringify(records.map((record) => ({ ...record, analysis: null, looks: null, words: null })));
}
