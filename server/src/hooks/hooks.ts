import { randomBytes } from 'node:crypto';
import { AppError, notFound, type Scope, webhookEvents } from '@whetstone/contract';
import { base62, idPrefixes, makeId } from '@whetstone/domain';
import type { Transaction } from 'kysely';
import type { JobPayload, Jobs } from '../jobs/index.ts';
import { type Outbound, OutboundError } from '../outbound/index.ts';
import type { People, Vault } from '../people/index.ts';
import { type Storage, StoreUnavailableError } from '../storage/index.ts';
import type { Hooks, Webhook } from './index.ts';
import { bodyOf, signatureOf, slackMessage } from './message.ts';
import {
  deleteHook,
  findHook,
  type HookRow,
  type HookTables,
  insertHook,
  readAllHooks,
  readHooks,
  replaceSealed,
  writeStatus,
} from './store.ts';

export interface HooksDeps {
  storage: Pick<Storage, 'database'>;
  jobs: Pick<Jobs, 'enqueue' | 'work'>;
  vault: Vault;
  outbound: Pick<Outbound, 'fetch' | 'checkUrl'>;
  audit: Pick<People['audit'], 'record'>;
  now?: () => Date;
}

const MAX_HOOKS = 50;
const TIMEOUT_MS = 10_000;

type Delivery = JobPayload<'webhook.deliver'>;

export function createHooks(deps: HooksDeps): Hooks {
  const { vault, outbound, jobs, now = () => new Date() } = deps;
  const db = deps.storage.database<HookTables>();

  /** @returns what happened, in words that tell nothing of the answer but its status */
  const deliver = async (row: HookRow, delivery: Delivery, signal: AbortSignal | null): Promise<{ ok: boolean; message: string }> => {
    const result = await send(outbound, { row, delivery, secret: vault.open(row.secret, contextOf(row)), at: now(), signal });
    await writeStatus(db, row.id, result.message, now());
    return result;
  };

  jobs.work('webhook.deliver', async (delivery, { signal }) => {
    const row = await findHook(db, delivery.workspaceId, delivery.webhookId);
    if (row === undefined) return;
    const { ok, message } = await deliver(row, delivery, signal);
    if (!ok) throw new Error(`webhook ${row.id}: ${message}`);
  });

  return {
    list: async (scope) => (await readHooks(db, scope.workspaceId)).map(present),
    async create(scope, input) {
      const events = input.events.filter((event) => (webhookEvents as readonly string[]).includes(event));
      if (events.length === 0) throw new AppError('bad_request', `Name at least one event: ${webhookEvents.join(', ')}.`);
      const url = outbound.checkUrl(input.url, { field: 'url' }).href;
      if ((await readHooks(db, scope.workspaceId)).length >= MAX_HOOKS) {
        throw new AppError('conflict', `A workspace has at most ${MAX_HOOKS} webhooks. Delete one first.`);
      }
      const secret = `whsec_${base62(randomBytes(32))}`;
      const place = { workspace_id: scope.workspaceId, url };
      const row = {
        ...place,
        id: makeId(idPrefixes.webhook, randomBytes(21)),
        format: input.format,
        events,
        secret: vault.seal(secret, contextOf(place)),
        created_at: now(),
      };
      await db.transaction().execute(async (tx) => {
        await insertHook(tx, row);
        await deps.audit.record(
          scope,
          { action: 'webhook.created', target: targetOf(row), data: { events, format: row.format } },
          tx as never,
        );
      });
      return { ...present({ ...row, last_status: null, last_sent_at: null }), secret };
    },
    delete: (scope, id) =>
      db.transaction().execute(async (tx) => {
        const row = await deleteHook(tx, scope.workspaceId, id);
        if (row === undefined) throw notFound('Webhook', id);
        await deps.audit.record(scope, { action: 'webhook.deleted', target: targetOf(row) }, tx as never);
      }),
    async test(scope, id) {
      const row = await findHook(db, scope.workspaceId, id);
      if (row === undefined) throw notFound('Webhook', id);
      return deliver(row, deliveryOf(scope.workspaceId, id, 'test', testBody(scope), now()), null);
    },
    async publish(event, transaction) {
      const { workspaceId } = event.scope;
      const hooks = await readHooks(transaction as unknown as Transaction<HookTables>, workspaceId);
      for (const { id } of hooks.filter(({ events }) => events.includes(event.type))) {
        await jobs.enqueue('webhook.deliver', deliveryOf(workspaceId, id, event.type, bodyOf(event), now()), { transaction });
      }
    },
    async tell({ workspaceId }, webhookIds, event, body, transaction) {
      const hooks = await readHooks(transaction as unknown as Transaction<HookTables>, workspaceId);
      const wanted = event === 'alert.tested' ? 'alert.opened' : event;
      const told = hooks.filter(({ id, events }) => webhookIds?.includes(id) ?? events.includes(wanted));
      for (const { id } of told) await jobs.enqueue('webhook.deliver', deliveryOf(workspaceId, id, event, body, now()), { transaction });
      return told.map(({ url, format }) => ({
        to: new URL(url).host,
        how: format === 'slack' ? ('slack' as const) : ('webhook' as const),
      }));
    },
    async rotateSecrets() {
      const stale = (await readAllHooks(db)).filter(({ secret }) => vault.isStale(secret));
      for (const row of stale) await replaceSealed(db, row, vault.seal(vault.open(row.secret, contextOf(row)), contextOf(row)));
      return stale.length;
    },
  };
}

function deliveryOf(workspaceId: string, webhookId: string, event: string, body: Record<string, unknown>, at: Date): Delivery {
  return { workspaceId, webhookId, deliveryId: makeId('dlv_', randomBytes(21)), event, at: at.toISOString(), body };
}

function testBody({ workspaceId, actor }: Scope): Record<string, unknown> {
  return { workspace_id: workspaceId, actor: { type: actor.type, id: actor.id, name: actor.name } };
}

async function send(
  outbound: HooksDeps['outbound'],
  input: { row: HookRow; delivery: Delivery; secret: string; at: Date; signal: AbortSignal | null },
): Promise<{ ok: boolean; message: string }> {
  const { row, delivery, secret, at, signal } = input;
  const { deliveryId: id, event, body } = delivery;
  const text = JSON.stringify(
    row.format === 'slack' ? slackMessage(event, body) : { id, type: event, created_at: delivery.at, data: body },
  );
  try {
    const answer = await outbound.fetch({
      url: row.url,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Whetstone',
        'x-whetstone-event': event,
        'x-whetstone-delivery': id,
        'x-whetstone-signature': signatureOf(secret, text, at),
      },
      body: text,
      timeoutMs: TIMEOUT_MS,
      // A redirect could lead a signed message elsewhere: the address given is the address used.
      maxRedirects: 0,
      ...(signal === null ? {} : { signal }),
    });
    const ok = answer.status >= 200 && answer.status < 300;
    return { ok, message: ok ? `Delivered: answered ${answer.status}.` : `Failed: answered ${answer.status}.` };
  } catch (error) {
    return { ok: false, message: `Failed: ${reasonOf(error)}` };
  }
}

const reasons: Partial<Record<OutboundError['kind'], string>> = {
  denied: 'this address is not allowed.',
  connect: 'no connection could be made.',
  connect_timeout: 'no connection could be made in time.',
  redirects: 'it redirects; give the final address.',
  too_large: 'its answer is too large.',
};

/** T16: which of a few things went wrong, and nothing of what the other side said. */
function reasonOf(error: unknown): string {
  if (error instanceof StoreUnavailableError) throw error;
  if (error instanceof AppError) return 'this address is not allowed.';
  if (!(error instanceof OutboundError)) throw error;
  return reasons[error.kind] ?? 'it did not answer properly in time.';
}

function contextOf(row: { workspace_id: string; url: string }): string[] {
  return [row.workspace_id, 'webhook', new URL(row.url).origin];
}

/** The host only: the path of a Slack URL is a secret. */
function targetOf(row: { id: string; url: string }): { type: string; id: string; name: string } {
  return { type: 'webhook', id: row.id, name: new URL(row.url).host };
}

function present(row: HookRow): Webhook {
  return {
    id: row.id,
    url: row.url,
    format: row.format,
    events: row.events,
    createdAt: row.created_at,
    lastStatus: row.last_status,
    lastSentAt: row.last_sent_at,
  };
}
