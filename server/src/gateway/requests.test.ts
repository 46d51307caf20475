import type { Scope } from '@whetstone/contract';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isDeniedField, withoutDeniedFields } from './deny-list.ts';
import { gatewayPath, parseFileName } from './steps/model-name.ts';
import { chat, type House, key, openHouse, readEvents } from './test/house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
  await house.files.upsert(house.scope, 'prompt', {
    path: 'support/answer',
    kernel: {
      model: 'gpt-4o-mini',
      temperature: 0.1,
      template: [{ role: 'system', content: 'You help {{name}}.' }],
    },
  });
});
afterAll(() => house.close());
beforeEach(() => {
  house.fake.reset();
  house.behave(null);
});

const completions = '/v1/chat/completions';
interface ErrorBody {
  error: { message: string; type: string; param: string | null; code: string | null };
}

describe('a prompt as the model', () => {
  const call = { model: 'prompt:support/answer', inputs: { name: 'Ann' }, messages: [{ role: 'user', content: 'Hi' }] };

  it('its populated template precedes the messages, its parameters win, inputs stay here', async () => {
    const response = await house.request(completions, { ...call, temperature: 2, top_p: 0.5 });
    expect(response.status).toBe(200);
    const sent = house.fake.received[0]?.json;
    expect(sent).toEqual({
      model: 'gpt-4o-mini',
      temperature: 0.1,
      top_p: 0.5,
      messages: [
        { role: 'system', content: 'You help Ann.' },
        { role: 'user', content: 'Hi' },
      ],
    });
    const log = await house.logOf(response);
    const snapshot = await house.files.get(house.scope, 'prompt', { path: 'support/answer' });
    expect(log).toMatchObject({ versionId: snapshot.version.id, inputs: { name: 'Ann' }, origin: 'gateway' });
    expect(log.environmentId).toBe(snapshot.environments[0]?.id);
  });

  it('without messages the template alone is sent', async () => {
    expect((await house.request(completions, { model: 'prompt:support/answer', inputs: { name: 'Bo' } })).status).toBe(200);
    expect(house.fake.received[0]?.json['messages']).toEqual([{ role: 'system', content: 'You help Bo.' }]);
  });

  it('at an environment, a version or an id', async () => {
    const snapshot = await house.files.get(house.scope, 'prompt', { path: 'support/answer' });
    for (const model of [
      `prompt:support/answer@production`,
      `prompt:support/answer@${snapshot.version.id}`,
      `prompt:${snapshot.file.id}`,
    ]) {
      expect((await house.request(completions, { ...call, model })).status, model).toBe(200);
    }
    const response = await house.request(completions, { ...call, model: `prompt:support/answer@${snapshot.version.id}` });
    expect((await house.logOf(response)).environmentId).toBeNull();
    expect((await house.request(completions, call, { 'x-whetstone-environment': 'production' })).status).toBe(200);
  });

  it.each([
    ['prompt:no/such', 404, 'no/such'],
    ['prompt:support/answer@nowhere', 404, 'nowhere'],
    ['prompt:support/answer@staging', 404, 'staging'],
    ['prompt:support/answer@', 400, '@'],
    ['prompt:', 400, 'path'],
    ['prompt:../etc', 400, '..'],
    ['agent:x', 400, 'Agents'],
  ])('%s: %i', async (model, status, words) => {
    const response = await house.request(completions, { ...call, model });
    expect(response.status).toBe(status);
    expect(((await response.json()) as ErrorBody).error.message).toContain(words);
    expect(house.fake.received).toHaveLength(0);
  });

  it('400 names a missing variable', async () => {
    const response = await house.request(completions, { ...call, inputs: {} });
    expect(response.status).toBe(400);
    expect(((await response.json()) as ErrorBody).error).toMatchObject({ param: 'inputs.name', type: 'invalid_request_error' });
  });
});

describe('which provider a model means', () => {
  it.each([
    ['gpt-4o-mini', '/v1/chat/completions', 'secret-of-openai'],
    ['unheard-of-model', '/v1/chat/completions', 'secret-of-openai'],
    ['openai/gpt-4o-mini', '/v1/chat/completions', 'secret-of-openai'],
    ['groq/llama-3.1-8b-instant', '/openai/v1/chat/completions', 'secret-of-groq'],
    ['llama-3.1-8b-instant', '/openai/v1/chat/completions', 'secret-of-groq'],
    ['groq/openai/gpt-oss-20b', '/openai/v1/chat/completions', 'secret-of-groq'],
    ['claude-next', '/v1/messages', 'secret-of-anthropic'],
    ['anthropic/claude-next', '/v1/messages', 'secret-of-anthropic'],
    ['gemini-next', '/v1beta/models/gemini-next:generateContent', 'secret-of-google'],
    ['meta-llama/Unknown', '/v1/chat/completions', 'secret-of-openai'],
  ])('%s', async (model, path, secret) => {
    expect((await house.request(completions, chat('Hi', { model }))).status).toBe(200);
    const [sent] = house.fake.received;
    expect(sent?.path).toBe(path);
    expect(JSON.stringify(sent?.headers)).toContain(secret);
  });

  it('the part after the credential is what the provider reads', async () => {
    await house.request(completions, chat('Hi', { model: 'groq/openai/gpt-oss-20b' }));
    expect(house.fake.received[0]?.json['model']).toBe('openai/gpt-oss-20b');
  });

  it("OpenAI's own 404 comes back for a model it does not have", async () => {
    house.behave(() => ({ status: 404 }));
    const response = await house.request(completions, chat('Hi', { model: 'gpt-99' }));
    expect(response.status).toBe(404);
    expect(((await response.json()) as ErrorBody).error.code).toBe('model_not_found');
  });

  it('400 says which credential is missing and where to add it', async () => {
    const response = await house.request(completions, chat('Hi', { model: 'deepseek-chat' }));
    expect(response.status).toBe(400);
    expect(((await response.json()) as ErrorBody).error).toMatchObject({
      code: 'credential_missing',
      message: expect.stringContaining('DEEPSEEK_API_KEY') as string,
    });
  });

  it('demo models need none, and their answers are marked', async () => {
    const response = await house.request(completions, chat('Reply with "pong"', { model: 'demo-large', stream: true }));
    expect((await readEvents(response)).join('')).toContain('"simulated":true');
    expect(await house.logOf(response)).toMatchObject({ output: 'pong', provider: 'demo', metadata: { simulated: true } });
  });
});

describe('where a call is logged', () => {
  it('under the path of x-whetstone-file, percent-encoded text too', async () => {
    const response = await house.request(completions, chat('Hi'), { 'x-whetstone-file': 'apps/B%C3%BCro' });
    const log = await house.logOf(response);
    const file = await house.files.get(house.scope, 'prompt', { path: 'apps/Büro' }, { versionId: log.versionId });
    expect(file.file.id).toBe(log.fileId);
  });

  it('equal parameters are one version, others another; what is asked is no part of it', async () => {
    const version = async (body: object) => (await house.logOf(await house.request(completions, body))).versionId;
    const first = await version(chat('one', { temperature: 0.7, user: 'a' }));
    expect(await version(chat('two', { temperature: 0.7, user: 'b', metadata: { x: '1' } }))).toBe(first);
    expect(await version(chat('one', { temperature: 0.8 }))).not.toBe(first);
  });

  it('in the environment of its header, which must exist', async () => {
    const response = await house.request(completions, chat('Hi'), { 'x-whetstone-environment': 'staging' });
    const { id } = await house.files.environments.byName(house.scope, 'staging');
    expect((await house.logOf(response)).environmentId).toBe(id);
    expect((await house.logOf(await house.request(completions, chat('Hi')))).environmentId).toBeNull();
    expect((await house.request(completions, chat('Hi'), { 'x-whetstone-environment': 'moon' })).status).toBe(404);
  });

  it('a key that is bound to an environment calls in no other', async () => {
    const { id } = await house.files.environments.byName(house.scope, 'staging');
    const scope: Scope = {
      workspaceId: house.scope.workspaceId,
      actor: { type: 'key', id: 'key_1', name: 'k', role: 'gateway', environment: id },
    };
    const request = { model: 'x', messages: [], inputs: {} };
    const prepare = (environment: string | null) =>
      house.gateway.doors.prepare(scope, {
        kind: 'chat',
        names: { model: 'gpt-4o' },
        body: {},
        raw: null,
        stream: false,
        file: null,
        headers: {},
        apiKeys: {},
        instant: true,
        log: { origin: 'gateway' },
        ...request,
        environment,
      });
    await expect(prepare('production')).rejects.toMatchObject({ status: 403 });
    // Remembered from callers who may.
    await house.request(completions, chat('Hi'), { 'x-whetstone-environment': 'production' });
    await expect(prepare('production')).rejects.toMatchObject({ status: 403 });
    expect((await prepare('staging')).environmentId).toBe(id);
    expect((await prepare(null)).environmentId).toBe(id);
  });
});

describe('bad input', () => {
  const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
  it.each([
    ['no body', '', 400],
    ['no JSON', '{"model":', 400],
    ['no object', '[]', 400],
    ['no model', '{"messages":[{"role":"user","content":"x"}]}', 400],
    ['a model that is no text', '{"model":5,"messages":[]}', 400],
    ['no messages', '{"model":"gpt-4o"}', 400],
    ['empty messages', '{"model":"gpt-4o","messages":[]}', 400],
    ['messages that are no list', '{"model":"gpt-4o","messages":"x"}', 400],
    ['a message that is no object', '{"model":"gpt-4o","messages":["x"]}', 400],
    ['nesting 10,000 deep', `{"model":"gpt-4o","messages":[{"role":"user","content":${deep}}]}`, 400],
  ])("%s: %i in OpenAI's shape", async (_name, body, status) => {
    const response = await house.request(completions, body);
    expect(response.status).toBe(status);
    expect(((await response.json()) as ErrorBody).error.type).toBe('invalid_request_error');
    expect(house.fake.received).toHaveLength(0);
  });

  it('invalid UTF-8 is refused; a lone surrogate and NUL are repaired in the log', async () => {
    const bytes = Buffer.concat([
      Buffer.from('{"model":"gpt-4o","messages":[{"role":"user","content":"'),
      Buffer.from([0xff]),
      Buffer.from('"}]}'),
    ]);
    const invalid = await fetch(house.url + completions, { method: 'POST', headers: { authorization: `Bearer ${key}` }, body: bytes });
    expect(invalid.status).toBe(400);
    const response = await house.request(
      completions,
      String.raw`{"model":"gpt-4o-mini","messages":[{"role":"user","content":"a\ud800b\u0000c"}]}`,
    );
    expect(response.status).toBe(200);
    expect((await house.logOf(response)).messages).toEqual([{ role: 'user', content: 'a\uFFFDb\u2400c' }]);
  });

  it('a body over the limit is 413', async () => {
    const response = await house.request(completions, chat('x'.repeat(2_000_000)));
    expect(response.status).toBe(413);
    expect(((await response.json()) as ErrorBody).error.code).toBe('too_large');
  });

  it('__proto__ is data', async () => {
    const response = await house.request(
      completions,
      '{"model":"gpt-4o-mini","__proto__":{"polluted":1},"messages":[{"role":"user","content":"x","__proto__":{"a":1}}],"constructor":{"prototype":{"b":1}}}',
    );
    expect(response.status).toBe(200);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('T22: what is forwarded', () => {
  it('fields that turn a call elsewhere or carry credentials do not pass', async () => {
    await house.request(
      completions,
      chat('Hi', {
        api_base: 'http://evil',
        base_url: 'http://evil',
        API_KEY: 'x',
        extra_headers: { a: 'b' },
        inputs: { a: 1 },
        'x-whetstone-file': 'x',
        store: true,
      }),
    );
    const sent = house.fake.received[0]?.json ?? {};
    expect(Object.keys(sent).sort()).toEqual(['messages', 'model', 'store']);
  });

  it('every other field passes as it is', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z_]{1,20}$/), fc.jsonValue()), (body) => {
        const passed = withoutDeniedFields(body);
        for (const name of Object.keys(body)) {
          if (isDeniedField(name)) expect(Object.hasOwn(passed, name)).toBe(false);
          else expect(passed[name]).toBe(body[name]);
        }
      }),
    );
  });
});

describe('names', () => {
  it("a model's name is split at its last @", () => {
    expect(parseFileName('gpt-4o')).toBeNull();
    expect(parseFileName('prompt:a/b')).toEqual({ kind: 'prompt', ref: { path: 'a/b' }, at: {} });
    expect(parseFileName('prompt:a@b@staging')).toEqual({ kind: 'prompt', ref: { path: 'a@b' }, at: { environment: 'staging' } });
  });

  it('any model name gives a path under gateway/', () => {
    expect(gatewayPath('meta-llama/Llama-3')).toBe('gateway/meta-llama/Llama-3');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (model) => {
        expect(gatewayPath(model)).toMatch(/^gateway\/[^/]+(\/[^/]+){0,5}$/u);
      }),
    );
  });
});

describe('GET /v1/models', () => {
  const get = async (path: string) => fetch(house.url + path, { headers: { authorization: `Bearer ${key}` } });

  it("lists what can be called, in OpenAI's shape", async () => {
    const list = (await (await get('/v1/models')).json()) as { object: string; data: { id: string; object: string; owned_by: string }[] };
    expect(list.object).toBe('list');
    expect(list.data).toContainEqual({ id: 'demo-large', object: 'model', created: expect.any(Number) as number, owned_by: 'demo' });
    expect(list.data.some(({ id }) => id === 'gpt-4o-mini')).toBe(true);
    expect(list.data.some(({ owned_by }) => owned_by === 'deepseek')).toBe(false);
  });

  it('one by id, slashes included; 404 for others', async () => {
    expect(await (await get('/v1/models/demo-small')).json()).toMatchObject({ id: 'demo-small', object: 'model' });
    expect((await get('/v1/models/openai/gpt-oss-20b')).status).toBe(200);
    const missing = await get('/v1/models/nope');
    expect(missing.status).toBe(404);
    expect(((await missing.json()) as ErrorBody).error.code).toBe('model_not_found');
  });
});

describe('credentials are tested', () => {
  it.each(['openai', 'anthropic', 'google'])('%s', async (provider) => {
    const result = await house.gateway.testCredential(house.scope, `cred_${provider}`);
    expect(result).toMatchObject({ ok: true });
  });

  it('a wrong one says what the provider said', async () => {
    house.behave(() => ({ status: 401 }));
    expect(await house.gateway.testCredential(house.scope, 'cred_openai')).toMatchObject({
      ok: false,
      message: expect.stringContaining('Incorrect API key') as string,
    });
  });
});
