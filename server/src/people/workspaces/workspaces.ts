import { AppError, notFound, type Scope } from '@whetstone/contract';
import { compileRedaction } from '@whetstone/domain';
import { deleteEntries } from '../audit/store.ts';
import { findUser } from '../auth/store.ts';
import { type Ground, isDuplicate, newId } from '../ground.ts';
import type { People, WorkspaceSettings } from '../index.ts';
import {
  anyMember,
  countMembers,
  endSessionsWithoutWorkspace,
  findMember,
  insertMember,
  presentMember,
  readMembers,
  readMemberships,
  readOwners,
  updateMember,
} from '../members/store.ts';
import type { Db, Tx } from '../tables.ts';
import {
  deleteWorkspace,
  findDemo,
  findWorkspace,
  findWorkspaceBySlug,
  insertWorkspace,
  lockFirstRun,
  lockWorkspace,
  noteDemo,
  readSlugs,
  readWorkspaces,
  updateDemo,
  updateWorkspace,
} from './store.ts';

const demoName = 'Demo: Larkspur Cycles';

export interface Workspaces {
  verbs: People['workspaces'];
  /** Makes the workspace in an open transaction; call `announce` once it is committed. */
  insert(
    tx: Tx,
    owner: { id: string; name: string; email: string },
    input: { name: string; slug?: string | null },
  ): Promise<WorkspaceSettings>;
  /** For the first owner: `main` if a headless first run left it without people, else a new one. */
  adopt(
    tx: Tx,
    owner: { id: string; name: string; email: string },
    name: string,
  ): Promise<{ workspace: WorkspaceSettings; isNew: boolean }>;
  /** Whether any workspace has a member. */
  anyMember(tx: Tx): Promise<boolean>;
  /** The first owner owns the demo workspace too, when it is there and has nobody yet. */
  welcomeToDemo(tx: Tx, userId: string): Promise<void>;
  /** `main`, made if absent, and whether it was made. Without people yet. */
  ensureMain(tx: Tx): Promise<{ workspace: WorkspaceSettings; isNew: boolean }>;
  announce(workspace: WorkspaceSettings): Promise<void>;
}

interface WorkspaceParts {
  /** Everybody may make workspaces. */
  open: boolean;
  /** Standing may have changed for anyone. */
  dropCaches(): void;
}

export function createWorkspaces(ground: Ground, parts: WorkspaceParts): Workspaces {
  const { db, now, audit } = ground;
  const created: ((workspace: WorkspaceSettings) => Promise<void>)[] = [];
  const deleted: ((workspaceId: string) => Promise<void>)[] = [];

  const insert: Workspaces['insert'] = async (tx, owner, input) => {
    const slug = input.slug ?? (await freeSlug(tx, input.name));
    const workspace = await insertNew(tx, { name: input.name, slug, at: now() });
    await insertMember(tx, { workspaceId: workspace.id, userId: owner.id, role: 'owner', joinedAt: now() });
    const scope: Scope = {
      workspaceId: workspace.id,
      actor: { type: 'user', id: owner.id, name: owner.name, email: owner.email, role: 'owner' },
    };
    await audit.write(tx, scope, {
      action: 'workspace.created',
      target: { type: 'workspace', id: workspace.id, name: workspace.name },
      data: { slug },
    });
    return workspace;
  };

  /** Whoever owns a workspace owns the demo too, until they are many: it is there to be tried out. */
  const joinDemo = async (tx: Tx, demoId: string): Promise<void> => {
    for (const userId of await readOwners(tx)) await insertMember(tx, { workspaceId: demoId, userId, role: 'owner', joinedAt: now() });
  };

  const mayCreate = async (from: Db, userId: string): Promise<boolean> =>
    parts.open || (await readMemberships(from, userId)).some(({ role }) => role === 'owner');

  const announce = async (workspace: WorkspaceSettings): Promise<void> => {
    try {
      for (const listener of created) await listener(workspace);
    } catch (error) {
      // Half a workspace would be worse than none.
      await deleteWorkspace(db, workspace.id);
      throw error;
    }
  };

  return {
    insert,
    announce,
    async adopt(tx, owner, name) {
      const main = await findWorkspaceBySlug(tx, 'main');
      if (main === undefined || (await countMembers(tx, main.id)) > 0) return { workspace: await insert(tx, owner, { name }), isNew: true };
      await insertMember(tx, { workspaceId: main.id, userId: owner.id, role: 'owner', joinedAt: now() });
      const { id, email } = owner;
      const scope: Scope = { workspaceId: main.id, actor: { type: 'user', id, name: owner.name, email, role: 'owner' } };
      const target = { type: 'user', id, name: owner.name };
      await audit.write(tx, scope, { action: 'member.joined', target, data: { role: 'owner' } });
      return { workspace: (await updateWorkspace(tx, main.id, { name })) ?? main, isNew: false };
    },
    anyMember,
    async welcomeToDemo(tx, userId) {
      const demo = await findDemo(tx);
      if (demo !== undefined && (await countMembers(tx, demo.id)) === 0) {
        await insertMember(tx, { workspaceId: demo.id, userId, role: 'owner', joinedAt: now() });
      }
    },
    async ensureMain(tx) {
      const main = await findWorkspaceBySlug(tx, 'main');
      if (main !== undefined) return { workspace: main, isNew: false };
      return { workspace: await insertNew(tx, { name: 'Main', slug: 'main', at: now() }), isNew: true };
    },
    verbs: {
      ofUser: (userId) => readMemberships(db, userId),
      mayCreate: (userId) => mayCreate(db, userId),
      async create(userId, input) {
        const workspace = await db.transaction().execute(async (tx) => {
          const owner = await findUser(tx, userId);
          if (owner === undefined) throw notFound('User', userId);
          if (!(await mayCreate(tx, userId))) {
            throw new AppError(
              'forbidden',
              'Only someone who owns a workspace makes another one. Ask an owner to make it and pass it on to you. The operator can let everybody: WHETSTONE_OPEN_WORKSPACES=1.',
            );
          }
          return insert(tx, owner, input);
        });
        parts.dropCaches();
        await announce(workspace);
        return workspace;
      },
      get: async (scope) => must(await findWorkspace(db, scope.workspaceId), scope),
      async update(scope, patch) {
        // Where a rule cannot be used, no log is written: better no such rule.
        if (patch.redaction !== undefined) compileRedaction(patch.redaction);
        return db.transaction().execute(async (tx) => {
          const workspace = must(await updateWorkspace(tx, scope.workspaceId, patch), scope);
          await audit.write(tx, scope, {
            action: 'workspace.updated',
            target: { type: 'workspace', id: workspace.id, name: workspace.name },
            data: { ...patch },
          });
          return workspace;
        });
      },
      async delete(scope, confirm) {
        requireOwner(scope, 'delete the workspace');
        await db.transaction().execute(async (tx) => {
          const workspace = must(await findWorkspace(tx, scope.workspaceId), scope);
          if (workspace.slug !== confirm) {
            throw new AppError('bad_request', `To delete this workspace, confirm with its name in links: \`${workspace.slug}\`.`);
          }
          await requireAnother(tx, scope);
          const members = await readMembers(tx, workspace.id);
          await deleteWorkspace(tx, workspace.id);
          for (const { user_id: userId } of members) await endSessionsWithoutWorkspace(tx, userId);
          await deleteEntries(tx, workspace.id);
          await audit.write(tx, scope, {
            action: 'workspace.deleted',
            target: { type: 'workspace', id: workspace.id, name: workspace.name },
            data: { slug: workspace.slug },
          });
        });
        parts.dropCaches();
        for (const listener of deleted) await listener(scope.workspaceId);
      },
      async transfer(scope, userId) {
        requireOwner(scope, 'pass on ownership');
        await db.transaction().execute((tx) => transferIn(tx, ground, scope, userId));
        parts.dropCaches();
        return (await readMembers(db, scope.workspaceId)).map(presentMember);
      },
      all: () => readWorkspaces(db),
      async ensureDemo() {
        const made = await db.transaction().execute(async (tx) => {
          await lockFirstRun(tx);
          const found = await findDemo(tx);
          if (found?.demo === 'ready') return { workspace: found, unfinished: null };
          // One that was begun and never finished is begun anew; one that was deleted stays deleted.
          if (found === undefined && !(await noteDemo(tx))) return null;
          if (found !== undefined) await deleteWorkspace(tx, found.id);
          const { id } = await insertNew(tx, { name: demoName, slug: await freeSlug(tx, 'demo'), at: now() });
          await updateDemo(tx, id, 'loading');
          await joinDemo(tx, id);
          return { workspace: must(await findWorkspace(tx, id), { workspaceId: id }), unfinished: found?.id ?? null };
        });
        parts.dropCaches();
        if (made === null) return null;
        if (made.unfinished !== null) for (const listener of deleted) await listener(made.unfinished);
        if (made.workspace.demo !== 'ready') await announce(made.workspace);
        return made.workspace;
      },
      setDemo: (workspaceId, state) => updateDemo(db, workspaceId, state),
      onCreated: (listener) => void created.push(listener),
      onDeleted: (listener) => void deleted.push(listener),
    },
  };
}

/** Whoever is in no workspace cannot sign in, and after the last owner nobody could. */
async function requireAnother(tx: Tx, { actor, workspaceId }: Scope): Promise<void> {
  const others = (await readMemberships(tx, actor.id)).filter(({ id }) => id !== workspaceId);
  if (others.length > 0) return;
  throw new AppError(
    'conflict',
    'This is your only workspace, and without one you could not sign in again. Make another first, then delete this one.',
  );
}

async function transferIn(tx: Tx, ground: Ground, scope: Scope, userId: string): Promise<void> {
  await lockWorkspace(tx, scope.workspaceId);
  const [heir, giver] = [await findMember(tx, scope.workspaceId, userId), await findMember(tx, scope.workspaceId, scope.actor.id)];
  // Read again under the lock: the actor may have been demoted since the request began.
  if (giver?.role !== 'owner' || giver.suspended) throw new AppError('forbidden', 'Only an owner of the workspace passes it on.');
  if (heir === undefined) throw notFound('Member', userId);
  if (heir.suspended) throw new AppError('conflict', `${heir.name} is suspended. Reinstate them before you pass the workspace on.`);
  if (heir.user_id === giver.user_id) throw new AppError('bad_request', 'You are the owner already. Name another member.');
  await updateMember(tx, scope.workspaceId, heir.user_id, { role: 'owner' });
  await updateMember(tx, scope.workspaceId, giver.user_id, { role: 'admin' });
  await ground.audit.write(tx, scope, {
    action: 'workspace.transferred',
    target: { type: 'user', id: heir.user_id, name: heir.name },
    data: { from: giver.user_id, to: heir.user_id },
  });
}

async function insertNew(tx: Tx, input: { name: string; slug: string; at: Date }): Promise<WorkspaceSettings> {
  const { name, slug } = input;
  const id = newId('workspace');
  try {
    await insertWorkspace(tx, { id, slug, name, createdAt: input.at });
  } catch (error) {
    if (isDuplicate(error)) throw new AppError('conflict', `The workspace \`${slug}\` exists already. Choose another name for its links.`);
    throw error;
  }
  return must(await findWorkspace(tx, id), { workspaceId: id });
}

/** From the name: `Acme & Søn` becomes `acme-son`, with a number behind it when that is taken. */
async function freeSlug(tx: Tx, name: string): Promise<string> {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/\p{Mark}/gu, '')
    .replaceAll('ø', 'o')
    .replaceAll('ß', 'ss')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 48)
    .replace(/-+$/, '');
  const start = plain === '' ? 'workspace' : plain;
  const taken = await readSlugs(tx, start);
  if (!taken.has(start)) return start;
  for (let number = 2; ; number++) if (!taken.has(`${start}-${number}`)) return `${start}-${number}`;
}

function requireOwner(scope: Scope, what: string): void {
  if (scope.actor.role !== 'owner') throw new AppError('forbidden', `Only an owner may ${what}.`);
}

function must(workspace: WorkspaceSettings | undefined, scope: Pick<Scope, 'workspaceId'>): WorkspaceSettings {
  if (workspace === undefined) throw notFound('Workspace', scope.workspaceId);
  return workspace;
}
