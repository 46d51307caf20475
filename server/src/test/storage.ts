import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { describe } from 'vitest';
import { createStorage, type Storage, type StorageOptions } from '../storage/index.ts';
import { silent } from './storage-log.ts';

export { silent } from './storage-log.ts';

export type Edition = 'embedded' | 'postgres';

export interface TestStorageOptions extends Partial<StorageOptions> {
  /** Default `embedded`. */
  edition?: Edition;
}

/**
 * Stores of its own for one test file, empty but for the migrations; about 1 s. `close` removes them.
 *
 * ```ts
 * let storage: Storage;
 * beforeAll(async () => { storage = await openTestStorage(); });
 * afterAll(() => storage.close());
 * ```
 */
export async function openTestStorage(options: TestStorageOptions = {}): Promise<Storage> {
  const { edition = 'embedded', dataDir = mkdtempSync(join(tmpdir(), 'whetstone-test-')), ...rest } = options;
  const database = edition === 'postgres' ? await createDatabase() : undefined;
  const storage = await createStorage({
    log: silent,
    ...rest,
    dataDir,
    ...(database ? { databaseUrl: database.url } : {}),
  });
  return {
    ...storage,
    close: async () => {
      await storage.close();
      await database?.drop();
      if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/**
 * Runs the suite on the embedded engines and again on a PostgreSQL server, which `global-setup.ts`
 * started or `TEST_DATABASE_URL` names; where there is none, that half is skipped by name.
 *
 * ```ts
 * describeOnEditions('files', (open) => {
 *   let storage: Storage;
 *   beforeAll(async () => { storage = await open(); });
 *   …
 * });
 * ```
 */
export function describeOnEditions(
  name: string,
  suite: (open: (options?: TestStorageOptions) => Promise<Storage>, edition: Edition) => void,
): void {
  describe(`${name} (embedded)`, () => {
    suite((options) => openTestStorage({ ...options, edition: 'embedded' }), 'embedded');
  });
  const there = Boolean(process.env.TEST_DATABASE_URL);
  const label = there ? 'PostgreSQL' : 'PostgreSQL: skipped, neither installed nor TEST_DATABASE_URL';
  describe.skipIf(!there)(`${name} (${label})`, () => {
    suite((options) => openTestStorage({ ...options, edition: 'postgres' }), 'postgres');
  });
}

/** A database of its own on the test server. */
export async function createDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const admin = process.env.TEST_DATABASE_URL;
  if (!admin) throw new Error('TEST_DATABASE_URL names no PostgreSQL server');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await execute(admin, `CREATE DATABASE ${name}`);
  const url = new URL(admin);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => execute(admin, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

async function execute(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
