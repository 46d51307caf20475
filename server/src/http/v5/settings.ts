import type { Price } from '../../gateway/index.ts';
import type { Webhook } from '../../hooks/index.ts';
import type { Credential } from '../../people/index.ts';
import { presentEnvironment } from '../present/file.ts';
import type { HandlersOf } from './call.ts';
import type { Rooms } from './handlers.ts';

type Own = 'credentials' | 'models' | 'prices' | 'environments' | 'webhooks';

/** Credentials, prices, environments and webhooks of the workspace. */
export function settingsHandlers({ people, files, gateway, hooks }: Rooms): HandlersOf<Own> {
  return {
    async 'credentials.list'({ scope }) {
      return { records: (await people.credentials.list(scope)).map(presentCredential) };
    },
    async 'credentials.create'({ scope, body }) {
      return presentCredential(
        await people.credentials.create(scope, {
          name: body.name,
          provider: body.provider,
          secret: body.secret,
          baseUrl: body.base_url ?? null,
          settings: body.settings ?? {},
        }),
      );
    },
    async 'credentials.update'({ scope, params, body }) {
      return presentCredential(
        await people.credentials.update(scope, params.id, {
          name: body.name,
          secret: body.secret,
          ...(body.base_url === undefined ? {} : { baseUrl: body.base_url }),
          ...(body.settings === undefined ? {} : { settings: body.settings ?? {} }),
        }),
      );
    },
    async 'credentials.delete'({ scope, params }) {
      await people.credentials.delete(scope, params.id);
    },
    async 'credentials.test'({ scope, params }) {
      return gateway.testCredential(scope, params.id);
    },
    async 'models.list'({ scope }) {
      return { records: await gateway.models(scope) };
    },
    async 'prices.list'({ scope }) {
      return { records: (await gateway.prices.list(scope)).map(presentPrice) };
    },
    async 'prices.set'({ scope, body }) {
      return presentPrice(
        await gateway.prices.set(scope, {
          model: body.model,
          provider: body.provider,
          inputPerMillion: body.input_per_million,
          outputPerMillion: body.output_per_million,
          cachedInputPerMillion: body.cached_input_per_million ?? null,
        }),
      );
    },
    async 'prices.reset'({ scope, query }) {
      await gateway.prices.reset(scope, query.model, query.provider);
    },
    async 'environments.list'({ scope }) {
      return (await files.environments.list(scope)).map(presentEnvironment);
    },
    async 'environments.create'({ scope, body }) {
      return presentEnvironment(await files.environments.create(scope, body));
    },
    async 'environments.update'({ scope, params, body }) {
      return presentEnvironment(
        await files.environments.update(scope, params.id, {
          name: body.name,
          protected: body.protected,
          makeDefault: body.tag === 'default',
        }),
      );
    },
    async 'environments.delete'({ scope, params }) {
      await files.environments.delete(scope, params.id);
    },
    async 'webhooks.list'({ scope }) {
      return { records: (await hooks.list(scope)).map((webhook) => presentWebhook(webhook, null)) };
    },
    async 'webhooks.create'({ scope, body }) {
      const webhook = await hooks.create(scope, body);
      return presentWebhook(webhook, webhook.secret);
    },
    async 'webhooks.delete'({ scope, params }) {
      await hooks.delete(scope, params.id);
    },
    async 'webhooks.test'({ scope, params }) {
      return hooks.test(scope, params.id);
    },
  };
}

function presentCredential(credential: Credential) {
  return {
    id: credential.id,
    name: credential.name,
    provider: credential.provider,
    base_url: credential.baseUrl,
    settings: credential.settings,
    hint: credential.hint,
    source: credential.source,
    created_at: credential.createdAt?.toISOString() ?? null,
    last_used_at: credential.lastUsedAt?.toISOString() ?? null,
  };
}

function presentPrice(price: Price) {
  return {
    model: price.model,
    provider: price.provider,
    input_per_million: price.inputPerMillion,
    output_per_million: price.outputPerMillion,
    cached_input_per_million: price.cachedInputPerMillion,
    source: price.source,
  };
}

function presentWebhook(webhook: Webhook, secret: string | null) {
  return {
    id: webhook.id,
    url: webhook.url,
    format: webhook.format,
    events: webhook.events as never[],
    created_at: webhook.createdAt.toISOString(),
    last_status: webhook.lastStatus,
    last_sent_at: webhook.lastSentAt?.toISOString() ?? null,
    secret,
  };
}
