import { gzipSync } from 'node:zlib';
import { type Endpoint, type EndpointName, endpoints } from '@whetstone/contract';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Answer, byKey, caller, send } from './send.ts';
import { ownerHeaders, exampleOf, makeObjects, mayNameNowhere, type Objects } from './workspace-of-everything.ts';
import { startWhetstone, type Whetstone } from './whetstone.ts';

const all = Object.entries(endpoints) as [EndpointName, Endpoint][];
const withBody = all.filter(([, endpoint]) => endpoint.body !== undefined).map(([name]) => name);
const withQuery = all.filter(([name, endpoint]) => endpoint.query !== undefined && name !== 'workspace.delete').map(([name]) => name);
/** All values in every field take minutes: WHETSTONE_FUZZ_ALL=1 for them; else each field gets some, in turn. */
const everything = process.env['WHETSTONE_FUZZ_ALL'] === '1';
const perField = 4;
const lanes = 6;
let turn = 0;
function someOf<T>(values: readonly T[]): readonly T[] {
  if (everything) return values;
  turn += perField;
  return Array.from({ length: perField }, (_none, index) => values[(turn + index) % values.length] as T);
}
const gatewayPaths = ['/v1/chat/completions', '/v1/embeddings'];

/** F14, F15, F16, F29: whatever comes in is answered with a 4xx that names the place, and harms nothing. */
describe('bad input', { timeout: everything ? 900_000 : 120_000 }, () => {
  let whetstone: Whetstone;
  let objects: Objects;
  let session: Record<string, string>;
  /** So much of stderr was looked at after earlier cases. */
  let read = 0;

  beforeAll(async () => {
    whetstone = await startWhetstone({ env: mayNameNowhere });
    session = await ownerHeaders(whetstone);
    objects = await makeObjects(caller(whetstone.url, byKey(whetstone.apiKey)), caller(whetstone.url, session));
  });
  afterAll(() => whetstone?.close());
  /** After every case the server answers, and says nothing of an unexpected error. */
  afterEach(async () => {
    const { status, text } = await send(whetstone.url, '/readyz');
    expect(status, text).toBe(200);
    const said = whetstone.stderr();
    const errors = said
      .slice(read)
      .split('\n')
      .filter((line) => line.includes('unexpected error'));
    read = said.length;
    expect(errors.map((line) => line.slice(0, 600))).toEqual([]);
  });

  const headersFor = ({ permission }: Endpoint) => (permission === 'session' || permission === 'owner' ? session : byKey(whetstone.apiKey));
  const ask = (name: EndpointName, body: unknown, headers: Record<string, string> = {}): Promise<Answer> => {
    const { method, path } = exampleOf(name, objects);
    return send(whetstone.url, path, { method, headers: { ...headersFor(endpoints[name]), ...headers }, body });
  };
  const askGateway = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
    send(whetstone.url, path, { method: 'POST', headers: { ...byKey(whetstone.apiKey), ...headers }, body });

  /** What is wrong with a refusal in v5's shape; null when it is in order. */
  function fault(answer: Answer, place?: string): string | null {
    const { status, text } = answer;
    if (status < 400 || status >= 500) return `${status} ${text.slice(0, 150)}`;
    const { detail } = answer.json<{ detail?: unknown }>();
    if (detail === undefined || detail === '') return `no detail: ${text.slice(0, 150)}`;
    if (place !== undefined && !JSON.stringify(detail).includes(place)) return `does not name ${place}: ${text.slice(0, 200)}`;
    return null;
  }
  function openAiFault({ status, text }: Answer, allowed: readonly number[] = [400, 404, 413, 415, 422]): string | null {
    if (!allowed.includes(status)) return `${status} ${text.slice(0, 150)}`;
    const { error } = JSON.parse(text) as { error?: { message?: unknown; type?: unknown } };
    return typeof error?.message === 'string' && typeof error.type === 'string' ? null : `not OpenAI's shape: ${text.slice(0, 150)}`;
  }
  const collect = async <T>(list: readonly T[], check: (item: T) => Promise<string | null>): Promise<string[]> => {
    const wrong: string[] = [];
    const left = [...list].toReversed();
    // Several at once: a call of the demo model takes its time.
    const lane = async (): Promise<void> => {
      for (let item = left.pop(); item !== undefined; item = left.pop()) {
        const problem = await check(item);
        if (problem !== null) wrong.push(`${typeof item === 'string' ? item : JSON.stringify(item).slice(0, 120)}: ${problem}`);
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    return wrong;
  };

  const deep = (depth: number, open = '[', close = ']') => open.repeat(depth) + close.repeat(depth);
  const broken: [string, string | Buffer][] = [
    ['cut off', '{"path": "a'],
    ['not JSON', 'path=a&b=c'],
    ['a single-quoted object', "{'a': 1}"],
    ['NaN', '{"temperature": NaN}'],
    ['a BOM and rubbish', '\uFEFFrubbish'],
    ['invalid UTF-8', Buffer.concat([Buffer.from('{"path": "'), Buffer.from([0xff, 0xfe, 0xc0, 0x80]), Buffer.from('"}')])],
    ['an overlong slash', Buffer.concat([Buffer.from('{"path": "'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')])],
    ['10,000 nested lists', deep(10_000)],
    ['10,000 nested objects', deep(10_000, '{"a":', '1}'.slice(1)).replace('"a":}', '"a":1}')],
    ['10,000 nested lists in a field', `{"inputs": {"a": ${deep(10_000)}}}`],
  ];

  it.each(broken)('F14: %s is refused on every endpoint with a body', async (_what, body) => {
    expect(await collect(withBody, async (name) => fault(await ask(name, body)))).toEqual([]);
    expect(await collect(gatewayPaths, async (path) => openAiFault(await askGateway(path, body)))).toEqual([]);
    const answer = await send(whetstone.url, '/api/auth/sign-in/email', { method: 'POST', headers: { origin: whetstone.url }, body });
    expect(fault(answer)).toBeNull();
  });

  it('F14: a body that is no object is refused', async () => {
    for (const body of ['[]', '1', '"text"', 'true', 'null']) {
      const strict = withBody.filter((name) => !accepts(name, JSON.parse(body)));
      expect(await collect(strict, async (name) => fault(await ask(name, body)))).toEqual([]);
      expect(await collect(gatewayPaths, async (path) => openAiFault(await askGateway(path, body)))).toEqual([]);
    }
  });

  /** An absent body counts as an empty one, and so does null. */
  function accepts(name: EndpointName, body: unknown): boolean {
    return ((endpoints[name] as Endpoint).body as z.ZodType).safeParse(body ?? {}).success;
  }

  const wrongValues: unknown[] = [null, true, -1, 1.5, 1e308, '', 'text', [], [1], ['x'], {}, { a: 1 }, { __proto__: null, x: [] }, [[[]]]];

  it('F29: a wrong type in any field is answered as the schema has it, naming the field', async () => {
    const wrong = await collect(withBody, async (name) => {
      const schema = (endpoints[name] as Endpoint).body as z.ZodType;
      const example = exampleOf(name, objects).body ?? {};
      for (const field of fieldsOf(schema)) {
        for (const value of someOf(wrongValues)) {
          const body = { ...example, [field]: value };
          if (schema.safeParse(body).success) continue;
          const problem = fault(await ask(name, body), field);
          if (problem !== null) return `${field} = ${JSON.stringify(value)}: ${problem}`;
        }
      }
      return null;
    });
    expect(wrong).toEqual([]);
  });

  it('F29: what the schema lets through is never a fault of the server', async () => {
    const harmless = withBody.filter((name) => !['workspaces.create', 'me.update', 'invitations.create', 'api_keys.create'].includes(name));
    const odd = [
      '\u0000',
      '\ud800',
      '\ud800\ud800x\udc00',
      '\u202e',
      '../../etc/passwd',
      '..%2f..%2f',
      '{{x}}',
      "'; DROP TABLE logs; --",
      '\\',
      'a/'.repeat(200),
      'x'.repeat(70_000),
    ];
    const values: unknown[] = [
      ...odd,
      ...wrongValues,
      2 ** 53 + 2,
      -(2 ** 53) - 2,
      1e300,
      '0001-01-01T00:00:00Z',
      '9999-12-31T23:59:59Z',
      '1969-12-31',
      '2300-01-01',
    ];
    const fields = harmless.flatMap((name) => fieldsOf((endpoints[name] as Endpoint).body as z.ZodType).map((field) => ({ name, field })));
    const wrong = await collect(fields, async ({ name, field }) => {
      const schema = (endpoints[name] as Endpoint).body as z.ZodType;
      for (const value of someOf(values)) {
        const body = { ...exampleOf(name, objects).body, [field]: value };
        if (!schema.safeParse(body).success) continue;
        const answer = await ask(name, body);
        if (answer.status >= 500 && !isOfTheProvider(answer))
          return `${JSON.stringify(value).slice(0, 80)}: ${answer.status} ${answer.text.slice(0, 200)}`;
      }
      return null;
    });
    expect(wrong).toEqual([]);
  });

  /** A provider that is not there answers with a 502 of its own, which is no fault of the input's reader. */
  function isOfTheProvider({ status, text }: Answer): boolean {
    return [502, 504].includes(status) && text.includes('provider');
  }

  it('F14: a polluting key is data everywhere', async () => {
    const keys = ['"__proto__": {"polluted": 1}', '"constructor": {"prototype": {"polluted": 1}}', '"a": {"__proto__": {"polluted": 1}}'];
    for (const field of ['inputs', 'metadata', 'provider_request'])
      for (const key of keys) {
        const id = objects.prompts;
        const answer = await ask('prompts.log', `{"id": "${id}", "output": "x", "${field}": {${key}}, ${key}}`);
        expect(answer.status, answer.text).toBe(200);
        const log = await send(whetstone.url, `/v5/logs/${answer.json<{ id: string }>().id}`, { headers: byKey(whetstone.apiKey) });
        expect(log.status).toBe(200);
        expect(log.json<{ polluted?: unknown }>().polluted).toBeUndefined();
      }
    const wrong = await collect(withBody, async (name) => {
      if (['workspaces.create', 'me.update'].includes(name)) return null;
      const example = JSON.stringify(exampleOf(name, objects).body ?? {});
      for (const key of keys) {
        const answer = await ask(name, example === '{}' ? `{${key}}` : `${example.slice(0, -1)}, ${key}}`);
        if (answer.status >= 500 && !isOfTheProvider(answer)) return `${key}: ${answer.status} ${answer.text.slice(0, 200)}`;
      }
      return null;
    });
    expect(wrong).toEqual([]);
    // A polluted prototype would show in every object that is made from now on.
    const me = await send(whetstone.url, '/v5/instance');
    expect(me.json<{ polluted?: unknown; sign_in: { polluted?: unknown } }>().sign_in.polluted).toBeUndefined();
    expect((await send(whetstone.url, '/v5/prompts', { headers: byKey(whetstone.apiKey) })).text).not.toContain('polluted');
  });

  it('F14: numbers beyond a double are refused or kept finite', async () => {
    for (const body of ['{"prompt_cost": 1e999}', '{"inputs": {"a": 1e999}}', '{"prompt_tokens": 1e999}', '{"provider_latency": -1e999}']) {
      const answer = await ask('prompts.log', `{"id": "${objects.prompts}", "output": "x", ${body.slice(1)}`);
      expect([body, answer.status < 500], answer.text).toEqual([body, true]);
      if (answer.status !== 200) continue;
      const log = await send(whetstone.url, `/v5/logs/${answer.json<{ id: string }>().id}`, { headers: byKey(whetstone.apiKey) });
      expect([body, log.status]).toEqual([body, 200]);
    }
  });

  it('F13: dates at the ends of the calendar neither fail nor lose the log', async () => {
    for (const at of [
      '1970-01-01T00:00:00Z',
      '2262-04-11T23:47:16Z',
      '0001-01-01T00:00:00Z',
      '9999-12-31T23:59:59.999Z',
      '2026-02-30T00:00:00Z',
    ]) {
      const answer = await ask('prompts.log', { id: objects.prompts, output: 'x', created_at: at, start_time: at, end_time: at });
      expect([at, [200, 422].includes(answer.status)], answer.text).toEqual([at, true]);
      if (answer.status !== 200) continue;
      const log = await send(whetstone.url, `/v5/logs/${answer.json<{ id: string }>().id}`, { headers: byKey(whetstone.apiKey) });
      expect([at, log.status]).toEqual([at, 200]);
    }
  });

  it('F14: NUL and lone surrogates are replaced, told, and read back well-formed', async () => {
    const body = `{"id": "${objects.prompts}", "output": "a\\u0000b\\ud800c", "metadata": {"k\\u0000": "\\udfff"}, "user": "u\\u0000"}`;
    const answer = await ask('prompts.log', body);
    expect(answer.status, answer.text).toBe(200);
    const log = (await send(whetstone.url, `/v5/logs/${answer.json<{ id: string }>().id}`, { headers: byKey(whetstone.apiKey) })).json<{
      output: string;
      text_repaired: boolean;
    }>();
    expect(log.output).toBe('a\u2400b\ufffdc');
    expect(log.text_repaired).toBe(true);
  });

  it('unknown ids and odd paths are 404s, never more', async () => {
    const ids = [
      'nobody',
      'pr_',
      '0',
      '-1',
      '%00unknown',
      '%F0%9F',
      '..%2f..%2fetc%2fshadow',
      '%27%20OR%201=1',
      '__proto__',
      'constructor',
      'x'.repeat(2000),
      '%2e%2e',
    ];
    const wrong: string[] = [];
    // Those make what they name, or find nothing of nobody.
    const naming = new Set<string>(['routes.set', 'logs.delete_user']);
    for (const [name, endpoint] of all.filter(([each, { path }]) => path.includes('{') && !naming.has(each))) {
      const example = exampleOf(name, objects);
      const query = example.path.split('?')[1];
      for (const id of ids) {
        const path = `/v5${endpoint.path.replaceAll(/\{\w+\}/g, id)}${query === undefined ? '' : `?${query}`}`;
        const { status, text } = await send(whetstone.url, path, {
          method: endpoint.method,
          headers: headersFor(endpoint),
          ...(example.body === undefined ? {} : { body: example.body }),
        });
        if (status < 400 || status >= 500) wrong.push(`${endpoint.method} ${path.slice(0, 80)}: ${status} ${text.slice(0, 100)}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('F29: absurd query values are refused in words, or find nothing', async () => {
    const values = [
      '',
      '-1',
      '0',
      '1e9',
      '99999999999999999999',
      'NaN',
      'null',
      '[]',
      '{}',
      '%00unknown',
      '%ED%A0%80',
      "'",
      '%27%3B--',
      '__proto__',
      '1970-01-01',
      '9999-12-31',
      '0001-01-01T00:00:00Z',
      'true',
      'x'.repeat(5000),
      '*',
      '%25',
      '\\',
      '((',
    ];
    const wrong = await collect(withQuery, async (name) => {
      const endpoint: Endpoint = endpoints[name];
      // Whoever deletes by a query deletes nothing here: no value is an id.
      const [path = ''] = exampleOf(name, objects).path.split('?');
      for (const field of fieldsOf(endpoint.query as z.ZodType)) {
        for (const value of someOf(values)) {
          const { status, text } = await send(whetstone.url, `${path}?${field}=${value}`, {
            method: endpoint.method,
            headers: headersFor(endpoint),
            ...(endpoint.body === undefined ? {} : { body: exampleOf(name, objects).body ?? {} }),
          });
          if (status >= 500 || (status >= 400 && !text.includes('"detail"')))
            return `${field}=${value.slice(0, 40)}: ${status} ${text.slice(0, 200)}`;
        }
      }
      return null;
    });
    expect(wrong).toEqual([]);
  });

  it('F29: the filter language survives anything', async () => {
    const filters = [
      '(',
      ')',
      'a',
      'latency >',
      'latency > 1e999',
      'latency > x',
      'cost > -',
      "user = '",
      'user = ""',
      'and and',
      'not',
      '('.repeat(5000),
      `${'not '.repeat(1500)}x = 1`,
      'metadata.__proto__ = 1',
      'metadata. = 1',
      'x'.repeat(8000),
      "output ~ '(a+)+$'",
      'at > 9999-99-99',
      "model = 'a' or ".repeat(300),
    ];
    const wrong = await collect(filters, async (filter) => {
      for (const path of ['/v5/logs', '/v5/logs/series', '/v5/logs/facets', '/v5/logs/export']) {
        const { status, text } = await send(whetstone.url, `${path}?filter=${encodeURIComponent(filter)}`, {
          headers: byKey(whetstone.apiKey),
        });
        if (status >= 500) return `${path}: ${status} ${text.slice(0, 200)}`;
      }
      return null;
    });
    expect(wrong).toEqual([]);
  });

  it('F15: 25 MB is 413 on every door', async () => {
    const big = Buffer.alloc(25 * 1024 * 1024, 'x');
    for (const [path, headers, isOpenAi] of [
      ['/v5/prompts/log', byKey(whetstone.apiKey), false],
      ['/v1/chat/completions', byKey(whetstone.apiKey), true],
      ['/api/auth/sign-in/email', { origin: whetstone.url }, false],
    ] as const) {
      // The server may close the door on the rest of the body; what counts is that it says 413 or ends the connection.
      const answer = await send(whetstone.url, path, { method: 'POST', headers, body: big, fresh: true }).catch(
        (error: Error & { code?: string }) => error.code,
      );
      if (typeof answer === 'string' || answer === undefined) expect(['EPIPE', 'ECONNRESET']).toContain(answer);
      else expect([path, answer.status, isOpenAi ? openAiFault(answer) : fault(answer)]).toEqual([path, 413, null]);
    }
  });

  it('F16: compressed bodies and other content types are refused, not read', async () => {
    const bomb = gzipSync(Buffer.alloc(20 * 1024 * 1024));
    for (const encoding of ['gzip', 'deflate', 'br', 'gzip, gzip']) {
      const headers = { 'content-encoding': encoding };
      expect(fault(await ask('prompts.log', bomb, headers))).toBeNull();
      expect(openAiFault(await askGateway('/v1/chat/completions', bomb, headers))).toBeNull();
    }
    for (const type of ['text/plain', 'application/xml', 'multipart/form-data; boundary=x', 'nonsense'])
      expect(fault(await ask('prompts.log', '{"path":"a/b"}', { 'content-type': type }))).toBeNull();
  });

  it('F14: the gateway refuses wrong types in OpenAI’s shape', async () => {
    const chat = { model: 'demo-small', messages: [{ role: 'user', content: 'Hi' }] };
    const bodies: unknown[] = [
      {},
      { model: 1, messages: chat.messages },
      { model: '', messages: chat.messages },
      { model: 'demo-small' },
      { ...chat, messages: 'x' },
      { ...chat, messages: [] },
      { ...chat, messages: [null] },
      { ...chat, messages: [{}] },
      { ...chat, messages: [[]] },
      { ...chat, messages: [{ role: 1 }] },
      { model: 'prompt:', messages: [] },
      { model: 'prompt:no/such' },
      { model: 'prompt:no/such@nowhere' },
      { model: 'prompt:\u0000' },
      { model: 'agent:x' },
      { model: 'prompt:../../x' },
    ];
    expect(
      await collect(bodies, async (body) => openAiFault(await askGateway('/v1/chat/completions', body), [400, 401, 404, 422])),
    ).toEqual([]);
    const odd: unknown[] = [
      { ...chat, model: '__proto__' },
      { ...chat, model: 'x'.repeat(100_000) },
      { ...chat, metadata: 'x' },
      { ...chat, user: {} },
      { ...chat, inputs: [] },
      { ...chat, stream: 'yes' },
      { ...chat, n: -1 },
      { ...chat, max_tokens: 1e300 },
      { ...chat, tools: 'x' },
      { ...chat, messages: [{ role: 'user', content: { a: 1 } }] },
      { ...chat, messages: [{ role: 'nobody', content: 'x' }] },
      { ...chat, metadata: { ['__proto__']: 1 } },
    ];
    const wrong = await collect(odd, async (body) => {
      const answer = await askGateway('/v1/chat/completions', body);
      return answer.status < 500 || isOfTheProvider(answer) ? null : `${answer.status} ${answer.text.slice(0, 200)}`;
    });
    expect(wrong).toEqual([]);
    for (const [name, value] of [
      ['x-whetstone-file', '../../x'],
      ['x-whetstone-file', '%00unknown'],
      ['x-whetstone-trace-parent', 'nobody'],
      ['x-whetstone-environment', 'nowhere'],
      ['x-whetstone-session', 'y'.repeat(2000)],
    ] as const) {
      const answer = await askGateway('/v1/chat/completions', chat, { [name]: value });
      expect([name, value.slice(0, 10), answer.status < 500], answer.text).toEqual([name, value.slice(0, 10), true]);
    }
  });

  it('F15: headers beyond the limit are refused', async () => {
    const answer = await send(whetstone.url, '/v5/instance', { headers: { 'x-large': 'x'.repeat(64 * 1024) }, fresh: true }).catch(
      (error: Error & { code?: string }) => error.code,
    );
    if (typeof answer === 'object') expect(answer.status).toBe(431);
    else expect(['EPIPE', 'ECONNRESET']).toContain(answer);
  });
});

/** Top-level fields of an object schema, through its JSON Schema. */
function fieldsOf(schema: z.ZodType): string[] {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as { properties?: Record<string, unknown> };
  return Object.keys(json.properties ?? {});
}
