import { AppError, type Scope } from '@whetstone/contract';
import { hashPassword } from 'better-auth/crypto';
import { anyUser, deleteUser, findUserByEmail, insertUser, type UserRow } from './auth/store.ts';
import type { Ground } from './ground.ts';
import type { Keys } from './keys/keys.ts';
import { insertMember } from './members/store.ts';
import type { Tx } from './tables.ts';
import type { Workspaces } from './workspaces/workspaces.ts';
import { lockFirstRun } from './workspaces/store.ts';

export interface FirstRun {
  needsOwner: () => Promise<boolean>;
  /** The first person, owner of the first workspace. @throws AppError `conflict` when there is one */
  setUp(input: { name: string; email: string; passwordHash: string; workspace: string }): Promise<{ user: UserRow; slug: string }>;
  /** The same for a person whom the identity provider brought; whether they were the first. */
  adoptFirst(user: UserRow): Promise<boolean>;
  ensure: (input: InitialAccess) => Promise<void>;
}

export interface InitialAccess {
  email: string | null;
  password: string | null;
  apiKey: string | null;
}

export function createFirstRun(ground: Ground, parts: { workspaces: Workspaces; keys: Keys; dropCaches(): void }): FirstRun {
  const { db, now, audit } = ground;
  const { workspaces } = parts;
  let owned = false;

  const needsOwner = async (): Promise<boolean> => {
    if (!owned) owned = await anyUser(db);
    return !owned;
  };

  return {
    needsOwner,
    async setUp(input) {
      const made = await db.transaction().execute(async (tx) => {
        await lockFirstRun(tx);
        if (await anyUser(tx)) throw new AppError('conflict', 'This server has an owner already. Ask them for an invitation.');
        const user = await insertUser(tx, { name: input.name, email: input.email, passwordHash: input.passwordHash, at: now() });
        const made = await workspaces.adopt(tx, user, input.workspace);
        await workspaces.welcomeToDemo(tx, user.id);
        return { user, ...made };
      });
      try {
        if (made.isNew) await workspaces.announce(made.workspace);
      } catch (error) {
        await deleteUser(db, made.user.id);
        owned = false;
        throw error;
      }
      parts.dropCaches();
      return { user: made.user, slug: made.workspace.slug };
    },
    async adoptFirst(user) {
      const made = await db.transaction().execute(async (tx) => {
        await lockFirstRun(tx);
        if (await workspaces.anyMember(tx)) return null;
        const adopted = await workspaces.adopt(tx, user, 'Main');
        await workspaces.welcomeToDemo(tx, user.id);
        return adopted;
      });
      if (made?.isNew === true) await workspaces.announce(made.workspace);
      return made !== null;
    },
    async ensure({ email, password, apiKey }) {
      if (email === null && apiKey === null) return;
      if (email !== null && password === null) throw new Error('WHETSTONE_INIT_EMAIL is set; WHETSTONE_INIT_PASSWORD is needed with it.');
      const address = email?.trim().toLowerCase() ?? null;
      const isAbsent = address !== null && (await findUserByEmail(db, address)) === undefined;
      const passwordHash = isAbsent && password !== null ? await hashPassword(password) : null;
      const main = await db.transaction().execute(async (tx) => {
        await lockFirstRun(tx);
        const made = await workspaces.ensureMain(tx);
        const scope = initialScope(made.workspace.id);
        if (address !== null) await ensureOwner(tx, made, { address, passwordHash });
        if (apiKey !== null && (await parts.keys.ensure(tx, made.workspace.id, apiKey))) {
          await audit.write(tx, scope, { action: 'api_key.created', data: { role: 'admin', initial: true } });
        }
        return made;
      });
      if (main.isNew) await workspaces.announce(main.workspace);
      parts.dropCaches();
    },
  };

  /** A person who is there already and was taken out of the workspace since stays out. */
  async function ensureOwner(
    tx: Tx,
    main: { workspace: { id: string }; isNew: boolean },
    owner: { address: string; passwordHash: string | null },
  ): Promise<void> {
    const found = await findUserByEmail(tx, owner.address);
    if (found !== undefined && !main.isNew) return;
    if (found === undefined && owner.passwordHash === null) return;
    const [name = owner.address] = owner.address.split('@');
    const user = found ?? (await insertUser(tx, { name, email: owner.address, passwordHash: owner.passwordHash ?? '', at: now() }));
    await insertMember(tx, { workspaceId: main.workspace.id, userId: user.id, role: 'owner', joinedAt: now() });
    await workspaces.welcomeToDemo(tx, user.id);
    const target = { type: 'user', id: user.id, name: user.name };
    await audit.write(tx, initialScope(main.workspace.id), { action: 'member.joined', target, data: { role: 'owner' } });
  }
}

function initialScope(workspaceId: string): Scope {
  return { workspaceId, actor: { type: 'system', id: 'system:first-run', name: 'First run', role: 'admin' } };
}
