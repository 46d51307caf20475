import type { MemberRole } from '@whetstone/contract';
import { deleteSessions } from '../auth/store.ts';
import type { Member } from '../index.ts';
import type { Db } from '../tables.ts';

export interface MemberRow {
  user_id: string;
  name: string;
  email: string;
  role: MemberRole;
  suspended: boolean;
  joined_at: Date;
  last_seen_at: Date | null;
}

function members(db: Db, workspaceId: string) {
  return db
    .selectFrom('members')
    .innerJoin('users', 'users.id', 'members.user_id')
    .select(['user_id', 'name', 'email', 'role', 'suspended', 'joined_at', 'last_seen_at'])
    .where('workspace_id', '=', workspaceId);
}

export async function readMembers(db: Db, workspaceId: string): Promise<MemberRow[]> {
  return members(db, workspaceId).orderBy('joined_at').orderBy('user_id').execute();
}

export async function findMember(db: Db, workspaceId: string, userId: string): Promise<MemberRow | undefined> {
  return members(db, workspaceId).where('user_id', '=', userId).executeTakeFirst();
}

/** The standing of a person in a workspace named by slug or id; suspended members have none. */
export async function findStanding(
  db: Db,
  userId: string,
  workspace: string,
): Promise<{ workspaceId: string; role: MemberRole; name: string; email: string } | undefined> {
  return db
    .selectFrom('members')
    .innerJoin('users', 'users.id', 'members.user_id')
    .innerJoin('workspaces', 'workspaces.id', 'members.workspace_id')
    .select(['workspace_id as workspaceId', 'role', 'users.name as name', 'email'])
    .where('user_id', '=', userId)
    .where('suspended', '=', false)
    .where((where) => where.or([where('workspaces.slug', '=', workspace), where('workspaces.id', '=', workspace)]))
    .executeTakeFirst();
}

/** Workspaces of a person, suspended memberships left out unless asked for. */
export async function readMemberships(
  db: Db,
  userId: string,
  { suspended = false }: { suspended?: boolean } = {},
): Promise<{ id: string; slug: string; name: string; role: MemberRole }[]> {
  const found = db
    .selectFrom('members')
    .innerJoin('workspaces', 'workspaces.id', 'members.workspace_id')
    .select(['workspaces.id as id', 'slug', 'name', 'role'])
    .where('user_id', '=', userId);
  return (suspended ? found : found.where('suspended', '=', false)).orderBy('workspaces.created_at').orderBy('workspaces.id').execute();
}

export async function countActiveOwners(db: Db, workspaceId: string): Promise<number> {
  const { count } = await db
    .selectFrom('members')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('workspace_id', '=', workspaceId)
    .where('role', '=', 'owner')
    .where('suspended', '=', false)
    .executeTakeFirstOrThrow();
  return count;
}

export async function countMembers(db: Db, workspaceId: string): Promise<number> {
  const { count } = await db
    .selectFrom('members')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('workspace_id', '=', workspaceId)
    .executeTakeFirstOrThrow();
  return count;
}

/** Whoever owns any workspace, longest first. */
export async function readOwners(db: Db): Promise<string[]> {
  const rows = await db
    .selectFrom('members')
    .select('user_id')
    .where('role', '=', 'owner')
    .groupBy('user_id')
    .orderBy((expression) => expression.fn.min('joined_at'))
    .execute();
  return rows.map((row) => row.user_id);
}

export async function anyMember(db: Db): Promise<boolean> {
  return (await db.selectFrom('members').select('user_id').limit(1).executeTakeFirst()) !== undefined;
}

/** Whether the person was no member before. */
export async function insertMember(
  db: Db,
  row: { workspaceId: string; userId: string; role: MemberRole; joinedAt: Date },
): Promise<boolean> {
  const done = await db
    .insertInto('members')
    .values({ workspace_id: row.workspaceId, user_id: row.userId, role: row.role, joined_at: row.joinedAt })
    .onConflict((conflict) => conflict.columns(['workspace_id', 'user_id']).doNothing())
    .returning('user_id')
    .executeTakeFirst();
  return done !== undefined;
}

export async function updateMember(
  db: Db,
  workspaceId: string,
  userId: string,
  change: { role?: MemberRole; suspended?: boolean },
): Promise<void> {
  await db.updateTable('members').set(change).where('workspace_id', '=', workspaceId).where('user_id', '=', userId).execute();
}

export async function deleteMember(db: Db, workspaceId: string, userId: string): Promise<void> {
  await db.deleteFrom('members').where('workspace_id', '=', workspaceId).where('user_id', '=', userId).execute();
}

/** Of someone who can enter no workspace any more nothing stays signed in. */
export async function endSessionsWithoutWorkspace(db: Db, userId: string): Promise<void> {
  if ((await readMemberships(db, userId)).length === 0) await deleteSessions(db, userId);
}

/** @param uses by `WORKSPACE USER` */
export async function writeMemberUses(db: Db, uses: ReadonlyMap<string, Date>): Promise<void> {
  for (const [key, at] of uses) {
    const [workspaceId = '', userId = ''] = key.split(' ');
    await db
      .updateTable('members')
      .set({ last_seen_at: at })
      .where('workspace_id', '=', workspaceId)
      .where('user_id', '=', userId)
      .execute();
  }
}

export function presentMember(row: MemberRow): Member {
  return {
    id: row.user_id,
    name: row.name,
    email: row.email,
    role: row.role,
    suspended: row.suspended,
    joinedAt: row.joined_at,
    lastSeenAt: row.last_seen_at,
  };
}
