import { AppError, type Scope } from '@whetstone/contract';
import type { Room } from '../room.ts';
import { resolveTarget } from '../steps/targets.ts';
import { StoredResponses, type StoredResponse } from './stored.ts';

/** Stored responses as the door uses them. */
export interface Responses {
  find(scope: Scope, id: string): Promise<StoredResponse | null>;
  remember(scope: Scope, id: string, logId: string): void;
  /** At the provider too, where that keeps it. */
  delete(scope: Scope, stored: StoredResponse): Promise<void>;
}

export function createResponses(room: Room): Responses {
  const responses = new StoredResponses(room.logs);
  return {
    find: (scope, id) => responses.find(scope, id),
    remember: (scope, id, logId) => responses.remember(scope, id, logId),
    async delete(scope, stored) {
      if (stored.native !== null) await deleteAtProvider(room, scope, stored, stored.native.credential);
      await responses.forget(scope, stored);
    },
  };
}

async function deleteAtProvider(room: Room, scope: Scope, stored: StoredResponse, credential: string): Promise<void> {
  const target = await resolveTarget(room, scope, { model: stored.log.model ?? '', provider: credential, apiKeys: {} });
  const { provider, secret, baseUrl, privateAllowed } = target;
  const url = new URL(`${baseUrl}/responses/${encodeURIComponent(stored.id)}`);
  const settings = target.credential?.settings ?? {};
  const headers = provider.dialect.authorise(secret, { method: 'POST', url, body: '', settings, sessionToken: null, at: room.clock() });
  const answer = await room.outbound
    .fetch({ url, method: 'DELETE', headers: { accept: 'application/json', ...headers }, body: null, privateAllowed, maxRedirects: 0 })
    .catch((error: unknown) => {
      throw new AppError('provider_failed', `${provider.name} could not be asked to delete the response.`, { cause: error });
    });
  // Unknown there is as good as deleted.
  if (answer.status < 300 || answer.status === 404) return;
  const { message } = provider.dialect.readError(answer.status, answer.body.toString('utf8'));
  throw new AppError('provider_failed', `${provider.name} did not delete the response: ${message}`);
}
