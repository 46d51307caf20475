import { systemScope } from '@whetstone/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type House, openHouse } from '../test/house.ts';
import { type Answer, ask, create, get, models, path, weather } from './test/ask.ts';
import { StoredResponses } from './stored.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());
beforeEach(() => {
  house.fake.reset();
  house.behave(null);
});

describe('a conversation that changes its provider', () => {
  it.each([
    [models.openai, models.anthropic],
    [models.anthropic, models.openai],
    [models.google, models.openai],
  ])('from %s to %s takes what was said along', async (from, to) => {
    const first = await create(house, ask('weather in Paris?', { model: from, tools: [weather] }));
    house.fake.reset();
    const call = first.output.find(({ type }) => type === 'function_call');
    const input = [{ type: 'function_call_output', call_id: call?.call_id, output: '{"degrees":21}' }];
    const response = await house.request(path, ask(input, { model: to, previous_response_id: first.id, tools: [weather] }));
    expect(response.status).toBe(200);
    const sent = house.fake.received[0];
    expect(sent?.json['previous_response_id']).toBeUndefined();
    for (const words of ['weather in Paris?', 'get_weather', 'degrees']) expect(sent?.body).toContain(words);
  });

  it('signed thinking goes back to the provider that signed it', async () => {
    const more = { model: models.anthropic, reasoning: { effort: 'low' }, include: ['reasoning.encrypted_content'], store: false };
    const first = await create(house, ask('Hi', more));
    house.fake.reset();
    await create(house, ask([{ role: 'user', content: 'Hi' }, ...first.output, { role: 'user', content: 'Go on' }], more));
    const sent = house.fake.received[0]?.json['messages'] as { content: unknown[] }[];
    expect(sent[1]?.content).toEqual([
      { type: 'thinking', thinking: 'Let me think about it. ', signature: 'EqFake==' },
      { type: 'text', text: 'You said: Hi' },
    ]);
  });
});

describe('stored responses', () => {
  const gone = { error: { code: 'previous_response_not_found', param: 'previous_response_id', type: 'invalid_request_error' } };

  it.each(Object.values(models))('store: false is not found again (%s)', async (model) => {
    const { id } = await create(house, ask('Hi', { model, store: false }));
    expect((await get(house, id)).status).toBe(404);
    const response = await house.request(path, ask('And?', { model, previous_response_id: id }));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject(gone);
  });

  it.each(Object.values(models))('DELETE forgets it, at the provider too, and keeps the log (%s)', async (model) => {
    const response = await house.request(path, ask(`Forget ${model}`, { model }));
    const { id } = (await response.json()) as Answer;
    house.fake.reset();
    const removed = await fetch(`${house.url}${path}/${id}`, { method: 'DELETE', headers: { authorization: 'Bearer test-key' } });
    expect(await removed.json()).toEqual({ id, object: 'response', deleted: true });
    expect(house.fake.received.map((each) => `${each.method} ${each.path}`)).toEqual(
      model === models.openai ? [`DELETE /v1/responses/${id}`] : [],
    );
    expect((await get(house, id)).status).toBe(404);
    expect((await house.request(path, ask('And?', { model, previous_response_id: id }))).status).toBe(400);
    expect((await house.logOf(response)).output).toBe(`You said: Forget ${model}`);
  });

  it.each(['resp_nobody00000000000000000', 'resp_68af4030592c81938ec0a5fbab4a3e9f05438e46b5f69a3b', 'nonsense', "x' OR 1=1"])(
    'an unknown id is a 404, and a 400 as what came before: %s',
    async (id) => {
      expect((await get(house, encodeURIComponent(id))).status).toBe(404);
      const response = await house.request(path, ask('Hi', { previous_response_id: id }));
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject(gone);
      expect(house.fake.received).toHaveLength(0);
    },
  );

  it('a reference of the caller stays, and the response is found all the same', async () => {
    const response = await house.request(path, ask('Hi referenced'), { 'x-whetstone-reference': 'r1' });
    const { id } = (await response.json()) as Answer;
    expect(await house.logOf(response)).toMatchObject({ referenceId: 'r1', metadata: { response_id: id } });
    expect((await get(house, id)).status).toBe(200);
  });

  it.each(Object.values(models))('are found after a restart, in their own workspace only (%s)', async (model) => {
    const named = await create(house, ask(`Hi from ${model}`, { model }));
    const referenced = await house.request(path, ask(`Hi again from ${model}`, { model }), { 'x-whetstone-reference': 'r2' });
    const ids = [named.id, ((await referenced.json()) as Answer).id];
    // Nothing is remembered: what counts is what the logs say.
    const fresh = new StoredResponses(house.logs);
    for (const id of ids) {
      expect((await fresh.find(house.scope, id))?.log.model).toBe(model);
      expect(await fresh.find(systemScope('ws_other', 'test'), id)).toBeNull();
      expect(await house.gateway.doors.responses.find(systemScope('ws_other', 'test'), id)).toBeNull();
    }
  });

  it('a failed call leaves nothing to continue', async () => {
    house.behave(() => ({ status: 400 }));
    const response = await house.request(path, ask('Hi', { model: models.anthropic }));
    const id = (response.headers.get('x-whetstone-log-id') ?? '').replace('log_', 'resp_');
    expect((await get(house, id)).status).toBe(404);
  });
});
