import { AppError, notFound, type Scope } from '@whetstone/contract';
import { type Ground, isDuplicate, newId } from '../ground.ts';
import type { Credential, People, UsableCredential } from '../index.ts';
import { createLastKnown } from '../last-known.ts';
import { createTouches } from '../touches.ts';
import {
  type CredentialRow,
  deleteCredential,
  insertCredential,
  lockCredential,
  readCredentials,
  readSealed,
  replaceSealed,
  updateCredential,
  writeCredentialUses,
} from './store.ts';
import { checkedSettings, type CredentialSettings, placeOf } from './settings.ts';
import type { Vault } from './vault.ts';

/** A provider's credential that the operator gave, for every workspace. */
export interface OperatorCredential {
  provider: string;
  /** Null where a provider wants none. */
  secret: string | null;
  baseUrl: string | null;
  settings?: CredentialSettings;
  sessionToken?: string | null;
}

export interface CredentialParts {
  vault: Vault;
  operator: readonly OperatorCredential[];
  /** Throws, or rejects with, an AppError for a URL that a user may not name. */
  checkUrl: (url: string) => unknown;
  /** Whether users' base URLs may be private addresses. */
  allowPrivateUrls: boolean;
}

export interface Credentials {
  verbs: People['credentials'];
  /** Seals again what an older master key sealed. */
  rotate: () => Promise<number>;
  dropAll(): void;
  close(): Promise<void>;
}

export const demoProvider = 'demo';
const HINT_LENGTH = 4;

export function createCredentials(ground: Ground, parts: CredentialParts): Credentials {
  const { db, now } = ground;
  const { vault } = parts;
  const shared = [...parts.operator.map(ofOperator), demo()];
  const touches = createTouches({ now, log: ground.log, write: (uses) => writeCredentialUses(db, uses) });
  const known = createLastKnown<readonly UsableCredential[]>({
    what: 'A credential',
    now: () => now().getTime(),
    load: async (workspaceId) => {
      const rows = await readCredentials(db, workspaceId);
      return rows.flatMap((row) => {
        try {
          return [{ ...present(row), secret: vault.open(row.secret, contextOf(row)), privateAllowed: parts.allowPrivateUrls }];
        } catch (error) {
          // Fails closed, and alone: the others of the workspace still work.
          ground.log.error({ err: error, credential: row.id }, 'a credential could not be opened');
          return [];
        }
      });
    },
  });

  const pick = async (
    scope: Scope,
    choose: (own: readonly UsableCredential[]) => UsableCredential | undefined,
  ): Promise<UsableCredential | null> => {
    const own = await known.get(scope.workspaceId);
    const found = choose(own ?? []);
    if (found === undefined) return null;
    if (found.source === 'workspace') touches.touch(found.id);
    return found;
  };

  const checked = async (baseUrl: string): Promise<string> => {
    const url = readBaseUrl(baseUrl);
    await parts.checkUrl(url);
    return url;
  };

  return {
    dropAll: () => known.drop(),
    close: () => touches.close(),
    async rotate() {
      const stale = (await readSealed(db)).filter(({ secret }) => vault.isStale(secret));
      for (const row of stale) {
        const secret = vault.open(row.secret, contextOf(row));
        await replaceSealed(db, row.id, row.secret, vault.seal(secret, contextOf(row)));
      }
      return stale.length;
    },
    verbs: {
      async list(scope) {
        const rows = await readCredentials(db, scope.workspaceId);
        return [...rows.map(present), ...shared.map(withoutSecret)];
      },
      async create(scope, input) {
        const { name, provider, secret } = input;
        const baseUrl = input.baseUrl == null ? null : await checked(input.baseUrl);
        const settings = checkedSettings(provider, input.settings ?? {}, baseUrl);
        const place = { workspace_id: scope.workspaceId, provider, base_url: baseUrl, settings };
        const row = {
          ...place,
          id: newId('credential'),
          name,
          secret: vault.seal(secret, contextOf(place)),
          hint: hintOf(secret),
          created_at: now(),
        };
        await uniquely(name, () =>
          db.transaction().execute(async (tx) => {
            await insertCredential(tx, row);
            await ground.audit.write(tx, scope, {
              action: 'credential.created',
              target: { type: 'credential', id: row.id, name },
              data: { provider, base_url: baseUrl, ...told(settings) },
            });
          }),
        );
        known.drop(scope.workspaceId);
        return present({ ...row, last_used_at: null });
      },
      async update(scope, id, patch) {
        const baseUrl = patch.baseUrl == null ? patch.baseUrl : await checked(patch.baseUrl);
        const row = await uniquely(patch.name ?? '', () =>
          db.transaction().execute(async (tx) => {
            const before = await lockCredential(tx, scope.workspaceId, id);
            if (before === undefined) throw notFound('Credential', id);
            const after = changed(vault, before, { ...patch, baseUrl });
            await updateCredential(tx, id, after);
            await ground.audit.write(tx, scope, {
              action: 'credential.updated',
              target: { type: 'credential', id, name: after.name },
              data: { name: after.name, base_url: after.base_url, ...told(after.settings), secret_replaced: patch.secret !== undefined },
            });
            return after;
          }),
        );
        known.drop(scope.workspaceId);
        return present(row);
      },
      async delete(scope, id) {
        await db.transaction().execute(async (tx) => {
          const row = await deleteCredential(tx, scope.workspaceId, id);
          if (row === undefined) throw notFound('Credential', id);
          await ground.audit.write(tx, scope, {
            action: 'credential.deleted',
            target: { type: 'credential', id, name: row.name },
            data: { provider: row.provider },
          });
        });
        known.drop(scope.workspaceId);
      },
      resolve: (scope, name) =>
        // What the workspace has comes before what the operator gave, whose credentials are named by provider.
        pick(scope, (own) => byName(own, name) ?? byName(shared, name)),
      resolveById: (scope, id) => pick(scope, (own) => [...own, ...shared].find((one) => one.id === id)),
    },
  };
}

function byName(credentials: readonly UsableCredential[], name: string): UsableCredential | undefined {
  return credentials.find((one) => one.name === name) ?? credentials.find(({ provider }) => provider === name);
}

/**
 * A secret is bound to the place it was given for: with a new base URL it must be given again, or whoever may edit a
 * credential could have the server send its secret to a place of their own.
 */
function changed(vault: Vault, before: CredentialRow, patch: Parameters<People['credentials']['update']>[2]): CredentialRow {
  const baseUrl = patch.baseUrl === undefined ? before.base_url : patch.baseUrl;
  const settings = checkedSettings(before.provider, patch.settings ?? before.settings, baseUrl);
  const after = { ...before, name: patch.name ?? before.name, base_url: baseUrl, settings };
  const moved = baseUrl !== before.base_url || contextOf(after).join(' ') !== contextOf(before).join(' ');
  if (moved && patch.secret === undefined) {
    const what = baseUrl !== before.base_url ? 'base URL' : 'place';
    throw new AppError('bad_request', `A new ${what} needs the secret again: a secret is kept only for the address it was given for.`, {
      details: [{ loc: ['body', 'secret'], msg: `is needed with a new ${what}`, type: 'missing' }],
    });
  }
  if (patch.secret === undefined) return after;
  return { ...after, secret: vault.seal(patch.secret, contextOf(after)), hint: hintOf(patch.secret) };
}

function contextOf(row: Pick<CredentialRow, 'workspace_id' | 'provider' | 'base_url' | 'settings'>): string[] {
  const origin = row.base_url === null ? '' : new URL(row.base_url).origin;
  return [row.workspace_id, `credential:${row.provider}`, origin, ...placeOf(row.provider, row.settings)];
}

function told(settings: CredentialSettings): { settings?: CredentialSettings } {
  return Object.keys(settings).length > 0 ? { settings } : {};
}

function readBaseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new AppError('bad_request', 'The base URL must begin with https:// or http://.');
  if (url.username !== '' || url.password !== '') throw new AppError('bad_request', 'The base URL must not carry a user name or password.');
  return url.href.replace(/\/+$/, '');
}

async function uniquely<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isDuplicate(error)) throw new AppError('conflict', `There is a credential named \`${name}\` already.`);
    throw error;
  }
}

/** The last characters, never so many that they give a short secret away. */
function hintOf(secret: string): string {
  return secret.length >= HINT_LENGTH * 3 ? secret.slice(-HINT_LENGTH) : '';
}

function present(row: CredentialRow): Credential {
  return {
    id: row.id,
    name: row.name,
    provider: row.provider,
    baseUrl: row.base_url,
    settings: row.settings,
    hint: row.hint,
    source: 'workspace',
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
  };
}

function ofOperator(given: OperatorCredential): UsableCredential {
  const secret = given.secret ?? '';
  return {
    id: `operator_${given.provider}`,
    name: given.provider,
    provider: given.provider,
    baseUrl: given.baseUrl,
    settings: given.settings ?? {},
    ...(given.sessionToken == null ? {} : { sessionToken: given.sessionToken }),
    hint: hintOf(secret),
    source: 'operator',
    createdAt: null,
    lastUsedAt: null,
    secret,
    privateAllowed: true,
  };
}

function demo(): UsableCredential {
  return {
    id: 'built-in_demo',
    name: demoProvider,
    provider: demoProvider,
    baseUrl: null,
    settings: {},
    hint: '',
    source: 'built-in',
    createdAt: null,
    lastUsedAt: null,
    secret: '',
    privateAllowed: false,
  };
}

function withoutSecret({
  secret: _secret,
  sessionToken: _token,
  privateAllowed: _privateAllowed,
  ...credential
}: UsableCredential): Credential {
  const { access_key_id: _id, ...settings } = credential.settings;
  return { ...credential, settings };
}
