import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Importing, noPython, openImporting, skipped } from '../formats/test/importing.ts';

let importing: Importing;
beforeAll(async () => {
  importing = await openImporting('openai');
});
afterAll(() => importing?.close());
beforeEach(() => importing.fresh());

const check = {
  type: 'string_check',
  name: 'mentions',
  input: '{{sample.output_text}}',
  reference: '{{item.must_mention}}',
  operation: 'ilike',
};
const score = {
  type: 'score_model',
  name: 'helpful',
  model: 'gpt-4.1',
  input: [
    { role: 'system', content: 'Rate from 1 to 7.' },
    { role: 'user', content: [{ type: 'input_text', text: '{{item.question}}: {{ sample.output_text }} ({{item.must_mention}})' }] },
  ],
  range: [1, 7],
  pass_threshold: 5,
};
const label = {
  type: 'label_model',
  name: 'tone',
  model: 'o3-mini',
  input: [{ role: 'user', content: '{{sample.output_text}}' }],
  labels: ['kind', 'rude'],
  passing_labels: ['kind'],
};
const own = {
  type: 'python',
  name: 'short',
  source: 'def grade(sample, item):\n    return 1.0 if len(sample["output_text"]) < 9 else 0.0\n',
  pass_threshold: 1,
};
const evaluation = {
  object: 'eval',
  id: 'eval_1',
  name: 'Support',
  created_at: 1_739_314_509,
  data_source_config: { type: 'custom', schema: { type: 'object' } },
  testing_criteria: [
    check,
    score,
    label,
    own,
    { type: 'text_similarity', name: 'near', evaluation_metric: 'bleu', input: 'x', reference: 'y' },
  ],
  metadata: null,
};
const run = {
  object: 'eval.run',
  id: 'evalrun_1',
  eval_id: 'eval_1',
  name: 'baseline',
  model: 'gpt-4.1',
  created_at: 1_739_314_600,
  status: 'completed',
  data_source: {
    type: 'completions',
    model: 'gpt-4.1',
    input_messages: {
      type: 'template',
      template: [
        { type: 'message', role: 'developer', content: { type: 'input_text', text: 'Be polite.' } },
        { type: 'message', role: 'user', content: { type: 'input_text', text: '{{item.question}}' } },
      ],
    },
    sampling_params: { temperature: 0.5, max_completion_tokens: 100, top_p: null },
    source: { type: 'file_content', content: [{ item: { question: 'How?', must_mention: 'so' } }] },
  },
};
const output = (id: string, item: object) => ({
  object: 'eval.run.output_item',
  id,
  eval_id: 'eval_1',
  run_id: 'evalrun_1',
  created_at: 1,
  status: 'pass',
  datasource_item_id: 0,
  datasource_item: item,
  results: [{ name: 'mentions', passed: true, score: 1 }],
  sample: { input: [], output: [{ role: 'assistant', content: 'So.' }] },
});
const api = {
  'evals.json': { object: 'list', data: [evaluation], first_id: 'eval_1', last_id: 'eval_1', has_more: false },
  'runs.json': { object: 'list', data: [run], has_more: false },
  'output_items.jsonl': [
    output('o1', { question: 'How?', must_mention: 'so' }),
    output('o2', { question: 'Why?', must_mention: 'because' }),
  ],
};
const stored = {
  openai_prompt_id: 'pmpt_68a1',
  name: 'support-assistant',
  production_version: '2',
  versions: [
    { version: '3', messages: [{ role: 'user', content: 'Issue now: {{issue}}' }], config: { model: 'gpt-5' } },
    {
      version: '2',
      instructions: 'Help {{customer_name}}.',
      input: [{ role: 'user', content: [{ type: 'input_text', text: 'Issue: {{issue}}' }] }],
      model: 'gpt-5',
      reasoning: { effort: 'low' },
      text: { format: { type: 'json_schema', name: 'reply', schema: { type: 'object' } }, verbosity: 'low' },
      tools: [{ type: 'function', name: 'look', parameters: {}, strict: true }, { type: 'web_search' }],
      max_output_tokens: 99,
    },
  ],
};

describe('evals of OpenAI’s platform', () => {
  test('an eval is its cases, its graders as evaluators, and the templates of its runs as versions of a prompt', async () => {
    const report = await importing.run(api);
    expect(report.problems.map(({ what }) => what).toSorted()).toEqual(['2 results', 'grader near']);
    expect(report.counts).toMatchObject({
      evaluations: { found: 1, carried: 0 },
      runs: { found: 1, carried: 0 },
      datapoints: { found: 2, carried: 2 },
    });
    expect(await importing.files()).toEqual([
      'dataset evals/Support/cases',
      'evaluator evals/Support/helpful',
      'evaluator evals/Support/mentions',
      'evaluator evals/Support/short',
      'evaluator evals/Support/tone',
      'prompt evals/Support/prompt',
    ]);
    expect(await importing.datapoints('evals/Support/cases')).toEqual([
      { inputs: { question: 'How?' }, messages: null, target: { must_mention: 'so' } },
      { inputs: { question: 'Why?' }, messages: null, target: { must_mention: 'because' } },
    ]);
    expect((await importing.file('prompt', 'evals/Support/prompt')).version).toMatchObject({
      name: 'baseline',
      createdAt: new Date(1_739_314_600_000),
      kernel: {
        model: 'gpt-4.1',
        temperature: 0.5,
        max_tokens: 100,
        template: [
          { role: 'developer', content: 'Be polite.' },
          { role: 'user', content: '{{question}}' },
        ],
      },
    });
  });

  test('graders keep what they ask, under our names', async () => {
    await importing.run(api);
    const spec = async (name: string) => (await importing.file('evaluator', `evals/Support/${name}`)).version.kernel.spec;
    expect(await spec('helpful')).toMatchObject({
      evaluator_type: 'llm',
      return_type: 'number',
      number_limits: { min: 1, max: 7 },
      prompt: {
        model: 'gpt-4.1',
        template: [{}, { content: '{{log.inputs.question}}: {{log.output}} ({{testcase.target.must_mention}})' }],
      },
      attributes: { openai_grader: score },
    });
    expect(await spec('tone')).toMatchObject({
      return_type: 'select',
      options: [
        { name: 'kind', valence: 'positive' },
        { name: 'rude', valence: 'negative' },
      ],
    });
  });

  test.skipIf(noPython !== null)(`graders judge as they did there${skipped}`, async () => {
    await importing.run(api);
    const judge = (name: string, said: string) =>
      importing.judge(`evals/Support/${name}`, { output: said, inputs: {} }, { target: { must_mention: 'SO' } });
    expect([await judge('mentions', 'and so on'), await judge('mentions', 'no')]).toEqual([true, false]);
    expect([await judge('short', 'brief'), await judge('short', 'not at all brief')]).toEqual([1, 0]);
  });

  test('what the usual export script writes is read too, and an uploaded file whose cases are known adds none', async () => {
    const item = { question: 'How?', must_mention: 'so' };
    const report = await importing.run({
      'eval_1.json': { eval: evaluation, rows: [item], runs: [{ run, output_items: [output('o1', item)] }] },
      'files/file-1.jsonl': [{ item }],
      'files/file-2.jsonl': [{ item: { question: 'Never run', messages: [{ role: 'user', content: 'Hi' }] } }],
    });
    expect(report.counts.datapoints).toEqual({ found: 2, carried: 2 });
    expect(await importing.datapoints('evals/files/file-2')).toEqual([
      { inputs: { question: 'Never run' }, messages: [{ role: 'user', content: 'Hi' }], target: null },
    ]);
  });
});

describe('stored prompts', () => {
  test('come with their versions, oldest first, the one in use deployed', async () => {
    const report = await importing.run({ 'prompts/a.json': stored });
    expect(report.problems).toEqual([]);
    const { files } = importing.house;
    const newest = await importing.file('prompt', 'support-assistant');
    expect(newest.version).toMatchObject({ name: 'v3', description: 'OpenAI pmpt_68a1 version 3' });
    const deployed = await files.get(importing.scope(), 'prompt', { path: 'support-assistant' });
    expect(deployed.version).toMatchObject({
      name: 'v2',
      kernel: {
        model: 'gpt-5',
        provider: 'openai',
        reasoning_effort: 'low',
        max_tokens: 99,
        template: [
          { role: 'developer', content: 'Help {{customer_name}}.' },
          { role: 'user', content: 'Issue: {{issue}}' },
        ],
        tools: [{ name: 'look', strict: true }],
        response_format: { type: 'json_schema', json_schema: { name: 'reply' } },
        other: { text: { verbosity: 'low' }, tools: [{ type: 'web_search' }] },
      },
    });
  });
});

describe('a registry of openai/evals', () => {
  const registry = {
    'registry/evals/arith.yaml': `arith:\n  id: arith.dev.v0\n  metrics: [accuracy]\narith.dev.v0:\n  class: evals.elsuite.basic.includes:Includes\n  args:\n    samples_jsonl: arith/samples.jsonl\n    ignore_case: true\n`,
    'registry/data/arith/samples.jsonl': [
      { input: [{ role: 'user', content: '2+2?' }], ideal: ['4', 'four'] },
      { input: 'plain', ideal: 'x', difficulty: 3 },
    ],
    'registry/evals/joke.yaml': `joke.dev.v0:\n  class: evals.elsuite.modelgraded.classify:ModelBasedClassify\n  args: { samples_jsonl: joke.jsonl, modelgraded_spec: humor, eval_type: cot_classify }\n`,
    'registry/data/joke.jsonl': [{ input: 'a joke' }],
    'registry/modelgraded/humor.yaml': `humor:\n  prompt: "Is {completion} funny, asked {input}?"\n  choice_strings: [Yes, No]\n  choice_scores: { Yes: 1, No: 0 }\n  input_outputs: { input: completion }\n`,
  };

  test('evals come with samples, and with an evaluator that judges as their class does', async () => {
    const report = await importing.run(registry);
    expect(report.problems).toEqual([]);
    expect(await importing.datapoints('evals/arith.dev.v0/cases')).toEqual([
      { inputs: null, messages: [{ role: 'user', content: '2+2?' }], target: { ideal: ['4', 'four'] } },
      { inputs: { difficulty: '3', input: 'plain' }, messages: null, target: { ideal: 'x' } },
    ]);
    const { spec } = (await importing.file('evaluator', 'evals/joke.dev.v0/judge')).version.kernel;
    expect(spec).toMatchObject({
      evaluator_type: 'llm',
      options: [
        { name: 'Yes', valence: 'positive' },
        { name: 'No', valence: 'negative' },
      ],
      prompt: { template: [{ content: expect.stringMatching(/^Is \{\{log\.output\}\} funny, asked \{\{log\.messages\}\}\?/) }] },
    });
  });

  test.skipIf(noPython !== null)(`an evaluator of the registry judges as its class did${skipped}`, async () => {
    await importing.run(registry);
    const testcase = { target: { ideal: ['4', 'four'] } };
    expect(await importing.judge('evals/arith.dev.v0/judge', { output: 'It is Four.' }, testcase)).toBe(true);
    expect(await importing.judge('evals/arith.dev.v0/judge', { output: 'It is five.' }, testcase)).toBe(false);
  });

  test('twice is once; what is damaged or a program of its own is told, and the rest comes', async () => {
    const tree = {
      ...registry,
      'registry/data/joke.jsonl': ['{"input": "cut', { input: 'a joke' }, 'null'],
      'registry/evals/own.yaml': 'own.v0:\n  class: my.module:Eval\n  args: { samples_jsonl: lost.jsonl }\n',
      'registry/evals/cut.yaml': 'x: [',
      'notes.json': { a: 1 },
      'prompt.json': { id: 'pmpt_1', versions: [{ version: '1' }] },
    };
    for (let round = 0; round < 2; round += 1) {
      const report = await importing.run(tree);
      expect(report.problems.map(({ what }) => what).toSorted()).toEqual([
        'evaluator of own.v0',
        'file',
        'line',
        'record',
        'sample',
        'samples of own.v0',
        'version',
      ]);
    }
    expect(await importing.datapoints('evals/joke.dev.v0/cases')).toHaveLength(1);
    const { file } = await importing.file('dataset', 'evals/joke.dev.v0/cases');
    expect(await importing.house.files.versions(importing.scope(), 'dataset', file.id)).toHaveLength(1);
    await expect(importing.run({ 'notes.json': { a: 1 } })).rejects.toMatchObject({ code: 'invalid_input' });
  });
});
