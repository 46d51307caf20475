import type { Experiments } from '../experiments/index.ts';
import type { Files } from '../files/index.ts';
import type { Logs } from '../logs/index.ts';
import type { Outbound } from '../outbound/index.ts';
import type { People } from '../people/index.ts';
import type { Storage } from '../storage/index.ts';
import { countTokens } from './door-messages/count-tokens.ts';
import { createResponses } from './door-responses/room.ts';
import { createCallSettings } from './call-settings.ts';
import { createDemoProvider } from './demo/provider.ts';
import { embed } from './embed.ts';
import { RetryBudget } from './steps/fail-over.ts';
import { HiddenPrompts } from './steps/hidden-prompts.ts';
import type { Gateway } from './index.ts';
import { createJinjaPool } from './jinja/pool.ts';
import { listModels, testCredential } from './models.ts';
import { PriceBook } from './pricing/price-book.ts';
import { costOf } from './pricing/prices.ts';
import { callPrompt, streamPrompt } from './prompt-call.ts';
import { populate } from './steps/render.ts';
import type { Limits, Room } from './room.ts';
import { perform, prepare } from './run.ts';
import { createPriceStore } from './pricing/store.ts';

export interface GatewayDeps {
  storage: Pick<Storage, 'database' | 'listen' | 'notify' | 'onReconnect'>;
  audit: Pick<People['audit'], 'record'>;
  files: Pick<Files, 'resolve' | 'find' | 'upsert' | 'upsertHidden' | 'versionsById' | 'environments'>;
  /** Without it no call takes part in any. */
  experiments?: Pick<Experiments, 'assign'>;
  logs: Pick<Logs, 'newId' | 'record' | 'find' | 'list' | 'change'>;
  credentials: Pick<People['credentials'], 'resolve' | 'resolveById' | 'list'>;
  outbound: Outbound;
  clock?: () => Date;
  random?: () => number;
  log?: { warn(data: object, message: string): void };
  /** WHETSTONE_FAIL_CLOSED: 503 instead of an answer that could not be logged. */
  failClosed?: boolean;
  limits?: Partial<Limits>;
  /** How fast the demo provider's models are: 1 as they claim, 10 ten times. `Infinity` does not wait, and the logs tell the times it would have taken. */
  demoSpeed?: number;
}

export const defaultLimits: Limits = {
  streamHeadersTimeoutMs: 120_000,
  headersTimeoutMs: 600_000,
  idleTimeoutMs: 120_000,
  totalTimeoutMs: 900_000,
  maxAnswerBytes: 32 << 20,
  maxStreamBytes: 32 << 20,
  maxLineBytes: 8 << 20,
  maxErrorBytes: 256 << 10,
  retries: 2,
  retryDelayMs: 250,
  maxRetryDelayMs: 5_000,
};

/** Resolves when calls can be served. */
export async function createGateway(deps: GatewayDeps): Promise<Gateway> {
  const clock = deps.clock ?? (() => new Date());
  const demoSpeed = deps.demoSpeed ?? 1;
  const store = createPriceStore(deps.storage, clock);
  const settings = await createCallSettings(deps, clock, monotonic);
  const jinja = createJinjaPool();
  const room: Room = {
    files: deps.files,
    experiments: deps.experiments ?? null,
    logs: deps.logs,
    credentials: deps.credentials,
    outbound: deps.outbound,
    demo: createDemoProvider({ speed: demoSpeed, now: clock }),
    hidden: new HiddenPrompts(deps.files, monotonic),
    prices: new PriceBook(store, monotonic),
    routes: settings.routes,
    rates: settings.rates,
    cache: settings.cache,
    renderJinja: jinja.render,
    budget: new RetryBudget(),
    limits: { ...defaultLimits, ...deps.limits },
    clock,
    random: deps.random ?? Math.random,
    running: new Set(),
    counters: { calls: 0, errors: 0, cancelled: 0, retries: 0, dropped: 0, limited: 0, cached: 0 },
    onDropped: (error) => deps.log?.warn({ err: error }, 'a call could not be logged'),
    failClosed: deps.failClosed ?? false,
    instant: demoSpeed === Infinity,
  };
  return {
    callPrompt: (scope, request, signal) => callPrompt(room, scope, request, signal),
    streamPrompt: (scope, request, signal) => streamPrompt(room, scope, request, signal),
    embed: (scope, call, signal) => embed(room, scope, call, signal),
    populate: (scope, kernel, inputs) => populate(room, scope, kernel, inputs),
    models: (scope) => listModels(room, deps.credentials, scope),
    testCredential: (scope, id) => testCredential(room, deps.outbound, scope, id),
    prices: {
      list: (scope) => room.prices.list(scope),
      set: (scope, price) => room.prices.set(scope, price),
      reset: (scope, model, provider) => room.prices.reset(scope, model, provider),
      cost: async (scope, model, provider, usage) => costOf(await room.prices.find(scope, model, provider), usage),
    },
    routes: {
      list: (scope) => settings.routes.list(scope),
      set: (scope, route) => settings.routes.set(scope, route),
      delete: (scope, name) => settings.routes.delete(scope, name),
    },
    limits: {
      list: (scope) => settings.rates.list(scope),
      set: (scope, limit) => settings.rates.set(scope, limit),
      delete: (scope, subject, id) => settings.rates.delete(scope, subject, id),
    },
    clearCache: (scope) => settings.clearCache(scope),
    doors: {
      now: clock,
      newLogId: (at) => deps.logs.newId(at),
      failClosed: room.failClosed,
      instant: room.instant,
      prepare: (scope, asked) => prepare(room, scope, asked),
      perform: (ready, options) => perform(room, ready, options),
      countTokens: (ready, asked) => countTokens(room, ready, asked),
      responses: createResponses(room),
    },
    counters: () => room.counters,
    forgetUser: ({ workspaceId }, user) => settings.forgetUser(workspaceId, user),
    deleteWorkspace: async (workspaceId) => {
      room.hidden.forget(workspaceId);
      await store.removeAll(workspaceId);
      await settings.removeAll(workspaceId);
    },
    async close() {
      // Also the calls whose callers were cut off: their logs are written before the stores close.
      await Promise.all(room.running);
      await settings.close();
      await jinja.close();
    },
  };
}

function monotonic(): number {
  return performance.now();
}
