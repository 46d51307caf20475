import { liveJudging } from './lived-in-judging.ts';
import { byKey, caller, type Caller } from './send.ts';
import { eventually, type Whetstone } from './whetstone.ts';
import { makeObjects, mark, ownerHeaders } from './workspace-of-everything.ts';

export const toolPaths = ['tone', 'weather', 'say', 'py', 'look-up', 'google', 'pinecone', 'chroma'].map((name) => `support/${name}`);

interface Made {
  id: string;
  version_id: string;
}

/** What people and programs leave in a workspace that is used. */
export async function livedIn(server: Whetstone): Promise<void> {
  const ask = caller(server.url, byKey(server.apiKey));
  const session = caller(server.url, await ownerHeaders(server));
  await makeObjects(ask, session);
  await liveFiles(ask, session);
  await liveEvaluations(ask);
  await liveLogs(ask);
  await liveSettings(ask);
  await liveJudging(ask, session);
  await liveExperiments(ask);
  await eventually('what was logged in lists', async () => (await ask<{ total: number }>('GET', '/v5/logs?size=1')).total >= 12);
}

async function liveFiles(ask: Caller, session: Caller): Promise<void> {
  const prompt = { path: 'support/answer', model: 'gpt-4o', provider: 'openai', template: [{ role: 'system', content: 'Help {{name}}.' }] };
  const snippet = await ask<Made>('POST', '/v5/tools', {
    path: 'support/tone',
    tool_type: 'snippet',
    setup_values: { snippets: [{ key: 'kind', value: 'Be kind.' }] },
  });
  const tools = {
    weather: {
      tool_type: 'get_api_call',
      setup_values: { url: 'https://example.com/{{city}}', method: 'GET', headers: { accept: 'text/plain' } },
    },
    google: { tool_type: 'google', setup_values: { cx: 'engine', num: 3 } },
    pinecone: { tool_type: 'pinecone_search', setup_values: { host: 'https://index.example.com', top_k: 2 } },
    chroma: { tool_type: 'chroma_search', setup_values: { url: 'https://chroma.example.com', collection: 'docs' } },
    py: { tool_type: 'python', function: { name: 'f', description: '' }, source_code: 'def f(): return 1' },
  };
  for (const [name, tool] of Object.entries(tools)) await ask('POST', '/v5/tools', { path: `support/${name}`, ...tool });
  await ask('POST', '/v5/tools', { path: 'support/say', tool_type: 'mock', setup_values: { output: 'Sunny' } });
  const json = await ask<Made>('POST', '/v5/tools', {
    path: 'support/look-up',
    function: {
      name: 'look_up',
      description: 'Looks up',
      parameters: { type: 'object', properties: { z: { type: 'string' }, a: { type: 'number' } } },
    },
  });
  const first = await ask<Made>('POST', '/v5/prompts', {
    ...prompt,
    temperature: 1,
    description: 'Answers',
    readme: '# Read',
    tags: ['live', 'ä'],
  });
  const second = await session<Made>('POST', '/v5/prompts', {
    ...prompt,
    temperature: 0,
    version_name: 'calm',
    version_description: 'By hand',
    linked_tools: [json.version_id],
  });
  const third = await ask<Made>('POST', '/v5/prompts', { ...prompt, temperature: 0.5 });
  const environments = await ask<{ id: string; name: string }[]>('GET', '/v5/environments');
  const staging = environments.find(({ name }) => name === 'staging')?.id ?? '';
  const beta = await ask<{ id: string }>('POST', '/v5/environments', { name: 'beta', protected: true });
  const gone = await ask<{ id: string }>('POST', '/v5/environments', { name: 'gone' });
  const deploy = (environment: string, version: string) =>
    ask('POST', `/v5/prompts/${first.id}/environments/${environment}?version_id=${version}`);
  await deploy(staging, first.version_id);
  await session('POST', `/v5/prompts/${first.id}/environments/${staging}?version_id=${second.version_id}`);
  await deploy(staging, first.version_id);
  await deploy(beta.id, third.version_id);
  await deploy(gone.id, second.version_id);
  await ask('DELETE', `/v5/prompts/${first.id}/environments/${gone.id}`);
  await ask('DELETE', `/v5/environments/${gone.id}`);
  const dropped = await ask<Made>('POST', '/v5/prompts', { ...prompt, temperature: 0.9 });
  await ask('POST', '/v5/prompts/log', { id: first.id, version_id: dropped.version_id, output: 'from what was deleted', messages: [] });
  await ask('DELETE', `/v5/prompts/${first.id}/versions/${dropped.version_id}`);
  const doomed = await ask<Made>('POST', '/v5/flows', { path: 'support/doomed', attributes: { a: 1 } });
  await ask('DELETE', `/v5/flows/${doomed.id}`);
  await ask('POST', '/v5/agents', {
    path: 'support/agent',
    model: 'demo-small',
    max_iterations: 3,
    template: [{ role: 'user', content: '{{q}} {{ tone("kind") }}' }],
    tools: [
      { type: 'file', link: { file_id: snippet.id } },
      { type: 'inline', json_schema: { name: 'g', description: 'h' } },
    ],
  });
  const rows = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => ({
      inputs: { n: `N${from + i}` },
      messages: [{ role: 'user', content: `m${from + i}` }],
      target: { output: `T${from + i}` },
    }));
  await ask('POST', '/v5/datasets', { path: 'support/cases', datapoints: rows(0, 1200), attributes: { z: 1, a: [2] } });
  await ask('POST', '/v5/datasets', { path: 'support/cases', datapoints: rows(1200, 1210), action: 'add' });
  await ask('POST', '/v5/datasets', { path: 'support/cases', datapoints: rows(3, 9), action: 'remove', version_name: 'fewer' });
  await ask('POST', '/v5/datasets', { path: 'support/none', datapoints: [] });
  await ask(
    'PATCH',
    `/v5/directories/${(await ask<{ id: string; path: string }[]>('GET', '/v5/directories')).find(({ path }) => path === 'support')?.id}`,
    { description: 'All of it', tags: ['t'] },
  );
}

/** One that ended, with units from calls and from who only asked, and a draft. */
async function liveExperiments(ask: Caller): Promise<void> {
  const save = (template: string) => ask<Made>('POST', '/v5/prompts', { path: 'support/tried', model: 'demo-small', template });
  const control = await save('At length: {{question}}');
  const brief = await save('In short: {{question}}');
  const third = await save('In verse: {{question}}');
  const drafted = {
    name: 'Shorter answers',
    file_id: control.id,
    arms: [{ weight: 0.4 }, { version_id: brief.version_id, weight: 0.3 }, { version_id: third.version_id, weight: 0.3 }],
    metric: { value: 'vote:good' },
    guards: [{ metric: { value: 'error', direction: 'down' }, bound: { ratio: 1.5 } }],
    smallest_difference: 0.05,
    forced: [{ unit: 'qa', arm_id: 'b' }],
  };
  const { id } = await ask<Made>('POST', '/v5/experiments', drafted);
  await ask('POST', `/v5/experiments/${id}/start`);
  for (const user of ['u_1', 'u_2', 'u_3', 'qa']) {
    const { version_id } = await ask<Made>('GET', `/v5/prompts/${control.id}?user=${user}`);
    await ask('POST', `/v5/prompts/log?version_id=${version_id}&environment=production`, { path: 'support/tried', user, output: 'So.' });
  }
  await ask('POST', '/v5/prompts/log?environment=production', { path: 'support/tried', user: 'u_4', output: 'So.' });
  await ask('GET', `/v5/prompts/${control.id}`);
  await ask('POST', `/v5/experiments/${id}/stop`, { arm_id: 'c', reason: 'Nobody likes verse.' });
  await ask('PATCH', `/v5/experiments/${id}`, { traffic: 0.5 });
  await ask('POST', `/v5/experiments/${id}/promote`, { arm_id: 'b', hold_out: 0.1 });
  await ask('POST', '/v5/experiments', { ...drafted, name: 'Later' });
}

async function liveEvaluations(ask: Caller): Promise<void> {
  const specs = {
    python: {
      evaluator_type: 'python',
      arguments_type: 'target_required',
      return_type: 'boolean',
      code: 'def f(log, target):\n  return True',
    },
    llm: {
      evaluator_type: 'llm',
      arguments_type: 'target_free',
      return_type: 'boolean',
      prompt: { model: 'gpt-4o', template: 'Is it good? {{log.output}}' },
    },
    external: { evaluator_type: 'external', arguments_type: 'target_free', return_type: 'number' },
    human: {
      evaluator_type: 'human',
      arguments_type: 'target_free',
      return_type: 'multi_select',
      options: [
        { name: 'a', valence: 'positive' },
        { name: 'b', valence: 'negative' },
      ],
    },
  };
  const made: Record<string, Made> = {};
  for (const [name, spec] of Object.entries(specs))
    made[name] = await ask<Made>('POST', '/v5/evaluators', { path: `support/judge-${name}`, spec });
  const production = (await ask<{ id: string; name: string }[]>('GET', '/v5/environments')).find(({ name }) => name === 'production')?.id;
  const answer = await ask<Made>('POST', '/v5/files/retrieve-by-path', { path: 'support/answer' });
  await ask('POST', `/v5/prompts/${answer.id}/evaluators`, {
    activate: [{ evaluator_version_id: made['llm']?.version_id }, { evaluator_id: made['external']?.id, environment_id: production }],
  });
  await ask('POST', `/v5/prompts/${answer.id}/evaluators`, { deactivate: [{ evaluator_version_id: made['llm']?.version_id }] });
  const evaluation = await ask<{ id: string }>('POST', '/v5/evaluations', {
    name: 'weekly',
    file: { id: answer.id },
    evaluators: [{ id: made['external']?.id }, { id: made['python']?.id, orchestrated: false }],
  });
  const dataset = await ask<Made>('POST', '/v5/files/retrieve-by-path', { path: 'support/cases' });
  const { records: datapoints } = await ask<{ records: { id: string }[] }>(
    'GET',
    `/v5/datasets/${dataset.id}/datapoints?version_id=${dataset.version_id}&size=5`,
  );
  const run = await ask<{ id: string }>('POST', `/v5/evaluations/${evaluation.id}/runs`, {
    dataset: { version_id: dataset.version_id },
    version: { version_id: answer.version_id },
    orchestrated: false,
  });
  const other = await ask<{ id: string }>('POST', `/v5/evaluations/${evaluation.id}/runs`, {
    version: { version_id: answer.version_id },
    orchestrated: false,
  });
  await ask('PATCH', `/v5/evaluations/${evaluation.id}/runs/${other.id}`, { status: 'cancelled' });
  await ask('PATCH', `/v5/evaluations/${evaluation.id}/runs/${run.id}`, { control: true });
  const second = await ask<{ id: string }>('POST', '/v5/evaluations', { name: 'of no file', evaluators: [{ id: made['external']?.id }] });
  await ask('POST', `/v5/evaluations/${second.id}/runs/${run.id}`);
  const logs: string[] = [];
  for (const { id } of datapoints) {
    const log = await ask<{ id: string }>('POST', '/v5/prompts/log', {
      id: answer.id,
      run_id: run.id,
      source_datapoint_id: id,
      output: `for ${id}`,
      messages: [],
    });
    logs.push(log.id);
    await ask('POST', '/v5/evaluators/log', { id: made['external']?.id, parent_id: log.id, judgment: 0.25 });
    await ask('POST', '/v5/evaluators/log', { id: made['external']?.id, parent_id: log.id, judgment: 0.5 });
  }
  const joined = await ask<{ id: string }>('POST', '/v5/prompts/log', { id: answer.id, output: 'joins', messages: [] });
  await ask('POST', `/v5/evaluations/${evaluation.id}/runs/${other.id}/logs`, { log_ids: [joined.id, logs[0]] });
  await ask('POST', '/v5/evaluators/log', { id: made['human']?.id, parent_id: joined.id, judgment: ['a', 'b'] });
}

export const image = `data:image/png;base64,${Buffer.alloc(3000, 7).toString('base64')}`;

async function liveLogs(ask: Caller): Promise<void> {
  const flow = await ask<{ id: string }>('POST', '/v5/flows/log', {
    path: 'support/turn',
    flow: { attributes: { v: 1 } },
    inputs: { q: 'x' },
    log_status: 'incomplete',
    start_time: '2026-01-02T03:04:05.000Z',
    metadata: { z: 1, a: { y: 2, b: [1] } },
  });
  const child = await ask<{ id: string }>('POST', '/v5/prompts/log', {
    path: 'support/answer',
    trace_parent_id: flow.id,
    inputs: { name: 'Bo' },
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is it?' },
          { type: 'image_url', image_url: { url: image } },
        ],
      },
    ],
    output: 'On its way.',
    output_message: {
      role: 'assistant',
      content: 'On its way.',
      tool_calls: [{ id: 'c', type: 'function', function: { name: 'look_up', arguments: '{"a": 1}' } }],
    },
    prompt_tokens: 12,
    output_tokens: 3,
    prompt_cost: 0.001,
    tool_choice: 'auto',
    user: 'bo',
    session: 's1',
    reference_id: 'ref-1',
    environment: 'production',
    provider_latency: 1.25,
    start_time: '2026-01-02T03:04:06.000Z',
    end_time: '2026-01-02T03:04:07.500Z',
    created_at: '2026-01-02T03:04:06.000Z',
    prompt: { model: 'gpt-4o', provider: 'openai', template: [{ role: 'system', content: 'Help {{name}}.' }], temperature: 0 },
  });
  await ask('POST', '/v5/tools/log', {
    path: 'support/look-up',
    trace_parent_id: child.id,
    tool: { function: { name: 'look_up', description: 'v2' } },
    inputs: { a: 1 },
    output: 'found',
    error: 'not quite',
  });
  await ask('PATCH', `/v5/flows/logs/${flow.id}`, { log_status: 'complete', output: 'y' });
  await ask('POST', '/v5/prompts/log', {
    path: 'support/answer',
    trace_parent_id: flow.id,
    output: 'too late',
    messages: [],
    prompt: { model: 'gpt-4o', provider: 'openai', template: [{ role: 'system', content: 'Help {{name}}.' }], temperature: 0 },
  });
  await ask('POST', '/v5/prompts/log', {
    path: 'support/answer',
    log_id: 'chosen by somebody',
    output: 'x'.repeat(300_000),
    messages: [],
    prompt: { model: 'gpt-4o', template: 'Plain {{a}}' },
    created_at: '2025-06-01T00:00:00.000Z',
  });
  await ask('POST', '/v5/prompts/log', {
    path: 'support/answer',
    output: 'kept secret',
    save: false,
    messages: [{ role: 'user', content: 'secret' }],
    prompt: { model: 'gpt-4o', template: 'Plain {{a}}' },
  });
  const gone = await ask<{ id: string }>('POST', '/v5/prompts/log', {
    path: 'support/answer',
    output: 'deleted',
    messages: [],
    prompt: { model: 'gpt-4o', template: 'Plain {{a}}' },
  });
  await ask('DELETE', `/v5/logs?id=${gone.id}`);
  await ask('POST', '/v1/chat/completions', { model: 'demo-small', messages: [{ role: 'user', content: 'Hello' }], user: 'u9' });
  await ask('POST', '/v5/prompts/call', { path: `dir/${mark}-prompt`, inputs: { question: 'what?' } });
  for (const [name, judgment] of [
    ['vote', 'good'],
    ['correction', 'It arrives tomorrow.'],
    ['comment', 'Fine'],
    ['rating', 4],
    ['action', ['copied', 'shared']],
    ['vote', 'bad'],
  ] as const)
    await ask('POST', '/v5/evaluators/log', {
      path: `feedback/${name}`,
      parent_id: child.id,
      judgment,
      user: 'bo',
      metadata: { by: 'hand' },
    });
  // Of logs that have not come.
  await ask('POST', '/v5/feedback', {
    feedback: [
      { reference_id: 'order 7', kind: 'vote', value: 'bad', user: 'bo', comment: 'Wrong shop' },
      { reference_id: 'order 7', kind: 'action', value: 'copied' },
      { reference_id: 'order 7', kind: 'action', value: 'shared', remove: true },
      { log_id: 'log_that_never_came', kind: 'correction', value: 'It arrives tomorrow.', metadata: { by: 'hand' } },
      { log_id: 'log_that_never_came', kind: 'rating', value: 4, created_at: '2025-06-01T00:00:00.000Z' },
    ],
  });
}

async function liveSettings(ask: Caller): Promise<void> {
  const environments = await ask<{ id: string; name: string }[]>('GET', '/v5/environments');
  const staging = environments.find(({ name }) => name === 'staging')?.id ?? '';
  await ask('PATCH', '/v5/workspace', {
    retention_days: 900,
    environment_retention_days: { [staging]: 30 },
    redaction: [{ name: 'mail', kind: 'pattern', match: '[a-z]+@example[.]com', replacement: '[mail]' }],
  });
  await ask('PUT', '/v5/prices', { model: 'gpt-4o', provider: 'openai', input_per_million: 1, output_per_million: 2 });
  await ask('PUT', '/v5/routes/fast', {
    targets: [
      { model: 'demo-small', weight: 3, timeout_seconds: 2.5 },
      { model: 'demo-small', credential: 'openai', retries: 1 },
    ],
    cache_ttl_seconds: 60,
  });
  await ask('PUT', '/v5/limits', { subject: 'user', id: '*', requests_per_minute: 100 });
  await ask('PUT', '/v5/otel/rules', {
    rules: [{ when: [{ attribute: 'service.name', is: 'equal', value: 'web' }], path: 'web/{service.name}' }],
  });
  await ask('POST', '/v5/webhooks', {
    url: 'https://hooks.slack.com/services/T0/B0/very-secret',
    format: 'slack',
    events: ['version.deployed'],
  });
}
