import { AppError, type Scope } from '@whetstone/contract';
import type { Outbound } from '../outbound/index.ts';
import type { People, UsableCredential } from '../people/index.ts';
import { demoEmbedding, demoModels } from './demo/models.ts';
import type { Gateway } from './index.ts';
import { findProvider, type Provider } from './providers/table.ts';
import type { Room } from './room.ts';
import { baseUrlOf, versioned } from './steps/targets.ts';
import { asText, asObject, parseJson } from './wire/read.ts';

type Choice = Awaited<ReturnType<Gateway['models']>>[number];

/** Models to choose from: the demo's, and those of the price table by each credential at hand. */
export async function listModels(room: Room, credentials: Pick<People['credentials'], 'list'>, scope: Scope): Promise<Choice[]> {
  const [known, prices] = await Promise.all([credentials.list(scope), room.prices.list(scope)]);
  const choices: Choice[] = [...demoModels.map(({ id }) => id), demoEmbedding].map((model) => ({
    provider: 'demo',
    credential: 'demo',
    model,
    available: true,
    simulated: true,
  }));
  const seen = new Set<string>();
  for (const row of prices) {
    const provider = findProvider(row.provider);
    const model = row.model.replace(/-?\*$/, '');
    const key = `${row.provider} ${model}`;
    if (provider === null || provider.simulated === true || seen.has(key)) continue;
    seen.add(key);
    const credential = known.find((each) => each.provider === provider.id);
    choices.push({
      provider: provider.id,
      credential: credential?.name ?? provider.id,
      model,
      available: credential !== undefined,
      simulated: false,
    });
  }
  return choices;
}

/** Asks the provider for its models, which needs a good key and costs nothing. */
export async function testCredential(
  room: Room,
  outbound: Outbound,
  scope: Scope,
  id: string,
): Promise<{ ok: boolean; message: string; models: string[] }> {
  const credential = await room.credentials.resolveById(scope, id);
  if (credential === null) throw new AppError('not_found', `Credential \`${id}\` does not exist.`);
  const provider = findProvider(credential.provider);
  if (provider === null) return { ok: false, message: `The provider \`${credential.provider}\` is not known to this version.`, models: [] };
  if (provider.simulated === true)
    return { ok: true, message: 'The demo provider is built in; its answers are simulated.', models: demoModels.map((model) => model.id) };
  try {
    return await askModels(outbound, provider, credential, room.clock());
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error), models: [] };
  }
}

async function askModels(
  outbound: Outbound,
  provider: Provider,
  credential: UsableCredential,
  at: Date,
): Promise<{ ok: boolean; message: string; models: string[] }> {
  const base = baseUrlOf(provider, credential);
  if (base === null) return { ok: false, message: 'This provider needs a base URL.', models: [] };
  const { dialect } = provider;
  const { listModels: list } = dialect;
  const place = versioned(base, provider);
  const url = new URL((list.base?.(place) ?? place) + list.path);
  const { settings, sessionToken = null } = credential;
  const answer = await outbound.fetch({
    url,
    headers: {
      accept: 'application/json',
      ...dialect.authorise(credential.secret, { method: 'GET', url, body: '', settings, sessionToken, at }),
    },
    privateAllowed: credential.privateAllowed,
    maxRedirects: 0,
    maxBytes: 8 << 20,
    timeoutMs: 15_000,
  });
  const text = answer.body.toString('utf8');
  if (answer.status !== 200)
    return { ok: false, message: `${answer.status}: ${dialect.readError(answer.status, text).message}`, models: [] };
  const body = parseJson(text);
  if (asObject(body) === null && !Array.isArray(body))
    return { ok: false, message: `${new URL(base).host} did not answer in JSON; is the base URL right?`, models: [] };
  const models = list.read(body).filter((name) => asText(name) !== null);
  return {
    ok: true,
    message: `${provider.name} accepted the credential and offers ${models.length} models.`,
    models: models.slice(0, 1000),
  };
}
