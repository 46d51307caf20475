import { createHash } from 'node:crypto';
import { AppError } from '@whetstone/contract';
import type { Ground } from '../ground.ts';
import { clearAttempts, recordAttempt, sweep } from './attempts/store.ts';

/** Whoever guesses passwords must wait: longer after each, whichever replica is asked. */
export interface BackOff {
  /**
   * Counts an attempt, before it is made, so that many at once count too.
   * @throws AppError `rate_limited` with the seconds to wait
   */
  begin(attempt: Attempt): Promise<void>;
  /** The attempt was right: its doubts are forgotten. */
  succeed(attempt: Attempt): Promise<void>;
}
export interface Attempt {
  ip: string;
  /** The account that is tried: an e-mail address or an id. */
  account: string;
}

/** Free attempts; the account alone has many, or a stranger could lock its owner out. */
const LIMITS = { accountFromIp: 5, ip: 30, account: 60 } as const;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 15 * 60_000;
/** Attempts this long ago no longer count. */
const FORGET_MS = 24 * 3_600_000;

export function createBackOff({ db, now }: Ground): BackOff {
  return {
    async begin(attempt) {
      const at = now();
      const forgetBefore = new Date(at.getTime() - FORGET_MS);
      await db.transaction().execute(async (tx) => {
        for (const { key, free } of rulesOf(attempt)) {
          const { before } = await recordAttempt(tx, { key, at, forgetBefore, blockedUntil: (count) => waitAfter(count - free, at) });
          // Thrown, so that what is refused does not count.
          if (before !== null && before > at) throw tooMany(before.getTime() - at.getTime());
        }
      });
    },
    async succeed(attempt) {
      const [first, , third] = rulesOf(attempt);
      await clearAttempts(db, [first.key, third.key]);
      await sweep(db, { attemptsBefore: new Date(now().getTime() - FORGET_MS), now: now() });
    },
  };
}

function rulesOf({ ip, account }: Attempt): [Rule, Rule, Rule] {
  const name = account.toLowerCase();
  return [
    { key: keyOf('both', name, ip), free: LIMITS.accountFromIp },
    { key: keyOf('ip', ip), free: LIMITS.ip },
    { key: keyOf('account', name), free: LIMITS.account },
  ];
}
interface Rule {
  key: string;
  free: number;
}

function waitAfter(over: number, at: Date): Date | null {
  if (over < 0) return null;
  return new Date(at.getTime() + Math.min(FIRST_WAIT_MS * 2 ** Math.min(over, 20), LONGEST_WAIT_MS));
}

function tooMany(waitMs: number): AppError {
  const seconds = Math.max(1, Math.ceil(waitMs / 1_000));
  return new AppError('rate_limited', `Too many attempts. Wait ${seconds} second${seconds === 1 ? '' : 's'} before you try again.`, {
    retryAfterSeconds: seconds,
  });
}

function keyOf(...parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}
