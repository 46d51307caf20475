import { Readable } from 'node:stream';
import type { Datapoint, Scope } from '@whetstone/contract';
import { AppError } from '@whetstone/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Snapshot } from '../files/index.ts';
import { chat, type House, openHouse } from '../gateway/test/house.ts';
import { createCuration, type Curation, type FromLogs, type ReadOptions } from './index.ts';

let house: House;
let curation: Curation;
let scope: Scope;

beforeAll(async () => {
  house = await openHouse();
  scope = house.scope;
  curation = createCuration(house);
});
afterAll(() => house?.close());
beforeEach(() => house.behave(null));

const signal = new AbortController().signal;
const q = (question: string, more: Partial<Datapoint> = {}): Datapoint => ({ inputs: { question }, ...more });
let made = 0;
async function dataset(datapoints: Datapoint[], path = `sets/${made++}`): Promise<Snapshot<'dataset'>> {
  return (await house.files.datasets.upsert(scope, { path, action: 'set', datapoints })).snapshot;
}
async function refusal(work: Promise<unknown>): Promise<AppError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AppError);
  return error as AppError;
}

describe('compare', () => {
  it('calls a datapoint changed when its question stayed, and pages through the rest', async () => {
    const one = await dataset([q('a', { target: { output: '1' } }), q('b'), q('c')], 'sets/compared');
    const two = await dataset([q('a', { target: { output: '2' }, tags: ['x'] }), q('c'), q('d'), q('e')], 'sets/compared');
    const page = { kind: null, page: 1, size: 10 };
    const changes = await curation.compare(scope, one.version.id, two.version.id, page);
    expect(changes.counts).toEqual({ added: 2, changed: 1, removed: 1, same: 1 });
    expect(
      changes.records.map(({ kind, before, after, fields }) => [kind, before?.inputs?.['question'], after?.inputs?.['question'], fields]),
    ).toEqual([
      ['added', undefined, 'd', []],
      ['added', undefined, 'e', []],
      ['changed', 'a', 'a', ['target', 'tags']],
      ['removed', 'b', undefined, []],
    ]);
    const added = await curation.compare(scope, one.version.id, two.version.id, { kind: 'added', page: 2, size: 1 });
    expect([added.total, added.records[0]?.after?.inputs]).toEqual([2, { question: 'e' }]);
    const back = await curation.compare(scope, two.version.id, one.version.id, page);
    expect(back.counts).toEqual({ added: 1, changed: 1, removed: 2, same: 1 });
  });

  it('pairs cases that are there more than once each with one', async () => {
    const one = await dataset([q('a', { target: { n: 1 } }), q('a', { target: { n: 2 } })], 'sets/twins');
    const two = await dataset([q('a', { target: { n: 3 } })], 'sets/twins');
    const { counts } = await curation.compare(scope, one.version.id, two.version.id, { kind: null, page: 1, size: 10 });
    expect(counts).toEqual({ added: 0, changed: 1, removed: 1, same: 0 });
  });
});

describe('columns', () => {
  it('are renamed and taken away in all datapoints that have them', async () => {
    const { version } = await dataset([
      { inputs: { a: '1', b: '2' }, target: { old: 'x' }, tags: ['t'] },
      { inputs: { a: '3' } },
      { inputs: { b: '4' } },
    ]);
    const ids = await house.files.datasets.datapointIds(scope, version.id);
    const columns = [
      { part: 'inputs' as const, key: 'b', to: null },
      { part: 'target' as const, key: 'old', to: 'new' },
    ];
    const changed = await curation.changeColumns(scope, version.id, columns, [ids[2] ?? '']);
    expect(changed).toMatchObject([{ id: ids[0], datapoint: { inputs: { a: '1' }, target: { new: 'x' }, tags: ['t'] } }]);
    expect(changed).toHaveLength(1);
  });
});

describe('duplicates', () => {
  const long = 'Where is the parcel that I ordered on Monday with the green wrapping and the card for my mother';

  it('finds what says the same whatever its spelling, and what nearly does, in the same groups each time', async () => {
    const { version } = await dataset([
      q('Where is my order?', { target: { output: 'soon' } }),
      q('where is my order', { target: { output: 'never' } }),
      q(long),
      q(`${long}, please?`),
      q('Cancel my plan'),
      q('WHERE  IS MY ORDER!!', { tags: ['loud'] }),
    ]);
    const found = await curation.duplicates(scope, version.id, 0.8);
    expect(found.groups.map(({ kind, targetsDiffer, members }) => [kind, targetsDiffer, members.map(({ position }) => position)])).toEqual([
      ['exact', true, [0, 1, 5]],
      ['near', false, [2, 3]],
    ]);
    expect(found.groups[1]?.similarity).toBeGreaterThan(0.8);
    const again = createCuration(house);
    expect(await again.duplicates(scope, version.id, 0.8)).toEqual(found);
    expect((await curation.duplicates(scope, version.id, 1)).groups.map(({ kind }) => kind)).toEqual(['exact']);
  });

  it('tells cases apart that share only a little', async () => {
    const { version } = await dataset(Array.from({ length: 300 }, (_, index) => q(`What is the capital of country number ${index}?`)));
    expect((await curation.duplicates(scope, version.id, 0.8)).groups).toEqual([]);
  });

  it('reads conversations, pictures and languages without spaces', async () => {
    const talk = (text: string, url: string): Datapoint => ({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text },
            { type: 'image_url', image_url: { url } },
          ],
        },
      ],
    });
    const { version } = await dataset([
      talk('What is this?', 'data:image/png;base64,AAAA'),
      talk('What is this?', 'data:image/png;base64,BBBB'),
      q('私の注文はどこにありますか教えてください'),
      q('私の注文はどこにありますか教えてくださいね'),
    ]);
    const { groups } = await curation.duplicates(scope, version.id, 0.8);
    expect(groups.map(({ members }) => members.map(({ position }) => position))).toEqual([[2, 3]]);
  });

  it('goes through 100,000 datapoints while others have their turn', { timeout: 240_000 }, async () => {
    const many = Array.from({ length: 100_000 }, (_, index) =>
      q(`Case ${index}: why does device ${index * 7} of series ${index % 97} not start?`),
    );
    const { version } = await dataset([
      ...many.slice(0, 99_000),
      ...many.slice(0, 500).map(({ inputs }) => q(`${inputs?.['question']} !`)),
    ]);
    let longest = 0;
    let last = performance.now();
    const timer = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 10);
    const { datapoints, groups } = await curation.duplicates(scope, version.id, 0.9);
    clearInterval(timer);
    expect([datapoints, groups.filter(({ kind }) => kind === 'exact').length]).toEqual([99_500, 500]);
    expect(longest).toBeLessThan(1_500);
  });
});

describe('a file', () => {
  const read = (text: string | Buffer, options: Partial<ReadOptions & { skipBad: boolean }> = {}) =>
    curation.readImport(Readable.from([typeof text === 'string' ? Buffer.from(text) : text]), {
      format: 'csv',
      mapping: {},
      skipBad: false,
      ...options,
    });

  it('is read by what its columns are named, with a byte order mark, semicolons and quoted lines', async () => {
    const csv = '\ufeffquestion;expected_output;tags;split;metadata.source\r\n"Where;\nis it?";soon;"a, b";test;mail\r\nWhy?;;;;\r\n';
    const { datapoints, rows, missingTargets, problemsTotal } = await read(csv);
    expect([rows, missingTargets, problemsTotal]).toEqual([2, 1, 0]);
    expect(datapoints[0]).toMatchObject({
      inputs: { question: 'Where;\nis it?' },
      target: { output: 'soon' },
      tags: ['a', 'b'],
      split: 'test',
      metadata: { source: 'mail' },
    });
  });

  it('is read by a mapping, whatever its columns are named', async () => {
    const { datapoints } = await read('sys,ask,want,drop\nBe kind,Hello,"{""a"":1}",x\n', {
      mapping: {
        sys: { to: 'message', key: 'system' },
        ask: { to: 'message', key: 'user' },
        want: { to: 'target' },
        drop: { to: 'ignore' },
      },
    });
    expect(datapoints[0]).toMatchObject({
      inputs: {},
      messages: [
        { role: 'system', content: 'Be kind' },
        { role: 'user', content: 'Hello' },
      ],
      target: { a: 1 },
    });
  });

  it('is JSON lines, with keys as columns', async () => {
    const lines = [
      { inputs: { a: 'x', n: 3 }, target: { output: 'y' }, tags: ['t'], split: 'train', metadata: { k: [1] } },
      { question: 'plain', messages: [{ role: 'user', content: 'hi' }] },
    ];
    const { datapoints } = await read(`${lines.map((line) => JSON.stringify(line)).join('\r\n')}\n\n`, { format: 'jsonl' });
    expect(datapoints[0]).toMatchObject({ inputs: { a: 'x', n: '3' }, split: 'train', metadata: { k: [1] } });
    expect(datapoints[1]).toMatchObject({ inputs: { question: 'plain' }, messages: [{ role: 'user', content: 'hi' }] });
  });

  it.each([
    ['ragged rows', 'a,b\n1,2\n3\n4,5,6\n', 'csv', /Line 3: it has 1 cell, the first row names 2 and 1 more line is wrong/],
    ['ids that come twice', 'id,a\nx,1\ny,2\nx,3\n', 'csv', /Line 4: its id “x” is that of line 2/],
    ['bad JSON', '{"a":"1"}\n{"a":\n', 'jsonl', /Line 2: it is no JSON\b/],
    ['no objects', '{"a":"1"}\n42\n', 'jsonl', /Line 2: it is no JSON object/],
    ['bad messages', 'messages\n"[{""role"":""robot""}]"\n', 'csv', /Line 2: `messages` is no JSON list of chat messages/],
    ['empty rows', 'a,b\n,\n', 'csv', /Line 2: it is empty/],
    ['wrong labels', `{"a":"1","split":"${'x'.repeat(101)}"}\n`, 'jsonl', /`split` is a split of more than 100/],
  ] as const)('with %s is refused with the line, and taken without them when asked', async (_name, text, format, message) => {
    const error = await refusal(read(text, { format }));
    expect([error.code, error.message]).toEqual(['invalid_input', expect.stringMatching(message)]);
    expect(error.details?.[0]?.loc.at(-1)).toBeGreaterThan(0);
    const { problems, problemsTotal, datapoints, rows } = await read(text, { format, skipBad: true });
    expect(problemsTotal).toBe(problems.length);
    expect(datapoints.length).toBe(rows - problemsTotal);
  });

  it.each([
    ['nothing in it', '', 'csv', /empty/],
    ['a column twice', 'a,a\n1,2\n', 'csv', /twice/],
    ['a column without a name', 'a,\n1,2\n', 'csv', /no name/],
    ['another encoding', Buffer.from([0x61, 0x0a, 0xff, 0xfe, 0x0a]), 'csv', /not UTF-8/],
    ['an open quote', 'a\n"1\n2\n', 'csv', /no CSV/],
    ['a JSON list', '[{"a":1}]', 'jsonl', /one object a line/],
  ] as const)('with %s is none', async (_name, text, format, message) => {
    const error = await refusal(read(text, { format, skipBad: true }));
    expect([error.code, error.message]).toEqual(['invalid_input', expect.stringMatching(message)]);
  });

  it('with hostile text stays data', async () => {
    const line = '{"__proto__":{"admin":"1"},"constructor":"x","text":"\\u0000<script>=1+1"}\n';
    const { datapoints } = await read(line, { format: 'jsonl' });
    expect(datapoints[0]?.inputs?.['text']).toBe('\u2400<script>=1+1');
    expect(({} as { admin?: string }).admin).toBeUndefined();
    const { version } = await dataset(datapoints);
    const { records } = await house.files.datasets.datapoints(scope, version.id);
    expect(records[0]?.inputs?.['constructor']).toBe('x');
  });

  it('of 100,000 rows is read in bounded time', { timeout: 60_000 }, async () => {
    async function* rows() {
      yield Buffer.from('question,target\n');
      for (let i = 0; i < 100; i++)
        yield Buffer.from(Array.from({ length: 1_000 }, (_, at) => `"case ${i} ${at}, with ""quotes""",${at}\n`).join(''));
    }
    const found = await curation.readImport(Readable.from(rows()), { format: 'csv', mapping: {}, skipBad: false });
    expect([found.rows, found.datapoints.length]).toEqual([100_000, 100_000]);
  });

  it('is previewed by its start, cut in the middle of a row', async () => {
    const preview = await curation.previewImport(Readable.from([Buffer.from('ask,target\nHow?,"so\nso"\nWhy?,bec')]), {
      format: 'csv',
      mapping: {},
      partial: true,
    });
    expect(preview.columns).toEqual([
      { name: 'ask', to: 'input', key: 'ask', examples: ['How?'] },
      { name: 'target', to: 'target', key: null, examples: ['so\nso'] },
    ]);
    expect(preview.datapoints).toHaveLength(1);
  });
});

describe('from logs', () => {
  const wish: FromLogs = {
    limit: 100,
    target: 'output',
    correctionBy: null,
    targetKey: 'output',
    tags: ['from-logs'],
    split: null,
    named: null,
    versionName: null,
    versionDescription: 'From logs',
  };
  const logged = async (question: string, text: string): Promise<string> => {
    house.behave(() => ({ text }));
    return (await house.logOf(await house.request('/v1/chat/completions', chat(question)))).id;
  };
  const correct = async (logId: string, value: string): Promise<void> => {
    const { file, version } = await house.files.get(scope, 'evaluator', { path: 'feedback/correction' });
    await house.logs.judge(scope, {
      evaluatorId: file.id,
      evaluatorVersionId: version.id,
      logId,
      source: 'human',
      judge: 'usr_ann',
      value,
      origin: 'api',
    });
  };

  it('takes the output as the target, once, and says where it came from', async () => {
    const first = await logged('What is the capital of Peru?', 'Lima');
    const into = await dataset([]);
    const made = await curation.addFromLogs(scope, into, { ids: [first] }, { ...wish, named: [first, 'log_unknown'] }, signal);
    expect(made).toMatchObject({
      logs: 1,
      added: 1,
      alreadyThere: 0,
      skipped: [{ logId: 'log_unknown', reason: 'There is no such log.' }],
    });
    const { records } = await house.files.datasets.datapoints(scope, made.snapshot.version.id);
    expect(records).toMatchObject([
      {
        messages: [{ role: 'user', content: 'What is the capital of Peru?' }],
        target: { output: 'Lima' },
        metadata: { log_id: first },
        tags: ['from-logs'],
      },
    ]);
    const again = await logged('What is the capital of Peru?', 'Lima');
    const second = await curation.addFromLogs(scope, made.snapshot, { ids: [first, again] }, wish, signal);
    expect(second).toMatchObject({ logs: 2, added: 0, alreadyThere: 2, createdVersion: false });
  });

  it('takes what a person wrote as the target, and tells which nobody corrected', async () => {
    const wrong = await logged('Capital of Chile?', 'Lima');
    const plain = await logged('Capital of Cuba?', 'Havana');
    await correct(wrong, 'Santiago');
    const into = await dataset([]);
    const made = await curation.addFromLogs(
      scope,
      into,
      { ids: [wrong, plain] },
      { ...wish, target: 'correction', targetKey: 'answer' },
      signal,
    );
    expect(made.skipped).toEqual([{ logId: plain, reason: 'Nobody corrected it.' }]);
    const { records } = await house.files.datasets.datapoints(scope, made.snapshot.version.id);
    expect(records.map(({ target }) => target)).toEqual([{ answer: 'Santiago' }]);
  });

  it('leaves out what the template says, so that a run on the case fills it in again', async () => {
    house.behave(() => ({ text: 'Bonjour' }));
    const { snapshot } = await house.files.upsert(scope, 'prompt', {
      path: 'greet',
      kernel: { model: 'gpt-4o-mini', template: [{ role: 'system', content: 'Greet in {{language}}.' }] },
    });
    const { logId } = await house.gateway.callPrompt(
      scope,
      {
        ref: { id: snapshot.file.id },
        at: {},
        kernel: null,
        draft: false,
        inputs: { language: 'French' },
        messages: [{ role: 'user', content: 'Hi' }],
        toolChoice: null,
        samples: 1,
        providerApiKeys: {},
        suffix: null,
        environment: null,
        log: { origin: 'api' },
      },
      signal,
    );
    const into = await dataset([]);
    const made = await curation.addFromLogs(scope, into, { ids: [logId] }, { ...wish, target: 'none' }, signal);
    const { records } = await house.files.datasets.datapoints(scope, made.snapshot.version.id);
    expect(records[0]).toMatchObject({ inputs: { language: 'French' }, messages: [{ role: 'user', content: 'Hi' }], target: null });
  });
});

describe('generate', () => {
  const wish = {
    model: 'gpt-4o-mini',
    provider: null,
    n: 3,
    instructions: 'angry ones',
    like: null,
    inputs: null,
    target: null,
    temperature: null,
  };
  const answer = (value: unknown) => house.behave(() => ({ text: typeof value === 'string' ? value : JSON.stringify(value) }));

  it('proposes what is new, leaves out what is there, marks what is alike, and stores no datapoint', async () => {
    const into = await dataset([q('Where is my order?', { target: { intent: 'tracking' } })]);
    answer({
      datapoints: [
        { inputs: { question: 'where is my order' }, target: { intent: 'tracking' } },
        { inputs: { question: 'I want my money back now' }, target: { intent: 'refund' } },
        { inputs: { question: 'I want my money back, now!' }, target: { intent: 'refund' } },
        { inputs: { question: 'Where is my order, the blue one from Monday?' }, target: { intent: 'tracking', extra: 'x' } },
        { inputs: { other: 'x' } },
        'nonsense',
      ],
    });
    const made = await curation.generate(scope, into, wish, signal);
    expect([made.leftOut, made.unreadable]).toEqual([2, 2]);
    expect(made.proposals.map(({ datapoint }) => datapoint.inputs?.['question'])).toEqual([
      'I want my money back now',
      'Where is my order, the blue one from Monday?',
    ]);
    expect(made.proposals[1]?.datapoint.target).toEqual({ intent: 'tracking' });
    const log = await house.logs.find(scope, made.logId);
    expect(JSON.stringify(log?.messages)).toContain('angry ones');
    expect((await house.files.versions(scope, 'dataset', into.file.id)).map(({ version }) => version.id)).toEqual([into.version.id]);
  });

  it('says so when the model answers outside the form, and when there is nothing to go by', async () => {
    answer('I cannot do that.');
    const into = await dataset([q('a')]);
    expect(await refusal(curation.generate(scope, into, wish, signal))).toMatchObject({
      code: 'provider_failed',
      message: expect.stringContaining('I cannot do that.'),
    });
    const empty = await dataset([]);
    expect(await refusal(curation.generate(scope, empty, wish, signal))).toMatchObject({
      code: 'invalid_input',
      message: expect.stringMatching(/no names of inputs/),
    });
    answer({ datapoints: [{ inputs: { question: 'New?' }, target: { output: 'Yes' } }] });
    const made = await curation.generate(scope, empty, { ...wish, inputs: ['question'], target: ['output'] }, signal);
    expect(made.proposals[0]?.datapoint).toEqual({ inputs: { question: 'New?' }, target: { output: 'Yes' } });
    expect(await refusal(curation.generate(scope, into, { ...wish, like: ['dp_unknown'] }, signal))).toMatchObject({
      code: 'invalid_input',
    });
  });

  it('does not read examples as templates', async () => {
    const into = await dataset([q('{{evil}} {{ instructions }}')]);
    answer({ datapoints: [] });
    const { logId } = await curation.generate(scope, into, wish, signal);
    expect(JSON.stringify((await house.logs.find(scope, logId))?.messages)).toContain('{{evil}}');
  });
});
