import { HumanloopClient } from 'humanloop';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeProvider, startFakeProvider } from '../../server/src/fake-provider/index.ts';
import { byKey, caller, type Caller, send } from './send.ts';
import { schemaProblem } from './v5-contract.ts';
import { eventually, startWhetstone, type Whetstone } from './whetstone.ts';

interface Message {
  role: string;
  content?: string | null;
  tool_call_id?: string;
  tool_calls?: { id: string; function: { name: string; arguments: string } }[];
}
interface File {
  id: string;
  version_id: string;
  path: string;
}
interface AgentAnswer {
  id: string;
  output: string | null;
  log_status: string;
  output_message: Message | null;
  previous_agent_message: Message | null;
  messages: Message[];
  inputs: unknown;
  trace_id: string;
  trace_children: { id: string; type: string; trace_parent_id: string }[] | null;
  prompt_tokens: number;
  agent: { path: string; tools: { type: string; file?: { path: string } }[] };
}
interface StreamedEvent {
  type: string;
  log_id: string;
  message: string;
  payload: { output?: string | null; id?: string } | null;
}

/** Tools and agents of the v5 contract over HTTP: through the published client where it covers them, else by requests. */
describe('tools and agents of v5', () => {
  let whetstone: Whetstone;
  let provider: FakeProvider;
  let client: HumanloopClient;
  let ask: Caller;
  /** What the model does at its next calls; then it answers in words. */
  let steps: ({ toolCalls?: { name: string; arguments: Record<string, unknown> }[]; text?: string; status?: number } | null)[] = [];

  beforeAll(async () => {
    provider = await startFakeProvider({ behave: ({ path }) => (path.includes('/chat/completions') ? (steps.shift() ?? null) : null) });
    whetstone = await startWhetstone({
      env: { OPENAI_API_KEY: 'sk-operator', OPENAI_BASE_URL: `${provider.url}/v1`, WHETSTONE_ALLOW_PRIVATE_URLS: '1' },
    });
    client = new HumanloopClient({ apiKey: whetstone.apiKey, baseUrl: `${whetstone.url}/v5` });
    ask = caller(whetstone.url, byKey(whetstone.apiKey));
  });
  afterAll(async () => {
    await whetstone?.close();
    await provider?.close();
  });

  const weather = {
    name: 'weather',
    description: 'Weather of a city',
    parameters: { type: 'object', properties: { city: { type: 'string' } } },
  };

  it('upserts, versions, deploys, logs and lists tools through the published client', async () => {
    const tool = await client.tools.upsert({ path: 'tools/weather', toolType: 'json_schema', function: weather });
    expect(tool).toMatchObject({ type: 'tool', toolType: 'json_schema', signature: 'weather(city)' });
    const again = await client.tools.upsert({ path: 'tools/weather', toolType: 'json_schema', function: weather });
    expect(again.versionId).toBe(tool.versionId);
    const second = await client.tools.upsert({
      path: 'tools/weather',
      toolType: 'json_schema',
      function: { ...weather, strict: true },
      versionName: 'strict',
    });
    expect((await client.tools.listVersions(tool.id)).records.map(({ versionId }) => versionId)).toEqual([
      second.versionId,
      tool.versionId,
    ]);
    const [, staging] = await client.tools.listEnvironments(tool.id);
    await client.tools.setDeployment(tool.id, staging!.id, { versionId: second.versionId });
    expect((await client.tools.get(tool.id, { environment: 'staging' })).versionId).toBe(second.versionId);
    await client.tools.removeDeployment(tool.id, staging!.id);
    const logged = await client.tools.log({ path: 'tools/weather', inputs: { city: 'Oslo' }, output: 'rain' });
    expect(logged).toMatchObject({ toolId: tool.id });
    expect(await client.tools.update(tool.id, logged.id, { output: 'snow' })).toMatchObject({ output: 'snow' });
    const listed = await client.tools.list({ name: 'weather' });
    expect(listed.data.map(({ path }) => path)).toEqual(['tools/weather']);
    const setupValues = { snippets: [{ key: 'a', value: 'A' }] };
    expect(await client.tools.upsert({ path: 'tools/snippet', toolType: 'snippet', setupValues })).toMatchObject({
      toolType: 'snippet',
      setupValues,
    });
    // Its enumeration has no Python yet.
    const python = { path: 'tools/python', tool_type: 'python', source_code: 'def add(a, b):\n  return a + b' };
    expect(await ask('POST', '/v5/tools', python)).toMatchObject({ ...python, status: 'committed' });
    // A decorated function logs with its code, to a path that is new.
    const made = await client.tools.log({ path: 'tools/decorated', tool: { function: weather, sourceCode: 'def f(): pass' }, output: '1' });
    expect(made.versionId).toMatch(/^tv_/);
  });

  it('runs tools, with one log for each run, and none for what cannot run', async () => {
    const call = (body: object, expected: number | null = null) => ask('POST', '/v5/tools/call', body, expected);
    expect(await call({ path: 'tools/snippet', inputs: { key: 'a' } })).toMatchObject({
      output: 'A',
      error: null,
      tool: { path: 'tools/snippet' },
    });
    const made = await call({
      path: 'tools/made',
      tool: { tool_type: 'mock', setup_values: { output: 'for {{who}}' } },
      inputs: { who: 'Ada' },
    });
    expect(made).toMatchObject({ output: 'for Ada', inputs: { who: 'Ada' } });
    const flow = await client.flows.log({ path: 'tools/flow', inputs: {}, logStatus: 'incomplete' });
    const inside = await call({
      path: 'tools/made',
      inputs: { who: 'Bob' },
      trace_parent_id: flow.id,
      log_id: 'log_chosen_by_the_caller',
      user: 'u_1',
    });
    expect(inside).toMatchObject({ id: 'log_chosen_by_the_caller', trace_parent_id: flow.id, trace_id: flow.id, user: 'u_1' });
    expect(await call({ path: 'tools/made', inputs: { who: 'Eve' }, log_id: 'log_chosen_by_the_caller' })).toMatchObject({
      output: 'for Bob',
    });
    const unsaved = await call({ path: 'tools/made', inputs: { who: 'nobody' }, save: false });
    expect(unsaved).toMatchObject({ output: 'for nobody', save: false });
    expect(await client.logs.get(String(unsaved['id']))).toMatchObject({ output: undefined, inputs: undefined });
    expect(await call({ path: 'tools/python', inputs: { a: 2, b: 3 } })).toMatchObject({ output: '5', error: null });
    expect(await call({ path: 'tools/python', inputs: { a: 2 } })).toMatchObject({ output: null, error: expect.stringContaining('b') });
    expect(await call({ path: 'tools/weather' }, 400)).toMatchObject({ detail: expect.stringContaining('your application runs it') });
    await call({ path: 'tools/nowhere' }, 404);
    await call({}, 422);
    await call({ path: 'tools/made', inputs: {} }, 422);
  });

  it('keeps environment variables of a tool, and sends them where they belong only', async () => {
    const setup = { url: `${provider.url}/echo/v1`, headers: { authorization: 'Bearer {{env.TOKEN}}' } };
    const tool = await ask<File>('POST', '/v5/tools', { path: 'tools/http', tool_type: 'get_api_call', setup_values: setup });
    const variables = `/v5/tools/${tool.id}/environment-variables`;
    const set = await ask('POST', variables, [{ name: 'TOKEN', value: 'canary-0123456789' }]);
    expect(set).toEqual([{ name: 'TOKEN', value: '••••6789' }]);
    const run = await ask<{ output: string; id: string }>('POST', '/v5/tools/call', { id: tool.id, inputs: { q: 'x' } });
    expect(provider.received.at(-1)).toMatchObject({ path: '/echo/v1?q=x', headers: { authorization: 'Bearer canary-0123456789' } });
    const seen = [
      run,
      await ask('GET', variables),
      await ask('GET', `/v5/logs/${run.id}`),
      await ask('GET', `/v5/tools/${tool.id}`),
      await ask('GET', '/v5/audit?size=50'),
    ];
    expect(JSON.stringify(seen)).not.toContain('canary');
    expect(await ask('DELETE', `${variables}/TOKEN`, undefined, 200)).toEqual([]);
    expect(await ask('GET', variables)).toEqual([]);
    await ask('DELETE', `${variables}/TOKEN`, undefined, 404);
    await ask('POST', variables, [{ name: '1', value: 'x' }], 422);
    await ask('POST', variables, { name: 'A', value: 'x' }, 422);
  });

  it('sends a prompt’s linked tools to the model as functions', async () => {
    const tool = await client.tools.get((await client.tools.list({ name: 'weather' })).data[0]!.id);
    const http = await ask<File>('POST', '/v5/tools', {
      path: 'tools/find',
      tool_type: 'get_api_call',
      setup_values: { url: 'https://example.com/{{id}}' },
    });
    await client.prompts.call({
      path: 'tools/prompt',
      prompt: { model: 'gpt-4o-mini', template: 'Hi', linkedTools: [tool.versionId, http.version_id] },
    });
    const sent = provider.received.findLast(({ path }) => path.includes('/chat/completions'))?.json['tools'];
    expect(sent).toMatchObject([
      { type: 'function', function: { name: 'weather' } },
      { type: 'function', function: { name: 'find', parameters: { properties: { id: { type: 'string' } } } } },
    ]);
  });

  const agentKernel = async () => {
    const tool = await ask<File>('POST', '/v5/tools', {
      path: 'agents/lookup',
      tool_type: 'mock',
      setup_values: { output: 'Rain in {{city}}' },
      function: { ...weather, name: 'lookup' },
    });
    return {
      model: 'gpt-4o-mini',
      template: [{ role: 'system', content: 'You help {{name}}.' }],
      max_iterations: 5,
      tools: [
        { type: 'file', link: { file_id: tool.id, version_id: tool.version_id }, on_agent_call: 'continue' },
        { type: 'inline', json_schema: { ...weather, name: 'ask_human' } },
      ],
    };
  };

  it('upserts, versions, deploys, diffs, moves and deletes agents, and knows them as text', async () => {
    const kernel = await agentKernel();
    const first = await ask<File & AgentAnswer['agent'] & { inputs: unknown }>('POST', '/v5/agents', { path: 'agents/one', ...kernel });
    expect(first).toMatchObject({
      type: 'agent',
      status: 'committed',
      max_iterations: 5,
      inputs: [{ name: 'name' }],
      tools: [
        { type: 'file', file: { path: 'agents/lookup', type: 'tool' } },
        { type: 'inline', json_schema: { name: 'ask_human' } },
      ],
    });
    const text = await send(whetstone.url, `/v5/agents/${first.id}/serialize`, { headers: byKey(whetstone.apiKey) });
    expect(text.headers['content-type']).toContain('text/plain');
    const read = await ask('POST', '/v5/agents/deserialize', { agent: text.text });
    expect((await ask<File>('POST', '/v5/agents', { path: 'agents/one', ...read })).version_id).toBe(first.version_id);
    const fixture =
      '---\nmodel: gpt-4o\ntemperature: 1.0\nmax_tokens: -1\ntop_p: 1.0\npresence_penalty: 0.0\nfrequency_penalty: 0.0\nprovider: openai\nendpoint: chat\ntools: []\nmax_iterations: 5\n---\n\n<system>\nYou are a helpful assistant that answers questions about geography.\n</system>\n';
    expect(await ask('POST', '/v5/agents/deserialize', { agent: fixture })).toMatchObject({ model: 'gpt-4o', max_iterations: 5 });
    await ask('POST', '/v5/agents/deserialize', { agent: 'no front matter' }, 422);

    const second = await ask<File>('POST', '/v5/agents', { path: 'agents/one', ...kernel, max_iterations: 7, version_name: 'longer' });
    expect(second.version_id).not.toBe(first.version_id);
    const versions = await ask<{ records: File[] }>('GET', `/v5/agents/${first.id}/versions`);
    expect(versions.records.map(({ version_id }) => version_id)).toEqual([second.version_id, first.version_id]);
    await ask('PATCH', `/v5/agents/${first.id}/versions/${second.version_id}`, { description: 'runs longer' });
    const environments = await ask<{ id: string; name: string }[]>('GET', `/v5/agents/${first.id}/environments`);
    const staging = environments.find(({ name }) => name === 'staging')?.id ?? '';
    await ask('POST', `/v5/agents/${first.id}/environments/${staging}?version_id=${second.version_id}`);
    expect((await ask<File>('GET', `/v5/agents/${first.id}?environment=staging`)).version_id).toBe(second.version_id);
    expect((await ask<File>('GET', `/v5/agents/${first.id}`)).version_id).toBe(first.version_id);
    const diff = await ask<{ changes: { path: string }[] }>(
      'GET',
      `/v5/agents/${first.id}/diff?from=${first.version_id}&to=${second.version_id}`,
    );
    expect(diff.changes.map(({ path }) => path)).toEqual(['max_iterations']);
    await ask('POST', `/v5/agents/${first.id}/evaluators`, { activate: [], deactivate: [] });
    await ask('DELETE', `/v5/agents/${first.id}/environments/${staging}`);
    await ask('DELETE', `/v5/agents/${first.id}/versions/${second.version_id}`);
    expect(await ask('PATCH', `/v5/agents/${first.id}`, { path: 'agents/moved' })).toMatchObject({ path: 'agents/moved' });
    expect(await ask('GET', '/v5/agents?name=moved')).toMatchObject({ total: 1, records: [{ path: 'agents/moved' }] });
    const pulled = await ask<{ records: { type: string; raw_file_content: string }[] }>(
      'GET',
      '/v5/files?type=agent&include_raw_file_content=true',
    );
    expect(pulled.records.every(({ raw_file_content: raw }) => raw.startsWith('---\n'))).toBe(true);
    await ask('DELETE', `/v5/agents/${first.id}`);
    await ask('GET', `/v5/agents/${first.id}`, undefined, 404);
    const orphan = { ...kernel, tools: [{ type: 'file', link: { file_id: 'tl_unknown' } }] };
    await ask('POST', '/v5/agents', { path: 'agents/orphan', ...orphan }, 422);
    await ask('POST', '/v5/agents', { path: 'agents/none', ...kernel, max_iterations: 0 }, 422);
  });

  it('logs runs that the application made, and changes them', async () => {
    const kernel = await agentKernel();
    const made = await ask<{ id: string; agent_id: string; log_status: string }>('POST', '/v5/agents/log', {
      path: 'agents/own',
      agent: kernel,
      inputs: { name: 'Ada' },
      log_status: 'incomplete',
      prompt_tokens: 5,
    });
    expect(made).toMatchObject({ log_status: 'incomplete' });
    await ask('PATCH', `/v5/agents/${made.agent_id}/log/${made.id}`, { log_status: 'complete' }, 400);
    const child = await client.prompts.log({
      path: 'agents/own-call',
      prompt: { model: 'gpt-4o' },
      traceParentId: made.id,
      messages: [],
      output: 'x',
    });
    const done = await ask('PATCH', `/v5/agents/${made.agent_id}/log/${made.id}`, { output: 'done', log_status: 'complete' });
    expect(done).toMatchObject({ output: 'done', log_status: 'complete', prompt_tokens: 5, agent: { path: 'agents/own' } });
    expect(await ask('GET', `/v5/logs/${made.id}`)).toMatchObject({ trace_id: made.id, trace_children: [{ id: child.id }] });
    const text = await send(whetstone.url, `/v5/agents/${made.agent_id}/serialize`, { headers: byKey(whetstone.apiKey) });
    const again = await ask<{ version_id: string }>('POST', '/v5/agents/log', { path: 'agents/own', agent: text.text, output: 'y' });
    expect(again).toMatchObject({ agent_id: made.agent_id, version_id: (made as unknown as File).version_id });
    await ask('POST', '/v5/agents/log', { path: 'agents/unknown', output: 'x' }, 404);
    await ask('PATCH', `/v5/agents/ag_other/log/${made.id}`, { output: 'x' }, 404);
  });

  it('calls an agent, waits for its caller, goes on, and leaves one trace', async () => {
    steps = [
      { toolCalls: [{ name: 'lookup', arguments: { city: 'Oslo' } }] },
      { toolCalls: [{ name: 'ask_human', arguments: { city: 'Oslo' } }] },
    ];
    const call = {
      path: 'agents/called',
      agent: await agentKernel(),
      inputs: { name: 'Ada' },
      messages: [{ role: 'user', content: 'Umbrella?' }],
    };
    const waits = await ask<AgentAnswer>('POST', '/v5/agents/call', call);
    expect(waits).toMatchObject({
      log_status: 'incomplete',
      inputs: { name: 'Ada' },
      trace_children: null,
      agent: { path: 'agents/called' },
    });
    expect(waits.messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'tool', 'assistant']);
    const id = waits.previous_agent_message?.tool_calls?.[0]?.id ?? '';
    await ask('POST', '/v5/agents/continue', { log_id: waits.id, messages: [] }, 422);
    steps = [{ text: 'Take one.' }];
    const result = [{ role: 'tool', tool_call_id: id, content: 'She says yes' }];
    const done = await ask<AgentAnswer>('POST', '/v5/agents/continue', {
      log_id: waits.id,
      messages: result,
      include_trace_children: true,
    });
    expect(done).toMatchObject({ id: waits.id, log_status: 'complete', output: 'Take one.', previous_agent_message: null });
    const repeated = await ask<AgentAnswer>('POST', '/v5/agents/continue', { log_id: waits.id, messages: result });
    expect(repeated.output).toBe('Take one.');
    await ask('POST', '/v5/agents/continue', { log_id: waits.id, messages: [{ role: 'user', content: 'more' }] }, 409);
    // The published client knows no agents, so it reads none of their logs.
    const log = await ask('GET', `/v5/logs/${waits.id}`);
    expect(log).toMatchObject({ type: 'agent', output: 'Take one.', prompt_tokens: done.prompt_tokens });
    const trace = await ask<{ root_id: string; records: { type: string; origin: string }[] }>('GET', `/v5/logs/${waits.id}/trace`);
    expect(trace.root_id).toBe(waits.id);
    expect(trace.records.map(({ type }) => type).toSorted()).toEqual(['agent', 'prompt', 'prompt', 'prompt', 'tool']);
    const quiet = await ask<AgentAnswer>('POST', '/v5/agents/call', {
      path: 'agents/called',
      inputs: { name: 'Bo' },
      return_inputs: false,
    });
    expect(quiet.inputs).toBeNull();
    await ask('POST', '/v5/agents/call', { path: 'agents/called', inputs: {} }, 422);
    await ask('POST', '/v5/agents/call', { path: 'agents/nowhere' }, 404);
    await ask('POST', '/v5/agents/call', {}, 422);
  });

  it('tells a model’s failure with the log that it left', async () => {
    steps = [{ toolCalls: [{ name: 'lookup', arguments: { city: 'Oslo' } }] }, { status: 400 }];
    const answer = await send(whetstone.url, '/v5/agents/call', {
      method: 'POST',
      headers: byKey(whetstone.apiKey),
      body: { path: 'agents/called', inputs: { name: 'Ada' } },
    });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    const { detail } = answer.json<{ detail: { log_id: string; origin: string; message: string } }>();
    expect(detail).toMatchObject({ origin: 'OpenAI', message: "Invalid value for 'temperature'." });
    expect(await ask('GET', `/v5/logs/${detail.log_id}`)).toMatchObject({
      type: 'agent',
      status: 'error',
      log_status: 'complete',
      error: detail.message,
    });
  });

  const streamed = async (path: string, body: object): Promise<StreamedEvent[]> => {
    const answer = await send(whetstone.url, path, { method: 'POST', headers: byKey(whetstone.apiKey), body: { ...body, stream: true } });
    expect(answer.headers['content-type']).toContain('text/event-stream');
    const events = answer.text
      .split('\n\n')
      .filter((part) => part !== '')
      .map((part) => {
        expect(part).toMatch(/^data: [^\n]+$/);
        return JSON.parse(part.slice('data: '.length)) as StreamedEvent;
      });
    expect(events.map((event) => schemaProblem('AgentCallStreamResponse', event)).filter((problem) => problem !== null)).toEqual([]);
    return events;
  };

  it('streams the events of v5 to the letter, and a failure as the last of them', async () => {
    steps = [{ toolCalls: [{ name: 'lookup', arguments: { city: 'Oslo' } }] }, { toolCalls: [{ name: 'ask_human', arguments: {} }] }];
    const first = await streamed('/v5/agents/call', { path: 'agents/called', inputs: { name: 'Ada' } });
    const turns = (events: StreamedEvent[]) => events.map(({ type }) => type).filter((type) => type !== 'agent_update');
    expect(turns(first)).toEqual([
      'agent_turn_start',
      'agent_start',
      'agent_end',
      'tool_start',
      'tool_end',
      'agent_start',
      'agent_end',
      'agent_turn_suspend',
    ]);
    const logId = first[0]?.log_id ?? '';
    const waiting = await ask<{ output_message: Message; log_status: string }>('GET', `/v5/logs/${logId}`);
    expect(waiting.log_status).toBe('incomplete');
    steps = [{ text: 'Take one, [DONE] or not.' }];
    const id = waiting.output_message.tool_calls?.[0]?.id ?? '';
    const rest = await streamed('/v5/agents/continue', { log_id: logId, messages: [{ role: 'tool', tool_call_id: id, content: 'yes' }] });
    expect(turns(rest)).toEqual(['agent_turn_continue', 'agent_start', 'agent_end', 'agent_turn_end']);
    const text = rest.filter(({ type }) => type === 'agent_update').map(({ payload }) => payload?.output ?? '');
    expect(text.join('')).toBe('Take one, [DONE] or not.');
    expect(rest.every((event) => event.log_id === logId)).toBe(true);

    steps = [{ toolCalls: [{ name: 'lookup', arguments: {} }] }, { status: 400 }];
    const failed = await streamed('/v5/agents/call', { path: 'agents/called', inputs: { name: 'Ada' } });
    expect(failed.at(-1)).toMatchObject({ type: 'agent_turn_error', message: "Invalid value for 'temperature'." });
    expect(await ask('GET', `/v5/logs/${failed.at(-1)?.log_id}`)).toMatchObject({ status: 'error' });
    await ask('POST', '/v5/agents/call', { path: 'agents/called', inputs: {}, stream: true }, 422);
  });

  it('is a model to the published client of OpenAI: agent:PATH', async () => {
    const openai = new OpenAI({ apiKey: whetstone.apiKey, baseURL: `${whetstone.url}/v1`, maxRetries: 0 });
    const given = { model: 'agent:agents/called@production', inputs: { name: 'Ada' }, user: 'u_9' } as { model: string };
    const messages = [{ role: 'user' as const, content: 'Rain?' }];
    steps = [{ toolCalls: [{ name: 'lookup', arguments: { city: 'Oslo' } }] }, { text: 'Rain it is.' }];
    const { data, response } = await openai.chat.completions.create({ ...given, messages }).withResponse();
    expect(data).toMatchObject({ object: 'chat.completion', choices: [{ message: { content: 'Rain it is.' }, finish_reason: 'stop' }] });
    const log = await ask<{ id: string }>('GET', `/v5/logs/${response.headers.get('x-whetstone-log-id')}`);
    expect(log).toMatchObject({
      type: 'agent',
      origin: 'gateway',
      user: 'u_9',
      environment: 'production',
      prompt_tokens: data.usage?.prompt_tokens,
    });

    steps = [{ toolCalls: [{ name: 'ask_human', arguments: { city: 'Oslo' } }] }];
    const stream = await openai.chat.completions.create({ ...given, messages, stream: true, stream_options: { include_usage: true } });
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    const call = chunks.flatMap(({ choices }) => choices[0]?.delta.tool_calls ?? [])[0];
    expect(call).toMatchObject({ index: 0, function: { name: 'ask_human', arguments: '{"city":"Oslo"}' } });
    expect(chunks.map(({ choices }) => choices[0]?.finish_reason ?? null).filter((reason) => reason !== null)).toEqual(['tool_calls']);
    expect(chunks.at(-1)?.usage?.total_tokens).toBeGreaterThan(0);
    // The client holds the conversation: the result comes with all of it.
    steps = [{ text: 'She agrees.' }];
    const asked = {
      role: 'assistant' as const,
      tool_calls: [{ id: call?.id ?? '', type: 'function' as const, function: { name: 'ask_human', arguments: '{}' } }],
    };
    const answered = { role: 'tool' as const, tool_call_id: call?.id ?? '', content: 'yes' };
    const later = await openai.chat.completions.create({ ...given, messages: [...messages, asked, answered], stream: true });
    let text = '';
    for await (const chunk of later) text += chunk.choices[0]?.delta.content ?? '';
    expect(text).toBe('She agrees.');

    await expect(openai.chat.completions.create({ model: 'agent:agents/nowhere', messages })).rejects.toMatchObject({ status: 404 });
    await expect(openai.chat.completions.create({ model: 'agent:agents/called', messages })).rejects.toThrow('`name`');
    steps = [{ status: 400 }];
    await expect(openai.chat.completions.create({ ...given, messages })).rejects.toMatchObject({ status: 400 });
  });

  it('goes on at /v1/responses by the id of the response, or with the conversation', async () => {
    const openai = new OpenAI({ apiKey: whetstone.apiKey, baseURL: `${whetstone.url}/v1`, maxRetries: 0 });
    const given = { model: 'agent:agents/called@production', inputs: { name: 'Ada' } } as { model: string };
    for (const how of ['id', 'conversation'] as const) {
      steps = [{ toolCalls: [{ name: 'ask_human', arguments: { city: 'Oslo' } }] }];
      const first = await openai.responses.create({ ...given, input: 'Rain?' });
      const call = first.output.find(({ type }) => type === 'function_call') as { call_id: string; name: string; arguments: string };
      expect(call).toMatchObject({ name: 'ask_human', arguments: '{"city":"Oslo"}' });
      const result = { type: 'function_call_output' as const, call_id: call.call_id, output: 'yes' };
      const asked = { type: 'function_call' as const, call_id: call.call_id, name: call.name, arguments: call.arguments };
      steps = [{ text: 'She agrees.' }];
      const next =
        how === 'id'
          ? await openai.responses.create({ ...given, input: [result], previous_response_id: first.id })
          : await openai.responses.create({ ...given, input: [{ role: 'user', content: 'Rain?' }, asked, result] });
      expect(next.output_text, how).toBe('She agrees.');
      // After an answer it goes on by its id too, unless it was not to be kept.
      steps = [{ text: 'Again.' }];
      const again = await openai.responses.create({ ...given, input: 'And?', previous_response_id: next.id, store: false });
      expect(again.output_text).toBe('Again.');
      await expect(openai.responses.create({ ...given, input: 'Now?', previous_response_id: again.id })).rejects.toMatchObject({
        code: 'previous_response_not_found',
      });
    }
  });

  it('takes the logs of an agent’s model calls with it, wherever it moved', async () => {
    const agent = await ask<File>('POST', '/v5/agents', { path: 'agents/gone', model: 'gpt-4o-mini' });
    const run = await ask<AgentAnswer>('POST', '/v5/agents/call', { id: agent.id, messages: [{ role: 'user', content: 'Hi' }] });
    const { records } = await ask<{ records: { id: string; type: string }[] }>('GET', `/v5/logs/${run.id}/trace`);
    const call = records.find(({ type }) => type === 'prompt')?.id ?? '';
    await ask('GET', `/v5/logs/${call}`, undefined, 200);
    await ask('PATCH', `/v5/agents/${agent.id}`, { path: 'agents/moved-and-gone' });
    await ask('DELETE', `/v5/agents/${agent.id}`);
    const status = async (id: string) => (await send(whetstone.url, `/v5/logs/${id}`, { headers: byKey(whetstone.apiKey) })).status;
    await eventually('the logs going', async () => (await status(run.id)) === 404 && (await status(call)) === 404, 30_000);
  });

  it('keeps a key that is bound to an environment to it', async () => {
    const { key } = await ask<{ key: string }>('POST', '/v5/api-keys', { name: 'bound', role: 'gateway', environment: 'staging' });
    const bound = caller(whetstone.url, byKey(key));
    await bound('POST', '/v5/agents/call', { path: 'agents/called', inputs: { name: 'Ada' } }, 404);
    await bound('POST', '/v5/tools/call', { path: 'tools/made', inputs: { who: 'x' } }, 404);
    const agent = await ask<File>('GET', `/v5/agents/${(await ask<{ records: File[] }>('GET', '/v5/agents?name=called')).records[0]?.id}`);
    await bound('POST', `/v5/agents/call?version_id=${agent.version_id}`, { id: agent.id, inputs: { name: 'Ada' } }, 403);
  });
});
