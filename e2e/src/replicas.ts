import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createStorage } from '../../server/src/storage/index.ts';
import { CLICKHOUSE_SOCKET } from '../../server/src/storage/engines/messages.ts';
import { silent } from '../../server/src/test/storage-log.ts';
import { createDatabase } from '../../server/src/test/storage.ts';
import { type StartOptions, startWhetstone, type Whetstone } from './whetstone.ts';

/** Server processes that share a PostgreSQL server and one log store, which none of them keeps itself. */
export interface Replicas {
  /** One more. */
  start(options?: StartOptions): Promise<Whetstone>;
  close(): Promise<void>;
}

/** The log store is the embedded engine in a process of its own, met over TCP as a ClickHouse server would be. */
export async function openReplicas(): Promise<Replicas> {
  const database = await createDatabase();
  const dataDir = mkdtempSync(join(tmpdir(), 'whetstone-shared-'));
  const storage = await createStorage({ dataDir, databaseUrl: database.url, log: silent });
  const socket = join(storage.engines?.socketDir ?? '', CLICKHOUSE_SOCKET);
  const open = new Set<Socket>();
  const bridge = createServer((near) => {
    const far = connect(socket);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((done) => bridge.listen(0, '127.0.0.1', done));
  const env = {
    DATABASE_URL: database.url,
    CLICKHOUSE_URL: `http://127.0.0.1:${(bridge.address() as AddressInfo).port}`,
    WHETSTONE_SECRET: 'a secret that all replicas have, long enough',
  };
  return {
    start: (options = {}) => startWhetstone({ ...options, env: { ...env, ...options.env } }),
    async close() {
      for (const each of open) each.destroy();
      await new Promise((done) => bridge.close(done));
      await storage.close();
      await database.drop();
      rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
