import type { ColumnType, Transaction } from 'kysely';
import type { Storage } from '../../storage/index.ts';
import type { Route, RouteTarget } from './routes.ts';

interface Tables {
  routes: {
    workspace_id: string;
    name: string;
    targets: ColumnType<RouteTarget[], string, string>;
    cache_ttl_seconds: number | null;
    created_at: Date;
    updated_at: Date;
  };
}
type Noted = (transaction: Transaction<never>) => Promise<void>;

export interface RouteStore {
  list(workspaceId: string): Promise<Route[]>;
  /** `note` is called within the transaction, `made`: there was none of this name. */
  write(
    workspaceId: string,
    route: Pick<Route, 'name' | 'targets' | 'cacheTtlSeconds'>,
    at: Date,
    note: (transaction: Transaction<never>, made: boolean) => Promise<void>,
  ): Promise<Route>;
  /** Whether there was one. */
  remove(workspaceId: string, name: string, note: Noted): Promise<boolean>;
  removeAll(workspaceId: string): Promise<void>;
}

export function createRouteStore(storage: Pick<Storage, 'database'>): RouteStore {
  const db = storage.database<Tables>();
  return {
    async list(workspaceId) {
      const rows = await db.selectFrom('routes').selectAll().where('workspace_id', '=', workspaceId).orderBy('name').execute();
      return rows.map((row) => ({
        name: row.name,
        targets: row.targets,
        cacheTtlSeconds: row.cache_ttl_seconds,
        createdAt: row.created_at,
        updatedAt: row.updated_at,
      }));
    },
    write: (workspaceId, route, at, note) =>
      db.transaction().execute(async (tx) => {
        const values = { targets: JSON.stringify(route.targets), cache_ttl_seconds: route.cacheTtlSeconds, updated_at: at };
        const row = await tx
          .insertInto('routes')
          .values({ workspace_id: workspaceId, name: route.name, created_at: at, ...values })
          .onConflict((conflict) => conflict.columns(['workspace_id', 'name']).doUpdateSet(values))
          .returning('created_at')
          .executeTakeFirstOrThrow();
        await note(tx as unknown as Transaction<never>, row.created_at.getTime() === at.getTime());
        return { ...route, createdAt: row.created_at, updatedAt: at };
      }),
    remove: (workspaceId, name, note) =>
      db.transaction().execute(async (tx) => {
        const row = await tx
          .deleteFrom('routes')
          .where('workspace_id', '=', workspaceId)
          .where('name', '=', name)
          .returning('name')
          .executeTakeFirst();
        if (row !== undefined) await note(tx as unknown as Transaction<never>);
        return row !== undefined;
      }),
    async removeAll(workspaceId) {
      await db.deleteFrom('routes').where('workspace_id', '=', workspaceId).execute();
    },
  };
}
