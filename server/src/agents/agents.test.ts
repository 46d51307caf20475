import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AgentEvent } from './index.ts';
import { type AgentHouse, inline, linked, openAgentHouse } from './test/house.ts';

let house: AgentHouse;
beforeAll(async () => {
  house = await openAgentHouse();
});
afterAll(() => house?.close());
beforeEach(() => {
  house.fake.reset();
  house.script();
});

const asked = () => house.fake.received.filter(({ path }) => path.includes('chat/completions')).map(({ json }) => json);
const weather = { name: 'weather', arguments: { city: 'Oslo' } };

describe('an agent that is called', () => {
  it('answers at once where its model calls nothing, as the root of one model call', async () => {
    const agent = await house.agent('plain', { template: [{ role: 'system', content: 'You help {{name}}.' }], temperature: 0.5 });
    const run = await house.call(agent, { inputs: { name: 'Ada' }, messages: [{ role: 'user', content: 'Hi' }] });
    expect(run).toMatchObject({ status: 'complete', output: 'You said: Hi', finishReason: 'stop', repeated: false, dropped: false });
    expect(run.messages.map(({ role, content }) => [role, content])).toEqual([
      ['system', 'You help Ada.'],
      ['user', 'Hi'],
    ]);
    const [root, call, ...others] = await house.trace(run.logId);
    expect(others).toEqual([]);
    expect(root).toMatchObject({
      kind: 'agent',
      id: run.logId,
      status: 'ok',
      logStatus: 'complete',
      inputs: { name: 'Ada' },
      output: 'You said: Hi',
      promptTokens: call?.promptTokens,
      outputTokens: call?.outputTokens,
    });
    expect(call).toMatchObject({ kind: 'prompt', traceParentId: run.logId, origin: 'agent', inputs: { name: 'Ada' } });
    expect(asked()[0]).toMatchObject({ temperature: 0.5, model: 'gpt-4o-mini' });
    const { files } = await house.files.tree(house.scope);
    expect(files.map(({ file }) => file.path).filter((path) => path.startsWith('gateway/'))).toEqual([]);
  });

  it('runs linked tools and gives their results back until the model answers; tokens and cost are the sum', async () => {
    const tool = await house.save('agent-tools/weather', {
      tool_type: 'mock',
      setup_values: { output: 'Rain in {{city}}' },
      function: { name: 'weather', description: 'Weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
    });
    const agent = await house.agent('with-tool', { tools: [linked(tool)] });
    house.script({ calls: [weather] }, { calls: [weather, { ...weather, arguments: { city: 'Rome' } }] }, { text: 'Take an umbrella.' });
    const run = await house.call(agent);
    expect(run).toMatchObject({ status: 'complete', output: 'Take an umbrella.' });
    expect(run.messages.filter(({ role }) => role === 'tool').map(({ content }) => content)).toEqual([
      'Rain in Oslo',
      'Rain in Oslo',
      'Rain in Rome',
    ]);
    expect(asked()).toHaveLength(3);
    expect(asked()[0]?.['tools']).toMatchObject([{ type: 'function', function: { name: 'weather', description: 'Weather' } }]);
    const logs = await house.trace(run.logId);
    const below = logs.filter(({ traceParentId }) => traceParentId === run.logId);
    expect(below.map(({ kind }) => kind).toSorted()).toEqual(['prompt', 'prompt', 'prompt', 'tool', 'tool', 'tool']);
    const prompts = below.filter(({ kind }) => kind === 'prompt');
    const sum = (name: 'promptTokens' | 'outputTokens' | 'promptCost' | 'outputCost') =>
      prompts.reduce((all, log) => all + (log[name] ?? 0), 0);
    const root = await house.logOfId(run.logId);
    expect(root).toMatchObject({ promptTokens: sum('promptTokens'), outputTokens: sum('outputTokens') });
    expect(root.promptCost).toBeCloseTo(sum('promptCost'), 12);
    expect(root.costUsd).toBeCloseTo(sum('promptCost') + sum('outputCost'), 12);
  });

  it('runs a linked prompt with the arguments as its inputs, as of the linked version', async () => {
    const prompt = await house.prompt('agent-prompts/translate', { template: [{ role: 'user', content: 'Translate {{text}}' }] });
    await house.prompt('agent-prompts/translate', { template: [{ role: 'user', content: 'Changed {{text}}' }] });
    const link = { type: 'file' as const, link: { file_id: prompt.file.id, version_id: prompt.version.id } };
    const agent = await house.agent('with-prompt', { tools: [link] });
    house.script({ calls: [{ name: 'translate', arguments: { text: 'hei' } }] }, null, { text: 'Done.' });
    const run = await house.call(agent);
    expect(run.messages.find(({ role }) => role === 'tool')?.content).toBe('You said: Translate hei');
    const below = (await house.trace(run.logId)).find(({ fileId }) => fileId === prompt.file.id);
    expect(below).toMatchObject({ traceParentId: run.logId, origin: 'agent', inputs: { text: 'hei' }, versionId: prompt.version.id });
    expect((await house.logOfId(run.logId)).promptTokens).toBe(
      (await house.trace(run.logId)).filter(({ kind }) => kind === 'prompt').reduce((all, log) => all + (log.promptTokens ?? 0), 0),
    );
  });

  it('runs a linked agent as a trace below, and says so when that one waits', async () => {
    const inner = await house.agent('inner', { template: [{ role: 'user', content: 'Inner: {{task}}' }] });
    const outer = await house.agent('outer', { tools: [linked(inner)] });
    house.script({ calls: [{ name: 'inner', arguments: { task: 'count' } }] }, { text: 'Counted.' }, { text: 'All done.' });
    const run = await house.call(outer);
    expect(run).toMatchObject({ output: 'All done.' });
    expect(run.messages.find(({ role }) => role === 'tool')?.content).toBe('Counted.');
    const logs = await house.trace(run.logId);
    const nested = logs.find(({ kind, traceParentId }) => kind === 'agent' && traceParentId === run.logId);
    expect(nested).toMatchObject({ fileId: inner.file.id, logStatus: 'complete', traceId: run.logId });
    expect(logs.filter(({ traceParentId }) => traceParentId === nested?.id)).toHaveLength(1);
    const waits = await house.agent('waits', { tools: [inline('ask_human')] });
    const above = await house.agent('above', { tools: [linked(waits)] });
    house.script(
      { calls: [{ name: 'waits', arguments: { message: 'x' } }] },
      { calls: [{ name: 'ask_human', arguments: {} }] },
      { text: 'Never mind.' },
    );
    const told = await house.call(above);
    expect(told.messages.find(({ role }) => role === 'tool')?.content).toContain('`ask_human`, which only its own caller can run');
  });

  it('does not call itself for ever', async () => {
    const first = await house.agent('loop', {});
    const agent = await house.agent('loop', { tools: [linked(first)], template: 'again' });
    const environment = (await house.files.environments.list(house.scope)).find(({ isDefault }) => isDefault);
    await house.files.deploy(house.scope, 'agent', agent.file.id, environment?.id ?? '', agent.version.id);
    house.behave(({ json }) => {
      const last = (json['messages'] as { role: string }[]).at(-1);
      return last?.role === 'tool' ? { text: 'enough' } : { toolCalls: [{ name: 'loop', arguments: {} }] };
    });
    const run = await house.call(agent);
    expect(run.output).toBe('enough');
    expect(asked().length).toBeLessThan(20);
    expect(JSON.stringify(asked())).toContain('more than 5 deep');
  });

  it('tells the model what went wrong with a tool, and goes on', async () => {
    const broken = await house.save('agent-tools/broken', { tool_type: 'mock', setup_values: { error: 'The shop is closed' } });
    const refused = await house.save('agent-tools/refused', {
      tool_type: 'get_api_call',
      setup_values: { url: 'https://example.com/{{id}}' },
    });
    const agent = await house.agent('with-broken', { tools: [linked(broken), linked(refused)] });
    house.script(
      {
        calls: [
          { name: 'broken', arguments: {} },
          { name: 'refused', arguments: {} },
          { name: 'made_up', arguments: {} },
        ],
      },
      { text: 'Sorry.' },
    );
    const run = await house.call(agent);
    const results = run.messages.filter(({ role }) => role === 'tool').map(({ content }) => content);
    expect(results).toEqual([
      'Error: The shop is closed',
      expect.stringContaining('`id`'),
      expect.stringMatching(/there is no tool `made_up`; there are `broken`, `refused`/),
    ]);
    const tools = (await house.trace(run.logId)).filter(({ kind }) => kind === 'tool');
    expect(tools.map(({ status }) => status)).toEqual(['error', 'error']);
    expect(run).toMatchObject({ status: 'complete', output: 'Sorry.' });
  });

  it('ends when it calls a stopping tool, run or not, and when its model was called often enough', async () => {
    const stopping = await house.agent('stopping', { tools: [inline('done', { on_agent_call: 'stop' })] });
    house.script({ calls: [{ name: 'done', arguments: { city: 'Oslo' } }] });
    const stopped = await house.call(stopping);
    expect(stopped).toMatchObject({ status: 'complete', output: null, outputMessage: { tool_calls: [{ function: { name: 'done' } }] } });
    expect(await house.logOfId(stopped.logId)).toMatchObject({ logStatus: 'complete', status: 'ok' });

    const tool = await house.save('agent-tools/file-report', { tool_type: 'mock', setup_values: { output: 'report 7' } });
    const reporting = await house.agent('reporting', { tools: [linked(tool, { on_agent_call: 'stop' })] });
    house.script({ calls: [{ name: 'file-report', arguments: {} }] });
    expect(await house.call(reporting)).toMatchObject({ status: 'complete', output: 'report 7' });

    const tireless = await house.agent('tireless', { max_iterations: 2, tools: [linked(tool)] });
    const call = { calls: [{ name: 'file-report', arguments: {} }] };
    house.script(call, call, call);
    house.fake.reset();
    const tired = await house.call(tireless);
    expect(asked()).toHaveLength(2);
    expect(tired).toMatchObject({ status: 'complete', finishReason: 'max_iterations', outputMessage: { tool_calls: [{}] } });
    expect((await house.logOfId(tired.logId)).finishReason).toBe('max_iterations');
  });

  it('forces a tool in the first model call only', async () => {
    const tool = await house.save('agent-tools/forced', { tool_type: 'mock', setup_values: { output: 'ok' } });
    const agent = await house.agent('forced', { tools: [linked(tool)] });
    house.script({ calls: [{ name: 'forced', arguments: {} }] });
    await house.call(agent, { toolChoice: 'required' });
    expect(asked().map((body) => body['tool_choice'])).toEqual(['required', undefined]);
  });

  it('logs nothing for a request that is wrong, and names what is', async () => {
    const before = (await house.allLogs()).length;
    const template = await house.agent('needs-input', { template: [{ role: 'user', content: '{{question}}' }] });
    await expect(house.call(template)).rejects.toMatchObject({ code: 'invalid_input', message: expect.stringContaining('`question`') });
    const tool = await house.save('agent-tools/soon-gone', { tool_type: 'mock', setup_values: { output: 'x' } });
    const orphan = await house.agent('orphan', { tools: [linked(tool)] });
    await house.files.delete(house.scope, 'tool', tool.file.id);
    await expect(house.call(orphan)).rejects.toMatchObject({ code: 'bad_request', message: expect.stringContaining('does not exist') });
    await expect(house.agent('twins', { tools: [inline('same'), inline('same')] })).rejects.toMatchObject({ code: 'invalid_input' });
    const same = await house.save('agent-tools/same', { tool_type: 'mock', setup_values: { output: 'x' } });
    const twins = await house.agent('twins', { tools: [inline('same'), linked(same)] });
    await expect(house.call(twins)).rejects.toThrow('two tools whose function is `same`');
    const nobody = await house.agent('nobody', { provider: 'no-such-credential' });
    await expect(house.call(nobody)).rejects.toMatchObject({ code: 'bad_request' });
    expect((await house.allLogs()).length).toBe(before);
  });

  it('logs a failure in the middle with what was done before it, and throws it with its log', async () => {
    const tool = await house.save('agent-tools/before-failure', { tool_type: 'mock', setup_values: { output: 'ok' } });
    const agent = await house.agent('fails', { tools: [linked(tool)] });
    house.script({ calls: [{ name: 'before-failure', arguments: {} }] }, { status: 400 });
    const error = await house.call(agent).then(
      () => null,
      (failure: { data?: { log_id?: string }; failure?: { status: number } }) => failure,
    );
    expect(error?.failure?.status).toBe(400);
    const log = await house.logOfId(error?.data?.log_id ?? '');
    expect(log).toMatchObject({ kind: 'agent', status: 'error', logStatus: 'complete', error: "Invalid value for 'temperature'." });
    expect(log.messages?.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool']);
    expect((await house.trace(log.id)).map(({ status }) => status).toSorted()).toEqual(['error', 'error', 'ok', 'ok']);
  });

  it('is logged as cancelled when the caller goes away, with all that ran', async () => {
    const tool = await house.save('agent-tools/before-leaving', { tool_type: 'mock', setup_values: { output: 'ok' } });
    const agent = await house.agent('left', { tools: [linked(tool)] });
    const gone = new AbortController();
    house.script({ calls: [{ name: 'before-leaving', arguments: {} }] }, { delayMs: 60_000 });
    const events: AgentEvent[] = [];
    const running = house.call(agent, { log: { origin: 'api', id: 'log_of_a_left_agent' } }, { signal: gone.signal, events });
    while (events.filter(({ type }) => type === 'model_start').length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    gone.abort();
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
    expect(await house.logOfId('log_of_a_left_agent')).toMatchObject({ status: 'cancelled', logStatus: 'complete' });
    const [last] = (await house.trace('log_of_a_left_agent')).filter(({ kind, status }) => kind === 'prompt' && status === 'cancelled');
    expect(last).toBeDefined();
  });

  it('runs once for one log id', async () => {
    const agent = await house.agent('once', {});
    const call = () => house.call(agent, { log: { origin: 'api', id: 'log_of_one_agent' } });
    const [first, second] = await Promise.all([call(), call()]);
    const third = await call();
    expect([first, second, third].filter(({ repeated }) => repeated)).toHaveLength(2);
    expect(asked()).toHaveLength(1);
    expect(third).toMatchObject({ output: first.output, status: 'complete' });
    const other = await house.agent('once-other', {});
    await expect(house.call(other, { log: { origin: 'api', id: 'log_of_one_agent' } })).rejects.toMatchObject({ code: 'conflict' });
  });

  it('keeps no payload anywhere in the trace with `save: false`', async () => {
    const tool = await house.save('agent-tools/unsaved', { tool_type: 'mock', setup_values: { output: 'a secret' } });
    const agent = await house.agent('unsaved', { tools: [linked(tool)] });
    house.script({ calls: [{ name: 'unsaved', arguments: {} }] });
    const run = await house.call(agent, { log: { origin: 'api', save: false } });
    expect(run.messages.find(({ role }) => role === 'tool')?.content).toBe('a secret');
    const logs = await house.trace(run.logId);
    expect(logs).toHaveLength(4);
    expect(logs.every(({ payload }) => payload === 'dropped')).toBe(true);
    expect(JSON.stringify(logs)).not.toContain('a secret');
  });
});

describe('an agent that waits for its caller', () => {
  const ask = { calls: [{ name: 'ask_human', arguments: { city: 'Oslo' } }] };

  it('is incomplete with the calls that wait, and goes on with their results', async () => {
    const tool = await house.save('agent-tools/beside', { tool_type: 'mock', setup_values: { output: 'sunny' } });
    const agent = await house.agent('waiting', {
      template: [{ role: 'system', content: 'Help {{name}}.' }],
      tools: [inline('ask_human'), linked(tool)],
    });
    house.script({ calls: [...ask.calls, { name: 'beside', arguments: {} }] });
    const run = await house.call(agent, { inputs: { name: 'Ada' }, log: { origin: 'api', user: 'u_7' } });
    expect(run).toMatchObject({ status: 'suspended' });
    const [waiting, ...others] = run.previousMessage?.tool_calls ?? [];
    expect(others).toEqual([]);
    expect(waiting?.function).toMatchObject({ name: 'ask_human', arguments: '{"city":"Oslo"}' });
    const log = await house.logOfId(run.logId);
    expect(log).toMatchObject({ status: 'incomplete', logStatus: 'incomplete', user: 'u_7' });

    house.script({ text: 'She says yes.' });
    const done = await house.continue(run.logId, [
      { role: 'tool', tool_call_id: waiting?.id ?? '', content: 'yes' },
      { role: 'user', content: 'And be brief.' },
    ]);
    expect(done).toMatchObject({ status: 'complete', output: 'She says yes.', previousMessage: null });
    expect(done.messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'tool', 'tool', 'user']);
    const after = await house.logOfId(run.logId);
    expect(after).toMatchObject({ status: 'ok', logStatus: 'complete', output: 'She says yes.' });
    const prompts = (await house.trace(run.logId)).filter(({ kind }) => kind === 'prompt');
    expect(prompts).toHaveLength(2);
    expect(prompts.every(({ user, inputs }) => user === 'u_7' && inputs?.['name'] === 'Ada')).toBe(true);
    expect(after.promptTokens).toBe(prompts.reduce((all, { promptTokens }) => all + (promptTokens ?? 0), 0));
    expect(prompts[0]?.versionId).toBe(prompts[1]?.versionId);
  });

  it('waits for a tool of a kind that the server does not run', async () => {
    const declared = await house.save('agent-tools/declared', {
      tool_type: 'json_schema',
      function: { name: 'f', description: '' },
    });
    const agent = await house.agent('with-declared', { tools: [linked(declared)] });
    house.script({ calls: [{ name: 'f', arguments: {} }] });
    const run = await house.call(agent);
    expect(run.previousMessage?.tool_calls?.map((call) => call.function.name)).toEqual(['f']);
  });

  it('refuses results that are missing or of nobody, and stays as it is', async () => {
    const agent = await house.agent('strict', { tools: [inline('ask_human')] });
    house.script(ask);
    const { logId, previousMessage } = await house.call(agent);
    const id = previousMessage?.tool_calls?.[0]?.id ?? '';
    await expect(house.continue(logId, [])).rejects.toMatchObject({ code: 'invalid_input', message: expect.stringContaining(id) });
    await expect(house.continue(logId, [{ role: 'tool', tool_call_id: 'other', content: 'x' }])).rejects.toThrow('no waiting call `other`');
    const twice = [0, 1].map(() => ({ role: 'tool' as const, tool_call_id: id, content: 'x' }));
    await expect(house.continue(logId, twice)).rejects.toThrow('two results');
    await expect(house.continue('log_unknown', [])).rejects.toMatchObject({ code: 'not_found' });
    expect(await house.logOfId(logId)).toMatchObject({ logStatus: 'incomplete' });
    house.script({ text: 'ok' });
    expect((await house.continue(logId, [{ role: 'tool', tool_call_id: id, content: 'x' }])).output).toBe('ok');
  });

  it('is gone on with once: by one caller at a time, and a repeated request gets what the first led to', async () => {
    const agent = await house.agent('one-at-a-time', { tools: [inline('ask_human')] });
    house.script(ask);
    const { logId, previousMessage } = await house.call(agent);
    const result = [{ role: 'tool' as const, tool_call_id: previousMessage?.tool_calls?.[0]?.id ?? '', content: 'x' }];
    house.script({ text: 'done', delayMs: 300 });
    house.fake.reset();
    const both = await Promise.allSettled([house.continue(logId, result), house.continue(logId, result)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'conflict' } });
    expect(await house.continue(logId, result)).toMatchObject({ output: 'done', repeated: true });
    expect(asked()).toHaveLength(1);
    await expect(house.continue(logId, [{ role: 'user', content: 'more' }])).rejects.toThrow('its log is complete');
  });

  it('still waits when the model fails before it answers, so that the caller may try again', async () => {
    const agent = await house.agent('try-again', { tools: [inline('ask_human')] });
    house.script(ask);
    const { logId, previousMessage } = await house.call(agent);
    const result = [{ role: 'tool' as const, tool_call_id: previousMessage?.tool_calls?.[0]?.id ?? '', content: 'x' }];
    house.script({ status: 400 });
    await expect(house.continue(logId, result)).rejects.toMatchObject({ failure: { status: 400 } });
    house.script({ text: 'at last' });
    expect(await house.continue(logId, result)).toMatchObject({ status: 'complete', output: 'at last', repeated: false });
  });

  it('cannot be gone on with when nothing was kept', async () => {
    const agent = await house.agent('nothing-kept', { tools: [inline('ask_human')] });
    house.script(ask);
    const { logId } = await house.call(agent, { log: { origin: 'api', save: false } });
    await expect(house.continue(logId, [])).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('`save: false`') });
  });
});

describe('the events of a turn', () => {
  it('tell of each model call, tool and delta, in order', async () => {
    const tool = await house.save('agent-tools/streamed', { tool_type: 'mock', setup_values: { output: 'x' } });
    const prompt = await house.prompt('agent-prompts/streamed', { template: [{ role: 'user', content: 'Say {{what}}' }] });
    const inner = await house.agent('streamed-inner', { template: [{ role: 'user', content: 'Inner {{task}}' }] });
    const agent = await house.agent('streamed', {
      tools: [{ ...linked(tool) }, { ...linked(prompt), link: { file_id: prompt.file.id } }, linked(inner), inline('ask')],
    });
    const names = { tool: 'streamed', inner: 'streamed-inner' };
    const clash = await house.call(agent).then(
      () => null,
      (error: Error) => error.message,
    );
    // A tool and a prompt of one name are two functions of one name.
    expect(clash).toContain('`streamed`');
    const named = await house.agent('streamed', { tools: [linked(tool), linked(inner), inline('ask')] });
    house.script(
      { calls: [{ name: names.tool, arguments: {} }] },
      { calls: [{ name: names.inner, arguments: { task: 'two' } }] },
      { text: 'one two three' },
      { text: 'that is all' },
    );
    const events: AgentEvent[] = [];
    const run = await house.call(named, {}, { events });
    const kinds = events.map(({ type }) => type).filter((type, at, all) => type !== all[at - 1]);
    expect(kinds).toEqual([
      'turn_start',
      'model_start',
      'model_delta',
      'model_end',
      'tool_start',
      'tool_end',
      'model_start',
      'model_delta',
      'model_end',
      'tool_start',
      'tool_update',
      'tool_end',
      'model_start',
      'model_delta',
      'model_end',
      'turn_end',
    ]);
    const text = events.flatMap((event) => (event.type === 'model_delta' ? [event.text] : [])).join('');
    expect(text).toBe('that is all');
    const updates = events.flatMap((event) => (event.type === 'tool_update' ? [event.update] : []));
    expect(updates.map((update) => update.text).join('')).toBe('one two three');
    expect(new Set(updates.map((update) => update.kind))).toEqual(new Set(['agent']));
    expect(events.at(-1)).toMatchObject({ type: 'turn_end', logId: run.logId, run: { output: 'that is all' } });
    expect((await house.logOfId(run.logId)).output).toBe('that is all');
  });

  it('tell that an agent waits, and goes on', async () => {
    const agent = await house.agent('streamed-wait', { tools: [inline('ask')] });
    house.script({ calls: [{ name: 'ask', arguments: {} }] });
    const events: AgentEvent[] = [];
    const run = await house.call(agent, {}, { events });
    expect(events.at(-1)).toMatchObject({ type: 'turn_suspend', run: { previousMessage: { tool_calls: [{}] } } });
    house.script({ text: 'ok' });
    const later: AgentEvent[] = [];
    await house.continue(run.logId, [{ role: 'tool', tool_call_id: run.previousMessage?.tool_calls?.[0]?.id ?? '', content: 'x' }], later);
    expect(later[0]).toMatchObject({ type: 'turn_continue', logId: run.logId });
    expect(later.at(-1)?.type).toBe('turn_end');
  });
});
