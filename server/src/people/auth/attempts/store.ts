import type { Db, Tx } from '../../tables.ts';

/** Counts one more, holding the row until the transaction ends. `before`: until when the key was blocked already. */
export async function recordAttempt(
  tx: Tx,
  input: { key: string; at: Date; forgetBefore: Date; blockedUntil(attempts: number): Date | null },
): Promise<{ before: Date | null }> {
  const { key, at } = input;
  const { attempts, blocked_until: before } = await tx
    .insertInto('sign_in_attempts')
    .values({ key, attempts: 1, last_at: at, blocked_until: null })
    .onConflict((conflict) =>
      conflict.column('key').doUpdateSet((row) => ({
        attempts: row
          .case()
          .when('sign_in_attempts.last_at', '<', input.forgetBefore)
          .then(1)
          .else(row('sign_in_attempts.attempts', '+', 1))
          .end(),
        last_at: at,
      })),
    )
    .returning(['attempts', 'blocked_until'])
    .executeTakeFirstOrThrow();
  const blockedUntil = input.blockedUntil(attempts);
  if (blockedUntil !== null) await tx.updateTable('sign_in_attempts').set({ blocked_until: blockedUntil }).where('key', '=', key).execute();
  return { before };
}

export async function clearAttempts(db: Db, keys: readonly string[]): Promise<void> {
  await db.deleteFrom('sign_in_attempts').where('key', 'in', keys).execute();
}

/** Takes away what is over: attempts, sessions, and links that were never used. */
export async function sweep(db: Db, { attemptsBefore, now }: { attemptsBefore: Date; now: Date }): Promise<void> {
  await db.deleteFrom('sign_in_attempts').where('last_at', '<', attemptsBefore).execute();
  await db.deleteFrom('sessions').where('expires_at', '<', now).execute();
  await db.deleteFrom('reset_links').where('expires_at', '<', now).execute();
}
