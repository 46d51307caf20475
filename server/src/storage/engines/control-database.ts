import * as fs from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';
import { copyInto, makeWhole } from './template.ts';

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

/**
 * Opens (makes, on first use) the PostgreSQL cluster in `directory`; the caller holds the lock.
 * @param template the same directory of another cluster, closed; copied in place of the 2 s that `initdb` takes
 */
export async function openControlDatabase(directory: string, template: string, counter: SyncCounter): Promise<PGlite> {
  if (!fs.existsSync(join(directory, 'PG_VERSION'))) {
    await makeWhole(directory, async (draft) => {
      if (!copyInto(draft, template)) await initialize(draft);
    });
  }
  return PGlite.create({ fs: new DurableFs(directory, counter), startParams: START_PARAMS });
}

async function initialize(directory: string): Promise<void> {
  const database = await PGlite.create({ fs: new NodeFS(directory), startParams: START_PARAMS });
  await database.close();
}
