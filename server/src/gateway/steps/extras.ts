import { AppError, type AnyObject, type Scope } from '@whetstone/contract';
import type { Admission } from '../limits/rate-limits.ts';
import { experimentHeaders } from '../../experiments/index.ts';
import type { Sample } from '../index.ts';
import type { Asked, Listener, Ready, Room } from '../room.ts';
import type { Attempt } from './call.ts';
import { type CachePlan, keep, planCache, replay, type Replayed } from './cache.ts';

/** What a call has around it that most have not: a limit, a route, the cache. Absent where it has none of them. */
export interface Extras {
  admission: Admission | null;
  cache: CachePlan | null;
  /** For the caller, in place of a provider's of the same name. */
  headers: Record<string, string>;
}

/** Before anything else: whether there is room for the call. Throws `rate_limited`. */
export function admit(room: Room, scope: Scope, asked: Asked): Admission | null | Promise<Admission | null> {
  const admission = room.rates.admit(scope, asked.log.user);
  if (!(admission instanceof Promise)) return admission;
  return admission.catch((error: unknown) => {
    if (error instanceof AppError && error.code === 'rate_limited') room.counters.limited += 1;
    throw error;
  });
}

export function equip(ready: Ready, asked: Asked, admission: Admission | null): Ready {
  const cache = planCache(ready, asked);
  const experiment = experimentHeaders(ready.assigned ?? null);
  if (admission === null && cache === null && experiment === null && ready.chosen === undefined) return ready;
  const headers = {
    ...admission?.headers,
    ...(ready.chosen === undefined ? {} : { 'x-whetstone-route': ready.chosen.route.name }),
    ...(cache === null ? {} : { 'x-whetstone-cache': 'miss' }),
    ...experiment,
  };
  return { ...ready, extras: { admission, cache, headers } };
}

interface Options {
  asked: Asked;
  listener: Listener;
  logId: string;
  index: number;
}
/** Logged in place of a provider's answer. */
export type Instead = { attempt: Attempt; replayed: Replayed };

/** Runs a call with its extras; `plain` runs what is left, or logs what came `instead`. */
export async function performWith<O extends Options, P extends { attempt: Attempt; sample: Sample }>(
  room: Room,
  ready: Ready,
  extras: Extras,
  options: O,
  plain: (options: O, instead: Instead | null) => Promise<P>,
): Promise<P> {
  const { cache, admission, headers } = extras;
  const given = options.listener;
  const listener: Listener = {
    signal: given.signal,
    wants: given.wants,
    open: (theirs) => given.open(ours(theirs, headers)),
    bytes: (bytes) => given.bytes(bytes),
    chunk: (chunk) => given.chunk(chunk),
    drained: (resume) => given.drained(resume),
  };
  const instead = cache === null ? null : await replay(room, ready, cache, { ...options, listener });
  const done = await plain({ ...options, listener }, instead);
  const { attempt, sample } = done;
  if (instead !== null) room.counters.cached += 1;
  else {
    const tokens = (sample.promptTokens ?? 0) + (sample.outputTokens ?? 0);
    admission?.settle({ tokens, usd: (sample.promptCost ?? 0) + (sample.outputCost ?? 0) });
    if (cache !== null) await keep(room, ready, cache, { attempt, logId: options.logId, index: options.index });
  }
  return attempt.type === 'broken' ? done : { ...done, attempt: { ...attempt, headers: ours(attempt.headers, headers) } };
}

/** A hit says so itself. */
function ours(theirs: Record<string, string>, own: Record<string, string>): Record<string, string> {
  const hit = theirs['x-whetstone-cache'] === 'hit' && own['x-whetstone-cache'] !== undefined;
  return { ...theirs, ...own, ...(hit ? { 'x-whetstone-cache': 'hit' } : {}) };
}

/** What the log tells of them, within the provider's answer. */
export function noteOf(
  ready: Ready,
  attempt: Attempt,
  replayed: Replayed | null,
  cost: { promptCost: number | null; outputCost: number | null },
): AnyObject {
  const { chosen } = ready;
  const saved = cost.promptCost === null && cost.outputCost === null ? null : (cost.promptCost ?? 0) + (cost.outputCost ?? 0);
  return {
    ...(chosen === undefined ? {} : { route: { name: chosen.route.name, served_by: `${attempt.target.named}/${attempt.target.model}` } }),
    ...(replayed === null
      ? {}
      : { cached: { log_id: replayed.logId, stored_at: replayed.createdAt.toISOString(), saved_cost_usd: saved } }),
  };
}
