import type { Scope } from '@whetstone/contract';
import type { CarriedFile, Ground } from '../../files/index.ts';
import type { Webhook } from '../../hooks/index.ts';
import type { CarriedAlert } from '../../monitors/index.ts';
import type { ExchangeDeps } from '../index.ts';
import { type ExchangeTables, type ImportedKind, importedOf, type Said } from '../store.ts';
import type { Pack } from './pack.ts';
import { iso } from './records.ts';

/** What the vendor's layout has no place for, each in a file below `whetstone/`. */

export const formatOfExport = 1;

export async function addSettings(
  pack: Pack,
  deps: ExchangeDeps,
  scope: Scope,
  { environments, directories }: Ground,
  { files, alerts }: { files: readonly CarriedFile[]; alerts: readonly CarriedAlert[] },
): Promise<void> {
  const { people, gateway, otlp } = deps;
  const add = (name: string, value: unknown): Promise<void> => pack.json(`whetstone/${name}.json`, value);
  const names = new Map(environments.map(({ id, name }) => [id, name]));
  await add('about', { format: formatOfExport, made_by: 'Whetstone' });
  await add(
    'environments',
    environments.map((each) => ({
      id: each.id,
      name: each.name,
      tag: each.isDefault ? 'default' : 'other',
      protected: each.protected,
      created_at: each.createdAt.toISOString(),
      deleted_at: iso(each.deletedAt),
    })),
  );
  await add(
    'directories',
    directories.map(({ id, path, description, readme, tags, createdAt, updatedAt }) => ({
      id,
      path,
      description,
      readme,
      tags,
      created_at: createdAt.toISOString(),
      updated_at: updatedAt.toISOString(),
    })),
  );
  const settings = await people.workspaces.get(scope);
  await add('settings', {
    retention_days: settings.retentionDays,
    // By name: ids are made anew where an environment of the name is there already.
    environment_retention_days: Object.fromEntries(
      Object.entries(settings.environmentRetentionDays)
        .flatMap(([id, days]) => (names.has(id) ? [[names.get(id) ?? '', days] as const] : []))
        .toSorted(([a], [b]) => compare(a, b)),
    ),
    redaction: settings.redaction,
  });
  const routes = await gateway.routes.list(scope);
  await add(
    'routes',
    sorted(routes, ({ name }) => name).map(({ name, targets, cacheTtlSeconds }) => ({
      name,
      targets: targets.map(({ timeoutMs, ...target }) => ({ ...target, timeout_seconds: timeoutMs === null ? null : timeoutMs / 1000 })),
      cache_ttl_seconds: cacheTtlSeconds,
    })),
  );
  const limits = await gateway.limits.list(scope);
  await add(
    'limits',
    sorted(limits, ({ subject, id }) => `${subject} ${id}`).map(({ subject, id, ...amounts }) => ({
      subject,
      id,
      requests_per_minute: amounts.requestsPerMinute,
      tokens_per_minute: amounts.tokensPerMinute,
      usd_per_day: amounts.usdPerDay,
      usd_per_month: amounts.usdPerMonth,
    })),
  );
  const prices = (await gateway.prices.list(scope)).filter(({ source }) => source === 'workspace');
  await add(
    'prices',
    sorted(prices, ({ provider, model }) => `${provider} ${model}`).map((price) => ({
      provider: price.provider,
      model: price.model,
      input_per_million: price.inputPerMillion,
      output_per_million: price.outputPerMillion,
      cached_input_per_million: price.cachedInputPerMillion,
    })),
  );
  await add('otel-rules', await otlp.rules(scope));
  const webhooks = (await deps.hooks.list(scope)).filter((hook) => !isSecret(hook));
  await add(
    'webhooks',
    sorted(webhooks, ({ url, events }) => `${url} ${events.join(' ')}`).map(({ url, format, events }) => ({ url, format, events })),
  );
  await add('reenter', await toReenter(deps, scope, files, alerts));
}

/** Whoever knows such an address may use it. */
export function isSecret({ url, format }: Webhook): boolean {
  const { search, username, password } = new URL(url);
  return format === 'slack' || search !== '' || username !== '' || password !== '';
}

/** Secrets are in no export: what has to be entered again, here and as far as it never was. */
async function toReenter(
  deps: ExchangeDeps,
  scope: Scope,
  files: readonly CarriedFile[],
  alerts: readonly CarriedAlert[],
): Promise<Record<string, Said[]>> {
  const { people, storage } = deps;
  const listed = async (kind: ImportedKind, here: readonly (readonly [string, Said])[]): Promise<Said[]> => {
    const all = new Map([...(await importedOf(storage.database<ExchangeTables>(), scope.workspaceId, kind)), ...here]);
    return sorted([...all], ([name]) => name).map(([name, said]) => ({ name, ...said }));
  };
  const [members, credentials, keys, hooks] = await Promise.all([
    people.members.list(scope),
    people.credentials.list(scope),
    people.keys.list(scope),
    deps.hooks.list(scope),
  ]);
  const own = credentials.filter(({ source }) => source === 'workspace');
  const variables: [string, Said][] = [];
  for (const { id, path } of files.filter(({ kind }) => kind === 'tool')) {
    for (const { name } of await deps.tools.variables.list(scope, id)) variables.push([`${id} ${name}`, { path, variable: name }]);
  }
  return {
    members: await listed(
      'member',
      members.map(({ email, name, role }) => [email, { full_name: name, role }]),
    ),
    credentials: await listed(
      'credential',
      own.map(({ name, provider, baseUrl, settings }) => [name, { provider, base_url: baseUrl, settings }]),
    ),
    keys: await listed(
      'key',
      keys.map(({ name, role, environment }) => [name, { role, environment }]),
    ),
    variables: await listed('variable', variables),
    webhooks: await listed('webhook', [
      ...hooks.filter(isSecret).map(({ url, format, events }) => [nameOfSecret({ url, events }), { format, events }] as const),
      ...secretChannels(alerts, hooks),
    ]),
  };
}

function nameOfSecret({ url, events }: Pick<Webhook, 'url' | 'events'>): string {
  return `${new URL(url).origin} ${events.join(' ')}`;
}

/** Alerts that tell webhooks whose addresses are secrets: these are to be chosen again there. */
function secretChannels(alerts: readonly CarriedAlert[], hooks: readonly Webhook[]): (readonly [string, Said])[] {
  return alerts.flatMap(({ id, name, channels }) =>
    hooks
      .filter((hook) => isSecret(hook) && channels.webhookIds?.includes(hook.id) === true)
      .map((hook) => [`${nameOfSecret(hook)} of the alert ${name}`, { format: hook.format, events: hook.events, alert: id }] as const),
  );
}

export function sorted<T>(items: readonly T[], key: (item: T) => string): T[] {
  return items.toSorted((a, b) => compare(key(a), key(b)));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
