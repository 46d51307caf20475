import { createHash } from 'node:crypto';
import { AppError, notFound } from '@whetstone/contract';
import type { Scope } from '@whetstone/contract';
import { base62, canonicalText, idRandomBytes, makeId } from '@whetstone/domain';
import type { ReviewsDeps } from './index.ts';
import { findItem, findQueue } from './store.ts';
import type { Db, ItemRow, QueueRow, ReviewTables } from './tables.ts';

/** What the verbs of the room share. */
export interface Room extends ReviewsDeps {
  readonly db: Db;
  newId(prefix: string): string;
  /** From 0 (with) to 1 (without). */
  random(): number;
}

export const prefixes = { queue: 'rvq_', item: 'rvi_', comment: 'cmt_' } as const;

export function openRoom(deps: ReviewsDeps): Room {
  return {
    ...deps,
    db: deps.storage.database<ReviewTables>(),
    newId: (prefix) => makeId(prefix, deps.randomBytes(idRandomBytes)),
    random: () => {
      const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = deps.randomBytes(6);
      return (((((a * 256 + b) * 256 + c) * 256 + d) * 256 + e) * 256 + f) / 2 ** 48;
    },
  };
}

export const clean = (text: string): string => canonicalText(text).text;

/** @throws AppError 404 */
export async function queueOf(room: Room, { workspaceId }: Scope, id: string): Promise<QueueRow> {
  const row = await findQueue(room.db, workspaceId, clean(id));
  if (row === undefined) throw notFound('Review queue', id);
  return row;
}

/** @throws AppError 404 */
export async function itemOf(room: Room, queue: QueueRow, id: string): Promise<ItemRow> {
  const row = await findItem(room.db, queue.id, clean(id));
  if (row === undefined) throw notFound('Item', id);
  return row;
}

/** Who reviews is a person: their name stands at the judgment, and agreement is between people. */
export function personOf({ actor }: Scope): string {
  if (actor.type === 'user') return actor.id;
  throw new AppError('forbidden', 'Queues are reviewed by people who are signed in. With a key, judge by `POST /v5/evaluators/log`.');
}

/** The same for the same item, person, evaluator and log, so that what is sent twice is there once. */
export function judgmentId(...parts: string[]): string {
  const digest = createHash('sha256').update(parts.join('\n')).digest().subarray(0, 16);
  return `log_${base62(digest).slice(-21)}`;
}

export async function namesOf(room: Room, ids: readonly string[]): Promise<(id: string) => string> {
  const names = await room.people.users.names([...new Set(ids)]);
  return (id) => names.get(id)?.name ?? 'A former member';
}

export function shuffled<T>(room: Room, items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, at: room.random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
