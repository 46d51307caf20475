import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AddressInfo } from 'node:net';
import type { Scope } from '@whetstone/contract';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { FileEvent } from '../files/index.ts';
import { createJobs, type Jobs } from '../jobs/index.ts';
import { createOutbound, type Outbound } from '../outbound/index.ts';
import { openVault, type People } from '../people/index.ts';
import { openPeople, setUpOwner } from '../people/fixtures.ts';
import type { Storage } from '../storage/index.ts';
import { describeOnEditions, silent } from '../test/storage.ts';
import { createHooks, type Hooks } from './index.ts';

interface Received {
  headers: IncomingHttpHeaders;
  body: string;
}

describeOnEditions('webhooks', (open) => {
  let storage: Storage;
  let people: People;
  let scope: Scope;
  let jobs: Jobs;
  let hooks: Hooks;
  let outbound: Outbound;
  let receiver: Server;
  let url: string;
  const received: Received[] = [];
  let answer: { status: number; headers?: Record<string, string> } = { status: 200 };

  beforeAll(async () => {
    storage = await open();
    ({ people } = await openPeople(storage));
    ({ scope } = await setUpOwner(people));
    receiver = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        received.push({ headers: request.headers, body });
        response.writeHead(answer.status, answer.headers).end('internal secret page');
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
    jobs = createJobs({ storage, log: silent });
    outbound = createOutbound({ allowPrivate: true });
    hooks = await make(outbound);
    await jobs.start();
  });
  afterAll(async () => {
    await jobs.stop();
    await outbound.close();
    receiver.close();
    await people.close();
    await storage.close();
  });
  beforeEach(() => {
    received.length = 0;
    answer = { status: 200 };
  });
  const make = async (client: Outbound, secret: string | null = null): Promise<Hooks> =>
    createHooks({
      storage,
      jobs: client === outbound ? jobs : { ...jobs, work: () => undefined },
      vault: await openVault({ storage, secret, log: silent }),
      outbound: client,
      audit: people.audit,
    });
  const publish = (event: FileEvent): Promise<void> =>
    storage
      .database<never>()
      .transaction()
      .execute((tx) => hooks.publish(event, tx));
  const arrived = async (count: number): Promise<void> => {
    for (let n = 0; n < 400 && received.length < count; n++) await sleep(25);
    expect(received).toHaveLength(count);
  };
  const deployed = (path = 'support/answer'): FileEvent =>
    ({
      type: 'version.deployed',
      scope,
      snapshot: { kind: 'prompt', file: { id: 'pr_1', path, name: 'answer' }, version: { id: 'prv_1', name: 'v2', description: null } },
      environment: { id: 'env_1', name: 'production' },
      previousVersionId: 'prv_0',
    }) as FileEvent;

  test('an event that was asked for arrives signed; one that was not does not', async () => {
    const hook = await hooks.create(scope, { url, format: 'json', events: ['version.deployed'] });
    expect(hook.secret).toMatch(/^whsec_[0-9A-Za-z]{43}$/);
    await publish({ ...deployed(), type: 'version.created' });
    await publish(deployed());
    await arrived(1);
    const [{ headers, body } = { headers: {}, body: '' }] = received;
    expect(JSON.parse(body)).toMatchObject({
      type: 'version.deployed',
      id: headers['x-whetstone-delivery'],
      data: { file: { path: 'support/answer', type: 'prompt' }, environment: { name: 'production' }, previous_version_id: 'prv_0' },
    });
    const [, seconds = '', signature] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['x-whetstone-signature'])) ?? [];
    expect(createHmac('sha256', hook.secret).update(`${seconds}.${body}`).digest('hex')).toBe(signature);
    expect(Math.abs(Date.now() / 1_000 - Number(seconds))).toBeLessThan(60);
    for (let n = 0; n < 100 && (await hooks.list(scope))[0]?.lastStatus === null; n++) await sleep(20);
    expect(await hooks.list(scope)).toMatchObject([{ id: hook.id, lastStatus: 'Delivered: answered 200.' }]);
    expect(JSON.stringify(await hooks.list(scope))).not.toContain(hook.secret);
    const { rows } = await storage.executeSql<{ text: string }>('SELECT row_to_json(w)::text AS text FROM webhooks w');
    expect(rows[0]?.text).not.toContain(hook.secret);
    await hooks.delete(scope, hook.id);
  });

  test('an event stands or falls with the change that it tells of', async () => {
    const hook = await hooks.create(scope, { url, format: 'json', events: ['version.deployed'] });
    const changed = storage
      .database<never>()
      .transaction()
      .execute(async (tx) => {
        await hooks.publish(deployed('undone'), tx);
        throw new Error('undone after all');
      });
    await expect(changed).rejects.toThrow('undone after all');
    // Kept by the commit itself: a process that dies right behind it has sent nothing yet, and loses nothing.
    await publish(deployed('done'));
    const { rows } = await storage.executeSql<{ data: { body: { file: { path: string } } } }>(
      `SELECT data FROM jobs.job WHERE name = 'webhook.deliver' AND data->>'webhookId' = $1`,
      [hook.id],
    );
    expect(rows.map(({ data }) => data.body.file.path)).toEqual(['done']);
    await arrived(1);
    await hooks.delete(scope, hook.id);
  });

  test('a failed delivery is tried again, with a fresh signature and the same id', async () => {
    const hook = await hooks.create(scope, { url, format: 'json', events: ['version.deployed'] });
    await storage.executeSql(`UPDATE jobs.queue SET retry_delay = 1, retry_backoff = false WHERE name = 'webhook.deliver'`);
    answer = { status: 500 };
    await publish(deployed());
    await arrived(1);
    answer = { status: 204 };
    await sleep(1_500);
    await publish(deployed('another'));
    await arrived(3);
    const paths = received.map(({ body }) => (JSON.parse(body) as { data: { file: { path: string } } }).data.file.path);
    expect(paths.toSorted()).toEqual(['another', 'support/answer', 'support/answer']);
    const [first, again] = received.filter(({ body }) => body.includes('support/answer'));
    expect(again?.headers['x-whetstone-delivery']).toBe(first?.headers['x-whetstone-delivery']);
    await hooks.delete(scope, hook.id);
  });

  test('Slack gets its own form, in which names from users make no link and call nobody', async () => {
    const hook = await hooks.create(scope, { url, format: 'slack', events: ['version.deployed'] });
    await publish(deployed('<!channel> & <https://evil.example|x>'));
    await arrived(1);
    const { text } = JSON.parse(received[0]?.body ?? '') as { text: string };
    expect(text).toBe('*&lt;!channel&gt; &amp; &lt;https://evil.example|x&gt;*: version `v2` deployed to *production* by Ada');
    await hooks.delete(scope, hook.id);
  });

  test('a test tells the status and nothing of what was answered (T16)', async () => {
    const hook = await hooks.create(scope, { url, format: 'json', events: ['file.deleted'] });
    expect(await hooks.test(scope, hook.id)).toEqual({ ok: true, message: 'Delivered: answered 200.' });
    answer = { status: 403 };
    expect(await hooks.test(scope, hook.id)).toEqual({ ok: false, message: 'Failed: answered 403.' });
    answer = { status: 302, headers: { location: 'http://169.254.169.254/latest/meta-data' } };
    expect(await hooks.test(scope, hook.id)).toEqual({ ok: false, message: 'Failed: it redirects; give the final address.' });
    expect(JSON.stringify(await hooks.list(scope))).not.toContain('secret page');
    await hooks.delete(scope, hook.id);
  });

  test.each([
    'http://127.0.0.1:1/',
    'http://[::1]/',
    'http://169.254.169.254/',
    'http://2130706433/',
    'file:///etc/passwd',
    'http://a:b@example.com/',
  ])('an address inside is refused when it is saved (T16): %s', async (inside) => {
    const guarded = createOutbound({ allowPrivate: false });
    const strict = await make(guarded);
    await expect(strict.create(scope, { url: inside, format: 'json', events: ['file.deleted'] })).rejects.toMatchObject({
      name: 'AppError',
    });
    await guarded.close();
  });

  test('a name that leads inside only later is refused when it is called (T16, rebinding)', async () => {
    const guarded = createOutbound({ allowPrivate: false, resolve: (_name, found) => found(null, [{ address: '127.0.0.1', family: 4 }]) });
    const strict = await make(guarded);
    const { port } = new URL(url);
    const hook = await strict.create(scope, { url: `http://hooks.example.com:${port}/`, format: 'json', events: ['file.deleted'] });
    expect(await strict.test(scope, hook.id)).toEqual({ ok: false, message: 'Failed: this address is not allowed.' });
    expect(received).toEqual([]);
    await strict.delete(scope, hook.id);
    await guarded.close();
  });

  test('a new master key seals signing secrets again (T17)', async () => {
    const hook = await hooks.create(scope, { url, format: 'json', events: ['file.deleted'] });
    const other = createOutbound({ allowPrivate: true });
    const renewed = await make(other, 'a new master key, long enough');
    expect(await renewed.rotateSecrets()).toBe(1);
    expect(await renewed.rotateSecrets()).toBe(0);
    expect((await renewed.test(scope, hook.id)).ok).toBe(true);
    await other.close();
    await renewed.delete(scope, hook.id);
  });

  test('another workspace sees, tests and deletes none of these (T7), and hears nothing of their events', async () => {
    const { id: workspaceId } = await people.workspaces.create(scope.actor.id, { name: 'Other' });
    const elsewhere: Scope = { ...scope, workspaceId };
    const hook = await hooks.create(scope, { url, format: 'json', events: ['version.deployed'] });
    expect(await hooks.list(elsewhere)).toEqual([]);
    await expect(hooks.test(elsewhere, hook.id)).rejects.toMatchObject({ code: 'not_found' });
    await expect(hooks.delete(elsewhere, hook.id)).rejects.toMatchObject({ code: 'not_found' });
    await publish({ ...deployed(), scope: elsewhere });
    await sleep(200);
    expect(received).toEqual([]);
    await hooks.delete(scope, hook.id);
    await expect(hooks.delete(scope, hook.id)).rejects.toMatchObject({ code: 'not_found' });
    const { records } = await people.audit.list(scope, { page: 1, size: 2, action: 'webhook' });
    expect(records.map(({ action }) => action)).toEqual(['webhook.deleted', 'webhook.created']);
  });
});
