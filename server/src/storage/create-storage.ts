import { resolve } from 'node:path';
import { lockDirectory, type DirectoryLock } from './engines/lock.ts';
import { startEngines, type Engines } from './engines/supervisor.ts';
import { templateOf } from './engines/template.ts';
import type { Storage, StorageOptions } from './index.ts';
import { readMigrations } from './migrations.ts';

export async function createStorage(options: StorageOptions): Promise<Storage> {
  const dataDir = resolve(options.dataDir);
  const opened: Array<() => Promise<void>> = [];
  const close = async (): Promise<void> => {
    while (opened.length > 0) await opened.pop()?.();
  };
  try {
    const migrations = readMigrations();
    // Before anything is waited for: the engines take longest to start, and read their own modules meanwhile.
    const starting = openEngines(dataDir, templateOf(migrations), options, opened);
    starting.catch(() => undefined);
    const { openDatabases } = await import('./open-databases.ts');
    return await openDatabases({ dataDir, engines: await starting, migrations, options, opened, close });
  } catch (error) {
    await close();
    throw error;
  }
}

async function openEngines(
  dataDir: string,
  template: string,
  options: StorageOptions,
  opened: Array<() => Promise<void>>,
): Promise<Engines | undefined> {
  const control = !options.databaseUrl;
  const logs = !options.clickhouseUrl;
  if (!control && !logs) {
    const lock: DirectoryLock = await lockDirectory(dataDir, process.pid);
    opened.push(async () => lock.release());
    return undefined;
  }
  const { log, hangMs, logMemoryBytes } = options;
  const engines = await startEngines({
    dataDir,
    control,
    logs,
    template,
    log,
    ...(hangMs === undefined ? {} : { hangMs }),
    ...(logMemoryBytes === undefined ? {} : { logMemoryBytes }),
  });
  opened.push(() => engines.close());
  return engines;
}
