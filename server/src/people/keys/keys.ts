import { AppError, type KeyRole, notFound, type Scope } from '@whetstone/contract';
import { type Ground, hashToken, newId, newToken } from '../ground.ts';
import type { ApiKey, People } from '../index.ts';
import { createLastKnown, type LastKnown } from '../last-known.ts';
import type { Tx } from '../tables.ts';
import { createTouches } from '../touches.ts';
import {
  findUsableKey,
  insertKey,
  insertKeyIfAbsent,
  type KeyRow,
  markRevoked,
  type NewKey,
  originNamed,
  readKeys,
  updateOrigins,
  writeKeyUses,
} from './store.ts';

const PREFIX_SHOWN = 8;

export interface Keys {
  verbs: People['keys'];
  scopeOf: (key: string) => Promise<Scope | null>;
  /** A key with all rights, of any text; made if absent. Whether it was made. */
  ensure(tx: Tx, workspaceId: string, key: string): Promise<boolean>;
  /** Whether the key is publishable and names the origin. */
  namesOrigin: (key: string, origin: string) => Promise<boolean>;
  /** Whether any publishable key does. */
  originIsNamed: (origin: string) => Promise<boolean>;
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

  const named: LastKnown<true> = createLastKnown({
    what: 'An origin',
    now: () => now().getTime(),
    load: async (origin) => ((await originNamed(db, origin)) ? true : null),
  });

  return {
    async namesOrigin(key, origin) {
      const row = await known.get(hashToken(key));
      return row !== null && row.role === 'feedback' && (row.origins.includes(origin) || row.origins.includes('*'));
    },
    originIsNamed: async (origin) => origin.length <= 300 && (await named.get(origin)) !== null,
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
    dropAll: () => {
      known.drop();
      named.drop();
    },
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
          origins: originsOf(input.role, input.origins ?? []),
        };
        await db.transaction().execute(async (tx) => {
          await insertKey(tx, row);
          await ground.audit.write(tx, scope, {
            action: 'api_key.created',
            target: { type: 'api_key', id: row.id, name: row.name },
            data: {
              role: row.role,
              environment: row.environment,
              expires_at: expiresAt?.toISOString() ?? null,
              origins: row.origins,
              prefix: row.prefix,
            },
          });
        });
        known.drop(row.hash);
        named.drop();
        return { ...present({ ...row, last_used_at: null }), key };
      },
      async setOrigins(scope, id, given) {
        const origins = originsOf('feedback', given);
        const changed = await db.transaction().execute(async (tx) => {
          const done = await updateOrigins(tx, scope.workspaceId, id, origins);
          if (done === undefined) throw notFound('Publishable API key', id);
          await ground.audit.write(tx, scope, {
            action: 'api_key.updated',
            target: { type: 'api_key', id, name: done.name },
            data: { origins },
          });
          return done;
        });
        known.drop(changed.hash);
        named.drop();
        return present(changed);
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
    origins: [],
  };
}

/** As browsers send them: scheme, host and port. */
function originsOf(role: KeyRole, given: readonly string[]): string[] {
  if (given.length > 0 && role !== 'feedback')
    throw new AppError('invalid_input', 'Only a key of the role `feedback` has origins: no other key may be in a page.');
  return [...new Set(given.map((text) => originOf(text.trim())))];
}

function originOf(text: string): string {
  if (text === '*') return text;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (
    url === null ||
    !['http:', 'https:'].includes(url.protocol) ||
    url.pathname !== '/' ||
    url.search !== '' ||
    url.hash !== '' ||
    url.username !== ''
  )
    throw new AppError(
      'invalid_input',
      `\`${text.slice(0, 100)}\` is no origin. Write it as \`https://example.com\`, with a port where it has one, or \`*\` for any page.`,
    );
  return url.origin;
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
    origins: row.origins,
    lastUsedAt: row.last_used_at,
  };
}
