import { AppError, type KeyRole, notFound, type Scope } from '@whetstone/contract';
import { type Ground, hashToken, newId, newToken } from '../ground.ts';
import type { ApiKey, People } from '../index.ts';
import { createLastKnown, type LastKnown } from '../last-known.ts';
import type { Tx } from '../tables.ts';
import { createTouches } from '../touches.ts';
import { findUsableKey, insertKey, insertKeyIfAbsent, type KeyRow, markRevoked, type NewKey, readKeys, writeKeyUses } from './store.ts';

const PREFIX_SHOWN = 8;

export interface Keys {
  verbs: People['keys'];
  scopeOf: (key: string) => Promise<Scope | null>;
  /** A key with all rights, of any text; made if absent. Whether it was made. */
  ensure(tx: Tx, workspaceId: string, key: string): Promise<boolean>;
  dropAll(): void;
  close(): Promise<void>;
}

export function createKeys(ground: Ground): Keys {
  const { db, now } = ground;
  const touches = createTouches({ now, log: ground.log, write: (uses) => writeKeyUses(db, uses) });
  const known: LastKnown<KeyRow> = createLastKnown({
    what: 'An API key',
    now: () => now().getTime(),
    load: async (hash) => (await findUsableKey(db, hash, now())) ?? null,
  });

  return {
    async scopeOf(key) {
      const row = await known.get(hashToken(key));
      if (row === null || (row.expires_at !== null && row.expires_at <= now())) return null;
      touches.touch(row.id);
      const { id, name, role, environment } = row;
      return { workspaceId: row.workspace_id, actor: { type: 'key', id, name, role, environment } };
    },
    async ensure(tx, workspaceId, key) {
      const row = newKey({ workspaceId, key, name: 'Initial key', role: 'admin', createdAt: now() });
      return insertKeyIfAbsent(tx, row);
    },
    dropAll: () => known.drop(),
    close: () => touches.close(),
    verbs: {
      list: async (scope) => (await readKeys(db, scope.workspaceId)).map(present),
      async create(scope, input) {
        const expiresAt = input.expiresAt ?? null;
        if (expiresAt !== null && expiresAt <= now()) throw new AppError('bad_request', 'The expiry of a new key must lie in the future.');
        const key = `${input.role === 'feedback' ? 'wsf' : 'wsk'}_${newToken()}`;
        const row: NewKey = {
          ...newKey({ workspaceId: scope.workspaceId, key, name: input.name, role: input.role, createdAt: now() }),
          environment: input.environment ?? null,
          created_by: scope.actor.id,
          expires_at: expiresAt,
        };
        await db.transaction().execute(async (tx) => {
          await insertKey(tx, row);
          await ground.audit.write(tx, scope, {
            action: 'api_key.created',
            target: { type: 'api_key', id: row.id, name: row.name },
            data: { role: row.role, environment: row.environment, expires_at: expiresAt?.toISOString() ?? null, prefix: row.prefix },
          });
        });
        known.drop(row.hash);
        return { ...present({ ...row, last_used_at: null }), key };
      },
      async revoke(scope, id) {
        const revoked = await db.transaction().execute(async (tx) => {
          const done = await markRevoked(tx, scope.workspaceId, id, now());
          if (done === undefined) throw notFound('API key', id);
          await ground.audit.write(tx, scope, { action: 'api_key.revoked', target: { type: 'api_key', id, name: done.name } });
          return done;
        });
        known.drop(revoked.hash);
      },
    },
  };
}

function newKey(input: { workspaceId: string; key: string; name: string; role: KeyRole; createdAt: Date }): NewKey {
  const { key } = input;
  return {
    id: newId('key'),
    workspace_id: input.workspaceId,
    name: input.name,
    // Never more than a third: a key that an operator chose may be short.
    prefix: key.slice(0, Math.min(PREFIX_SHOWN, Math.floor(key.length / 3))),
    hash: hashToken(key),
    role: input.role,
    environment: null,
    created_at: input.createdAt,
    created_by: null,
    expires_at: null,
  };
}

function present(row: KeyRow): ApiKey {
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    role: row.role,
    environment: row.environment,
    createdAt: row.created_at,
    createdBy: row.created_by,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
  };
}
