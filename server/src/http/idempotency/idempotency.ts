import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { AppError, type Scope } from '@whetstone/contract';
import type { Logger } from 'pino';
import type { Storage } from '../../storage/index.ts';
import { type Claimed, claimKey, deleteKept, findKept, freeKey, type IdempotencyTables, keepAnswer, writeSeen } from './store.ts';

/** Half a day: an answer may hold what retention and deletion take out of the logs, and these have a day. */
const keptMs = 12 * 3_600_000;
const renewMs = 20_000;
/** An hour: nothing takes longer. */
const mostRenewals = 180;
/** An attempt that was not seen for so long died with its server. */
const deadMs = 60_000;
const longestKey = 255;
const largestAnswer = 4 << 20;
const nonceBytes = 12;
const tagBytes = 16;

export interface Idempotency {
  /**
   * One execution of requests that carry the same key: the answer that is kept, or the attempt that may run now.
   * @param request method, path, query and body
   * @throws AppError 400 when the key came with another request, 409 while the first attempt runs
   */
  begin(scope: Scope, key: string, request: readonly unknown[]): Promise<KeptAnswer | Attempt>;
  /** Takes away what is over. */
  forget(now: Date): Promise<void>;
}
export interface KeptAnswer {
  kept: true;
  status: number;
  body: string;
}
export interface Attempt {
  kept: false;
  /** Keeps what was answered (null: cannot be kept), or frees the key where trying again may end better. Only the first counts; never throws. */
  end(status: number, body: string | null): Promise<void>;
}

export function createIdempotency(deps: {
  storage: Pick<Storage, 'database'>;
  /** Without it nothing that is kept opens, even for who guesses the key. */
  secret: string;
  log: Pick<Logger, 'warn'>;
  now?: () => Date;
}): Idempotency {
  const db = deps.storage.database<IdempotencyTables>();
  const now = deps.now ?? (() => new Date());
  const before = (ms: number): Date => new Date(now().getTime() - ms);

  const attempt = (claimed: Claimed, seal: Seal): Attempt => {
    const warn = (error: unknown): void => deps.log.warn({ err: error }, 'the answer for an idempotency key could not be kept');
    let renewals = 0;
    const renewal = setInterval(() => {
      if (++renewals === mostRenewals) clearInterval(renewal);
      void writeSeen(db, claimed, now()).catch(warn);
    }, renewMs).unref();
    let ended = false;
    return {
      kept: false,
      async end(status, body) {
        if (ended) return;
        ended = true;
        clearInterval(renewal);
        const answer = body === null || body.length > largestAnswer ? null : seal.close(body);
        await (isFinal(status) ? keepAnswer(db, claimed, { status, answer }) : freeKey(db, claimed)).catch(warn);
      },
    };
  };

  return {
    async begin({ workspaceId, actor }, key, request) {
      if (key.length > longestKey || !/^[\x21-\x7e]+$/.test(key)) {
        throw new AppError(
          'bad_request',
          `An Idempotency-Key has 1 to ${longestKey} visible ASCII characters; a random UUID is a good one.`,
        );
      }
      const claimed: Claimed = {
        workspace_id: workspaceId,
        actor_id: actor.id,
        key_hash: sha256(key),
        claim: randomBytes(12).toString('hex'),
      };
      const row = { ...claimed, request_hash: sha256(JSON.stringify(request)), created_at: now() };
      const seal = sealOf(deps.secret, key, `${workspaceId} ${actor.id}`);
      if (await claimKey(db, row, { overBefore: before(keptMs), deadBefore: before(deadMs) })) return attempt(claimed, seal);
      const found = await findKept(db, claimed);
      if (found !== undefined && found.request_hash !== row.request_hash) {
        throw new AppError('bad_request', 'This Idempotency-Key came with another request before. Make a new key for a new request.');
      }
      // Not there any more: it was freed between the two looks.
      if (found === undefined || found.status === null) {
        throw new AppError('conflict', 'The first request with this Idempotency-Key is still running. Ask again in a moment.', {
          retryAfterSeconds: 1,
        });
      }
      const body = found.answer === null ? null : seal.open(found.answer);
      if (body === null)
        throw new AppError('conflict', 'This request was carried out, but its answer could not be kept. Look at what it made.');
      return { kept: true, status: found.status, body };
    },
    forget: (at) => deleteKept(db, new Date(at.getTime() - keptMs)),
  };
}

/** What the same request would be answered again. What waiting may mend frees the key. */
function isFinal(status: number): boolean {
  return status < 500 && status !== 409 && status !== 429;
}

interface Seal {
  close(text: string): string;
  /** Null when it was sealed under another secret. */
  open(sealed: string): string | null;
}

/** AES-256-GCM under the caller's key and the server's secret: the database alone tells nothing of an answer. */
function sealOf(secret: string, key: string, context: string): Seal {
  const bytes = Buffer.from(hkdfSync('sha256', secret, key, 'idempotency', 32));
  const aad = Buffer.from(context);
  return {
    close(text) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', bytes, nonce).setAAD(aad);
      return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64');
    },
    open(sealed) {
      const all = Buffer.from(sealed, 'base64');
      const decipher = createDecipheriv('aes-256-gcm', bytes, all.subarray(0, nonceBytes)).setAAD(aad).setAuthTag(all.subarray(-tagBytes));
      try {
        return Buffer.concat([decipher.update(all.subarray(nonceBytes, -tagBytes)), decipher.final()]).toString('utf8');
      } catch {
        return null;
      }
    },
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
