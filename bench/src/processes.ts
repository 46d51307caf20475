import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
export const apiKey = 'wsk_bench_key';

export interface Running {
  url: string;
  pid: number;
  readyMs: number;
  stop(): Promise<void>;
}

/** Starts a script of ours and waits for the line that names its URL. */
export async function startScript(
  path: string,
  args: readonly string[] = [],
  env: Record<string, string> = {},
  flags: readonly string[] = [],
): Promise<Running> {
  const started = performance.now();
  const child = spawn(process.execPath, [...flags, join(root, path), ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...env },
  });
  const url = await readyUrl(child, path);
  return { url, pid: child.pid as number, readyMs: performance.now() - started, stop: () => end(child) };
}

function readyUrl(child: ChildProcess, path: string): Promise<string> {
  return new Promise((done, fail) => {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const url = /ready on (http:\/\/\S+)/.exec(text)?.[1];
      if (url !== undefined) done(url);
    });
    child.once('exit', (code) => fail(new Error(`${path} ended with ${code} before it was ready`)));
  });
}

function end(child: ChildProcess): Promise<void> {
  return new Promise((done) => {
    if (child.exitCode !== null || child.signalCode !== null) return done();
    child.once('exit', () => done());
    child.kill('SIGTERM');
  });
}

export interface Data {
  dir: string;
  remove(): void;
}

export function makeData(): Data {
  const dir = mkdtempSync(join(tmpdir(), 'whetstone-bench-'));
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }) };
}

/** As `npm start` does: room for the young generation, because a busy gateway makes much that soon is garbage. */
const nodeFlags = ['--min-semi-space-size=16', '--max-semi-space-size=32'];
/** As `npm start` does: memory that was freed goes back to the system. */
const malloc = { MALLOC_ARENA_MAX: '2', MALLOC_TRIM_THRESHOLD_: '131072' };

export function startWhetstone(dataDir: string, env: Record<string, string> = {}): Promise<Running> {
  const all = {
    ...malloc,
    PORT: '0',
    WHETSTONE_DATA_DIR: dataDir,
    WHETSTONE_DEMO: '0',
    WHETSTONE_LOG_LEVEL: 'warn',
    WHETSTONE_INIT_EMAIL: 'bench@example.com',
    WHETSTONE_INIT_PASSWORD: 'bench bench bench',
    WHETSTONE_INIT_API_KEY: apiKey,
    ...env,
  };
  return startScript('server/src/main.ts', [], all, nodeFlags);
}

/** The process and all below it. */
export function familyOf(pid: number): number[] {
  let children: number[];
  try {
    children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
  return [pid, ...children.flatMap(familyOf)];
}

/**
 * Memory that the processes take up together, MB (Linux): what each has for itself, and once what they share, as the program that
 * they all run. The sum of VmRSS would count that again for each.
 */
export function residentMb(pids: readonly number[]): number {
  let [own, shared] = [0, 0];
  for (const pid of pids) {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    const kb = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0);
    own += kb('Private_Clean') + kb('Private_Dirty');
    shared = Math.max(shared, kb('Shared_Clean') + kb('Shared_Dirty'));
  }
  return (own + shared) / 1024;
}

/** Processor time of the processes so far, seconds. */
export function cpuSeconds(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return sum + (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / 100;
  }, 0);
}

/** Runs a script of ours to its end and reads the JSON of its last line. */
export function runWorker<T>(path: string, args: readonly string[]): Promise<T> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [join(root, path), ...args], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    child.once('exit', (code) => {
      if (code !== 0) return fail(new Error(`${path} ended with ${code}`));
      return done(JSON.parse(text.trim().split('\n').at(-1) as string) as T);
    });
  });
}
