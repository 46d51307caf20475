import type { Db, InvitationTable, Tx } from '../../tables.ts';

export type InvitationRow = Pick<InvitationTable, 'id' | 'workspace_id' | 'email' | 'role' | 'created_at' | 'expires_at' | 'invited_by'>;
const columns = ['id', 'workspace_id', 'email', 'role', 'created_at', 'expires_at', 'invited_by'] as const;

export async function insertInvitation(db: Db, row: Omit<InvitationTable, 'accepted_at' | 'accepted_by'>): Promise<void> {
  await db.insertInto('invitations').values(row).execute();
}

export async function readOpenInvitations(db: Db, workspaceId: string, now: Date): Promise<InvitationRow[]> {
  return db
    .selectFrom('invitations')
    .select(columns)
    .where('workspace_id', '=', workspaceId)
    .where('accepted_at', 'is', null)
    .where('expires_at', '>', now)
    .orderBy('created_at', 'desc')
    .execute();
}

export async function findOpenInvitation(db: Db, tokenHash: string, now: Date): Promise<InvitationRow | undefined> {
  return db
    .selectFrom('invitations')
    .select(columns)
    .where('token_hash', '=', tokenHash)
    .where('accepted_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirst();
}

/** @param email in lower case */
export async function readInvitationsTo(db: Db, email: string, now: Date): Promise<InvitationRow[]> {
  return db
    .selectFrom('invitations')
    .select(columns)
    .where('email', '=', email)
    .where('accepted_at', 'is', null)
    .where('expires_at', '>', now)
    .orderBy('created_at')
    .execute();
}

/** Of several at once only the first succeeds. */
export async function markAccepted(tx: Tx, id: string, userId: string, now: Date): Promise<boolean> {
  const row = await tx
    .updateTable('invitations')
    .set({ accepted_at: now, accepted_by: userId })
    .where('id', '=', id)
    .where('accepted_at', 'is', null)
    .where('expires_at', '>', now)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

export async function deleteInvitation(db: Db, workspaceId: string, id: string): Promise<InvitationRow | undefined> {
  return db
    .deleteFrom('invitations')
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .where('accepted_at', 'is', null)
    .returning(columns)
    .executeTakeFirst();
}
