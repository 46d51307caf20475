import type { Storage } from '../storage/index.ts';

const demoLock = 4_400_020;

/**
 * One replica at a time makes the demo workspace: a lock that PostgreSQL frees when this process ends.
 * @returns frees it; null when another replica has it
 */
export async function holdDemoLock(storage: Pick<Storage, 'pool'>): Promise<(() => Promise<void>) | null> {
  const client = await storage.pool.connect();
  const { rows } = await client.query<{ held: boolean }>('SELECT pg_try_advisory_lock($1) AS held', [demoLock]);
  if (rows[0]?.held !== true) {
    client.release();
    return null;
  }
  return async () => {
    try {
      await client.query('SELECT pg_advisory_unlock($1)', [demoLock]);
    } finally {
      client.release();
    }
  };
}
