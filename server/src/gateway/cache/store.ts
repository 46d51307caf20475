import type { Storage } from '../../storage/index.ts';

interface Tables {
  cached_answers: {
    workspace_id: string;
    key: string;
    completion: string;
    log_id: string;
    end_user: string | null;
    created_at: Date;
    expires_at: Date;
  };
}
export interface KeptAnswer {
  /** JSON of a `Kept`. */
  completion: string;
  /** Log of the call that was answered so. */
  logId: string;
  createdAt: Date;
}

export interface CacheStore {
  find(workspaceId: string, key: string, at: Date): Promise<KeptAnswer | null>;
  /** In place of an older one; `user` is the end user whose call it answered. */
  write(workspaceId: string, key: string, answer: KeptAnswer & { user: string | null; expiresAt: Date }): Promise<void>;
  /** Drops what has expired, and the workspace's oldest beyond `most`. */
  trim(workspaceId: string, most: number, at: Date): Promise<void>;
  /** Drops what was answered to calls of an end user, also where others asked the same since. */
  removeUser(workspaceId: string, user: string): Promise<void>;
  removeAll(workspaceId: string): Promise<void>;
}

export function createCacheStore(storage: Pick<Storage, 'database'>): CacheStore {
  const db = storage.database<Tables>();
  return {
    async find(workspaceId, key, at) {
      const row = await db
        .selectFrom('cached_answers')
        .select(['completion', 'log_id', 'created_at'])
        .where('workspace_id', '=', workspaceId)
        .where('key', '=', key)
        .where('expires_at', '>', at)
        .executeTakeFirst();
      return row === undefined ? null : { completion: row.completion, logId: row.log_id, createdAt: row.created_at };
    },
    async write(workspaceId, key, { completion, logId, user, createdAt, expiresAt }) {
      const values = { completion, log_id: logId, end_user: user, created_at: createdAt, expires_at: expiresAt };
      await db
        .insertInto('cached_answers')
        .values({ workspace_id: workspaceId, key, ...values })
        .onConflict((conflict) => conflict.columns(['workspace_id', 'key']).doUpdateSet(values))
        .execute();
    },
    async trim(workspaceId, most, at) {
      await db.deleteFrom('cached_answers').where('expires_at', '<=', at).execute();
      const last = await db
        .selectFrom('cached_answers')
        .select('created_at')
        .where('workspace_id', '=', workspaceId)
        .orderBy('created_at', 'desc')
        .offset(most)
        .limit(1)
        .executeTakeFirst();
      if (last === undefined) return;
      await db.deleteFrom('cached_answers').where('workspace_id', '=', workspaceId).where('created_at', '<=', last.created_at).execute();
    },
    async removeUser(workspaceId, user) {
      await db.deleteFrom('cached_answers').where('workspace_id', '=', workspaceId).where('end_user', '=', user).execute();
    },
    async removeAll(workspaceId) {
      await db.deleteFrom('cached_answers').where('workspace_id', '=', workspaceId).execute();
    },
  };
}
