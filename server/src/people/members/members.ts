import { AppError, type MemberRole, notFound, type Scope } from '@whetstone/contract';
import { findUserByEmail } from '../auth/store.ts';
import type { Ground } from '../ground.ts';
import type { People } from '../index.ts';
import { createLastKnown } from '../last-known.ts';
import type { Tx } from '../tables.ts';
import { createTouches } from '../touches.ts';
import { lockWorkspace } from '../workspaces/store.ts';
import { insertResetLink, type ResetLinks } from './reset-links.ts';
import {
  countActiveOwners,
  deleteMember,
  endSessionsWithoutWorkspace,
  findMember,
  findStanding,
  type MemberRow,
  presentMember,
  readMembers,
  readMemberships,
  updateMember,
  writeMemberUses,
} from './store.ts';

export interface Members {
  verbs: People['members'];
  scopeOf: (userId: string, workspace: string) => Promise<Scope | null>;
  dropAll(): void;
  close(): Promise<void>;
}

export interface MemberParts {
  links: ResetLinks;
  dropSessions(): void;
}

export function createMembers(ground: Ground, parts: MemberParts): Members {
  const { db, now } = ground;
  const touches = createTouches({ now, log: ground.log, write: (uses) => writeMemberUses(db, uses) });
  const known = createLastKnown({
    what: 'A membership',
    now: () => now().getTime(),
    load: async (key) => {
      const [userId = '', workspace = ''] = key.split('\n');
      return (await findStanding(db, userId, workspace)) ?? null;
    },
  });

  const change = async (scope: Scope, userId: string, work: (tx: Tx, member: MemberRow) => Promise<void>): Promise<void> => {
    await db.transaction().execute(async (tx) => {
      if (!(await lockWorkspace(tx, scope.workspaceId))) throw notFound('Workspace', scope.workspaceId);
      const member = await findMember(tx, scope.workspaceId, userId);
      if (member === undefined) throw notFound('Member', userId);
      await requireStanding(tx, scope, member);
      await work(tx, member);
    });
    known.drop();
    parts.dropSessions();
  };

  return {
    async scopeOf(userId, workspace) {
      const standing = await known.get(`${userId}\n${workspace}`);
      if (standing === null) return null;
      const { workspaceId, role, name, email } = standing;
      touches.touch(`${workspaceId} ${userId}`);
      return { workspaceId, actor: { type: 'user', id: userId, name, email, role } };
    },
    dropAll: () => known.drop(),
    close: () => touches.close(),
    verbs: {
      list: async (scope) => (await readMembers(db, scope.workspaceId)).map(presentMember),
      async update(scope, userId, patch) {
        await change(scope, userId, (tx, member) => applyPatch(tx, ground, scope, member, patch));
        const member = await findMember(db, scope.workspaceId, userId);
        if (member === undefined) throw notFound('Member', userId);
        return presentMember(member);
      },
      remove: (scope, userId) =>
        change(scope, userId, async (tx, member) => {
          await keepAnOwner(tx, scope, member);
          await deleteMember(tx, scope.workspaceId, userId);
          await endSessionsWithoutWorkspace(tx, userId);
          await ground.audit.write(tx, scope, { action: 'member.removed', target: targetOf(member), data: { role: member.role } });
        }),
      async resetLink(scope, userId) {
        const link = await db.transaction().execute(async (tx) => {
          const member = await findMember(tx, scope.workspaceId, userId);
          if (member === undefined) throw notFound('Member', userId);
          await requireStanding(tx, scope, member);
          await requireStandingEverywhere(tx, scope, member);
          const made = await insertResetLink(tx, ground, userId);
          await ground.audit.write(tx, scope, { action: 'member.reset_link_created', target: targetOf(member) });
          return made;
        });
        await parts.links.mail(link, userId);
        return link;
      },
      async resetLinkByEmail(email) {
        const user = await findUserByEmail(db, email.trim().toLowerCase());
        if (user === undefined) throw notFound('User', email);
        return insertResetLink(db, ground, user.id);
      },
    },
  };
}

async function applyPatch(
  tx: Tx,
  ground: Ground,
  scope: Scope,
  member: MemberRow,
  patch: { role?: MemberRole | undefined; suspended?: boolean | undefined },
): Promise<void> {
  const { user_id: userId } = member;
  const role = patch.role ?? member.role;
  const suspended = patch.suspended ?? member.suspended;
  if (role === 'owner' && member.role !== 'owner' && scope.actor.role !== 'owner') {
    throw new AppError('forbidden', 'Only an owner makes another owner.');
  }
  if (role !== 'owner' || suspended) await keepAnOwner(tx, scope, member);
  await updateMember(tx, scope.workspaceId, userId, { role, suspended });
  if (role !== member.role) {
    await ground.audit.write(tx, scope, {
      action: 'member.role_changed',
      target: targetOf(member),
      data: { from: member.role, to: role },
    });
  }
  if (suspended !== member.suspended) {
    if (suspended) await endSessionsWithoutWorkspace(tx, userId);
    await ground.audit.write(tx, scope, { action: suspended ? 'member.suspended' : 'member.reinstated', target: targetOf(member) });
  }
}

function targetOf(member: MemberRow): { type: string; id: string; name: string } {
  return { type: 'user', id: member.user_id, name: member.name };
}

/** Whether the actor may touch this member: an admin may not touch an owner. A person's role is read again, under the lock. */
async function requireStanding(tx: Tx, scope: Scope, member: MemberRow): Promise<void> {
  const { actor } = scope;
  const role = actor.type === 'user' ? await activeRole(tx, scope.workspaceId, actor.id) : actor.role;
  // Whoever leaves needs no right to.
  if (actor.type === 'user' && actor.id === member.user_id && role !== null) return;
  if (role !== 'owner' && role !== 'admin') throw new AppError('forbidden', 'Only an admin changes members.');
  if (member.role === 'owner' && role !== 'owner')
    throw new AppError('forbidden', `${member.name} is an owner; only an owner may change that.`);
}

async function activeRole(tx: Tx, workspaceId: string, userId: string): Promise<MemberRole | null> {
  const member = await findMember(tx, workspaceId, userId);
  return member === undefined || member.suspended ? null : member.role;
}

/**
 * A password opens every workspace of a person, so only someone who is over them in all of these may have it set anew:
 * else an admin here could take over an account there.
 */
async function requireStandingEverywhere(tx: Tx, scope: Scope, member: MemberRow): Promise<void> {
  const elsewhere = (await readMemberships(tx, member.user_id, { suspended: true })).filter(({ id }) => id !== scope.workspaceId);
  for (const { id, name, role } of elsewhere) {
    const own = scope.actor.type === 'user' ? await activeRole(tx, id, scope.actor.id) : null;
    if (own === 'owner' || (own === 'admin' && role !== 'owner')) continue;
    throw new AppError(
      'forbidden',
      `${member.name} is also a member of a workspace that you do not administer (${own === null ? 'not one of yours' : name}). ` +
        'Whoever runs the server can make the link there: `npm run whetstone -- reset-password EMAIL`.',
    );
  }
}

async function keepAnOwner(tx: Tx, scope: Scope, member: MemberRow): Promise<void> {
  if (member.role !== 'owner' || member.suspended) return;
  if ((await countActiveOwners(tx, scope.workspaceId)) > 1) return;
  throw new AppError('conflict', `${member.name} is the only owner. Pass the workspace on to another member first.`);
}
