import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { createServer, type Server, Socket, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { byKey, caller, send } from './send.ts';
import { eventually, startWhetstone, type Whetstone } from './whetstone.ts';
import { Acknowledged, compare, intact, pause, startWriters } from './writers.ts';

/** How long PostgreSQL is away. WHETSTONE_TEST_OUTAGE_SECONDS=60 is what is promised; the ordinary run is shorter. */
const outageMs = Number(process.env['WHETSTONE_TEST_OUTAGE_SECONDS'] ?? 6) * 1000;
const known = 'support/answer';

describe('a server whose stores go away', () => {
  const after: (() => Promise<void> | void)[] = [];
  afterEach(async () => {
    for (const undo of after.splice(0).toReversed()) await undo();
  });
  const start = async (options: Parameters<typeof startWhetstone>[0] = {}): Promise<Whetstone> => {
    const whetstone = await startWhetstone(options);
    after.push(() => whetstone.close());
    const admin = caller(whetstone.url, byKey(whetstone.apiKey));
    await admin('POST', '/v5/prompts', { path: known, model: 'demo-small', template: [{ role: 'user', content: '{{q}}' }] });
    await ask(whetstone);
    await ask(whetstone, 'demo-small');
    return whetstone;
  };
  /** A call with a key and a prompt that the gateway knows. */
  const ask = (whetstone: Whetstone, model = `prompt:${known}`) => {
    const body = { model, inputs: { q: 'Hi' }, messages: [{ role: 'user', content: 'Hi' }], max_tokens: 8 };
    return send(whetstone.url, '/v1/chat/completions', { method: 'POST', headers: byKey(whetstone.apiKey), body });
  };
  const ready = async (whetstone: Whetstone, query = ''): Promise<number> => (await send(whetstone.url, `/readyz${query}`)).status;
  const untilReady = (whetstone: Whetstone) => eventually('readiness', async () => (await ready(whetstone)) === 200, 30_000);

  /** Calls without pause; tells every answer that was no success. */
  function callOn(whetstone: Whetstone) {
    let stopped = false;
    let calls = 0;
    const failed: string[] = [];
    const dropped: string[] = [];
    const run = async (model: string): Promise<void> => {
      while (!stopped) {
        const { status, text, headers } = await ask(whetstone, model);
        calls += 1;
        if (status !== 200) failed.push(`${model}: ${status} ${text.slice(0, 150)}`);
        if (headers['x-whetstone-log-dropped'] !== undefined) dropped.push(String(headers['x-whetstone-log-id']));
        await pause(20);
      }
    };
    const running = Promise.all([run(`prompt:${known}`), run('demo-small')]);
    return {
      async stop() {
        stopped = true;
        await running;
        return { calls, failed, dropped };
      },
    };
  }

  it('F7: the engine process is killed under load: calls go on, nothing acknowledged is lost', { timeout: 300_000 }, async () => {
    // Also where a call that cannot be logged is refused: what waits for the store is logged.
    const whetstone = await start({ env: { WHETSTONE_FAIL_CLOSED: '1' } });
    const acked = new Acknowledged();
    const writers = startWriters(whetstone.url, whetstone.apiKey, acked, { count: 2, goOn: true, pauseMs: 20 });
    const calls = callOn(whetstone);
    const states = new Set<number>();
    const gatewayStates = new Set<number>();
    for (let kill = 0; kill < 3; kill += 1) {
      await pause(1_000);
      const engine = childrenOf(whetstone.pid);
      expect(engine.length).toBeGreaterThan(0);
      for (const pid of engine) process.kill(pid, 'SIGKILL');
      await eventually(
        'readiness',
        async () => {
          gatewayStates.add(await ready(whetstone, '?for=gateway'));
          const state = await ready(whetstone);
          states.add(state);
          return state === 200 && states.has(503);
        },
        60_000,
      );
    }
    const told = await calls.stop();
    await writers.stop();
    expect(states).toContain(503);
    expect([...gatewayStates]).toEqual([200]);
    expect(told).toMatchObject({ failed: [], dropped: [] });
    expect(told.calls).toBeGreaterThan(0);
    expect(acked.refused.filter((status) => status !== 503)).toEqual([]);
    expect(await compare(whetstone.url, whetstone.apiKey, acked)).toEqual(intact);
  });

  it.skipIf(process.env['TEST_DATABASE_URL'] === undefined).each(['refuses connections', 'answers nothing'] as const)(
    'F8: PostgreSQL %s: known keys and prompts are served, writes say 503, and all is well afterwards',
    { timeout: 120_000 + 2 * outageMs },
    async (way) => {
      const database = await freshDatabase();
      after.push(() => database.drop());
      const door = await startDoor(database.url);
      after.push(() => door.close());
      const whetstone = await start({ env: { DATABASE_URL: door.url } });
      const admin = byKey(whetstone.apiKey);
      const acked = new Acknowledged();
      await pause(1_500);

      if (way === 'refuses connections') await door.shut();
      else door.stall();
      const calls = callOn(whetstone);
      const writers = startWriters(whetstone.url, whetstone.apiKey, acked, { count: 1, goOn: true, pauseMs: 50 });
      const write = await send(whetstone.url, '/v5/prompts', {
        method: 'POST',
        headers: admin,
        body: { path: 'new/one', model: 'demo-small' },
        // A silent server is told within five seconds, and a machine with other work has as much again.
        timeoutMs: 12_000,
      });
      expect([write.status, write.headers['retry-after'] !== undefined], write.text).toEqual([503, true]);
      expect(await ready(whetstone)).toBe(503);
      expect(await ready(whetstone, '?for=gateway')).toBe(200);
      await pause(outageMs);
      const stranger = await send(whetstone.url, '/v1/chat/completions', {
        method: 'POST',
        headers: byKey('wsk_never_seen'),
        body: {},
        timeoutMs: 60_000,
      });
      expect(stranger.status).toBe(503);
      const told = await calls.stop();
      await door.open();
      await untilReady(whetstone);
      await writers.stop();
      expect(told).toMatchObject({ failed: [], dropped: [] });
      expect(told.calls).toBeGreaterThan(5);

      const again = await send(whetstone.url, '/v5/prompts', {
        method: 'POST',
        headers: admin,
        body: { path: 'new/one', model: 'demo-small' },
      });
      expect(again.status, again.text).toBe(200);
      const list = await caller(whetstone.url, admin)<{ records: { path: string }[] }>('GET', '/v5/prompts?size=100');
      expect(list.records.filter(({ path }) => path === 'new/one')).toHaveLength(1);
      expect((await send(whetstone.url, '/v5/prompts', { headers: byKey('wsk_never_seen') })).status).toBe(401);
      expect(await compare(whetstone.url, whetstone.apiKey, acked)).toEqual(intact);
    },
  );

  it.skipIf(!mayMount())(
    'F4: the disk is full: nothing is acknowledged in vain, calls go on, and space makes it well (needs root and tmpfs)',
    { timeout: 120_000 },
    async () => {
      const disk = mkdtempSync(join(tmpdir(), 'whetstone-disk-'));
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256m', 'tmpfs', disk]);
      after.push(() => {
        execFileSync('umount', ['-l', disk]);
        rmSync(disk, { recursive: true, force: true });
      });
      const dataDir = join(disk, 'data');
      mkdirSync(dataDir);
      const whetstone = await start({ dataDir });
      const acked = new Acknowledged();
      const writers = startWriters(whetstone.url, whetstone.apiKey, acked, { count: 2, goOn: true, pauseMs: 20 });
      await pause(1_000);
      const filler = join(disk, 'filler');
      fill(filler, disk);
      const statuses: number[] = [];
      for (let turn = 0; turn < 20; turn += 1) {
        // The queue's file has free pages, so that it takes large bodies to need the disk.
        const body = { path: 'load/large', prompt: { model: 'gpt-4o' }, output: `${turn} ${'x'.repeat(200_000)}`, messages: [] };
        const answer = await send(whetstone.url, '/v5/prompts/log', {
          method: 'POST',
          headers: byKey(whetstone.apiKey),
          body,
          timeoutMs: 60_000,
        });
        statuses.push(answer.status);
        fill(`${filler}-${turn}`, disk);
      }
      const call = await ask(whetstone);
      expect(call.status, call.text).toBe(200);
      expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([]);
      for (const name of readdirSync(disk)) if (name.startsWith('filler')) rmSync(join(disk, name));
      await eventually(
        'a log after space was made',
        async () => {
          const body = { path: 'load/large', prompt: { model: 'gpt-4o' }, output: 'again', messages: [] };
          return (await send(whetstone.url, '/v5/prompts/log', { method: 'POST', headers: byKey(whetstone.apiKey), body })).status === 200;
        },
        30_000,
      );
      await untilReady(whetstone);
      await writers.stop();
      expect(statuses).toContain(503);
      expect(await compare(whetstone.url, whetstone.apiKey, acked)).toEqual(intact);
    },
  );
});

/** The children of a process, by /proc. */
function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        return Number(fields[1]) === parent ? [Number(name)] : [];
      } catch {
        return [];
      }
    });
}

/** A database of its own on the server of the test run. */
async function freshDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const admin = process.env['TEST_DATABASE_URL'] as string;
  const name = `e2e_${process.pid}_${Math.random().toString(36).slice(2, 8)}`;
  const run = async (sql: string): Promise<void> => {
    const client = new Client({ connectionString: admin });
    await client.connect();
    await client.query(sql);
    await client.end();
  };
  await run(`CREATE DATABASE ${name}`);
  const url = new URL(admin);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => run(`DROP DATABASE ${name} WITH (FORCE)`) };
}

/** A door before a server that can be shut, held or opened again. */
async function startDoor(target: string) {
  const { hostname, port } = new URL(target);
  const pairs = new Set<[Socket, Socket]>();
  let stalled = false;
  const accept = (inner: Socket): void => {
    if (stalled) {
      pairs.add([inner, new Socket()]);
      inner.on('error', () => undefined);
      return;
    }
    const outer = connect(Number(port), hostname);
    const pair: [Socket, Socket] = [inner, outer];
    pairs.add(pair);
    for (const [from, to] of [pair, [outer, inner]] as [Socket, Socket][]) {
      from.on('data', (chunk) => void (stalled || to.write(chunk)));
      from.on('error', () => to.destroy());
      from.on('close', () => {
        to.destroy();
        pairs.delete(pair);
      });
    }
  };
  let server: Server = createServer(accept);
  const listen = (at: number) => new Promise<void>((done) => void server.listen(at, '127.0.0.1', done));
  await listen(0);
  const address = server.address();
  const own = typeof address === 'object' && address !== null ? address.port : 0;
  const cut = (): void => {
    for (const pair of pairs) for (const socket of pair) socket.destroy();
    pairs.clear();
  };
  const shut = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = new Promise((done) => server.close(done));
    cut();
    await closed;
  };
  const url = new URL(target);
  url.host = `127.0.0.1:${own}`;
  return {
    url: url.href,
    shut,
    /** Connections stay, and new ones are taken, but no byte passes any more. */
    stall: () => void (stalled = true),
    async open() {
      if (stalled) cut();
      stalled = false;
      if (server.listening) return;
      server = createServer(accept);
      await listen(own);
    },
    close: shut,
  };
}

function mayMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const probe = mkdtempSync(join(tmpdir(), 'whetstone-probe-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', probe], { stdio: 'ignore' });
    execFileSync('umount', [probe], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  } finally {
    rmSync(probe, { recursive: true, force: true });
  }
}

/** Leaves no free block. */
function fill(file: string, disk: string): void {
  const { bavail, bsize } = statfsSync(disk);
  try {
    writeFileSync(file, Buffer.alloc(bavail * bsize));
  } catch {
    // What could be written is there; that was the aim.
  }
}
