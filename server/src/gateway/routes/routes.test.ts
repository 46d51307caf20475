import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { chat, credential, type House, openHouse, readEvents } from '../test/house.ts';
import type { Route } from './routes.ts';
import { orderTargets } from './order.ts';

const completions = '/v1/chat/completions';
const target = (model: string, more: Partial<Route['targets'][number]> = {}) => ({
  model,
  credential: null,
  weight: 0,
  retries: 0,
  timeoutMs: null,
  ...more,
});

describe('the order of targets', () => {
  const a = { name: 'a', weight: 3 };
  const b = { name: 'b', weight: 1 };
  const spare = { name: 'spare', weight: 0 };

  it('is by weight and chance, then as listed', () => {
    expect(orderTargets([a, b, spare], 0)).toEqual([a, b, spare]);
    expect(orderTargets([a, b, spare], 0.7499)).toEqual([a, b, spare]);
    expect(orderTargets([a, b, spare], 0.75)).toEqual([b, a, spare]);
    expect(orderTargets([spare, b, a], 0.3)).toEqual([a, spare, b]);
  });

  it('is the list where nothing has a weight', () => {
    expect(orderTargets([spare, { name: 'other', weight: 0 }], 0.9).map(({ name }) => name)).toEqual(['spare', 'other']);
  });

  it('has every target once, and first one with a weight, in proportion to it', () => {
    const weights = fc.array(fc.nat(20), { minLength: 1, maxLength: 8 }).map((list) => list.map((weight, name) => ({ name, weight })));
    fc.assert(
      fc.property(weights, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (targets, random) => {
        const ordered = orderTargets(targets, random);
        expect([...ordered].sort((x, y) => x.name - y.name)).toEqual(targets);
        if (targets.some(({ weight }) => weight > 0)) expect(ordered[0]?.weight).toBeGreaterThan(0);
      }),
    );
    const counts = { a: 0, b: 0 };
    for (let i = 0; i < 1000; i++) counts[orderTargets([a, b], i / 1000)[0]?.name as 'a' | 'b'] += 1;
    expect(counts).toEqual({ a: 750, b: 250 });
  });
});

describe('a route', () => {
  let house: House;
  let random = 0;
  beforeAll(async () => {
    house = await openHouse({ random: () => random });
    house.credentials.push(credential('openai', `${house.fake.url}/v1`, { id: 'c_spare', name: 'spare', secret: 'spare-secret' }));
  });
  afterAll(() => house.close());
  beforeEach(() => {
    house.fake.reset();
    house.behave(null);
    random = 0;
  });
  const set = (name: string, targets: Route['targets']) => house.gateway.routes.set(house.scope, { name, targets, cacheTtlSeconds: null });
  const asked = () =>
    house.fake.received.map(({ json, path, headers }) => [json['model'] ?? path, headers['authorization'] ?? headers['x-api-key']]);

  it('is a name for models: who serves is in the log and in a header', async () => {
    await set('smart', [target('gpt-4o', { weight: 1 }), target('claude-sonnet-4-5', { weight: 1 })]);
    const first = await house.request(completions, chat('Hi', { model: 'smart' }));
    expect([first.status, first.headers.get('x-whetstone-route')]).toEqual([200, 'smart']);
    expect(await house.logOf(first)).toMatchObject({
      model: 'gpt-4o',
      provider: 'openai',
      providerResponse: { route: { name: 'smart', served_by: 'openai/gpt-4o' } },
    });
    random = 0.6;
    const second = await house.request(completions, chat('Hi', { model: 'smart' }));
    expect(await house.logOf(second)).toMatchObject({ model: 'claude-sonnet-4-5', provider: 'anthropic', output: 'You said: Hi' });
  });

  it('goes on to the next where one fails, and tells what was tried', async () => {
    await set('safe', [target('gpt-4o'), target('gpt-4o', { credential: 'spare' }), target('gemini-2.5-flash')]);
    house.behave(({ headers }) => ({
      status: headers['authorization'] === 'Bearer secret-of-openai' ? 500 : headers['authorization'] === undefined ? null : 401,
    }));
    const response = await house.request(completions, chat('Hi', { model: 'safe' }));
    expect(response.status).toBe(200);
    const log = await house.logOf(response);
    expect(log).toMatchObject({ provider: 'google', status: 'ok' });
    expect(log.providerResponse).toMatchObject({
      route: { served_by: 'google/gemini-2.5-flash' },
      earlier_attempts: [
        { provider: 'openai', model: 'gpt-4o', status: 500 },
        { provider: 'openai', model: 'gpt-4o', status: 401 },
      ],
    });
    expect(asked().map(([, key]) => key)).toEqual(['Bearer secret-of-openai', 'Bearer spare-secret', undefined]);
  });

  it('asks one target again as often as it says before the next', async () => {
    await set('patient', [target('gpt-4o', { retries: 2 }), target('claude-sonnet-4-5')]);
    house.behave(({ path }) => ({ status: path.includes('messages') ? null : 503 }));
    const response = await house.request(completions, chat('Hi', { model: 'patient' }));
    expect(response.status).toBe(200);
    expect(asked().map(([model]) => model)).toEqual(['gpt-4o', 'gpt-4o', 'gpt-4o', 'claude-sonnet-4-5']);
  });

  it("asks nobody else what is wrong with the request, and hands on the last one's failure", async () => {
    await set('safe', [target('gpt-4o'), target('claude-sonnet-4-5')]);
    house.behave(() => ({ status: 400 }));
    expect((await house.request(completions, chat('Hi', { model: 'safe' }))).status).toBe(400);
    expect(house.fake.received).toHaveLength(1);
    house.behave(() => ({ status: 529 }));
    const response = await house.request(completions, chat('Hi', { model: 'safe' }));
    expect(response.status).toBe(529);
    expect((await house.logOf(response)).providerResponse).toMatchObject({ earlier_attempts: [{ status: 529 }] });
  });

  it('falls over in a stream before the first piece, never after', async () => {
    await set('safe', [target('gpt-4o'), target('claude-sonnet-4-5')]);
    house.behave(({ path }) => (path.includes('messages') ? null : { status: 500 }));
    const served = await house.request(completions, chat('Hi', { model: 'safe', stream: true }));
    expect((await readEvents(served)).at(-1)).toBe('[DONE]');
    expect(await house.logOf(served)).toMatchObject({ provider: 'anthropic', output: 'You said: Hi' });
    house.behave(({ path }) => (path.includes('messages') ? null : { fault: 'cut-stream', words: 30, dripMs: 1 }));
    const cut = await house.request(completions, chat('Hi', { model: 'safe', stream: true }));
    await cut.text().catch(() => '');
    expect(await house.logOf(cut)).toMatchObject({ provider: 'openai', status: 'error' });
  });

  it('leaves a target that does not begin in time', async () => {
    await set('quick', [target('gpt-4o', { timeoutMs: 50 }), target('claude-sonnet-4-5')]);
    house.behave(({ path }) => (path.includes('messages') ? null : { fault: 'half-open' }));
    const response = await house.request(completions, chat('Hi', { model: 'quick' }));
    expect(response.status).toBe(200);
    expect((await house.logOf(response)).providerResponse).toMatchObject({ earlier_attempts: [{ model: 'gpt-4o', status: null }] });
  });

  it('leaves out a target without a credential, and says so when no other is left', async () => {
    await set('half', [target('llama', { credential: 'together' }), target('gpt-4o')]);
    const response = await house.request(completions, chat('Hi', { model: 'half' }));
    expect((await house.logOf(response)).providerResponse).toMatchObject({
      earlier_attempts: [{ provider: 'together', model: 'llama', error: expect.stringContaining('no credential') as string }],
    });
    await set('none', [target('llama', { credential: 'together' })]);
    const refused = await house.request(completions, chat('Hi', { model: 'none' }));
    expect([refused.status, await refused.json()]).toMatchObject([400, { error: { code: 'credential_missing' } }]);
  });

  it('may be named by a prompt, unless the prompt names a provider', async () => {
    await set('smart', [target('claude-sonnet-4-5')]);
    const upsert = (path: string, provider: string | null) =>
      house.files.upsert(house.scope, 'prompt', {
        path,
        kernel: { model: 'smart', endpoint: 'chat', template: [{ role: 'user', content: 'Hello' }], provider } as never,
      });
    await upsert('by-route', null);
    await upsert('by-provider', 'groq');
    const routed = await house.request(completions, { model: 'prompt:by-route', messages: [] });
    expect(await house.logOf(routed)).toMatchObject({ model: 'claude-sonnet-4-5', provider: 'anthropic' });
    const named = await house.request(completions, { model: 'prompt:by-provider', messages: [] });
    expect(await house.logOf(named)).toMatchObject({ model: 'smart', provider: 'groq' });
  });

  it('names the length as the model that serves has it', async () => {
    await set('short', [target('gpt-5'), target('gpt-4o')]);
    house.behave(({ json }) => (json['model'] === 'gpt-5' ? { status: 503 } : null));
    expect((await house.request(completions, chat('Hi', { model: 'short', max_tokens: 7 }))).status).toBe(200);
    expect(house.fake.received.map(({ json }) => [json['model'], json['max_tokens'], json['max_completion_tokens']])).toEqual([
      ['gpt-5', undefined, 7],
      ['gpt-4o', 7, undefined],
    ]);
  });

  it('serves embeddings by the targets that have some', async () => {
    await set('vectors', [target('claude-sonnet-4-5'), target('text-embedding-3-small')]);
    const response = await house.request('/v1/embeddings', { model: 'vectors', input: 'x' });
    expect([response.status, (await house.logOf(response)).model]).toEqual([200, 'text-embedding-3-small']);
  });

  it('serves the other doors as well', async () => {
    await set('smart', [target('gpt-4o'), target('claude-sonnet-4-5')]);
    house.behave(({ path }) => (path.includes('messages') ? null : { status: 500 }));
    const messages = await house.request('/v1/messages', { model: 'smart', max_tokens: 20, messages: [{ role: 'user', content: 'Hi' }] });
    expect([messages.status, messages.headers.get('x-whetstone-route')]).toEqual([200, 'smart']);
    expect(await messages.json()).toMatchObject({ type: 'message', content: [{ type: 'text', text: 'You said: Hi' }] });
    const responses = await house.request('/v1/responses', { model: 'smart', input: 'Hi' });
    expect([responses.status, (await house.logOf(responses)).provider]).toEqual([200, 'anthropic']);
  });

  it('is gone at once when it is deleted, and belongs to its workspace', async () => {
    await set('gone', [target('claude-sonnet-4-5')]);
    expect(await house.gateway.routes.list({ ...house.scope, workspaceId: 'ws_other' })).toEqual([]);
    await house.gateway.routes.delete(house.scope, 'gone');
    const response = await house.request(completions, chat('Hi', { model: 'gone' }));
    expect(await house.logOf(response)).toMatchObject({ model: 'gone', provider: 'openai' });
    await expect(house.gateway.routes.delete(house.scope, 'gone')).rejects.toMatchObject({ code: 'not_found' });
  });
});
