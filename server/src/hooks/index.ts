import type { Scope } from '@whetstone/contract';
import type { Transaction } from 'kysely';
import type { FileEvent } from '../files/index.ts';

export { createHooks, type HooksDeps } from './hooks.ts';

/** Webhooks: events of the workspace sent to the user's URLs, signed (HMAC-SHA-256) or in Slack's form. */
export interface Hooks {
  list(scope: Scope): Promise<Webhook[]>;
  create(scope: Scope, input: { url: string; format: 'json' | 'slack'; events: string[] }): Promise<Webhook & { secret: string }>;
  delete(scope: Scope, id: string): Promise<void>;
  test(scope: Scope, id: string): Promise<{ ok: boolean; message: string }>;
  /** Wired to `files.onEvent`: a delivery is enqueued with the change that it tells of, and made by the job queue with retries. */
  publish(event: FileEvent, transaction: Transaction<never>): Promise<void>;
  /**
   * Tells the named webhooks, or all that are told of such events; whom, is the answer. Within the transaction of what it tells of. A
   * test is told to the named, or to all that would be told.
   */
  tell(
    scope: Scope,
    webhookIds: readonly string[] | null,
    event: string,
    body: Record<string, unknown>,
    transaction: Transaction<never>,
  ): Promise<{ to: string; how: 'webhook' | 'slack' }[]>;
  /** At start: seals again what an older master key sealed. Returns how many. */
  rotateSecrets(): Promise<number>;
}
export interface Webhook {
  id: string;
  url: string;
  format: 'json' | 'slack';
  events: string[];
  createdAt: Date;
  lastStatus: string | null;
  lastSentAt: Date | null;
}
