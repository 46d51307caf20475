import { stableJson } from '@whetstone/domain';
import type { ExchangeDeps } from '../index.ts';
import { type ExchangeTables, type ImportedKind, keepImported } from '../store.ts';
import { type Carrying, refusalOf } from './carrying.ts';
import type { Ours } from './ours.ts';

/** What the vendor's layout has no place for. What is set here already stays. */
export async function carrySettings(carrying: Carrying, ours: Ours): Promise<void> {
  for (const { name, key, set } of await missing(carrying, ours)) {
    carrying.signal.throwIfAborted();
    try {
      await set();
      carrying.report.carried('settings');
    } catch (error) {
      carrying.report.problem(`whetstone/${name}.json`, key, refusalOf(error));
    }
  }
  await carryWorkspace(carrying, ours);
  await keepToReenter(carrying, ours);
}

interface Setting {
  /** Of the file it is from. */
  name: keyof Ours;
  key: string;
  set: () => Promise<unknown>;
}

export function settingsIn(ours: Ours): number {
  const lists = [ours.routes, ours.limits, ours.prices, ours['otel-rules'], ours.webhooks];
  return lists.reduce((sum, list) => sum + (list?.length ?? 0), 0);
}

/** What is there counts as carried. */
async function missing({ gateway, otlp, hooks, scope, report }: Carrying, ours: Ours): Promise<Setting[]> {
  const [routes, limits, prices, rules, webhooks] = await Promise.all([
    gateway.routes.list(scope),
    gateway.limits.list(scope),
    gateway.prices.list(scope),
    otlp.rules(scope),
    hooks.list(scope),
  ]);
  const here = new Set([
    ...routes.map(({ name }) => `route ${name}`),
    ...limits.map(({ subject, id }) => `limit ${subject} ${id}`),
    ...prices.filter(({ source }) => source === 'workspace').map(({ provider, model }) => `price ${provider} ${model}`),
    ...webhooks.map(({ url, events }) => `webhook ${url} ${events.join(' ')}`),
  ]);
  const wanted: Setting[] = [
    ...(ours.routes ?? []).map(({ name, ...route }) => ({
      name: 'routes' as const,
      key: `route ${name}`,
      set: () => gateway.routes.set(scope, routeOf(name, route)),
    })),
    ...(ours.limits ?? []).map(({ subject, id, ...amounts }) => ({
      name: 'limits' as const,
      key: `limit ${subject} ${id}`,
      set: () =>
        gateway.limits.set(scope, {
          subject,
          id,
          requestsPerMinute: amounts.requests_per_minute ?? null,
          tokensPerMinute: amounts.tokens_per_minute ?? null,
          usdPerDay: amounts.usd_per_day ?? null,
          usdPerMonth: amounts.usd_per_month ?? null,
        }),
    })),
    ...(ours.prices ?? []).map(({ provider, model, ...price }) => ({
      name: 'prices' as const,
      key: `price ${provider} ${model}`,
      set: () =>
        gateway.prices.set(scope, {
          provider,
          model,
          inputPerMillion: price.input_per_million,
          outputPerMillion: price.output_per_million,
          cachedInputPerMillion: price.cached_input_per_million ?? null,
        }),
    })),
    ...(ours.webhooks ?? []).map(({ url, format, events }) => ({
      name: 'webhooks' as const,
      key: `webhook ${url} ${events.join(' ')}`,
      set: async () => {
        await hooks.create(scope, { url, format, events });
        report.reenter('webhooks', url);
      },
    })),
  ];
  const known = new Set(rules.map((rule) => stableJson(rule)));
  const more = (ours['otel-rules'] ?? []).filter((rule) => !known.has(stableJson(rule)));
  report.carried('settings', (ours['otel-rules']?.length ?? 0) - more.length + wanted.filter(({ key }) => here.has(key)).length);
  if (more.length > 0) {
    // They stand in an order, so they are set together.
    const set = async (): Promise<void> => {
      await otlp.setRules(scope, [...rules, ...more]);
      report.carried('settings', more.length - 1);
    };
    wanted.push({ name: 'otel-rules', key: 'rules for spans', set });
  }
  return wanted.filter(({ key }) => !here.has(key));
}

type Route = Parameters<ExchangeDeps['gateway']['routes']['set']>[1];

function routeOf(name: string, { targets, cache_ttl_seconds }: Omit<NonNullable<Ours['routes']>[number], 'name'>): Route {
  return {
    name,
    targets: targets.map(({ model, credential, weight, retries, timeout_seconds: timeout }) => ({
      model,
      credential: credential ?? null,
      weight,
      retries,
      timeoutMs: timeout == null ? null : Math.round(timeout * 1000),
    })),
    cacheTtlSeconds: cache_ttl_seconds ?? null,
  };
}

/** Last of all: rules that hide text do not look at what is carried, which passed them once. */
async function carryWorkspace({ people, places, scope, report }: Carrying, { settings }: Ours): Promise<void> {
  if (settings === null) return;
  const there = await people.workspaces.get(scope);
  const untouched =
    there.retentionDays === null && Object.keys(there.environmentRetentionDays).length === 0 && there.redaction.length === 0;
  if (!untouched) return;
  const periods = Object.entries(settings.environment_retention_days ?? {}).flatMap(([name, days]) => {
    const id = places.find(name);
    return id === null ? [] : [[id, days] as const];
  });
  try {
    await people.workspaces.update(scope, {
      retentionDays: settings.retention_days ?? null,
      environmentRetentionDays: Object.fromEntries(periods),
      redaction: settings.redaction ?? [],
    });
  } catch (error) {
    report.problem('whetstone/settings.json', 'settings', refusalOf(error));
  }
}

/** What no export has is remembered until it is entered, and told. */
async function keepToReenter({ storage, people, scope, report }: Carrying, { reenter }: Ours): Promise<void> {
  if (reenter === null) return;
  const db = storage.database<ExchangeTables>();
  const [members, credentials, keys] = await Promise.all([
    people.members.list(scope),
    people.credentials.list(scope),
    people.keys.list(scope),
  ]);
  const here: Partial<Record<ImportedKind, Set<string>>> = {
    member: new Set(members.map(({ email }) => email)),
    credential: new Set(credentials.flatMap(({ name, source }) => (source === 'workspace' ? [name] : []))),
    key: new Set(keys.map(({ name }) => name)),
  };
  const keep = async (kind: ImportedKind, name: string, said: Record<string, unknown>, tell: () => void): Promise<void> => {
    if (here[kind]?.has(name) === true) return;
    tell();
    await keepImported(db, scope.workspaceId, kind, name, said);
  };
  for (const { name, ...said } of reenter.members) await keep('member', name, said, () => report.reenter('people', name));
  for (const { name, ...said } of reenter.credentials) await keep('credential', name, said, () => report.reenter('credentials', name));
  for (const { name, ...said } of reenter.keys) await keep('key', name, said, () => report.reenter('keys', name));
  for (const { name, ...said } of reenter.variables)
    await keep('variable', name, said, () => report.reenter('variables', `${said.path} ${said.variable}`));
  for (const { name, ...said } of reenter.webhooks) await keep('webhook', name, said, () => report.reenter('webhooks', name));
}
