import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeOnEditions } from './editions.ts';
import { byKey, caller, type Caller, cookieOf, send } from './send.ts';
import { owner, type Whetstone } from './whetstone.ts';

const root = resolve(import.meta.dirname, '../..');
const day = 86_400_000;

/** What an operator, an owner and an admin do by the week: who may come in, what is kept, what was done by whom. */
describeOnEditions(describe, 'administration', (start) => {
  let whetstone: Whetstone;
  let admin: Caller;
  let fileId: string;

  beforeAll(async () => {
    whetstone = await start();
    admin = caller(whetstone.url, byKey(whetstone.apiKey));
    ({ id: fileId } = await admin<{ id: string }>('POST', '/v5/prompts', { path: 'admin/prompt', model: 'demo-small' }));
  });
  afterAll(() => whetstone?.close());

  /** The command as an operator types it. */
  const command = (...args: string[]): Promise<string> => {
    const child = spawn(process.execPath, [join(root, 'server/src/whetstone.ts'), ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', WHETSTONE_DATA_DIR: whetstone.dataDir },
    });
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    return new Promise((done, fail) => void child.once('exit', (code) => (code === 0 ? done(out) : fail(new Error(`exit ${code}`)))));
  };
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    send(whetstone.url, path, { method: 'POST', body, headers: { origin: whetstone.url, ...headers } });
  const signIn = async (email: string, password: string) => {
    const answer = await post('/api/auth/sign-in/email', { email, password });
    return { status: answer.status, headers: { cookie: cookieOf(answer), origin: whetstone.url } };
  };
  const status = async (id: string): Promise<number> =>
    (await send(whetstone.url, `/v5/logs/${id}`, { headers: byKey(whetstone.apiKey) })).status;
  const log = async (more: Record<string, unknown>): Promise<string> =>
    (await admin<{ id: string }>('POST', '/v5/prompts/log', { id: fileId, messages: [], output: 'x', ...more })).id;

  it('keeps logs for as many days as the workspace says, and otherwise where an environment says so', { timeout: 60_000 }, async () => {
    const staging = (await admin<{ id: string; name: string }[]>('GET', '/v5/environments')).find(({ name }) => name === 'staging');
    const aged = (days: number) => new Date(Date.now() - days * day).toISOString();
    const at = { old: aged(40), recent: aged(20) };
    const oldOne = await log({ start_time: at.old });
    const recentOne = await log({ start_time: at.recent });
    const oldStaging = await log({ start_time: at.old, environment: 'staging' });
    const recentStaging = await log({ start_time: at.recent, environment: 'staging' });
    const statuses = () => Promise.all([oldOne, recentOne, oldStaging, recentStaging].map(status));

    expect(await command('erase')).toContain('Erased');
    expect(await statuses()).toEqual([200, 200, 200, 200]);
    const kept = { retention_days: 30, environment_retention_days: { [staging?.id ?? '']: 10 } };
    expect(await admin('PATCH', '/v5/workspace', kept)).toMatchObject(kept);
    await command('erase');
    expect(await statuses()).toEqual([404, 200, 404, 404]);
    await admin('PATCH', '/v5/workspace', { environment_retention_days: { [staging?.id ?? '']: null }, retention_days: 10 });
    const keptForEver = await log({ start_time: at.old, environment: 'staging' });
    await command('erase');
    expect([await status(recentOne), await status(keptForEver)]).toEqual([404, 200]);
    for (const wrong of [0, -1, 1.5, '30', 1e9]) {
      const refused = await send(whetstone.url, '/v5/workspace', {
        method: 'PATCH',
        headers: byKey(whetstone.apiKey),
        body: { retention_days: wrong },
      });
      expect([wrong, refused.status]).toEqual([wrong, 422]);
    }
  });

  it('invites by a link that works once; who came so makes no workspace', async () => {
    const invitation = await admin<{ url: string }>('POST', '/v5/invitations', { role: 'admin', email: 'ivy@example.com' });
    const { records } = await admin<{ records: { invited_by: unknown }[] }>('GET', '/v5/invitations');
    expect(records[0]?.invited_by).toMatchObject({ name: 'Initial key', email: null });
    const token = invitation.url.split('/').at(-1);
    const joined = { name: 'Ivy', email: 'ivy@example.com', password: 'correct horse battery' };
    expect((await post(`/api/auth/invitations/${token}`, joined)).status).toBe(200);
    expect((await post(`/api/auth/invitations/${token}`, { ...joined, email: 'eve@example.com' })).status).toBe(404);

    const ivy = await signIn('ivy@example.com', 'correct horse battery');
    expect((await send(whetstone.url, '/v5/me', { headers: ivy.headers })).json()).toMatchObject({ may_make_workspaces: false });
    const refused = await post('/v5/workspaces', { name: 'Free rides' }, ivy.headers);
    expect([refused.status, refused.text]).toEqual([403, expect.stringContaining('owns a workspace')]);
    const first = await signIn(owner.email, owner.password);
    expect((await send(whetstone.url, '/v5/me', { headers: first.headers })).json()).toMatchObject({ may_make_workspaces: true });
    expect((await post('/v5/workspaces', { name: 'Second' }, first.headers)).status).toBe(200);
  });

  it('sets a lost password by a link that works once and ends every session', async () => {
    const before = await signIn('ivy@example.com', 'correct horse battery');
    const [url = ''] = (await command('reset-password', 'ivy@example.com')).split('\n');
    const token = url.split('/').at(-1);
    expect((await post('/api/auth/reset', { token, password: 'another battery staple' })).status).toBe(200);
    expect((await post('/api/auth/reset', { token, password: 'a third one, by a thief' })).status).toBe(404);
    expect((await send(whetstone.url, '/v5/me', { headers: before.headers })).status).toBe(401);
    expect((await signIn('ivy@example.com', 'another battery staple')).status).toBe(200);
    expect((await signIn('ivy@example.com', 'a third one, by a thief')).status).toBe(401);
  });

  it('binds a key to an environment, whatever that is called later', async () => {
    const environment = await admin<{ id: string }>('POST', '/v5/environments', { name: 'canary' });
    const made = await admin<{ key: string; environment: string }>('POST', '/v5/api-keys', {
      name: 'Canary',
      role: 'editor',
      environment: 'canary',
    });
    expect(made.environment).toBe('canary');
    const bound = byKey(made.key);
    const logAs = async (name: string | undefined) =>
      (
        await send(whetstone.url, '/v5/prompts/log', {
          method: 'POST',
          headers: bound,
          body: { id: fileId, environment: name, output: 'x' },
        })
      ).status;
    const { version_id: versionId } = await admin<{ version_id: string }>('GET', `/v5/prompts/${fileId}`);
    await admin('POST', `/v5/prompts/${fileId}/environments/${environment.id}?version_id=${versionId}`);
    expect([await logAs(undefined), await logAs('canary'), await logAs('production')]).toEqual([200, 200, 403]);
    await admin('PATCH', `/v5/environments/${environment.id}`, { name: 'bird' });
    expect([await logAs(undefined), await logAs('bird'), await logAs('canary')]).toEqual([200, 200, 404]);
    const called = await send(whetstone.url, '/v1/chat/completions', {
      method: 'POST',
      headers: bound,
      body: { model: 'demo-small', messages: [{ role: 'user', content: 'Hi' }], max_tokens: 8 },
    });
    expect(called.status, called.text).toBe(200);
    const logged = await admin<{ environment: string }>('GET', `/v5/logs/${String(called.headers['x-whetstone-log-id'])}`);
    expect(logged.environment).toBe('bird');
    const { records } = await admin<{ records: { name: string; environment: string | null }[] }>('GET', '/v5/api-keys');
    expect(records.find(({ name }) => name === 'Canary')?.environment).toBe('bird');
    await admin('POST', '/v5/api-keys', { name: 'Nowhere', environment: 'nowhere' }, 404);
  });

  it('finds in the audit log by part of what was done and of who did it', async () => {
    const found = async (query: string) => (await admin<{ records: { action: string }[] }>('GET', `/v5/audit?size=100&${query}`)).records;
    expect((await found('action=environment')).map(({ action }) => action)).toContain('environment.created');
    expect((await found('action=KEY.crea')).every(({ action }) => action === 'api_key.created')).toBe(true);
    expect(await found('actor=initial')).not.toEqual([]);
    expect(await found('actor=nobody')).toEqual([]);
  });

  it('F30: carries a request with an Idempotency-Key out once, also when it is sent by several at once', async () => {
    const path = '/v5/prompts/log';
    const keyed = (key: string, body: unknown, at = path) =>
      send(whetstone.url, at, { method: 'POST', headers: { ...byKey(whetstone.apiKey), 'idempotency-key': key }, body });
    const body = { id: fileId, output: 'once', user: 'idempotent', messages: [] };
    const answers = await Promise.all(Array.from({ length: 10 }, () => keyed('a-uuid-1', body)));
    const late = await keyed('a-uuid-1', body);
    const done = [...answers, late].filter(({ status: code }) => code === 200);
    expect(new Set(done.map(({ text }) => text)).size).toBe(1);
    expect(new Set(answers.map(({ status: code }) => code))).toEqual(
      new Set(answers.some((each) => each.status === 409) ? [200, 409] : [200]),
    );
    expect([late.status, late.headers['idempotent-replayed']]).toEqual([200, 'true']);
    const { total } = await admin<{ total: number }>('GET', '/v5/logs?user=idempotent');
    expect(total).toBe(1);
    expect((await keyed('a-uuid-1', { ...body, output: 'other' })).status).toBe(400);

    const call = { id: fileId, messages: [{ role: 'user', content: 'Hi' }], user: 'called once' };
    const first = await keyed('a-uuid-2', call, '/v5/prompts/call');
    expect(first.status, first.text).toBe(200);
    expect((await keyed('a-uuid-2', call, '/v5/prompts/call')).text).toBe(first.text);
    expect((await admin<{ total: number }>('GET', '/v5/logs?user=called once'.replaceAll(' ', '%20'))).total).toBe(1);
    expect((await keyed('a-uuid-3', { ...call, stream: true }, '/v5/prompts/call')).status).toBe(400);
    expect((await keyed('not one', call, '/v5/prompts/call')).status).toBe(400);
    const wrong = await keyed('a-uuid-4', { path: 'x/../y', model: 'demo-small' }, '/v5/prompts');
    expect(wrong.status).toBeGreaterThanOrEqual(400);
    expect((await keyed('a-uuid-4', { path: 'x/../y', model: 'demo-small' }, '/v5/prompts')).text).toBe(wrong.text);
  });

  it('answers 404 below /v1 in the shape of OpenAI', async () => {
    const answer = await send(whetstone.url, '/v1/audio/speech', { method: 'POST', headers: byKey(whetstone.apiKey), body: {} });
    expect([answer.status, answer.json()]).toEqual([404, { error: expect.objectContaining({ code: 'unknown_url' }) as unknown }]);
  });
});
