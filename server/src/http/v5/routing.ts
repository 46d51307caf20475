import { notFound } from '@whetstone/contract';
import type { Route, UsedLimit } from '../../gateway/index.ts';
import type { HandlersOf } from './call.ts';
import type { Rooms } from './handlers.ts';

type Own = 'routes' | 'limits' | 'cache';

/** Routes of the gateway, limits, and the answers it keeps. */
export function routingHandlers({ gateway, people }: Pick<Rooms, 'gateway' | 'people'>): HandlersOf<Own> {
  return {
    async 'routes.list'({ scope }) {
      return { records: (await gateway.routes.list(scope)).map(presentRoute) };
    },
    async 'routes.set'({ scope, params, body }) {
      const targets = body.targets.map(({ model, credential, weight, retries, timeout_seconds: timeout }) => ({
        model,
        credential: credential ?? null,
        weight,
        retries,
        timeoutMs: timeout == null ? null : Math.round(timeout * 1000),
      }));
      return presentRoute(await gateway.routes.set(scope, { name: params.name, targets, cacheTtlSeconds: body.cache_ttl_seconds ?? null }));
    },
    async 'routes.delete'({ scope, params }) {
      await gateway.routes.delete(scope, params.name);
    },
    async 'limits.list'({ scope }) {
      return { records: (await gateway.limits.list(scope)).map(presentLimit) };
    },
    async 'limits.set'({ scope, body }) {
      const { subject, id } = body;
      if (subject === 'key' && !(await people.keys.list(scope)).some((key) => key.id === id)) throw notFound('API key', id);
      return presentLimit(
        await gateway.limits.set(scope, {
          subject,
          id,
          requestsPerMinute: body.requests_per_minute ?? null,
          tokensPerMinute: body.tokens_per_minute ?? null,
          usdPerDay: body.usd_per_day ?? null,
          usdPerMonth: body.usd_per_month ?? null,
        }),
      );
    },
    async 'limits.delete'({ scope, query }) {
      await gateway.limits.delete(scope, query.subject, query.id);
    },
    async 'cache.clear'({ scope }) {
      await gateway.clearCache(scope);
    },
  };
}

function presentRoute(route: Route) {
  return {
    name: route.name,
    targets: route.targets.map(({ model, credential, weight, retries, timeoutMs }) => ({
      model,
      credential,
      weight,
      retries,
      timeout_seconds: timeoutMs === null ? null : timeoutMs / 1000,
    })),
    cache_ttl_seconds: route.cacheTtlSeconds,
    created_at: route.createdAt.toISOString(),
    updated_at: route.updatedAt.toISOString(),
  };
}

function presentLimit(limit: UsedLimit) {
  return {
    subject: limit.subject,
    id: limit.id,
    requests_per_minute: limit.requestsPerMinute,
    tokens_per_minute: limit.tokensPerMinute,
    usd_per_day: limit.usdPerDay,
    usd_per_month: limit.usdPerMonth,
    updated_at: limit.updatedAt.toISOString(),
    used: limit.used === null ? null : { usd_today: limit.used.usdToday, usd_this_month: limit.used.usdThisMonth },
  };
}
