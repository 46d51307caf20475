import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = resolve(import.meta.dirname, '../..');
/** In every server: an answer that does not keep to the v5 contract fails the test that closes the server. */
const checkAnswers = pathToFileURL(join(import.meta.dirname, 'check-answers.ts')).href;

/** A real server process on a free port with a data directory of its own, as a user would start it. */
export interface Whetstone {
  url: string;
  /** Key with all rights. */
  apiKey: string;
  dataDir: string;
  pid: number;
  stderr(): string;
  /** Sends a signal to the server and waits for its end; the data directory stays. */
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null>;
  /** Ends the server if it runs and removes what it stored. */
  close(): Promise<void>;
}

export interface StartOptions {
  env?: Record<string, string>;
  /** Keep an earlier server's data. */
  dataDir?: string;
  /** Without it an owner and a key are made headlessly. */
  firstVisit?: boolean;
  /** Answers are not held against the contract, which costs each start and each answer a little: for many of either. */
  unchecked?: boolean;
}

export const owner = { email: 'owner@example.com', password: 'correct horse battery' };
const apiKey = 'wsk_test_key_with_all_rights';

export async function startWhetstone(options: StartOptions = {}): Promise<Whetstone> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'whetstone-e2e-'));
  const init = { WHETSTONE_INIT_EMAIL: owner.email, WHETSTONE_INIT_PASSWORD: owner.password, WHETSTONE_INIT_API_KEY: apiKey };
  const check = options.unchecked === true ? [] : ['--import', checkAnswers];
  const child = spawn(process.execPath, [...check, join(root, 'server/src/main.ts')], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '',
      PORT: '0',
      WHETSTONE_DATA_DIR: dataDir,
      WHETSTONE_DEMO: '0',
      WHETSTONE_LOG_LEVEL: 'warn',
      ...(options.firstVisit === true ? {} : init),
      ...options.env,
    },
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const exited = new Promise<number | null>((done) => child.once('exit', (code) => done(code)));
  const url = await readyUrl(child, exited, () => stderr);
  return {
    url,
    apiKey,
    dataDir,
    pid: child.pid as number,
    stderr: () => stderr,
    async kill(signal) {
      child.kill(signal);
      return exited;
    },
    async close() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM');
        await exited;
      }
      rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
      refuseViolations(stderr);
    },
  };
}

function refuseViolations(stderr: string): void {
  const found = stderr
    .split('\n')
    .flatMap((line) => (line.startsWith('{"contract":') ? [(JSON.parse(line) as { contract: string }).contract] : []));
  if (found.length === 0) return;
  throw new Error(`Answers that do not keep to the v5 contract:\n${[...new Set(found)].slice(0, 20).join('\n')}`);
}

/** Resolves with the URL of the ready line. */
function readyUrl(child: ChildProcess, exited: Promise<number | null>, stderr: () => string): Promise<string> {
  return new Promise((done, fail) => {
    let stdout = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      const match = /^Whetstone ready on (\S+)$/m.exec(stdout);
      if (match?.[1] !== undefined) done(match[1]);
    });
    void exited.then((code) => fail(new Error(`The server ended with ${code} before it was ready:\n${stderr()}`)));
  });
}

/** Tries until the check returns something, or says what it last saw. */
export async function eventually<T>(what: string, check: () => Promise<T | null | undefined | false>, timeoutMs = 10_000): Promise<T> {
  const until = Date.now() + timeoutMs;
  let last: string | null = null;
  while (Date.now() < until) {
    try {
      const value = await check();
      if (value !== null && value !== undefined && value !== false) return value;
    } catch (error) {
      last = error instanceof Error ? `${error.name}: ${error.message}` : 'something else than an error was thrown';
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${what} did not happen within ${timeoutMs} ms${last === null ? '' : `: ${last}`}`);
}
