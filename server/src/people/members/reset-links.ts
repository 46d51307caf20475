import type { Mail } from '../auth/mail.ts';
import { deleteSessions, findUser, findUserByEmail, setPassword, type UserRow } from '../auth/store.ts';
import { type Ground, hashToken, newId, newToken } from '../ground.ts';
import type { Db, Tx } from '../tables.ts';
import { findLink, insertLink, useLink, withdrawLinks } from './reset-links/store.ts';

const HOURS_VALID = 24;

export interface ResetLinks {
  /** Whose password the link sets; null when it is unknown, used or over. */
  find(token: string): Promise<UserRow | null>;
  /** Sets the password, ends the link, all others of the person and all their sessions; null as above. */
  use(token: string, passwordHash: string): Promise<UserRow | null>;
  /** A new password by a person who knew the old one: all links and sessions end, too. */
  setPassword(userId: string, passwordHash: string): Promise<void>;
  /** Sends a link by mail to whoever has this address; nobody learns whether there is one. */
  send(email: string): Promise<void>;
  mail(link: { url: string }, userId: string): Promise<void>;
}

/** @param mail null without a mail server: links are handed over by people */
export function createResetLinks(ground: Ground, mail: Mail | null): ResetLinks {
  const { db, now } = ground;
  const send = (link: { url: string }, user: UserRow): void => {
    mail?.send({
      to: user.email,
      subject: 'Set a new password for Whetstone',
      text: `Hello ${user.name},\n\nset a new password here, within ${HOURS_VALID} hours:\n\n${link.url}\n\nIf you did not ask for this, do nothing.\n`,
    });
  };
  const replacePassword = async (tx: Tx, userId: string, passwordHash: string): Promise<void> => {
    await setPassword(tx, userId, passwordHash, now());
    await withdrawLinks(tx, userId);
    await deleteSessions(tx, userId);
  };
  return {
    async find(token) {
      const link = await findLink(db, hashToken(token), now());
      return link === undefined ? null : ((await findUser(db, link.userId)) ?? null);
    },
    use: (token, passwordHash) =>
      db.transaction().execute(async (tx) => {
        const userId = await useLink(tx, hashToken(token), now());
        const user = userId === undefined ? undefined : await findUser(tx, userId);
        if (user === undefined) return null;
        await replacePassword(tx, user.id, passwordHash);
        return user;
      }),
    setPassword: (userId, passwordHash) => db.transaction().execute((tx) => replacePassword(tx, userId, passwordHash)),
    async send(email) {
      const user = await findUserByEmail(db, email);
      if (mail === null || user === undefined) return;
      send(await insertResetLink(db, ground, user.id), user);
    },
    async mail(link, userId) {
      const user = await findUser(db, userId);
      if (user !== undefined) send(link, user);
    },
  };
}

/** The link is in the answer only; stored is its hash. */
export async function insertResetLink(db: Db, ground: Ground, userId: string): Promise<{ url: string; expiresAt: Date }> {
  const token = newToken();
  const createdAt = ground.now();
  const expiresAt = new Date(createdAt.getTime() + HOURS_VALID * 3_600_000);
  await insertLink(db, {
    id: newId('invitation'),
    user_id: userId,
    token_hash: hashToken(token),
    created_at: createdAt,
    expires_at: expiresAt,
  });
  return { url: `${ground.url()}/reset/${token}`, expiresAt };
}
