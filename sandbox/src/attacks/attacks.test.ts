import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createSandbox, type Language, type Outcome, type Sandbox, type SandboxDeps } from '../index.ts';
import { bundle } from '../javascript/bundle.ts';
import { findPython, startNode } from '../launch.ts';
import { createRunner } from '../runner.ts';
import { type Attack, marker } from './attack.ts';
import { javascriptDenials, javascriptProbes } from './javascript.ts';
import { attackTable } from './table.ts';
import { nativeDenials, nativeModules, nativeProbes, pythonDenials, pythonProbes } from './python.ts';

/**
 * Every attack must end in its outcome, in time, with nothing reached, nothing written, no process left, the host awake, and the
 * next call answered. All of it twice where the machine allows namespaces: with and without them.
 */

/** Short for what is to run out of it; as in life for what is not, so that a busy machine is no attack. */
const wallOf = ({ ends }: Attack): number => (ends.includes('timeout') ? 400 : 2_000);
/** What a busy machine may add; a wall that does not hold takes forever. */
const slackMs = 3_000;
const attackFiles = ['/tmp/whetstone-attack', '/dev/shm/whetstone-attack', '/tmp/whetstone-attack-folder', '/tmp/whetstone-attack-link'];
const log = { info: () => undefined, warn: () => undefined };
const item = { log: { id: 'log_attack', created_at: '2026-01-02T03:04:05Z', output: 'x' } };

const found = await findPython(null);
const noPython = 'missing' in found ? found.missing : null;
const first = createSandbox({ log });
const { level } = await first.probe();
await first.close();

let hits = 0;
let server: Server;
let port = 0;
beforeAll(async () => {
  server = createServer((_, response) => void response.end());
  server.on('connection', (socket: Socket) => {
    hits += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => void server.close());
afterEach(() => {
  const written = attackFiles.filter((file) => existsSync(file));
  for (const file of written) rmSync(file, { recursive: true, force: true });
  expect({ written, hits }).toEqual({ written: [], hits: 0 });
});

/** Longest time that the event loop of the host stood still meanwhile. */
async function withLag<T>(work: Promise<T>): Promise<{ result: T; lagMs: number }> {
  let last = performance.now();
  let lagMs = 0;
  const timer = setInterval(() => {
    lagMs = Math.max(lagMs, performance.now() - last - 5);
    last = performance.now();
  }, 5);
  try {
    return { result: await work, lagMs };
  } finally {
    clearInterval(timer);
  }
}

const sound: Record<Language, string> = {
  javascript: 'function evaluate(log) { return log.output }',
  typescript: 'function evaluate(log: { output: string }): string { return log.output }',
  python: 'def evaluate(log):\n    return log["output"]',
};

async function attack(sandbox: Sandbox, language: Language, one: Attack): Promise<Outcome> {
  const program = { tenant: 'attacker', language, source: one.source.replaceAll(marker, String(port)) };
  const wallMs = wallOf(one);
  const started = performance.now();
  const { result, lagMs } = await withLag(sandbox.judge(program, item, { limits: { wallMs, memoryMb: 64 } }));
  const tookMs = performance.now() - started;
  expect(one.ends, JSON.stringify(result).slice(0, 300)).toContain(result.outcome);
  expect(tookMs).toBeLessThan(wallMs + slackMs);
  expect(lagMs).toBeLessThan(1_000);
  const next = await sandbox.judge({ tenant: 'victim', language, source: sound[language] }, item);
  expect(next).toMatchObject({ outcome: 'value', value: 'x' });
  return result;
}

async function probe(sandbox: Sandbox, language: Language, one: Attack): Promise<void> {
  // Twice: what the first left behind, the second would find.
  for (let i = 0; i < 2; i++) {
    const result = await attack(sandbox, language, one);
    if (result.outcome === 'value') expect(result.value).toBe('');
    // A probe that does not run has looked at nothing.
    else
      expect(result).toMatchObject({ message: expect.not.stringMatching(/^(?:SyntaxError|IndentationError|NameError: name '(?!open))/) });
  }
}

function suite(deps: Partial<SandboxDeps>): void {
  let sandbox: Sandbox;
  let native: Sandbox;
  beforeAll(() => {
    sandbox = createSandbox({ log, concurrency: 1, ...deps });
    native = createSandbox({ log, concurrency: 1, ...deps, modules: nativeModules });
  });
  afterAll(async () => {
    await Promise.all([sandbox.close(), native.close()]);
  });

  it.each(javascriptProbes)('JavaScript finds nothing: $name', (one) => probe(sandbox, 'javascript', one));
  it.each(javascriptDenials)('JavaScript is stopped: $name', async (one) => void (await attack(sandbox, 'javascript', one)));

  describe.skipIf(noPython !== null)(`Python${noPython === null ? '' : ` (skipped: ${noPython})`}`, () => {
    it.each(pythonProbes)('finds nothing: $name', (one) => probe(sandbox, 'python', one));
    it.each(pythonDenials)('is stopped: $name', async (one) => void (await attack(sandbox, 'python', one)));
    it.each(nativeProbes)('finds nothing with the inner layer gone: $name', (one) => probe(native, 'python', one));
    it.each(nativeDenials)('is stopped with the inner layer gone: $name', async (one) => void (await attack(native, 'python', one)));

    it('may call 38 of the first 470 functions of the kernel, and no other', async () => {
      const census = readFileSync(join(import.meta.dirname, 'census.py'), 'utf8');
      const outcome = await native.judge({ tenant: 'census', language: 'python', source: census }, item);
      expect(outcome).toMatchObject({ outcome: 'value', value: '' });
    });

    it('finds nothing of another tenant in its memory', async () => {
      const secret = ['of', 'another', 'tenant', String(Date.now())].join('-');
      for (let i = 0; i < 3; i++) {
        const tenant = { tenant: 'victim', language: 'python' as const, source: 'def evaluate(log):\n    return log["output"] * 20' };
        expect((await native.judge(tenant, { log: { output: secret } })).outcome).toBe('value');
      }
      const scan = readFileSync(join(import.meta.dirname, 'residue.py'), 'utf8');
      const turned = secret.split('').toReversed().join('');
      const outcome = await native.judge(
        { tenant: 'scanner', language: 'python', source: scan },
        { log: { turned } },
        { limits: { wallMs: 20_000 } },
      );
      // The scan finds what it put there itself, and nothing else.
      expect(outcome).toMatchObject({ outcome: 'value', value: ['own: found', 'secret: not found'] });
    });

    it('any code of Node finds nothing with the inner layer gone', async () => {
      writeFileSync('/tmp/whetstone-keep', '');
      if ('missing' in found) throw new Error(found.missing);
      const program = readFileSync(join(import.meta.dirname, 'node.js'), 'utf8').replaceAll(marker, String(port));
      const child = startNode(found, { namespaces: deps.namespaces ?? true, permission: false });
      const told = new Promise<Record<string, string>>((resolve, reject) => {
        let text = '';
        child.stdio[4]?.on('data', (chunk: Buffer) => {
          text += chunk.toString('latin1');
          const at = text.indexOf('{"results":');
          if (at >= 0 && text.endsWith('}}')) resolve((JSON.parse(text.slice(at)) as { results: Record<string, string> }).results);
        });
        child.on('exit', () => reject(new Error(`it ended after ${text}`)));
      });
      const runner = createRunner(child, bundle(program));
      const results = await told;
      runner.kill();
      expect(Object.keys(results).length).toBeGreaterThan(25);
      expect(Object.fromEntries(Object.entries(results).filter(([, got]) => got !== ''))).toEqual({});
      expect(existsSync('/tmp/whetstone-keep')).toBe(true);
      rmSync('/tmp/whetstone-keep');
    });

    it.each([
      ['memory', `const all = []; for (;;) all.push(Buffer.alloc(16 << 20, 1))`],
      [
        'memory of threads',
        `const { Worker } = process.getBuiltinModule('node:worker_threads'); for (let i = 0; i < 20; i++) new Worker('const all = []; for (;;) all.push(new Uint8Array(16 << 20).fill(1))', { eval: true }); setInterval(() => {}, 1000)`,
      ],
    ])('any code of Node runs out of %s with the inner layer gone, and ends', async (_, program) => {
      if ('missing' in found) throw new Error(found.missing);
      const runner = createRunner(startNode(found, { namespaces: deps.namespaces ?? true, permission: false }), bundle(program));
      await expect(runner.readiness).rejects.toThrow();
      await runner.exited;
    });
  });
}

it('stands in the documents as it is', () => {
  const file = join(import.meta.dirname, '../../../docs/sandbox.md');
  const text = readFileSync(file, 'utf8');
  const node = [...readFileSync(join(import.meta.dirname, 'node.js'), 'utf8').matchAll(/^ {2}(?:'([^']+)'|(\w+)): (?:async )?\(\) =>/gm)];
  const names = node.map(([, quoted, bare]) => quoted ?? bare ?? '');
  expect(names.length).toBeGreaterThan(25);
  const made = text.replace(
    /(<!-- attacks -->\n)[\s\S]*(<!-- \/attacks -->)/,
    (_, from: string, to: string) => `${from}\n${attackTable(names)}\n\n${to}`,
  );
  // WHETSTONE_WRITE_DOCS=1 writes what this test compares.
  if (process.env['WHETSTONE_WRITE_DOCS'] === '1') writeFileSync(file, made);
  expect(text).toBe(made);
});

describe.runIf(level === 'hardened+ns')('attacks, in namespaces', { timeout: 60_000 }, () => suite({ namespaces: true }));
describe('attacks, in the jail alone', { timeout: 60_000 }, () => suite({ namespaces: false }));
