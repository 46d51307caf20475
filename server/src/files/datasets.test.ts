import type { Datapoint, Scope } from '@whetstone/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Storage } from '../storage/index.ts';
import { describeOnEditions } from '../test/storage.ts';
import { pagesOf } from './datapoints/content.ts';
import type { DatasetInput } from './index.ts';
import { newWorkspace, openFiles, refusal } from './test/room.ts';
import type { TestRoom } from './test/room.ts';

const q = (question: string): Datapoint => ({ inputs: { question } });

describeOnEditions('datasets', (open) => {
  let storage: Storage;
  let room: TestRoom;
  let scope: Scope;
  beforeAll(async () => {
    storage = await open();
    room = await openFiles(storage);
  });
  afterAll(async () => {
    await room.files.close();
    await storage.close();
  });
  beforeEach(async () => {
    scope = await newWorkspace(room.files);
  });
  const change = (action: DatasetInput['action'], datapoints: Datapoint[], more: Partial<DatasetInput> = {}) =>
    room.files.datasets.upsert(scope, { ...(more.id ? {} : { path: 'sets/questions' }), action, datapoints, ...more });
  const questions = async (versionId: string) =>
    (await room.files.datasets.datapoints(scope, versionId)).records.map(({ inputs }) => inputs?.['question']);

  const members = async (versionId: string) => (await room.files.datasets.datapointIds(scope, versionId)).map((id) => ({ id, hash: '' }));

  test('set replaces, add appends what is new, remove takes away, and each is a version', async () => {
    const first = await change('set', [q('a'), q('b'), q('a')]);
    expect(first.snapshot.version.kernel).toMatchObject({ datapoints_count: 2 });
    const added = await change('add', [q('b'), q('c')]);
    expect(await questions(added.snapshot.version.id)).toEqual(['a', 'b', 'c']);
    const removed = await change('remove', [q('a'), q('unknown')]);
    expect(await questions(removed.snapshot.version.id)).toEqual(['b', 'c']);
    const set = await change('set', [q('d')]);
    expect(await questions(set.snapshot.version.id)).toEqual(['d']);
    expect(await questions(first.snapshot.version.id)).toEqual(['a', 'b']);
    expect(await room.files.versions(scope, 'dataset', first.snapshot.file.id)).toHaveLength(4);
  });

  test('the same set is the same version, whatever its order', async () => {
    const one = await change('set', [q('a'), { inputs: { question: 'b' }, messages: null, target: {} }]);
    const two = await change('set', [q('b'), q('a')]);
    expect([two.createdVersion, two.snapshot.version.id]).toEqual([false, one.snapshot.version.id]);
    const same = await change('add', []);
    expect([same.createdVersion, same.snapshot.version.id]).toEqual([false, one.snapshot.version.id]);
    const elsewhere = await change('set', [q('a'), q('b')], { path: 'sets/other' });
    expect(elsewhere.snapshot.version.contentHash).toBe(one.snapshot.version.contentHash);
    expect(elsewhere.snapshot.version.id).not.toBe(one.snapshot.version.id);
  });

  test('a datapoint keeps its id from version to version', async () => {
    const { snapshot } = await change('set', [q('a'), q('b')]);
    const [a] = await room.files.datasets.datapointIds(scope, snapshot.version.id);
    expect(a).toMatch(/^dp_[0-9A-Za-z]{21}$/);
    const later = await change('set', [q('z'), q('a')]);
    expect((await room.files.datasets.datapointIds(scope, later.snapshot.version.id))[1]).toBe(a);
    expect((await room.files.datasets.datapointsById(scope, [a ?? '', 'dp_unknown'])).get(a ?? '')).toEqual({
      id: a,
      inputs: { question: 'a' },
      messages: null,
      target: null,
    });
  });

  test('add and remove start from the named version or environment, else from the newest', async () => {
    const one = await change('set', [q('a')]);
    await change('set', [q('b')]);
    const onFirst = await change('add', [q('c')], { base: { versionId: one.snapshot.version.id } });
    expect(await questions(onFirst.snapshot.version.id)).toEqual(['a', 'c']);
    const onDeployed = await change('add', [q('d')], { base: { environment: 'production' } });
    expect(await questions(onDeployed.snapshot.version.id)).toEqual(['a', 'd']);
    const onNewest = await change('add', [q('e')]);
    expect(await questions(onNewest.snapshot.version.id)).toEqual(['a', 'd', 'e']);
    const byDefault = await change('add', [q('f')], { base: { orDeployed: true } });
    expect(await questions(byDefault.snapshot.version.id)).toEqual(['a', 'f']);
    await refusal(change('add', [], { base: { versionId: 'dsv_unknown' } }), 'not_found', /Dataset version `dsv_unknown`/);
    await refusal(change('add', [], { base: { environment: 'nowhere' } }), 'not_found', /Environment `nowhere` does not exist/);
    await refusal(change('add', [], { base: { environment: 'staging' } }), 'not_found', /deployed to the environment `staging`/);
    await refusal(change('remove', [q('a')], { path: 'sets/unknown' }), 'not_found', /Dataset `sets\/unknown`/);
    await refusal(change('add', [], { id: 'ds_unknown' }), 'not_found', /Dataset `ds_unknown`/);
  });

  test('of two who add at once each finds the other’s', async () => {
    await change('set', [q('a')]);
    await Promise.all(['b', 'c', 'd'].map((text) => change('add', [q(text)])));
    const newest = await change('add', []);
    expect(new Set(await questions(newest.snapshot.version.id))).toEqual(new Set(['a', 'b', 'c', 'd']));
  });

  test('attributes are content, and those of the base live on', async () => {
    const one = await change('set', [q('a')], { attributes: { purpose: 'smoke' } });
    const two = await change('set', [q('a')]);
    expect(two.snapshot.version.id).not.toBe(one.snapshot.version.id);
    const three = await change('add', [q('b')], { base: { versionId: one.snapshot.version.id } });
    expect(three.snapshot.version.kernel.attributes).toEqual({ purpose: 'smoke' });
  });

  test('nothing of a refused upsert is there', async () => {
    await change('set', [q('a')], { versionName: 'v1' });
    await refusal(change('set', [q('b'), q('c')], { versionName: 'v1' }), 'conflict', /named `v1`/);
    const { snapshot } = await change('add', []);
    expect(await questions(snapshot.version.id)).toEqual(['a']);
    await refusal(change('set', [q('b')], { id: snapshot.file.id, path: 'also/this' }), 'invalid_input', /not by both/);
  });

  test('ids of an import live on, and are taken only once', async () => {
    const { snapshot } = await change('set', [{ ...q('a'), id: 'dp_imported' } as Datapoint]);
    expect(await room.files.datasets.datapointIds(scope, snapshot.version.id)).toEqual(['dp_imported']);
    const again = await change('add', [q('a'), q('b')]);
    expect((await room.files.datasets.datapointIds(scope, again.snapshot.version.id))[0]).toBe('dp_imported');
    await refusal(change('set', [{ ...q('z'), id: 'dp_imported' } as Datapoint], { path: 'sets/other' }), 'conflict', /another datapoint/);
  });

  test('another workspace sees none of it', async () => {
    const { snapshot } = await change('set', [q('a')]);
    const ids = await room.files.datasets.datapointIds(scope, snapshot.version.id);
    const other = await newWorkspace(room.files);
    expect((await room.files.datasets.datapoints(other, snapshot.version.id)).total).toBe(0);
    expect((await room.files.datasets.datapointsById(other, ids)).size).toBe(0);
  });

  test('deleting the dataset deletes its datapoints', async () => {
    const { snapshot } = await change('set', [q('a')]);
    const ids = await room.files.datasets.datapointIds(scope, snapshot.version.id);
    await room.files.delete(scope, 'dataset', snapshot.file.id);
    expect((await room.files.datasets.datapointsById(scope, ids)).size).toBe(0);
    const again = await change('set', [q('a')]);
    expect(await questions(again.snapshot.version.id)).toEqual(['a']);
  });

  test('a small edit of a large dataset writes little, and every page of it can be read', { timeout: 120_000 }, async () => {
    const many = Array.from({ length: 12_000 }, (_none, index) => q(`question ${index}`));
    const { snapshot } = await change('set', many);
    const pagesBefore = pagesOf(await members(snapshot.version.id));
    const edited = await change('set', [...many.slice(0, 5_000), q('in between'), ...many.slice(5_001)]);
    const pagesAfter = pagesOf(await members(edited.snapshot.version.id));
    const shared = new Set(pagesBefore.map(({ hash }) => hash));
    expect(pagesBefore.length).toBeGreaterThan(20);
    expect(pagesAfter.filter(({ hash }) => !shared.has(hash)).length).toBeLessThanOrEqual(2);
    const added = await change('add', [q('at the end')]);
    expect((await questions(added.snapshot.version.id)).at(-1)).toBe('at the end');
    const { records, total } = await room.files.datasets.datapoints(scope, edited.snapshot.version.id, { page: 50, size: 100 });
    expect([total, records[99]?.inputs, records[0]?.inputs]).toEqual([
      12_000,
      { question: 'question 4999' },
      { question: 'question 4900' },
    ]);
    const next = await room.files.datasets.datapoints(scope, edited.snapshot.version.id, { page: 51, size: 100 });
    expect(next.records[0]?.inputs).toEqual({ question: 'in between' });
    expect((await room.files.datasets.datapoints(scope, edited.snapshot.version.id, { page: 121, size: 100 })).records).toEqual([]);
  });
});

describe('pages', () => {
  test('are the same for the same list, and hold it whole and in order', () => {
    const list = Array.from({ length: 5_000 }, (_none, index) => ({ id: `dp_${index}`, hash: String(index) }));
    const pages = pagesOf(list);
    expect(pages.flatMap((page) => page.members)).toEqual(list);
    expect(pagesOf(list)).toEqual(pages);
    expect(new Set(pages.map(({ hash }) => hash)).size).toBe(pages.length);
    expect(pagesOf([])).toEqual([]);
  });
});
