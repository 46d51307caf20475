import { HumanloopClient } from 'humanloop';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { byKey } from './send.ts';
import { startWhetstone, type Whetstone } from './whetstone.ts';

/** Datasets through the published client of the v5 contract. */
describe('humanloop 0.8.20 keeps datasets', () => {
  let whetstone: Whetstone;
  let client: HumanloopClient;

  beforeAll(async () => {
    whetstone = await startWhetstone({ env: { WHETSTONE_MAX_BODY_MB: '1' } });
    client = new HumanloopClient({ apiKey: whetstone.apiKey, baseUrl: `${whetstone.url}/v5` });
  });
  afterAll(() => whetstone?.close());

  const cases = ['a', 'b', 'c'].map((question) => ({ inputs: { question }, target: { output: question.toUpperCase() } }));

  it('upserts, changes, pages, versions and deploys datasets', async () => {
    const first = await client.datasets.upsert({ path: 'cases/all', datapoints: cases.slice(0, 2), versionName: 'two' });
    expect(first).toMatchObject({ path: 'cases/all', type: 'dataset', datapointsCount: 2, versionName: 'two' });
    const added = await client.datasets.upsert({ path: 'cases/all', datapoints: cases, action: 'add', includeDatapoints: true });
    expect(added.datapoints?.map(({ inputs, target }) => [inputs, target])).toEqual(cases.map(({ inputs, target }) => [inputs, target]));
    const removed = await client.datasets.upsert({
      path: 'cases/all',
      datapoints: cases.slice(0, 1),
      action: 'remove',
      versionId: first.versionId,
    });
    expect(removed.datapointsCount).toBe(1);
    expect((await client.datasets.upsert({ path: 'cases/all', datapoints: [], action: 'add' })).versionId).toBe(removed.versionId);
    expect((await client.datasets.get(first.id)).versionId).toBe(first.versionId);

    const seen: unknown[] = [];
    for await (const datapoint of await client.datasets.listDatapoints(first.id, { versionId: added.versionId, size: 2 }))
      seen.push(datapoint.inputs);
    expect(seen).toEqual(cases.map(({ inputs }) => inputs));
    const versions = await client.datasets.listVersions(first.id, { includeDatapoints: 'latest_committed' });
    expect(versions.records.map(({ versionId, datapoints }) => [versionId, datapoints?.length ?? null])).toEqual([
      [removed.versionId, 1],
      [added.versionId, null],
      [first.versionId, null],
    ]);
    expect(await client.datasets.updateDatasetVersion(first.id, added.versionId, { name: 'three' })).toMatchObject({
      versionName: 'three',
    });
    const [, staging] = await client.datasets.listEnvironments(first.id);
    await client.datasets.setDeployment(first.id, staging!.id, { versionId: added.versionId });
    expect((await client.datasets.get(first.id, { environment: 'staging' })).datapointsCount).toBe(3);
    await client.datasets.removeDeployment(first.id, staging!.id);
    await client.datasets.deleteDatasetVersion(first.id, removed.versionId);
    expect(await client.datasets.move(first.id, { path: 'cases/moved' })).toMatchObject({ path: 'cases/moved' });
    expect((await client.datasets.list({ name: 'moved' })).data.map(({ id }) => id)).toEqual([first.id]);
    await client.datasets.delete(first.id);
    await expect(client.datasets.get(first.id)).rejects.toMatchObject({ statusCode: 404 });
  });

  it('uploads CSV', async () => {
    const { id } = await client.datasets.upsert({ path: 'cases/csv', datapoints: [{ inputs: { question: 'before' } }] });
    const text = '\uFEFFquestion,target.answer,messages\r\n"one, two",1,\r\nthree,,"[{""role"":""user"",""content"":""Hi""}]"\r\n';
    const uploaded = await client.datasets.uploadCsv(new File([text], 'cases.csv', { type: 'text/csv' }), id, { versionName: 'from CSV' });
    expect(uploaded).toMatchObject({ datapointsCount: 3, versionName: 'from CSV' });
    const { datapoints } = await client.datasets.get(id, { versionId: uploaded.versionId, includeDatapoints: true });
    expect(datapoints?.slice(1)).toMatchObject([
      { inputs: { question: 'one, two' }, target: { answer: '1' } },
      { inputs: { question: 'three' }, messages: [{ role: 'user', content: 'Hi' }] },
    ]);
  });

  it.each<[string, string | Buffer, number, RegExp]>([
    ['a ragged row', 'a,b\n1,2\n3\n', 422, /line 3/],
    ['no header', '', 422, /empty/],
    ['a nameless column', 'a,\n1,2\n', 422, /column 2 has no name/],
    ['a column twice', 'a,inputs.a\n1,2\n', 422, /twice/],
    ['an open quote', 'a\n"1\n', 422, /no CSV/],
    ['other text than UTF-8', Buffer.from([0x61, 0x0a, 0xff, 0xfe, 0x0a]), 422, /UTF-8/],
    ['messages that are none', 'messages\n[1]\n', 422, /Line 2/],
    ['a file that is too large', Buffer.alloc(3_000_000, 'the words of one input\n'), 413, /WHETSTONE_MAX_BODY_MB/],
  ])('T26: refuses a CSV file with %s, and nothing of it is there', async (_what, file, status, message) => {
    const { id, versionId } = await client.datasets.upsert({ path: 'cases/kept', datapoints: cases });
    const form = new FormData();
    form.set('file', new File([typeof file === 'string' ? file : new Uint8Array(file)], 'cases.csv'));
    const answer = await fetch(`${whetstone.url}/v5/datasets/${id}/datapoints/csv`, {
      method: 'POST',
      headers: byKey(whetstone.apiKey),
      body: form,
    });
    expect([answer.status, await answer.text()]).toEqual([status, expect.stringMatching(message)]);
    expect((await client.datasets.get(id)).versionId).toBe(versionId);
    expect((await client.datasets.listVersions(id)).records).toHaveLength(1);
  });
});
