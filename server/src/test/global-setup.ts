import { createJobTables } from '../jobs/index.ts';
import { prepareTemplate } from '../storage/index.ts';
import { startPostgresServer } from './postgres-server.ts';

/** Once per run: the files of an empty embedded database, and a PostgreSQL server where there is one. */
export default async function setup(): Promise<() => Promise<void>> {
  const [, server] = await Promise.all([
    prepareTemplate(createJobTables),
    process.env.TEST_DATABASE_URL ? undefined : startPostgresServer(),
  ]);
  if (server) process.env.TEST_DATABASE_URL = server.url;
  return async () => {
    await server?.stop();
  };
}
