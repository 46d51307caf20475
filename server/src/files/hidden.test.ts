import type { PromptKernel, Scope } from '@whetstone/contract';
import { pathProblem } from '@whetstone/domain';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Storage } from '../storage/index.ts';
import { describeOnEditions } from '../test/storage.ts';
import { counting, newWorkspace, openFiles, prompt, refusal } from './test/room.ts';
import type { TestRoom } from './test/room.ts';
import { mendedPath } from './versions/hidden.ts';

describeOnEditions('versions that nobody saved', (open) => {
  let storage: Storage;
  let room: TestRoom;
  let scope: Scope;
  let statements: () => number;
  beforeAll(async () => {
    storage = await open();
    const counted = counting(storage);
    statements = counted.statements;
    room = await openFiles(counted.storage);
  });
  afterAll(async () => {
    await room.files.close();
    await storage.close();
  });
  beforeEach(async () => {
    scope = await newWorkspace(room.files);
  });
  const called = (kernel: PromptKernel, path = 'gateway/gpt-5') => room.files.upsertHidden(scope, { kernel, path, reason: 'gateway' });
  const shown = async () => {
    const { records } = await room.files.list(scope, { kinds: ['prompt'], sortBy: 'name', page: 1, size: 10 });
    return records.map(({ file }) => file.path);
  };

  test('are left out of lists, the tree and directories, and are not deployed', async () => {
    const { file, version, environments } = await called({ model: 'gpt-5' });
    expect([file.hidden, file.path, file.directoryId, version.status, environments]).toEqual([
      true,
      'gateway/gpt-5',
      null,
      'uncommitted',
      [],
    ]);
    expect(await shown()).toEqual([]);
    const { directories, files } = await room.files.tree(scope);
    expect([directories.map(({ path }) => path), files.filter(({ kind }) => kind === 'prompt')]).toEqual([['feedback'], []]);
    expect((await room.files.directories.get(scope, 'root')).files).toEqual([]);
    await refusal(room.files.list(scope, { path: 'gateway', page: 1, size: 1 }), 'not_found', /Directory `gateway` does not exist/);
    expect(await room.files.versions(scope, 'prompt', file.id)).toEqual([]);
    expect((await room.files.get(scope, 'prompt', { id: file.id })).version.id).toBe(version.id);
    expect((await room.files.versionsById(scope, [version.id])).get(version.id)?.file.path).toBe('gateway/gpt-5');
  });

  test('become real, in the same row, when a person saves the same content', async () => {
    const hidden = await called({ model: 'gpt-5', temperature: 0.2 });
    await called({ model: 'gpt-5', temperature: 0.9 });
    const saved = await room.files.upsert(scope, 'prompt', { path: 'gateway/gpt-5', kernel: { model: 'gpt-5', temperature: 0.2 } });
    expect([saved.createdFile, saved.createdVersion]).toEqual([true, true]);
    expect(saved.snapshot).toMatchObject({
      file: { id: hidden.file.id, hidden: false },
      version: { id: hidden.version.id, status: 'committed' },
    });
    expect(saved.snapshot.environments.map(({ name }) => name)).toEqual(['production']);
    expect(await shown()).toEqual(['gateway/gpt-5']);
    expect((await room.files.directories.list(scope)).map(({ path }) => path)).toContain('gateway');
    expect(await room.files.versions(scope, 'prompt', hidden.file.id)).toHaveLength(1);
    const again = await called({ model: 'gpt-5', temperature: 0.2 });
    expect(again.version).toMatchObject({ id: hidden.version.id, status: 'committed' });
  });

  test('a draft belongs to its file, and saving it makes it the newest version without deploying it', async () => {
    const { file, version } = (await room.files.upsert(scope, 'prompt', { path: 'p', kernel: prompt('one') })).snapshot;
    const draft = await room.files.upsertHidden(scope, {
      kernel: prompt('draft'),
      fileId: file.id,
      reason: 'draft',
      parentVersionId: version.id,
    });
    expect(draft.version).toMatchObject({ status: 'uncommitted', parentVersionId: version.id });
    expect(await room.files.versions(scope, 'prompt', file.id)).toHaveLength(1);
    expect((await room.files.get(scope, 'prompt', { path: 'p' })).version.id).toBe(version.id);
    const { snapshot } = await room.files.upsert(scope, 'prompt', { id: file.id, kernel: prompt('draft') });
    expect(snapshot).toMatchObject({
      version: { id: draft.version.id, status: 'committed', parentVersionId: version.id },
      environments: [],
    });
    expect((await room.files.versions(scope, 'prompt', file.id)).map((entry) => entry.version.id)).toEqual([draft.version.id, version.id]);
    const nowhere = room.files.upsertHidden(scope, { kernel: prompt('x'), fileId: 'pr_no', reason: 'draft' });
    await refusal(nowhere, 'not_found', /Prompt `pr_no` does not exist/);
  });

  test('a draft without a file gets a hidden one', async () => {
    const draft = await room.files.upsertHidden(scope, { kernel: prompt('x'), reason: 'draft' });
    expect(draft.file).toMatchObject({ path: 'playground/demo-large', hidden: true });
  });

  test('many calls at once make one file and one version per content', async () => {
    const kernels = Array.from({ length: 40 }, (_, i) => ({ model: 'gpt-5', temperature: (i % 4) / 10 }));
    const made = await Promise.all(kernels.map((kernel) => called(kernel)));
    expect(new Set(made.map(({ file }) => file.id)).size).toBe(1);
    expect(new Set(made.map(({ version }) => version.id)).size).toBe(4);
    const { rows } = await storage.executeSql('select 1 from versions where file_id = $1', [made[0]?.file.id]);
    expect(rows).toHaveLength(4);
  });

  test('the same content again asks no database', async () => {
    await called({ model: 'gpt-5' });
    const before = statements();
    for (let i = 0; i < 100; i += 1) await called({ model: 'gpt-5' });
    // The memory is renewed behind the callers once half a second is over.
    expect(statements() - before).toBeLessThan(10);
  });

  test('two replicas that make it at once share it', async () => {
    const replica = await openFiles(storage);
    const rounds = Array.from({ length: 6 }, (_, i) => `gateway/model-${i}`);
    for (const path of rounds) {
      const both = [room, replica].map(({ files }) => files.upsertHidden(scope, { kernel: { model: 'm' }, path, reason: 'gateway' }));
      const [one, two] = await Promise.all(both);
      expect(one?.version.id).toBe(two?.version.id);
    }
    await replica.files.close();
  });

  test('a path that holds another kind does not keep a call from being logged', async () => {
    await room.files.upsert(scope, 'tool', { path: 'gateway/gpt-5', kernel: {} });
    expect((await called({ model: 'gpt-5' })).file.path).toBe('gateway/gpt-5 (gateway)');
    const draft = room.files.upsertHidden(scope, { kernel: prompt('x'), path: 'gateway/gpt-5', reason: 'draft' });
    await refusal(draft, 'conflict', /taken/);
  });

  test('what nobody saved steps aside for what a person puts at its path, and its logs still find it', async () => {
    const [one, two] = [await called({ model: 'one' }, 'gateway/one'), await called({ model: 'two' }, 'gateway/two')];
    const tool = await room.files.upsert(scope, 'tool', { path: 'gateway/one', kernel: {} });
    expect(tool.snapshot.file).toMatchObject({ path: 'gateway/one', hidden: false });
    await room.files.move(scope, 'tool', tool.snapshot.file.id, { name: 'two' });
    expect((await room.files.get(scope, null, { path: 'gateway/two' })).kind).toBe('tool');
    for (const { file, version } of [one, two])
      expect((await room.files.get(scope, 'prompt', { id: file.id })).version.id).toBe(version.id);
    const next = await called({ model: 'one' }, 'gateway/two');
    expect(next.file.path).toBe('gateway/two (gateway)');
  });

  test('a hidden file that is deleted is made anew by the next call', async () => {
    const { file } = await called({ model: 'gpt-5' });
    await room.files.delete(scope, 'prompt', file.id);
    const next = await called({ model: 'gpt-5' });
    expect(next.file.id).not.toBe(file.id);
    expect(await room.files.find(scope, 'prompt', { id: next.file.id })).not.toBeNull();
  });

  test('what was remembered cannot be changed by whoever got it', async () => {
    const { version } = await called({ model: 'gpt-5', tools: [{ name: 'f' }] });
    expect(() => version.kernel.tools?.push({ name: 'g' })).toThrow(TypeError);
  });
});

test('any name of a model gives a path that can be stored', () => {
  const anyText = fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units));
  fc.assert(fc.property(anyText, (model) => pathProblem(mendedPath(`gateway/${model}`)) === null));
  for (const model of ['', '..', '/', 'a//b', 'x'.repeat(5000), 'org/model:free', '../../etc/passwd', '\u202E']) {
    expect(pathProblem(mendedPath(`gateway/${model}`))).toBeNull();
  }
  expect(mendedPath('gateway/meta-llama/Llama 3 (70B):free')).toBe('gateway/meta-llama/Llama 3 (70B):free');
});
