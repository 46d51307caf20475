import { AsyncLocalStorage } from 'node:async_hooks';
import type { Scope } from '@whetstone/contract';
import type { Kysely, Transaction } from 'kysely';
import { newId } from '../ground.ts';
import type { AuditEntry, AuditInput, People } from '../index.ts';
import type { Db, PeopleTables, Tx } from '../tables.ts';
import { insertEntry, readEntries } from './store.ts';

export interface AuditTrail {
  /** In the transaction of the change it tells of. */
  write(tx: Db, scope: Scope, entry: AuditInput): Promise<void>;
  /** Entries written while `work` runs carry this address. */
  withIp<T>(ip: string, work: () => T): T;
}

const burstMs = 100;

export function createAuditTrail(now: () => Date): AuditTrail {
  const caller = new AsyncLocalStorage<string>();
  let last = 0;
  /** Within a moment the order of writing is kept: entries are read by it. A clock that was set back is followed. */
  const moment = (): Date => {
    const at = now().getTime();
    last = at <= last && last - at < burstMs ? last + 1 : at;
    return new Date(last);
  };
  return {
    withIp: (ip, work) => caller.run(ip, work),
    write: (tx, { workspaceId, actor }, entry) =>
      insertEntry(tx, {
        id: newId('audit'),
        workspace_id: workspaceId,
        at: moment(),
        actor_type: actor.type,
        actor_id: actor.id,
        actor_name: actor.name,
        action: entry.action,
        target: entry.target ?? null,
        data: entry.data ?? {},
        ip: caller.getStore() ?? null,
      }),
  };
}

export function createAudit(db: Kysely<PeopleTables>, trail: AuditTrail): People['audit'] {
  return {
    record: (scope, entry, transaction?: Transaction<never>) => trail.write((transaction as Tx | undefined) ?? db, scope, entry),
    withIp: (ip, work) => trail.withIp(ip, work),
    async list(scope, { page, size, action, actor }) {
      const query = {
        workspaceId: scope.workspaceId,
        limit: size,
        offset: (page - 1) * size,
        action: action ?? null,
        actor: actor ?? null,
      };
      const { rows, total } = await readEntries(db, query);
      const records = rows.map((row): AuditEntry => ({
        id: row.id,
        at: row.at,
        actor: { type: row.actor_type as AuditEntry['actor']['type'], id: row.actor_id, name: row.actor_name },
        action: row.action,
        target: row.target,
        data: row.data,
        ip: row.ip,
      }));
      return { records, total };
    },
  };
}
