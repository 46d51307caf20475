import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Importing, openImporting } from '../formats/test/importing.ts';

let importing: Importing;
beforeAll(async () => {
  importing = await openImporting('langfuse');
});
afterAll(() => importing?.close());
beforeEach(() => importing.fresh());

const version = (number: number, text: string, labels: string[], more: object = {}) => ({
  id: `prompt-${number}`,
  name: 'support/answer',
  type: 'chat',
  version: number,
  prompt: [
    { type: 'chatmessage', role: 'system', content: text },
    { type: 'placeholder', name: 'history' },
  ],
  config: { model: 'gpt-4o', temperature: 0.2, max_tokens: 200, tools: [{ type: 'function', function: { name: 'look', parameters: {} } }] },
  labels,
  tags: ['live'],
  commitMessage: `change ${number}`,
  createdAt: `2025-0${number}-01T10:00:00.000Z`,
  ...more,
});
const item = (id: string, more: object) => ({
  id,
  status: 'ACTIVE',
  input: { question: 'How?', context: { a: 1 } },
  expectedOutput: 'So.',
  metadata: null,
  datasetId: 'ds-1',
  datasetName: 'cases',
  createdAt: '2025-01-01T00:00:00.000Z',
  ...more,
});
const whole = {
  'prompts/list.json': {
    data: [{ name: 'support/answer', type: 'chat', versions: [1, 2], labels: ['production', 'latest'], tags: ['live'] }],
    meta: { page: 1, limit: 50, totalItems: 1, totalPages: 1 },
  },
  'prompts/2.json': version(2, 'Help {{name}} well.', ['latest', 'blue']),
  'prompts/1.json': version(1, 'Help {{name}}.', ['production']),
  'datasets.json': {
    data: [
      {
        id: 'ds-1',
        name: 'cases',
        description: 'What users ask',
        metadata: { team: 'x' },
        projectId: 'p',
        createdAt: '2025-01-01T00:00:00Z',
      },
    ],
    meta: { page: 1, limit: 50, totalItems: 1, totalPages: 1 },
  },
  'items.jsonl': [
    item('i1', {}),
    item('i2', { input: [{ role: 'user', content: 'Hi' }], expectedOutput: { answer: 'Ho', score: 2 }, metadata: { lang: 'de' } }),
    item('i3', { input: 'only text', expectedOutput: null }),
    item('i4', { status: 'ARCHIVED', input: 'old' }),
  ],
};

describe('an export of Langfuse', () => {
  test('prompts come with their versions, their labels as environments, and their config as parameters', async () => {
    const report = await importing.run(whole);
    expect(report.problems).toEqual([]);
    expect(report.counts).toMatchObject({
      files: { found: 3, carried: 3 },
      versions: { found: 4, carried: 4 },
      datapoints: { found: 4, carried: 4 },
      environments: { found: 2, carried: 1 },
    });
    const { files } = importing.house;
    const newest = await importing.file('prompt', 'support/answer');
    expect(newest.file.tags).toEqual(['live']);
    expect(newest.version).toMatchObject({ name: 'v2', description: 'change 2', createdAt: new Date('2025-02-01T10:00:00Z') });
    expect(newest.version.kernel).toMatchObject({
      model: 'gpt-4o',
      temperature: 0.2,
      max_tokens: 200,
      template: [{ role: 'system', content: 'Help {{name}} well.' }],
      tools: [{ name: 'look' }],
    });
    expect(newest.inputs).toEqual(['name']);
    const deployed = await files.deployed(importing.scope(), 'prompt', newest.file.id);
    expect(deployed.map(({ environment, snapshot }) => `${environment.name} ${snapshot?.version.name ?? '-'}`).toSorted()).toEqual([
      'blue v2',
      'production v1',
      'staging -',
    ]);
  });

  test('items come with input, what was expected and metadata; archived ones apart', async () => {
    await importing.run(whole);
    expect(await importing.datapoints('cases')).toEqual([
      { inputs: { question: 'How?', context: '{"a":1}' }, messages: null, target: { output: 'So.' } },
      { inputs: null, messages: [{ role: 'user', content: 'Hi' }], target: { answer: 'Ho', score: 2 }, metadata: { lang: 'de' } },
      { inputs: { input: 'only text' }, messages: null, target: null },
    ]);
    expect(await importing.datapoints('cases (archived)')).toHaveLength(1);
    const dataset = await importing.file('dataset', 'cases');
    expect([dataset.file.description, dataset.version.kernel.attributes]).toEqual([
      'What users ask',
      { langfuse: { metadata: { team: 'x' } } },
    ]);
  });

  test('a second import makes nothing twice and undoes no deployment', async () => {
    const { files } = importing.house;
    await importing.run(whole);
    const { file, version: newest } = await importing.file('prompt', 'support/answer');
    const before = await importing.files();
    const production = await files.environments.byName(importing.scope(), 'production');
    await files.deploy(importing.scope(), 'prompt', file.id, production.id, newest.id);
    await files.updateVersion(importing.scope(), 'prompt', file.id, newest.id, { name: 'mine' });
    const again = await importing.run(whole);
    expect(again.counts.versions).toEqual({ found: 4, carried: 4 });
    expect(again.problems).toMatchObject([{ what: 'deployment to production', why: expect.stringContaining(newest.id) }]);
    expect(await importing.files()).toEqual(before);
    expect((await files.versions(importing.scope(), 'prompt', file.id)).map((each) => each.version.name)).toEqual(['mine', 'v1']);
    expect((await files.deployments(importing.scope(), 'prompt', file.id, { page: 1, size: 10 })).total).toBe(3);
  });

  test('a dry run changes nothing, and `to` puts everything below a directory', async () => {
    const dry = await importing.run(whole, { dryRun: true, to: 'from/langfuse' });
    expect([dry.counts.versions, await importing.files()]).toEqual([{ found: 4, carried: 0 }, []]);
    await importing.run(whole, { to: 'from/langfuse' });
    expect(await importing.files()).toEqual([
      'dataset from/langfuse/cases',
      'dataset from/langfuse/cases (archived)',
      'prompt from/langfuse/support/answer',
    ]);
  });

  test('what is damaged, unknown or means something else here is told, and the rest comes', async () => {
    const report = await importing.run({
      ...whole,
      'prompts/3.json': '{"name": "cut',
      'prompts/4.json': version(4, 'x', [], { prompt: [{ role: 'narrator', content: 'no such role' }] }),
      'prompts/5.json': version(5, 'x', [], {
        name: 'other',
        type: 'text',
        prompt: 'Say @@@langfusePrompt:name=part|label=production@@@ to {{ you }}',
        config: {},
      }),
      'prompts/6.json': version(6, 'x', [], {
        name: 'between',
        prompt: [
          { type: 'placeholder', name: 'history' },
          { role: 'user', content: '{{q}}' },
        ],
      }),
      'traces.jsonl': [{ traceId: 't' }, { traceId: 'u' }],
      'list.json': { data: [{ name: 'lost', versions: [1], labels: [], tags: [] }], meta: {} },
    });
    expect(report.problems.map(({ where, what }) => `${where.replace('export/', '')}: ${what}`).toSorted()).toEqual([
      'list.json#1: prompt lost',
      'prompts/3.json: file',
      'prompts/4.json: prompt support/answer version 4',
      'prompts/5.json: model of other',
      'prompts/5.json: prompt other version 5',
      'prompts/6.json: prompt between version 6',
      'traces.jsonl: 2 records',
    ]);
    expect((await importing.file('prompt', 'other')).version.kernel).toMatchObject({ template: expect.stringContaining('{{ you }}') });
    expect((await importing.file('prompt', 'between')).version.kernel.template).toEqual([{ role: 'user', content: '{{q}}' }]);
    expect(await importing.files()).toHaveLength(5);
  });

  test('what is no export is refused', async () => {
    await expect(importing.run({ 'readme.json': { hello: 1 } })).rejects.toMatchObject({ code: 'invalid_input' });
  });
});
