import { AppError, type MemberRole, notFound, type Scope } from '@whetstone/contract';
import type { Mail } from '../auth/mail.ts';
import { findUser, findUserByEmail, insertUser, type UserRow } from '../auth/store.ts';
import { type Ground, hashToken, isDuplicate, newId, newToken } from '../ground.ts';
import type { Invitation, People } from '../index.ts';
import type { Tx } from '../tables.ts';
import { findWorkspace } from '../workspaces/store.ts';
import {
  deleteInvitation,
  findOpenInvitation,
  insertInvitation,
  type InvitationRow,
  markAccepted,
  readInvitationsTo,
  readOpenInvitations,
} from './invitations/store.ts';
import { findMember, insertMember } from './store.ts';

const DAYS_VALID = 7;

export interface Invitations {
  verbs: People['invitations'];
  /** What a visitor with the link sees; null when it is unknown, used or over. */
  see(token: string): Promise<{ workspace: string; email: string | null; role: MemberRole; invitedBy: string } | null>;
  /** Makes the person and lets them in. @returns the person, with the slug of the workspace */
  acceptAsNew(token: string, input: { name: string; email: string; passwordHash: string }): Promise<{ user: UserRow; slug: string }>;
  /** Lets someone in who has an account. */
  acceptAs(token: string, userId: string): Promise<{ slug: string }>;
  /** Whether an open invitation is meant for this person. */
  isMeant: (input: { email: string; emailVerified: boolean; token: string | null }) => Promise<boolean>;
  /** Takes up what is open for a person who came in by the identity provider. */
  takeUp(userId: string, token: string | null): Promise<void>;
}

export function createInvitations(ground: Ground, parts: { mail: Mail | null; dropCaches(): void }): Invitations {
  const { db, now } = ground;

  const open = async (token: string): Promise<InvitationRow> => {
    const row = await findOpenInvitation(db, hashToken(token), now());
    if (row === undefined) throw new AppError('not_found', 'This invitation is unknown, used or out of date. Ask for a new one.');
    return row;
  };
  const join = async (tx: Tx, row: InvitationRow, user: UserRow): Promise<void> => {
    if (!(await markAccepted(tx, row.id, user.id, now()))) throw new AppError('conflict', 'This invitation was used just now.');
    const isNew = await insertMember(tx, { workspaceId: row.workspace_id, userId: user.id, role: row.role, joinedAt: now() });
    if (!isNew) throw new AppError('conflict', 'You are a member of this workspace already. The invitation stays open for someone else.');
    const scope: Scope = {
      workspaceId: row.workspace_id,
      actor: { type: 'user', id: user.id, name: user.name, email: user.email, role: row.role },
    };
    await ground.audit.write(tx, scope, {
      action: 'member.joined',
      target: { type: 'user', id: user.id, name: user.name },
      data: { role: row.role, invitation: row.id },
    });
  };
  const slugOf = async (row: InvitationRow): Promise<string> => (await findWorkspace(db, row.workspace_id))?.slug ?? '';

  return {
    verbs: {
      list: async (scope) => (await readOpenInvitations(db, scope.workspaceId, now())).map(present),
      create: (scope, input) => create(ground, parts.mail, scope, input),
      async revoke(scope, id) {
        await db.transaction().execute(async (tx) => {
          const row = await deleteInvitation(tx, scope.workspaceId, id);
          if (row === undefined) throw notFound('Invitation', id);
          await ground.audit.write(tx, scope, {
            action: 'invitation.revoked',
            target: { type: 'invitation', id, name: row.email ?? row.role },
          });
        });
      },
    },
    async see(token) {
      const row = await findOpenInvitation(db, hashToken(token), now());
      if (row === undefined) return null;
      const [workspace, inviter] = [await findWorkspace(db, row.workspace_id), await findUser(db, row.invited_by)];
      return { workspace: workspace?.name ?? '', email: row.email, role: row.role, invitedBy: inviter?.name ?? 'an admin' };
    },
    async acceptAsNew(token, input) {
      const row = await open(token);
      if (row.email !== null && row.email !== input.email) {
        throw new AppError('forbidden', `This invitation is for ${row.email}. Use that address, or ask for a new invitation.`);
      }
      const user = await db
        .transaction()
        .execute(async (tx) => {
          const made = await insertUser(tx, { ...input, at: now() });
          await join(tx, row, made);
          return made;
        })
        .catch((error: unknown) => {
          if (!isDuplicate(error)) throw error;
          throw new AppError('conflict', 'This address has an account here. Sign in with it, then open the invitation again.');
        });
      return { user, slug: await slugOf(row) };
    },
    async acceptAs(token, userId) {
      const row = await open(token);
      const user = await findUser(db, userId);
      if (user === undefined) throw notFound('User', userId);
      if (row.email !== null && row.email !== user.email) {
        throw new AppError('forbidden', `This invitation is for ${row.email}, and you are signed in as ${user.email}. Sign out first.`);
      }
      await db.transaction().execute((tx) => join(tx, row, user));
      parts.dropCaches();
      return { slug: await slugOf(row) };
    },
    async isMeant({ email, emailVerified, token }) {
      const address = email.toLowerCase();
      if (token !== null) {
        const row = await findOpenInvitation(db, hashToken(token), now());
        if (row !== undefined && (row.email === null || (row.email === address && emailVerified))) return true;
      }
      return emailVerified && (await readInvitationsTo(db, address, now())).length > 0;
    },
    async takeUp(userId, token) {
      const user = await findUser(db, userId);
      if (user === undefined) return;
      const byLink = token === null ? undefined : await findOpenInvitation(db, hashToken(token), now());
      const rows = user.email_verified ? await readInvitationsTo(db, user.email, now()) : [];
      if (byLink !== undefined && byLink.email === null) rows.push(byLink);
      for (const row of rows) {
        // Someone else was quicker, or they are a member: what is left decides about the session.
        await db
          .transaction()
          .execute((tx) => join(tx, row, user))
          .catch((error: unknown) => {
            if (!(error instanceof AppError)) throw error;
          });
      }
      parts.dropCaches();
    },
  };
}

async function create(
  ground: Ground,
  mail: Mail | null,
  scope: Scope,
  input: { email?: string | null | undefined; role: MemberRole },
): Promise<Invitation & { url: string }> {
  if (input.role === 'owner')
    throw new AppError('bad_request', 'Nobody is invited as owner. Invite them as admin, then pass the workspace on.');
  const token = newToken();
  const createdAt = ground.now();
  const row = {
    id: newId('invitation'),
    workspace_id: scope.workspaceId,
    email: input.email?.trim().toLowerCase() ?? null,
    role: input.role,
    created_at: createdAt,
    expires_at: new Date(createdAt.getTime() + DAYS_VALID * 24 * 3_600_000),
    invited_by: scope.actor.id,
  };
  const existing = row.email === null ? undefined : await findUserByEmail(ground.db, row.email);
  await ground.db.transaction().execute(async (tx) => {
    if (existing !== undefined && (await findMember(tx, scope.workspaceId, existing.id)) !== undefined) {
      throw new AppError('conflict', `${existing.name} (${existing.email}) is a member of this workspace already.`);
    }
    await insertInvitation(tx, { ...row, token_hash: hashToken(token) });
    await ground.audit.write(tx, scope, {
      action: 'invitation.created',
      target: { type: 'invitation', id: row.id, name: row.email ?? row.role },
      data: { role: row.role, email: row.email },
    });
  });
  const url = `${ground.url()}/invite/${token}`;
  if (row.email !== null) {
    mail?.send({
      to: row.email,
      subject: `${scope.actor.name} invites you to Whetstone`,
      text: `Hello,\n\n${scope.actor.name} invites you to a workspace in Whetstone. Open this link within ${DAYS_VALID} days:\n\n${url}\n`,
    });
  }
  return { ...present(row), url };
}

function present(row: InvitationRow): Invitation {
  return {
    id: row.id,
    email: row.email,
    role: row.role,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    invitedBy: row.invited_by,
  };
}
