import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { bootstrap } from './javascript/bundle.ts';

/** How runners are started: in a jail that Python lays around them, or, where there is none, Node by itself. */

/** An interpreter that runs: for the jail, and for evaluators in Python. */
export interface Python {
  path: string;
  version: string;
  /** Flags that keep its own environment out; one that the operator named keeps its packages. */
  flags: readonly string[];
}

/** @returns the interpreter, or why there is none */
export async function findPython(named: string | null): Promise<Python | { missing: string }> {
  if (process.platform !== 'linux') return { missing: `the jail needs Linux, and this is ${process.platform}` };
  const candidates = named === null ? ['python3', '/usr/bin/python3'] : [ofVenv(named)];
  let problem = '';
  for (const candidate of candidates) {
    try {
      const program = 'import sys; print(sys.executable, *sys.version_info[:2], sep="\\n")';
      const { stdout } = await promisify(execFile)(candidate, ['-c', program], { timeout: 10_000 });
      const [path = candidate, major, minor] = stdout.trim().split('\n');
      if (Number(major) !== 3 || Number(minor) < 9) {
        problem = `${path} is Python ${major}.${minor}; 3.9 is the oldest that serves`;
        continue;
      }
      // An operator's interpreter finds its packages by `site`; the system's needs none.
      return { path, version: `${major}.${minor}`, flags: named === null ? ['-s', '-S', '-B'] : ['-s', '-B'] };
    } catch (error) {
      problem ||= (error as { code?: unknown }).code === 'ENOENT' ? `there is no ${candidate}` : `${candidate} does not run`;
    }
  }
  return { missing: problem };
}

function ofVenv(named: string): string {
  return existsSync(named) && statSync(named).isDirectory() ? join(named, 'bin/python3') : named;
}

/** Nothing of ours; the same everywhere, so that a set of texts has one order and threads do not outlive a fork. */
const environment = {
  PYTHONHASHSEED: '0',
  LC_ALL: 'C.UTF-8',
  TZ: 'UTC',
  OPENBLAS_NUM_THREADS: '1',
  OMP_NUM_THREADS: '1',
  MKL_NUM_THREADS: '1',
};
const jailFile = join(import.meta.dirname, 'jail/jail.py');
/** RLIMIT_DATA: V8 reserves addresses without end, so only what is written to can be counted. */
const nodeDataMb = 768;

export interface Launch {
  namespaces: boolean;
  /** False: without Node's own refusals, for tests of the jail alone. */
  permission?: boolean;
}

export function startPython(python: Python, modules: readonly string[], { namespaces }: Launch): ChildProcess {
  return jailed(python, { program: 'python', parent: process.pid, namespaces, modules });
}

export function startNode(jail: Python, { namespaces, permission = true }: Launch): ChildProcess {
  return jailed(jail, {
    program: 'node',
    parent: process.pid,
    namespaces,
    node: process.execPath,
    arguments: nodeArguments(permission),
    libraries: libraries(),
    readable: ['/dev/null', '/dev/urandom', '/etc/ld.so.cache'],
    data_mb: nodeDataMb,
  });
}

/** No jail: for machines that have none. What runs in it is still QuickJS in WebAssembly, and Node refuses it files and processes. */
export function startBareNode(): ChildProcess {
  return start(process.execPath, nodeArguments(true), { TZ: 'UTC' });
}

function jailed(python: Python, setup: object): ChildProcess {
  return start(python.path, [...python.flags, jailFile, JSON.stringify(setup)], environment);
}

function start(program: string, given: readonly string[], env: Record<string, string>): ChildProcess {
  // Its own session: an interrupt from the terminal is the host's to handle.
  return spawn(program, given, { env, cwd: '/', detached: true, stdio: ['pipe', 'pipe', 'pipe', 'pipe', 'pipe'] });
}

function nodeArguments(permission: boolean): string[] {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const known = major >= 24 || (major === 22 && minor >= 13);
  return [
    ...(permission && known ? ['--permission'] : []),
    '--max-old-space-size=64',
    '--stack-size=3900',
    '--no-warnings',
    '-e',
    bootstrap(),
  ];
}

/** Shared libraries of this very Node, by the names under which its loader finds them, without anybody's addons. */
function libraries(): string[] {
  const report = process.report as typeof process.report & { excludeNetwork: boolean };
  const { excludeNetwork } = report;
  // Else it looks up names of the addresses that this process talks to.
  report.excludeNetwork = true;
  const { sharedObjects } = report.getReport() as { sharedObjects: string[] };
  report.excludeNetwork = excludeNetwork;
  const known = /^(?:ld-|ld64|libc[.-]|libdl[.-]|libm[.-]|libpthread[.-]|librt[.-]|libstdc\+\+|libgcc_s|libatomic)/;
  return sharedObjects.filter((path) => path.startsWith('/') && known.test(basename(path)));
}
