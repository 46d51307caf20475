import { AppError, credentialFieldsOf, type Scope } from '@whetstone/contract';
import type { UsableCredential } from '../../people/index.ts';
import { findProvider, type Provider, providerByPrefix, variablesOf } from '../providers/table.ts';
import type { Room, Target } from '../room.ts';

export interface Wanted {
  model: string;
  /** A version's `provider`: of the table, or a credential's name. */
  provider: string | null;
  apiKeys: Record<string, string>;
}

/** Where a model runs, as design has it: `CREDENTIAL/MODEL`, the price table, a vendor's prefix, else OpenAI. */
export async function resolveTarget(room: Room, scope: Scope, wanted: Wanted): Promise<Target> {
  const { model } = wanted;
  if (wanted.provider !== null && wanted.provider !== '') return named(room, scope, wanted.provider, model, wanted);
  const slash = model.indexOf('/');
  if (slash > 0) {
    const name = model.slice(0, slash);
    const credential = await room.credentials.resolve(scope, name);
    const provider = findProvider(credential?.provider ?? name);
    if (provider !== null) return target(provider, credential, name, model.slice(slash + 1), wanted);
  }
  const priced = (await room.prices.find(scope, model, null))?.provider;
  const provider = (priced === undefined ? null : findProvider(priced)) ?? providerByPrefix(model) ?? openai;
  return target(provider, await room.credentials.resolve(scope, provider.id), provider.id, model, wanted);
}

const openai = findProvider('openai') as Provider;

async function named(room: Room, scope: Scope, name: string, model: string, wanted: Wanted): Promise<Target> {
  const credential = await room.credentials.resolve(scope, name);
  const provider = findProvider(credential?.provider ?? name);
  if (provider === null) {
    throw new AppError(
      'bad_request',
      `There is no provider or credential named \`${name}\`. Add a credential of this name under Settings, Model credentials.`,
    );
  }
  return target(provider, credential, name, model, wanted);
}

function target(provider: Provider, credential: UsableCredential | null, name: string, model: string, wanted: Wanted): Target {
  const given = wanted.apiKeys[provider.id] ?? provider.aliases?.map((alias) => wanted.apiKeys[alias]).find((key) => key !== undefined);
  const baseUrl = baseUrlOf(provider, credential);
  const usable = credential !== null || given !== undefined || provider.simulated === true;
  if (!usable) throw missingCredential(provider);
  if (baseUrl === null) throw placeless(provider, credential?.name ?? name);
  return {
    provider,
    credential,
    secret: given ?? credential?.secret ?? '',
    baseUrl: versioned(baseUrl, provider),
    privateAllowed: credential?.privateAllowed ?? false,
    model,
    named: name === credential?.name ? name : provider.id,
  };
}

/** The credential's own, as the provider completes it, else the provider's. */
export function baseUrlOf(provider: Provider, credential: UsableCredential | null): string | null {
  const own = credential?.baseUrl || null;
  return provider.address === undefined ? (own ?? provider.baseUrl) : provider.address(credential?.settings ?? {}, own);
}

/** The base URL with the version that the vendor's SDK appends, unless it is there. */
export function versioned(baseUrl: string, { dialect }: Provider): string {
  const base = baseUrl.replace(/\/+$/, '');
  return dialect.version === null || /\/v\d+[a-z0-9]*$/.test(base) ? base : `${base}/${dialect.version}`;
}

function placeless(provider: Provider, name: string): AppError {
  const needed = credentialFieldsOf(provider.id).find(({ required }) => required);
  const missing = needed === undefined ? 'a base URL' : `a base URL or ${needed.label.toLowerCase()} (\`${needed.name}\`)`;
  return new AppError('bad_request', `The credential \`${name}\` does not tell where ${provider.name} is: it needs ${missing}.`, {
    data: { code: 'credential_incomplete', provider: provider.id },
  });
}

function missingCredential(provider: Provider): AppError {
  return new AppError(
    'bad_request',
    `There is no credential for ${provider.name} in this workspace. Add one under Settings, Model credentials, or set ${variablesOf(
      provider,
    )
      .map(({ secret }) => secret)
      .join(' or ')} on the server.`,
    { data: { code: 'credential_missing', provider: provider.id } },
  );
}
