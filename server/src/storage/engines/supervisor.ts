import { fork, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { StorageRefusedError } from '../errors.ts';
import type { EngineConfig, FromEngine, ToEngine } from './messages.ts';
import { POSTGRES_SOCKET } from './messages.ts';

export interface EnginesLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface EnginesOptions {
  dataDir: string;
  control: boolean;
  logs: boolean;
  /** Holds `postgres` and `clickhouse` as a first start may copy them; need not exist. */
  template: string;
  log: EnginesLog;
  /** Silence after which the process counts as hung. */
  hangMs?: number;
  logMemoryBytes?: number;
}

export interface Engines {
  readonly socketDir: string;
  /** Process id of the engine process, undefined while it is being restarted. */
  readonly pid: number | undefined;
  readonly residentBytes: number;
  /** Syncs to disk of the PostgreSQL engine, as of the last heartbeat. */
  readonly syncs: number;
  readonly restarts: number;
  /** Resolves when the process answers; at once unless it is being restarted. */
  whenReady(): Promise<void>;
  close(): Promise<void>;
}

const HEARTBEAT_MS = 1_000;
const START_MS = 60_000;
const CLOSE_MS = 6_000;
const RESTART_DELAYS_MS = [0, 250, 1_000, 5_000];

/**
 * Starts the engine process and keeps it alive.
 * @throws StorageRefusedError when another process holds the data directory
 */
export async function startEngines(options: EnginesOptions): Promise<Engines> {
  const supervisor = new Supervisor(options);
  await supervisor.start();
  return supervisor;
}

class Supervisor implements Engines {
  readonly socketDir: string;
  residentBytes = 0;
  syncs = 0;
  restarts = 0;
  readonly #options: EnginesOptions;
  #child: ChildProcess | undefined;
  #ready: Promise<void> = Promise.resolve();
  #closing = false;
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(options: EnginesOptions) {
    this.#options = options;
    mkdirSync(options.dataDir, { recursive: true, mode: 0o700 });
    this.socketDir = makeSocketDir(realpathSync(options.dataDir));
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  whenReady(): Promise<void> {
    return this.#ready;
  }

  async start(): Promise<void> {
    await this.#launch();
  }

  async close(): Promise<void> {
    this.#closing = true;
    clearInterval(this.#heartbeat);
    const child = this.#child;
    if (child && child.exitCode === null && child.signalCode === null) {
      const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      send(child, { type: 'close' });
      const late = setTimeout(() => child.kill('SIGKILL'), CLOSE_MS);
      await gone;
      clearTimeout(late);
    }
    rmSync(this.socketDir, { recursive: true, force: true });
  }

  async #launch(): Promise<void> {
    const { dataDir, control, logs, template, log, logMemoryBytes = 1 << 30 } = this.#options;
    const config: EngineConfig = {
      dataDir,
      socketDir: this.socketDir,
      control,
      logs,
      template,
      holderPid: process.pid,
      logMemoryBytes,
    };
    const child = fork(fileURLToPath(new URL('child.ts', import.meta.url)), [JSON.stringify(config)], {
      // A test runner's own loaders and debuggers are not for this process.
      execArgv: ['--disable-warning=ExperimentalWarning', '--max-old-space-size=512'],
      // Each of ClickHouse's threads would get an arena of its own that gives nothing back: 200 MB; and of what a merge frees glibc
      // would keep 50 MB more for itself.
      env: { ...process.env, UV_THREADPOOL_SIZE: '24', MALLOC_ARENA_MAX: '2', MALLOC_TRIM_THRESHOLD_: '131072', NODE_OPTIONS: '' },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child = child;
    const started = Date.now();
    let lastWords = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      lastWords = (lastWords + text).slice(-4_000);
    });
    await this.#untilReady(child, () => lastWords);
    log.info({ pid: child.pid, ms: Date.now() - started }, 'storage engines ready');
    child.once('exit', (code, signal) => {
      clearInterval(this.#heartbeat);
      if (this.#closing) return;
      log.error({ code, signal, lastWords }, 'the engine process died and is started again');
      this.#ready = this.#relaunch(Date.now() - started);
    });
    this.#watch(child);
  }

  async #relaunch(livedMs: number): Promise<void> {
    this.#child = undefined;
    this.restarts += 1;
    // A process that lived for a while is started again at once, one that dies young ever slower.
    let attempt = livedMs > 10_000 ? 0 : 1;
    while (!this.#closing) {
      await sleep(RESTART_DELAYS_MS[Math.min(attempt, RESTART_DELAYS_MS.length - 1)]);
      if (this.#closing) return;
      try {
        await this.#launch();
        return;
      } catch (error) {
        this.#options.log.error({ err: error }, 'the engine process did not start');
        attempt += 1;
      }
    }
  }

  async #untilReady(child: ChildProcess, lastWords: () => string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => child.kill('SIGKILL'), START_MS);
      const onMessage = (message: FromEngine): void => {
        if (message.type === 'ready') {
          child.off('exit', onExit).off('message', onMessage);
          clearTimeout(late);
          resolve();
        } else if (message.type === 'failed') {
          const Refusal = message.refused ? StorageRefusedError : Error;
          reject(new Refusal(message.reason));
        }
      };
      const onExit = (code: number | null, signal: string | null): void => {
        clearTimeout(late);
        reject(new Error(`the engine process ended (${signal ?? code}): ${lastWords()}`));
      };
      child.on('message', onMessage).once('exit', onExit);
    });
  }

  #watch(child: ChildProcess): void {
    const hangMs = this.#options.hangMs ?? 30_000;
    let lastSeen = Date.now();
    let lastBeat = Date.now();
    let id = 0;
    child.on('message', (message: FromEngine) => {
      if (message.type !== 'pong') return;
      lastSeen = Date.now();
      this.residentBytes = message.residentBytes;
      this.syncs = message.syncs;
    });
    const interval = Math.min(HEARTBEAT_MS, hangMs / 3);
    this.#heartbeat = setInterval(() => {
      const now = Date.now();
      // When this process itself was suspended, the silence was not the child's.
      if (now - lastBeat > interval * 3) lastSeen = now;
      lastBeat = now;
      if (now - lastSeen > hangMs) {
        this.#options.log.error({ pid: child.pid, hangMs }, 'the engine process hangs');
        child.kill('SIGKILL');
        return;
      }
      send(child, { type: 'ping', id: id++ });
    }, interval);
    this.#heartbeat.unref();
  }
}

function send(child: ChildProcess, message: ToEngine): void {
  if (child.connected) child.send(message, () => undefined);
}

const LONGEST_SOCKET_PATH = 103;

/**
 * A directory of our own under the system's temporary one, the same for the same data directory, so
 * that a killed server leaves at most one behind.
 */
function makeSocketDir(dataDir: string): string {
  const name = `whetstone-${createHash('sha256').update(dataDir).digest('hex').slice(0, 12)}`;
  const parents = [tmpdir(), '/tmp'];
  for (const parent of parents) {
    const path = join(parent, name);
    if (Buffer.byteLength(join(path, POSTGRES_SOCKET)) > LONGEST_SOCKET_PATH) continue;
    try {
      mkdirSync(path, { mode: 0o700 });
      return path;
    } catch {
      const found = lstatSync(path, { throwIfNoEntry: false });
      if (found?.isDirectory() && found.uid === process.getuid?.()) {
        chmodSync(path, 0o700);
        return path;
      }
    }
  }
  // Someone else's entry is in the way.
  return mkdtempSync('/tmp/whetstone-');
}
