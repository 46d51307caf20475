import type { Scope } from '@whetstone/contract';
import type { People } from '../people/index.ts';
import type { Storage } from '../storage/index.ts';
import { type CacheStore, createCacheStore } from './cache/store.ts';
import { RateLimits } from './limits/rate-limits.ts';
import { createLimitStore } from './limits/store.ts';
import { Routes } from './routes/routes.ts';
import { createRouteStore } from './routes/store.ts';

const channel = 'gateway_settings';

/** What a workspace sets for its calls, kept in step with the other replicas. */
export interface CallSettings {
  routes: Routes;
  rates: RateLimits;
  cache: CacheStore;
  clearCache(scope: Scope): Promise<void>;
  forgetUser(workspaceId: string, user: string): Promise<void>;
  removeAll(workspaceId: string): Promise<void>;
  close(): Promise<void>;
}

export async function createCallSettings(
  deps: {
    storage: Pick<Storage, 'database' | 'listen' | 'notify' | 'onReconnect'>;
    audit: Pick<People['audit'], 'record'>;
    log?: { warn(data: object, message: string): void };
  },
  clock: () => Date,
  now: () => number,
): Promise<CallSettings> {
  const { storage, audit } = deps;
  const changed = (workspaceId: string): void => {
    storage.notify(channel, workspaceId).catch((error: unknown) => deps.log?.warn({ err: error }, 'replicas were not told of a setting'));
  };
  const parts = { audit, clock, now, changed };
  const stores = { routes: createRouteStore(storage), limits: createLimitStore(storage) };
  const routes = new Routes(stores.routes, parts);
  const rates = new RateLimits(stores.limits, parts);
  const cache = createCacheStore(storage);
  const drop = (workspaceId?: string): void => {
    routes.drop(workspaceId);
    rates.drop(workspaceId);
  };
  const stopListening = await storage.listen(channel, drop);
  const stopMinding = storage.onReconnect(() => drop());
  return {
    routes,
    rates,
    cache,
    async clearCache(scope) {
      await cache.removeAll(scope.workspaceId);
      await audit.record(scope, { action: 'cache.cleared' });
    },
    async forgetUser(workspaceId, user) {
      await Promise.all([rates.forgetUser(workspaceId, user), cache.removeUser(workspaceId, user)]);
    },
    async removeAll(workspaceId) {
      drop(workspaceId);
      await Promise.all([stores.routes.removeAll(workspaceId), stores.limits.removeAll(workspaceId), cache.removeAll(workspaceId)]);
    },
    async close() {
      stopListening();
      stopMinding();
      await rates.close();
    },
  };
}
