import { type Endpoint, type EndpointName, endpoints, keyRoles, roleMay } from '@whetstone/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { byKey, caller, send } from './send.ts';
import { startWhetstone, type Whetstone } from './whetstone.ts';
import {
  endUser,
  type Example,
  exampleOf,
  keysOfAllRoles,
  makeObjects,
  mark,
  mayNameNowhere,
  membersOfRoles,
  type Objects,
  ownerHeaders,
  secondWorkspace,
} from './workspace-of-everything.ts';

const all = Object.entries(endpoints) as [EndpointName, Endpoint][];
/** Server-sent events never end; who may open them shows in the status of others of the same permission and below. */
const endless = new Set<EndpointName>(['logs.events']);

/** Done by people who are signed in; an item is its reviewer's alone. */
const byPeople = new Set<EndpointName>([
  'reviews.claim',
  'reviews.item',
  'reviews.answer',
  'reviews.undo',
  'reviews.skip',
  'reviews.comment',
  'reviews.resolve',
]);

/** F25, T7, T24: every endpoint of the table for every kind of caller, and for callers of another workspace. */
describe('the matrix of endpoints and callers', () => {
  let whetstone: Whetstone;
  let objects: Objects;
  let keys: Awaited<ReturnType<typeof keysOfAllRoles>>;
  let members: Awaited<ReturnType<typeof membersOfRoles>>;
  let foreign: { slug: string; key: string };

  beforeAll(async () => {
    whetstone = await startWhetstone({ env: mayNameNowhere });
    const admin = caller(whetstone.url, byKey(whetstone.apiKey));
    members = await membersOfRoles(whetstone, ['viewer', 'reviewer', 'editor', 'admin']);
    objects = await makeObjects(admin, caller(whetstone.url, members.get('owner') as Record<string, string>));
    keys = await keysOfAllRoles(admin);
    foreign = await secondWorkspace(whetstone, 'Foreign');
  });
  afterAll(() => whetstone?.close());

  const ask = (example: Example, headers: Record<string, string>) =>
    send(whetstone.url, example.path, {
      method: example.method,
      headers,
      ...(example.body === undefined ? {} : { body: example.body }),
    });
  const inOrder = async (
    check: (name: EndpointName, endpoint: Endpoint, example: Example) => Promise<string | null>,
  ): Promise<string[]> => {
    const wrong: string[] = [];
    for (const [name, endpoint] of all) {
      const problem = await check(name, endpoint, exampleOf(name, objects));
      if (problem !== null) wrong.push(`${name}: ${problem}`);
    }
    return wrong;
  };

  it('looks at every endpoint of the table', () => {
    expect(all.length).toBeGreaterThan(80);
    for (const [, endpoint] of all) expect(endpoint.permission).toBeTruthy();
  });

  it.each([
    ['without a key', {}],
    ['with an unknown key', byKey('wsk_unknown')],
    ['with a key that reads like SQL', byKey("' OR 1=1 --")],
    ['with an unknown bearer', { authorization: 'Bearer wsk_unknown' }],
    ['with a cookie of nobody', { cookie: 'whetstone.session_token=abc.def', 'sec-fetch-site': 'same-origin' }],
  ])('answers 401 %s, except where it is public', async (_who, headers) => {
    const wrong = await inOrder(async (_name, endpoint, example) => {
      const { status } = await ask(example, headers);
      return endpoint.permission === 'public' ? (status === 200 ? null : `public, yet ${status}`) : status === 401 ? null : String(status);
    });
    expect(wrong).toEqual([]);
  });

  it.each([...keyRoles])('answers 403 to a key of role %s exactly where the role lacks the permission', async (role) => {
    const wrong = await inOrder(async (name, endpoint, example) => {
      if (roleMay(role, endpoint.permission)) return allowed(name, endpoint, example, byKey(keys[role]), role);
      const { status, text } = await ask(example, byKey(keys[role]));
      return status === 403 && text.includes('detail') ? null : `403 expected, was ${status} ${text.slice(0, 120)}`;
    });
    expect(wrong).toEqual([]);
  });

  it.each(['viewer', 'reviewer', 'editor', 'admin', 'owner'] as const)('answers a signed-in %s by the same rule', async (role) => {
    const headers = members.get(role) as Record<string, string>;
    const wrong = await inOrder(async (name, endpoint, example) => {
      if (roleMay(role, endpoint.permission)) return allowed(name, endpoint, example, headers, role);
      const { status, text } = await ask(example, headers);
      return status === 403 ? null : `403 expected, was ${status} ${text.slice(0, 120)}`;
    });
    expect(wrong).toEqual([]);
  });

  /** What a role may do is tried on an object that is not there when it would destroy or change ours. */
  async function allowed(
    name: EndpointName,
    endpoint: Endpoint,
    example: Example,
    headers: Record<string, string>,
    role: string,
  ): Promise<string | null> {
    if (endless.has(name)) return null;
    const harmless = endpoint.method === 'GET' || endpoint.path.endsWith('/log');
    const path = harmless ? example.path : missing(example.path);
    const { status, text } = await ask({ ...example, path, ...(harmless || endpoint.method === 'POST' ? {} : { body: {} }) }, headers);
    if (endpoint.permission === 'session' && status === 401 && role !== 'owner' && !('cookie' in headers)) return null;
    // Whoever owns a workspace makes others.
    if (byPeople.has(name) && !('cookie' in headers)) return status === 403 || status === 422 ? null : `403 expected, was ${status}`;
    if (name === 'reviews.item' && role !== 'owner') return status === 404 ? null : `404 expected, was ${status}`;
    // Of queues whose logs a judge chose; this one was filled by hand.
    if (name === 'reviews.estimate') return status === 400 && text.includes('not chosen') ? null : `400 expected, was ${status}`;
    if (name === 'workspaces.create' && role !== 'owner') return status === 403 ? null : `403 expected, was ${status}`;
    const ok = harmless ? status === 200 : status < 500 && status !== 401 && status !== 403;
    return ok ? null : `${status} ${text.slice(0, 160)}`;
  }

  /** The same path with every id made unknown. */
  function missing(path: string): string {
    let out = path.replaceAll(endUser, 'nobody');
    for (const id of [...Object.values(objects), ...Object.values(objects.versions)])
      if (typeof id === 'string' && id !== '') out = out.replaceAll(id, `${id.slice(0, 4)}nobodyknowsthis`);
    return out;
  }

  it('T7: answers 404 to a key of another workspace for every object in a path', async () => {
    const ownerThere = { ...(members.get('owner') as Record<string, string>), 'x-whetstone-workspace': foreign.slug };
    const wrong = await inOrder(async (name, endpoint, example) => {
      // A route is named by whoever makes it, so this makes one of the other workspace's own.
      if (name === 'logs.delete_user' || name === 'routes.set') return null;
      // The source of an import names a format, which is everybody's.
      if (name === 'imports.run') return null;
      if (!endpoint.path.includes('{') || endpoint.path.startsWith('/me/')) return null;
      const { status, text } = await ask(example, byPeople.has(name) ? ownerThere : byKey(foreign.key));
      return status === 404 ? null : `${status} ${text.slice(0, 120)}`;
    });
    expect(wrong).toEqual([]);
  });

  it('T7: never shows another workspace’s objects, and takes no reference to them', async () => {
    const leaks = await inOrder(async (name, _endpoint, example) => {
      if (endless.has(name)) return null;
      const { status, text } = await ask(example, byKey(foreign.key));
      const inPath = decodeURIComponent(example.path).includes(mark) || JSON.stringify(example.body ?? {}).includes(mark);
      if (status >= 500) return `${status} ${text.slice(0, 120)}`;
      return text.includes(mark) && !inPath ? text.slice(0, 200) : null;
    });
    expect(leaks).toEqual([]);
    const references: [string, string, unknown][] = [
      ['POST', '/v5/prompts', { id: objects.prompts, model: 'demo-small' }],
      ['POST', '/v5/prompts/log', { id: objects.prompts, output: 'x' }],
      ['POST', `/v5/prompts/log?version_id=${objects.versions['prompts']}`, { path: 'own/prompt', output: 'x' }],
      ['POST', '/v5/prompts/call', { id: objects.prompts }],
      ['POST', `/v5/prompts/call?version_id=${objects.versions['prompts']}`, { path: 'own/prompt' }],
      ['POST', '/v5/tools/call', { id: objects.tools }],
      ['POST', '/v5/agents/call', { id: objects.agents }],
      ['POST', `/v5/agents/call?version_id=${objects.versions['agents']}`, { path: 'own/agent' }],
      ['POST', '/v5/agents/continue', { log_id: objects.logs, messages: [] }],
      ['POST', '/v5/evaluators/log', { path: 'own/evaluator', parent_id: objects.logs, judgment: 'x' }],
      ['POST', '/v5/files/retrieve-by-path', { path: `dir/${mark}-prompt` }],
      ['POST', '/v5/directories', { name: 'inside', parent_id: objects.directories }],
      ['GET', `/v5/logs?file_id=${objects.prompts}`, undefined],
    ];
    for (const [method, path, body] of references) {
      const { status, text } = await send(whetstone.url, path, {
        method,
        headers: byKey(foreign.key),
        ...(body === undefined ? {} : { body }),
      });
      expect([method, path, status, text.includes(mark) && !path.includes('retrieve')], text).toEqual([method, path, 404, false]);
    }
    const byLogId = await send(whetstone.url, `/v5/logs?id=${objects.logs}`, { headers: byKey(foreign.key) });
    expect(byLogId.json<{ records: unknown[] }>().records).toEqual([]);
  });

  it('T7: a foreign log id as one’s own makes a log of one’s own, and leaves the other as it was', async () => {
    const mine = { path: 'own/prompt', prompt: { model: 'demo-small' }, log_id: objects.logs, output: 'taken over' };
    const answer = await send(whetstone.url, '/v5/prompts/log', { method: 'POST', headers: byKey(foreign.key), body: mine });
    expect(answer.status).toBeLessThan(500);
    const { output } = await caller(whetstone.url, byKey(whetstone.apiKey))<{ output: string }>('GET', `/v5/logs/${objects.logs}`);
    expect(output).not.toBe('taken over');
  });

  it('T7: a member of one workspace cannot name another in the header', async () => {
    const headers = { ...(members.get('admin') as Record<string, string>), 'x-whetstone-workspace': foreign.slug };
    for (const path of ['/v5/workspace', '/v5/prompts', '/v5/logs', '/v5/api-keys']) {
      expect([path, (await send(whetstone.url, path, { headers })).status]).toEqual([path, 403]);
    }
  });

  it('left every object of the first workspace in its place', async () => {
    const admin = caller(whetstone.url, byKey(whetstone.apiKey));
    for (const kind of ['prompts', 'tools', 'evaluators', 'flows', 'agents', 'logs', 'directories'] as const)
      await admin('GET', `/v5/${kind}/${objects[kind]}`, undefined, 200);
    const text = JSON.stringify([
      await admin('GET', '/v5/api-keys'),
      await admin('GET', '/v5/credentials'),
      await admin('GET', '/v5/webhooks'),
      await admin('GET', '/v5/invitations'),
      await admin('GET', '/v5/members'),
    ]);
    for (const kind of ['api-keys', 'credentials', 'webhooks', 'invitations', 'members'] as const) expect(text).toContain(objects[kind]);
  });

  describe('outside the table', () => {
    const chat = { model: 'demo-small', messages: [{ role: 'user', content: 'Hi' }] };
    const gateway: [string, string, unknown, 'call' | 'fetch'][] = [
      ['POST', '/v1/chat/completions', chat, 'call'],
      ['POST', '/v1/responses', { model: 'demo-small', input: 'Hi' }, 'call'],
      ['POST', '/v1/messages', { ...chat, max_tokens: 50 }, 'call'],
      ['POST', '/v1/messages/count_tokens', chat, 'call'],
      ['POST', '/v1/embeddings', { model: 'demo-embedding', input: 'Hi' }, 'call'],
      ['GET', '/v1/models', undefined, 'fetch'],
      ['GET', '/v1/models/demo-small', undefined, 'fetch'],
    ];

    it.each(gateway)('%s %s takes keys of the right roles and no cookie', async (method, path, body, permission) => {
      const statusFor = async (headers: Record<string, string>) => {
        const { status, text } = await send(whetstone.url, path, { method, headers, ...(body === undefined ? {} : { body }) });
        if (status >= 400) expect(JSON.parse(text)).toMatchObject({ error: { message: expect.any(String) } });
        return status;
      };
      expect(await statusFor({})).toBe(401);
      expect(await statusFor(byKey('wsk_unknown'))).toBe(401);
      expect(await statusFor(members.get('owner') as Record<string, string>)).toBe(401);
      for (const role of keyRoles) {
        const status = await statusFor(byKey(keys[role]));
        if (roleMay(role, permission)) expect([role, status >= 500 || status === 401 || status === 403]).toEqual([role, false]);
        else expect([role, status]).toEqual([role, 403]);
      }
    });

    it('a foreign prompt is unknown to the gateway', async () => {
      const body = { model: `prompt:dir/${mark}-prompt`, inputs: { question: 'x' } };
      const { status, text } = await send(whetstone.url, '/v1/chat/completions', { method: 'POST', headers: byKey(foreign.key), body });
      expect(status, text).toBe(404);
    });

    it('/operate takes nothing but its own token', async () => {
      for (const path of ['/operate/backup', '/operate/reset-link', '/operate/erase'])
        for (const headers of [{}, byKey(whetstone.apiKey), members.get('owner'), { 'x-whetstone-operator': 'guess' }])
          expect((await send(whetstone.url, path, { method: 'POST', headers: headers as Record<string, string>, body: {} })).status).toBe(
            401,
          );
    });

    it('/api/auth opens nothing without a sign-in', async () => {
      const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
        send(whetstone.url, `/api/auth${path}`, { method: 'POST', body, headers: { origin: whetstone.url, ...headers } });
      expect((await send(whetstone.url, '/api/auth/session')).json()).toEqual({ session: null, user: null });
      expect((await post('/setup', { name: 'x', email: 'x@example.com', password: 'long enough', workspace: 'x' })).status).toBe(409);
      expect((await post('/change-password', { current_password: 'x', password: 'long enough' })).status).toBe(401);
      expect((await post('/reset', { token: 'x', password: 'long enough' })).status).toBe(404);
      expect((await post('/invitations/x', { name: 'x', email: 'x@example.com', password: 'long enough' })).status).toBe(404);
      for (const path of ['/sign-up/email', '/update-user', '/delete-user', '/change-email', '/list-sessions', '/admin/list-users'])
        expect([path, (await post(path, {}, members.get('owner'))).status]).toEqual([path, 404]);
    });
  });

  describe('T8: a cookie from another site', () => {
    const elsewhere: Record<string, string>[] = [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: 'http://127.0.0.1:1' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ];

    it('counts for nothing, neither to read nor to change', async () => {
      const { cookie = '' } = await ownerHeaders(whetstone);
      for (const headers of elsewhere)
        for (const [method, path, body] of [
          ['GET', '/v5/me', undefined],
          ['GET', '/v5/api-keys', undefined],
          ['PATCH', '/v5/me', { name: 'Taken' }],
          ['POST', '/v5/api-keys', { name: 'taken', role: 'admin' }],
        ] as const) {
          const given = { cookie, 'x-whetstone-workspace': 'main', ...headers };
          const { status } = await send(whetstone.url, path, { method, headers: given, ...(body === undefined ? {} : { body }) });
          expect([headers, path, status]).toEqual([headers, path, 403]);
        }
      const bare = await send(whetstone.url, '/v5/me', { method: 'PATCH', headers: { cookie }, body: { name: 'Taken' } });
      expect(bare.status).toBe(403);
    });

    it('neither signs in, nor out, nor sends a form', async () => {
      const { cookie = '' } = await ownerHeaders(whetstone);
      for (const headers of elsewhere) {
        const out = await send(whetstone.url, '/api/auth/sign-out', { method: 'POST', headers: { cookie, ...headers }, body: {} });
        expect([headers, out.status]).toEqual([headers, 403]);
      }
      const form = { cookie, origin: whetstone.url, 'content-type': 'application/x-www-form-urlencoded' };
      expect((await send(whetstone.url, '/api/auth/sign-out', { method: 'POST', headers: form, body: 'a=b' })).status).toBe(415);
      expect(
        (await send(whetstone.url, '/v5/api-keys', { method: 'POST', headers: { ...form, 'x-whetstone-workspace': 'main' }, body: 'a=b' }))
          .status,
      ).toBe(415);
      const still = await send(whetstone.url, '/v5/me', { headers: { cookie } });
      expect(still.status).toBe(200);
    });

    it('a key beside the cookie decides alone', async () => {
      const { cookie = '' } = await ownerHeaders(whetstone);
      const headers = { cookie, 'x-whetstone-workspace': 'main', origin: 'https://evil.example', ...byKey(keys.viewer) };
      expect((await send(whetstone.url, '/v5/prompts', { headers })).status).toBe(200);
      expect((await send(whetstone.url, '/v5/api-keys', { headers })).status).toBe(403);
    });
  });

  it('T9: answers 421 for a foreign Host, on every door', async () => {
    for (const path of [
      '/',
      '/healthz',
      '/v5/instance',
      '/v5/me',
      '/v1/models',
      '/api/auth/session',
      '/operate/backup',
      '/openapi.json',
      '/nowhere',
    ])
      for (const host of ['evil.example', 'evil.example:4400', '127.0.0.1.nip.io', 'localhost.evil.example', '169.254.169.254'])
        expect([path, host, (await send(whetstone.url, path, { headers: { host, ...byKey(whetstone.apiKey) } })).status]).toEqual([
          path,
          host,
          421,
        ]);
    for (const host of ['localhost', '[::1]:80', '127.0.0.1'])
      expect((await send(whetstone.url, '/v5/instance', { headers: { host } })).status).toBe(200);
  });
});
