import { createRequire } from 'node:module';
import * as fs from 'node:fs';
import { cp, mkdir, mkdtemp, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';

const START_PARAMS = [
  // Without -F PostgreSQL asks for a sync at each commit.
  ...PGlite.defaultStartParams.filter((param) => param !== '-F'),
  '-c',
  'wal_sync_method=fsync',
  '-c',
  'shared_buffers=16MB',
  '-c',
  'timezone=UTC',
];

/** Counts what was synced, so that a test can hold commits against it. */
export interface SyncCounter {
  syncs: number;
}

interface EmscriptenStream {
  nfd?: number;
  node: object;
}

interface NodeFileSystem {
  stream_ops: { fsync?: (stream: EmscriptenStream) => number };
  realPath(node: object): string;
}

/**
 * PGlite's file system never syncs: Emscripten's NODEFS has no `fsync`, and a missing one counts as
 * success. This one passes the call on to the kernel, from before recovery runs.
 */
class DurableFs extends NodeFS {
  readonly #counter: SyncCounter;

  constructor(directory: string, counter: SyncCounter) {
    super(directory);
    this.#counter = counter;
  }

  override async init(...args: Parameters<NodeFS['init']>): ReturnType<NodeFS['init']> {
    const { emscriptenOpts } = await super.init(...args);
    const preRun = emscriptenOpts.preRun;
    const steps = Array.isArray(preRun) ? preRun : preRun ? [preRun] : [];
    const counter = this.#counter;
    return {
      emscriptenOpts: {
        ...emscriptenOpts,
        preRun: [...steps, (module) => passSyncsOn(module.FS.filesystems, counter)],
      },
    };
  }
}

function passSyncsOn({ NODEFS: nodeFs }: { NODEFS: NodeFileSystem }, counter: SyncCounter): void {
  nodeFs.stream_ops.fsync = (stream) => {
    if (stream.nfd === undefined) syncPath(nodeFs.realPath(stream.node));
    else fs.fsyncSync(stream.nfd);
    counter.syncs += 1;
    return 0;
  };
}

function syncPath(path: string): void {
  const descriptor = fs.openSync(path, 'r');
  try {
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

/** Opens (makes, on first use) the PostgreSQL cluster in `directory`; the caller holds the lock. */
export async function openControlDatabase(directory: string, counter: SyncCounter): Promise<PGlite> {
  if (!fs.existsSync(join(directory, 'PG_VERSION'))) await makeCluster(directory);
  return PGlite.create({ fs: new DurableFs(directory, counter), startParams: START_PARAMS });
}

/**
 * A cluster appears whole or not at all: it is made beside its place, synced and renamed, so that a
 * kill in the middle of `initdb` leaves nothing that looks like a database.
 */
async function makeCluster(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  const draft = await mkdtemp(`${directory}.new-`);
  try {
    await cp(await clusterTemplate(), draft, { recursive: true });
  } catch {
    // The installation may be read-only, or belong to another user.
    await rm(draft, { recursive: true, force: true });
    await mkdir(draft, { mode: 0o700 });
    await initialize(draft);
  }
  await syncTree(draft);
  await rename(draft, directory);
  syncPath(dirname(directory));
}

/**
 * The files `initdb` makes, kept beside the installed packages because making them takes 2 s.
 * @returns its directory
 */
export async function clusterTemplate(): Promise<string> {
  const require = createRequire(import.meta.url);
  const entry = require.resolve('@electric-sql/pglite');
  const modules = entry.slice(0, entry.lastIndexOf('node_modules') + 'node_modules'.length);
  const manifest = join(dirname(dirname(entry)), 'package.json');
  const { version } = JSON.parse(fs.readFileSync(manifest, 'utf8')) as { version: string };
  const cache = join(modules, '.cache', 'whetstone');
  const template = join(cache, `pgdata-${version}`);
  if (fs.existsSync(template)) return template;

  fs.mkdirSync(cache, { recursive: true });
  const draft = await mkdtemp(join(cache, 'pgdata-new-'));
  await initialize(draft);
  try {
    await rename(draft, template);
  } catch (error) {
    // Another process was first.
    await rm(draft, { recursive: true, force: true });
    if (!fs.existsSync(template)) throw error;
  }
  return template;
}

async function initialize(directory: string): Promise<void> {
  const database = await PGlite.create({ fs: new NodeFS(directory), startParams: START_PARAMS });
  await database.close();
}

async function syncTree(directory: string): Promise<void> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = [directory, ...entries.map((entry) => join(entry.parentPath, entry.name))];
  const width = 16;
  for (let start = 0; start < paths.length; start += width) {
    await Promise.all(
      paths.slice(start, start + width).map(async (path) => {
        await using handle = await open(path, 'r');
        await handle.sync();
      }),
    );
  }
}
