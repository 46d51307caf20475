import { newId } from '../ground.ts';
import type { Db } from '../tables.ts';

export interface UserRow {
  id: string;
  name: string;
  email: string;
  email_verified: boolean;
}

export async function findUser(db: Db, id: string): Promise<UserRow | undefined> {
  return db.selectFrom('users').select(['id', 'name', 'email', 'email_verified']).where('id', '=', id).executeTakeFirst();
}

/** @param email in lower case */
export async function findUserByEmail(db: Db, email: string): Promise<UserRow | undefined> {
  return db.selectFrom('users').select(['id', 'name', 'email', 'email_verified']).where('email', '=', email).executeTakeFirst();
}

export async function anyUser(db: Db): Promise<boolean> {
  return (await db.selectFrom('users').select('id').limit(1).executeTakeFirst()) !== undefined;
}

/** A person with a password, as better-auth would store them. */
export async function insertUser(db: Db, input: { name: string; email: string; passwordHash: string; at: Date }): Promise<UserRow> {
  const id = newId('user');
  const times = { created_at: input.at, updated_at: input.at };
  await db
    .insertInto('users')
    .values({ id, name: input.name, email: input.email, ...times })
    .execute();
  await db
    .insertInto('accounts')
    .values({ id: newId('user'), user_id: id, provider_id: 'credential', account_id: id, password: input.passwordHash, ...times })
    .execute();
  return { id, name: input.name, email: input.email, email_verified: false };
}

export async function setPassword(db: Db, userId: string, passwordHash: string, at: Date): Promise<void> {
  await db
    .insertInto('accounts')
    .values({
      id: newId('user'),
      user_id: userId,
      provider_id: 'credential',
      account_id: userId,
      password: passwordHash,
      created_at: at,
      updated_at: at,
    })
    .onConflict((conflict) => conflict.columns(['provider_id', 'account_id']).doUpdateSet({ password: passwordHash, updated_at: at }))
    .execute();
}

export async function findPasswordHash(db: Db, userId: string): Promise<string | null> {
  const row = await db
    .selectFrom('accounts')
    .select('password')
    .where('user_id', '=', userId)
    .where('provider_id', '=', 'credential')
    .executeTakeFirst();
  return row?.password ?? null;
}

/** The identity provider vouches for an address that nobody had proved: what was set up without proof ends. */
export async function endUnprovenAccess(db: Db, userId: string, at: Date): Promise<void> {
  await db.deleteFrom('accounts').where('user_id', '=', userId).where('provider_id', '=', 'credential').execute();
  await db.deleteFrom('sessions').where('user_id', '=', userId).execute();
  await db.updateTable('users').set({ email_verified: true, updated_at: at }).where('id', '=', userId).execute();
}

/** For a person whose first workspace could not be made. */
export async function deleteUser(db: Db, userId: string): Promise<void> {
  await db.deleteFrom('users').where('id', '=', userId).execute();
}

export async function renameUser(db: Db, userId: string, name: string, at: Date): Promise<void> {
  await db.updateTable('users').set({ name, updated_at: at }).where('id', '=', userId).execute();
}

export async function readUserNames(db: Db, ids: readonly string[]): Promise<{ id: string; name: string; email: string }[]> {
  return db.selectFrom('users').select(['id', 'name', 'email']).where('id', 'in', ids).execute();
}

export interface SessionRow {
  id: string;
  userId: string;
  userName: string;
  email: string;
  createdAt: Date;
  lastSeenAt: Date;
  expiresAt: Date;
}

export async function findSession(db: Db, tokenHash: string): Promise<SessionRow | undefined> {
  return db
    .selectFrom('sessions')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .select([
      'sessions.id as id',
      'user_id as userId',
      'name as userName',
      'email',
      'sessions.created_at as createdAt',
      'sessions.updated_at as lastSeenAt',
      'expires_at as expiresAt',
    ])
    .where('token', '=', tokenHash)
    .executeTakeFirst();
}

export async function readSessions(
  db: Db,
  userId: string,
  now: Date,
): Promise<{ id: string; created_at: Date; updated_at: Date; ip_address: string | null; user_agent: string | null }[]> {
  return db
    .selectFrom('sessions')
    .select(['id', 'created_at', 'updated_at', 'ip_address', 'user_agent'])
    .where('user_id', '=', userId)
    .where('expires_at', '>', now)
    .orderBy('updated_at', 'desc')
    .execute();
}

export async function deleteSession(db: Db, userId: string, id: string): Promise<boolean> {
  const done = await db.deleteFrom('sessions').where('user_id', '=', userId).where('id', '=', id).returning('id').executeTakeFirst();
  return done !== undefined;
}

export async function deleteSessions(db: Db, userId: string): Promise<void> {
  await db.deleteFrom('sessions').where('user_id', '=', userId).execute();
}

export async function writeSessionUses(db: Db, uses: ReadonlyMap<string, Date>): Promise<void> {
  for (const [id, at] of uses) await db.updateTable('sessions').set({ updated_at: at }).where('id', '=', id).execute();
}
