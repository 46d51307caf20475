import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe } from 'vitest';
import { createDatabase, type Edition } from '../../server/src/test/storage.ts';
import { type StartOptions, startWhetstone, type Whetstone } from './whetstone.ts';

type Start = (options?: StartOptions) => Promise<Whetstone>;
/** What a command on a data directory needs in its environment. */
type EnvOf = (dataDir: string) => Promise<Record<string, string>>;
type Describe = (name: string, suite: () => void) => void;

/**
 * Runs the journey with the embedded engines and again with a PostgreSQL server, as `describeOnEditions` of the server's
 * rooms does; where there is none, that half is skipped by name. Starts on one data directory share a database.
 *
 * @param describeOne `describe`, or what skips by name where something else is lacking
 */
export function describeOnEditions(
  describeOne: Describe,
  name: string,
  suite: (start: Start, edition: Edition, envOf: EnvOf) => void,
): void {
  describeOne(`${name} (embedded)`, () => suite(startWhetstone, 'embedded', async () => ({})));
  if (!process.env['TEST_DATABASE_URL']) {
    describe.skip(`${name} (PostgreSQL: skipped, neither installed nor TEST_DATABASE_URL)`, () =>
      suite(startWhetstone, 'postgres', async () => ({})));
    return;
  }
  describeOne(`${name} (PostgreSQL)`, () => {
    const databases = new Map<string, Awaited<ReturnType<typeof createDatabase>>>();
    const envOf: EnvOf = async (dataDir) => {
      const database = databases.get(dataDir) ?? (await createDatabase());
      databases.set(dataDir, database);
      return { DATABASE_URL: database.url };
    };
    const start: Start = async (options = {}) => {
      const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'whetstone-e2e-'));
      return startWhetstone({ ...options, dataDir, env: { ...options.env, ...(await envOf(dataDir)) } });
    };
    suite(start, 'postgres', envOf);
    afterAll(async () => {
      for (const database of databases.values()) await database.drop();
    });
  });
}
