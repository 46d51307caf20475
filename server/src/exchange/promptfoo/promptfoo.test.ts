import type { JsonObject } from '@whetstone/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Importing, noPython, openImporting, skipped } from '../formats/test/importing.ts';
import { assertionOf } from './assertions.ts';

let importing: Importing;
beforeAll(async () => {
  importing = await openImporting('promptfoo');
});
afterAll(() => importing?.close());
beforeEach(() => importing.fresh());

const config = `description: Support bot
prompts:
  - 'Answer {{question}} in {{language}}.'
  - file://prompts/chat.json
  - id: file://prompts/long.txt
    label: long
  - '{% if formal %}Dear {{ name | upper }}{% endif %}: {{question}}'
providers:
  - openai:chat:gpt-4o
  - id: anthropic:messages:claude-sonnet-4-5
    label: claude
    config: { temperature: 0.3, max_tokens: 50, apiKey: sk-secret }
    prompts: [long]
defaultTest:
  vars: { language: English }
  assert:
    - type: llm-rubric
      value: 'Answers {{question}}'
tests:
  - description: capital
    vars: { question: capital of France }
    assert:
      - { type: contains, value: Paris }
      - { type: javascript, value: 'output.length < 100' }
    metadata: { area: geo }
  - vars: { question: [one, two] }
    assert: [{ type: similar, value: x, threshold: 0.8 }]
  - file://more/*.csv
scenarios:
  - config: [{ vars: { language: French } }, { vars: { language: German } }]
    tests: [{ vars: { question: hello } }]
`;
const whole = {
  'app/promptfooconfig.yaml': config,
  'app/prompts/chat.json': [
    { role: 'system', content: 'Be brief in {{language}}.' },
    { role: 'user', content: '{{question}}' },
  ],
  'app/prompts/long.txt': 'First {{question}}\n---\nSecond {{question}}\n',
  'app/more/cases.csv': 'question,__expected,__metadata:level\n"2 + 2","equals: 4",easy\nsky,blue,hard\n',
};

describe('a configuration of promptfoo', () => {
  test('prompts come in our dialects, with a version for each provider that they are for', async () => {
    const report = await importing.run(whole);
    expect(report.problems).toMatchObject([{ what: 'assertion similar' }]);
    expect(report.reenter.providers).toEqual(['anthropic', 'openai']);
    expect(await importing.files()).toEqual([
      'dataset Support bot/tests',
      'evaluator Support bot/contains',
      'evaluator Support bot/equals',
      'evaluator Support bot/javascript',
      'evaluator Support bot/llm-rubric',
      'prompt Support bot/chat',
      'prompt Support bot/long 1',
      'prompt Support bot/long 2',
      'prompt Support bot/prompt 1',
      'prompt Support bot/prompt 5',
    ]);
    expect((await importing.file('prompt', 'Support bot/prompt 1')).version.kernel).toEqual({
      model: 'gpt-4o',
      provider: 'openai',
      endpoint: 'complete',
      template: 'Answer {{question}} in {{language}}.',
    });
    const chat = await importing.file('prompt', 'Support bot/chat');
    expect([chat.version.kernel.template, chat.inputs]).toEqual([whole['app/prompts/chat.json'], ['language', 'question']]);
    expect((await importing.file('prompt', 'Support bot/prompt 5')).version.kernel).toMatchObject({ template_language: 'jinja' });
    const long = await importing.file('prompt', 'Support bot/long 2');
    expect(long.version).toMatchObject({
      name: 'claude',
      kernel: { model: 'claude-sonnet-4-5', provider: 'anthropic', temperature: 0.3, max_tokens: 50, template: 'Second {{question}}' },
    });
    expect(JSON.stringify(long.version.kernel)).not.toContain('sk-secret');
  });

  test('tests, tables and scenarios are one dataset; what is asserted stands in the targets', async () => {
    await importing.run(whole);
    const rubric = (question: string) => ({ type: 'llm-rubric', value: `Answers ${question}` });
    const points = (await importing.datapoints('Support bot/tests')) as { inputs: object; target: object }[];
    expect(points.map(({ inputs }) => inputs)).toEqual([
      { language: 'English', question: 'capital of France' },
      { language: 'English', question: 'one' },
      { language: 'English', question: 'two' },
      { language: 'English', question: '2 + 2' },
      { language: 'English', question: 'sky' },
      { language: 'French', question: 'hello' },
      { language: 'German', question: 'hello' },
    ]);
    expect(points[0]?.target).toEqual({
      rubric: 'Answers capital of France',
      description: 'capital',
      metadata: { area: 'geo' },
      assert: [rubric('capital of France'), { type: 'contains', value: 'Paris' }, { type: 'javascript', value: 'output.length < 100' }],
    });
    expect(points[4]?.target).toMatchObject({ output: 'blue', metadata: { level: 'hard' } });
  });

  test('an evaluator says what the assertion says', async () => {
    await importing.run(whole);
    const judge = (said: string) => importing.judge('Support bot/javascript', { output: said, inputs: {} }, {});
    expect([await judge('short'), await judge('long'.repeat(30))]).toEqual([true, false]);
    const { spec } = (await importing.file('evaluator', 'Support bot/llm-rubric')).version.kernel;
    expect(spec).toMatchObject({ evaluator_type: 'llm', return_type: 'boolean', arguments_type: 'target_required' });
  });

  test.skipIf(noPython !== null)(`an evaluator in Python says what the assertion says${skipped}`, async () => {
    await importing.run(whole);
    const judge = (output: string, assert: object[]) =>
      importing.judge('Support bot/contains', { output }, { target: { assert } } as unknown as JsonObject);
    expect(await judge('It is Paris.', [{ type: 'contains', value: 'Paris' }])).toBe(true);
    expect(await judge('It is Rome.', [{ type: 'contains', value: 'Paris' }])).toBe(false);
  });

  test('a second import makes nothing twice', async () => {
    await importing.run(whole);
    const before = await importing.files();
    const { file } = await importing.file('prompt', 'Support bot/long 1');
    const again = await importing.run(whole);
    expect(again.problems).toHaveLength(1);
    expect(await importing.files()).toEqual(before);
    expect(await importing.house.files.versions(importing.scope(), 'prompt', file.id)).toHaveLength(2);
  });

  test('what is a program, elsewhere, missing or damaged is told, and the rest comes', async () => {
    const report = await importing.run({
      'promptfooconfig.yaml': `
prompts: [file://gen.js, langfuse://x@production, file://lost.txt, 'Say {{x}}', '{{ broken']
providers: [file://call.py, 'unheard:model-1']
tests: [file://gen.py, huggingface://datasets/a/b, file://bad.jsonl, { vars: { x: file://image.png } }]
`,
      'bad.jsonl': ['{"vars":', { vars: { x: 1 }, assert: [{ type: 'cost', threshold: 1 }] }],
      'image.png': 'x',
      'gen.py': 'def f(): pass',
      'promptfooconfig-other.js': 'module.exports = {}',
      'promptfooconfig-cut.yaml': 'prompts: [',
    });
    expect(report.problems.map(({ what }) => what).toSorted()).toEqual([
      'assertion cost',
      'configuration',
      'file',
      'line',
      'prompt file://gen.js',
      'prompt file://lost.txt',
      'prompt langfuse://x@production',
      'prompt prompt 2',
      'provider file://call.py',
      'provider unheard:model-1',
      'tests',
      'tests huggingface://datasets/a/b',
      'variable x',
    ]);
    expect(await importing.files()).toEqual(['dataset export/tests', 'prompt export/prompt 1', 'prompt export/prompt 2']);
  });

  test('another name of the file is known by what it holds; anything else is refused', async () => {
    await importing.run({ 'my-eval.yaml': 'prompts: ["Hi {{x}}"]\nproviders: [openai:gpt-4o]\n' });
    expect(await importing.files()).toEqual(['prompt my-eval/prompt']);
    await expect(importing.run({ 'a.yaml': 'a: 1' })).rejects.toMatchObject({ code: 'invalid_input' });
  });
});

test.each([
  ['Paris', { type: 'equals', value: 'Paris' }],
  ['contains: a, b', { type: 'contains', value: 'a, b' }],
  ['not-contains-any: a, b', { type: 'not-contains-any', value: ['a', 'b'] }],
  ['similar(0.8):Hello there', { type: 'similar', value: 'Hello there', threshold: 0.8 }],
  ['fn: output.length < 3', { type: 'javascript', value: 'output.length < 3' }],
  ['grade: is kind', { type: 'llm-rubric', value: 'is kind' }],
  ['is-json', { type: 'is-json' }],
  ['Note: this is text', { type: 'equals', value: 'Note: this is text' }],
])('the cell %j is %j', (cell, assertion) => {
  expect(assertionOf(cell)).toEqual(assertion);
});
