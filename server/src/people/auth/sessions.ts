import { createHmac, timingSafeEqual } from 'node:crypto';
import { notFound } from '@whetstone/contract';
import { type Ground, hashToken } from '../ground.ts';
import type { People, Session } from '../index.ts';
import { createLastKnown } from '../last-known.ts';
import { createTouches } from '../touches.ts';
import { deleteSession, findSession, readSessions, type SessionRow, writeSessionUses } from './store.ts';

/** Sign in again after this long, whatever happens. */
export const sessionSeconds = 30 * 24 * 3_600;
/** A session that nobody used for this long is over. */
const IDLE_MS = 7 * 24 * 3_600_000;

export interface Sessions {
  of: (headers: Headers) => Promise<Session | null>;
  verbs: People['sessions'];
  dropAll(): void;
  close(): Promise<void>;
}

/** @param secret what better-auth signs its cookies with */
export function createSessions(ground: Ground, secret: string): Sessions {
  const { db, now } = ground;
  const touches = createTouches({ now, log: ground.log, write: (uses) => writeSessionUses(db, uses) });
  const known = createLastKnown<SessionRow>({
    what: 'A sign-in',
    now: () => now().getTime(),
    load: async (hash) => (await findSession(db, hash)) ?? null,
  });

  return {
    async of(headers) {
      const token = signedToken(headers.get('cookie') ?? '', cookieName(ground.url()), secret);
      const row = token === null ? null : await known.get(hashToken(token));
      if (row === null) return null;
      const at = now().getTime();
      if (row.expiresAt.getTime() <= at || row.lastSeenAt.getTime() + IDLE_MS <= at) return null;
      touches.touch(row.id);
      return { id: row.id, user: { id: row.userId, name: row.userName, email: row.email } };
    },
    dropAll: () => known.drop(),
    close: () => touches.close(),
    verbs: {
      async list(session) {
        const rows = await readSessions(db, session.user.id, now());
        return rows.map((row) => ({
          id: row.id,
          createdAt: row.created_at,
          lastSeenAt: row.updated_at,
          ip: row.ip_address,
          userAgent: row.user_agent,
          current: row.id === session.id,
        }));
      },
      async end(session, id) {
        const done = await deleteSession(db, session.user.id, id);
        known.drop();
        if (!done) throw notFound('Session', id);
      },
    },
  };
}

/** `__Host-` binds the cookie to this host, but a browser takes it only over https. */
export function cookiePrefix(url: string): string {
  return url.startsWith('https:') ? '__Host-whetstone' : 'whetstone';
}

function cookieName(url: string): string {
  return `${cookiePrefix(url)}.session_token`;
}

/** The token of a cookie in better-auth's form, `TOKEN.SIGNATURE`, if the signature is ours. */
function signedToken(cookies: string, name: string, secret: string): string | null {
  for (const pair of cookies.split(';')) {
    const equals = pair.indexOf('=');
    if (equals < 0 || pair.slice(0, equals).trim() !== name) continue;
    const value = decode(pair.slice(equals + 1).trim());
    const dot = value.lastIndexOf('.');
    if (dot < 1) continue;
    const token = value.slice(0, dot);
    const expected = createHmac('sha256', secret).update(token).digest();
    const given = Buffer.from(value.slice(dot + 1), 'base64');
    if (given.length === expected.length && timingSafeEqual(given, expected)) return token;
  }
  return null;
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return '';
  }
}
