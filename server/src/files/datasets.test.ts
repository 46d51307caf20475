import type { Datapoint, Scope } from '@whetstone/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Storage } from '../storage/index.ts';
import { describeOnEditions } from '../test/storage.ts';
import { givenOf, pagesOf } from './datapoints/content.ts';
import type { DatasetChange, DatasetInput, Snapshot } from './index.ts';
import { newWorkspace, openFiles, refusal } from './test/room.ts';
import type { TestRoom } from './test/room.ts';

interface Saved {
  snapshot: Snapshot<'dataset'>;
}
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
      metadata: null,
      split: null,
      tags: [],
    });
  });

  test('labels are content: they version with the dataset, and without them a datapoint is named as ever', async () => {
    const plain = await change('set', [q('a'), q('b')]);
    // Named before there were labels; ids of stored datapoints must not change.
    expect(givenOf(q('a')).hash).toBe('c21847983035447cebe3e1cb7c02ad6c92be4ce2c9871fa38caa3bc799cb2ea5');
    expect(givenOf({ ...q('a'), metadata: {}, split: ' ', tags: [] }).hash).toBe(givenOf(q('a')).hash);
    const labelled = await change('set', [{ ...q('a'), split: 'test', tags: ['z', 'b', 'z'], metadata: { log_id: 'log_1' } }, q('b')]);
    expect(labelled.snapshot.version.id).not.toBe(plain.snapshot.version.id);
    const { records } = await room.files.datasets.datapoints(scope, labelled.snapshot.version.id);
    expect(records[0]).toMatchObject({ inputs: { question: 'a' }, split: 'test', tags: ['b', 'z'], metadata: { log_id: 'log_1' } });
    expect(records[1]?.id).toBe((await room.files.datasets.datapointIds(scope, plain.snapshot.version.id))[1]);
    const order = await change('set', [q('b'), { ...q('a'), split: 'test', tags: ['b', 'z'], metadata: { log_id: 'log_1' } }]);
    expect(order.createdVersion).toBe(false);
  });

  test('who knows no labels adds nothing twice and removes the case whatever its labels', async () => {
    const { snapshot } = await change('set', [{ ...q('a'), tags: ['x'] }, q('b')]);
    const again = await change('add', [q('a')]);
    expect([again.createdVersion, again.snapshot.version.id]).toEqual([false, snapshot.version.id]);
    const removed = await change('remove', [q('a')]);
    expect(await questions(removed.snapshot.version.id)).toEqual(['b']);
    const there = await room.files.datasets.casesThere(scope, { fileId: snapshot.file.id, versionId: snapshot.version.id }, [
      q('a'),
      { ...q('b'), tags: ['other'] },
      q('c'),
    ]);
    expect(there).toEqual([true, true, false]);
  });

  describe('an edit', () => {
    const edit = async (base: Saved, more: Partial<DatasetChange>) =>
      room.files.datasets.edit(scope, {
        fileId: base.snapshot.file.id,
        baseVersionId: base.snapshot.version.id,
        removed: [],
        changed: [],
        added: [],
        ...more,
      });
    const idsOf = (saved: Saved) => room.files.datasets.datapointIds(scope, saved.snapshot.version.id);

    test('changes in place, adds where it says, removes, and leaves the rest as it was', async () => {
      const base = await change('set', ['a', 'b', 'c', 'd'].map(q), { attributes: { purpose: 'smoke' } });
      const [, b = '', c = '', d] = await idsOf(base);
      const saved = await edit(base, {
        removed: [c],
        changed: [{ id: b, datapoint: { ...q('b!'), tags: ['mended'] } }],
        added: [{ after: b, datapoint: q('after b') }, { datapoint: q('end') }, { datapoint: q('a') }],
        versionDescription: 'Mend b',
      });
      expect(await questions(saved.snapshot.version.id)).toEqual(['a', 'b!', 'after b', 'd', 'end']);
      expect((await idsOf(saved))[3]).toBe(d);
      expect(saved.snapshot.version).toMatchObject({
        description: 'Mend b',
        parentVersionId: base.snapshot.version.id,
        kernel: { attributes: { purpose: 'smoke' }, datapoints_count: 5 },
      });
      expect(await questions(base.snapshot.version.id)).toEqual(['a', 'b', 'c', 'd']);
    });

    test('that changes nothing makes no version', async () => {
      const base = await change('set', [q('a')]);
      const [a = ''] = await idsOf(base);
      expect((await edit(base, { changed: [{ id: a, datapoint: q('a') }] })).createdVersion).toBe(false);
    });

    test('of two on the same version the second is refused when it asks to be, and nothing of it is there', async () => {
      const base = await change('set', [q('a')]);
      const expectedVersionId = base.snapshot.version.id;
      const saved = await Promise.allSettled([
        edit(base, { added: [{ datapoint: q('b') }], expectedVersionId }),
        edit(base, { added: [{ datapoint: q('c') }], expectedVersionId }),
      ]);
      expect(saved.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
      await refusal(edit(base, { added: [], expectedVersionId }), 'conflict', /Somebody saved another version/);
      expect(await room.files.versions(scope, 'dataset', base.snapshot.file.id)).toHaveLength(2);
    });

    test('of datapoints that the base has not, or twice, is refused', async () => {
      const base = await change('set', [q('a')]);
      const [a = ''] = await idsOf(base);
      await refusal(edit(base, { removed: ['dp_unknown'] }), 'invalid_input', /no datapoint `dp_unknown`/);
      await refusal(edit(base, { changed: [{ id: a, datapoint: q('x') }], removed: [a] }), 'invalid_input', /both changed and removed/);
      await refusal(edit(base, { baseVersionId: 'dsv_unknown' }), 'not_found', /dsv_unknown/);
      const other = await newWorkspace(room.files);
      await refusal(
        room.files.datasets.edit(other, {
          fileId: base.snapshot.file.id,
          baseVersionId: base.snapshot.version.id,
          removed: [],
          changed: [],
          added: [],
        }),
        'not_found',
        /./,
      );
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
