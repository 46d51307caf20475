import { createHash } from 'node:crypto';
import { AppError, type AnyObject } from '@whetstone/contract';
import { stableJson } from '@whetstone/domain';
import { answerOf, chunksOf, completionOf } from '../cache/replay.ts';
import type { CacheStore } from '../cache/store.ts';
import type { Asked, Listener, Ready, Room, Target } from '../room.ts';
import { asObject, parseJson } from '../wire/read.ts';
import { sseEvent } from '../wire/sse.ts';
import type { Attempt } from './call.ts';

/** How a call uses the cache. */
export interface CachePlan {
  ttlSeconds: number;
  /** Not to be answered from it, but to be kept. */
  refresh: boolean;
  key: string;
  /** The end user whose call it is; decides nothing about the answer. */
  user: string | null;
}
/** Where a replayed answer came from. */
export interface Replayed {
  logId: string;
  createdAt: Date;
}
interface Kept {
  provider: string;
  model: string;
  completion: AnyObject;
}

const maxTtlSeconds = 2_592_000;
const maxAnswerBytes = 1 << 20;
const maxAnswers = 5_000;
const writesPerTrim = 50;

/** What decides nothing about the answer. */
const irrelevant = new Set([
  'stream',
  'stream_options',
  'user',
  'metadata',
  'store',
  'safety_identifier',
  'prompt_cache_key',
  'service_tier',
]);

/** From the header `x-whetstone-cache` (seconds, `refresh` or `off`), else from the route; null: the cache is not asked. Throws 400. */
export function planCache(ready: Ready, asked: Asked): CachePlan | null {
  const ofRoute = ready.chosen?.route.cacheTtlSeconds ?? null;
  const header = asked.cache?.toLowerCase() ?? null;
  if (header === null && ofRoute === null) return null;
  if (header === 'off' || asked.log.save === false || asked.native?.cacheable === false) return null;
  const refresh = header === 'refresh';
  const given = header === null || refresh ? null : Number(header);
  if (given !== null && !(Number.isInteger(given) && given >= 1 && given <= maxTtlSeconds)) {
    throw new AppError(
      'bad_request',
      `\`x-whetstone-cache\` takes a number of seconds from 1 to ${maxTtlSeconds}, \`refresh\` or \`off\`.`,
    );
  }
  const ttlSeconds = given ?? ofRoute ?? 3600;
  return { ttlSeconds, refresh, key: keyOf(ready, asked), user: asked.log.user ?? null };
}

function keyOf({ scope, kind, body, chosen, targets: [first] }: Ready, { native }: Asked): string {
  // A route's answers stand for one another; without one it is the provider and the model, whatever the credential.
  const who =
    chosen === undefined ? [first.provider.id, first.baseUrl, first.model] : [chosen.route.name, chosen.route.updatedAt.getTime()];
  const decisive = (all: AnyObject): AnyObject =>
    Object.fromEntries(Object.entries(all).filter(([name, value]) => !irrelevant.has(name) && value != null && name !== 'model'));
  const asked = decisive(body);
  // What the chat shape leaves out, such as marks for a provider's own cache.
  if (native !== undefined) asked['native'] = { shape: native.shape, ...decisive(native.body) };
  return createHash('sha256')
    .update(stableJson([1, scope.workspaceId, kind, who, asked]))
    .digest('base64url');
}

/** The answer that an equal request got, handed out as this caller wants it; null when there is none. A store that is away has none. */
export async function replay(
  room: Pick<Room, 'cache' | 'clock'>,
  ready: Ready,
  plan: CachePlan,
  { asked, listener, index }: { asked: Asked; listener: Listener; index: number },
): Promise<{ attempt: Attempt; replayed: Replayed } | null> {
  if (plan.refresh) return null;
  const at = room.clock();
  const found = await room.cache.find(ready.scope.workspaceId, sampleKey(plan, index), at).catch(() => null);
  if (found === null || listener.signal.aborted) return null;
  const kept = asObject(parseJson(found.completion)) as Kept | null;
  if (kept === null) return null;
  const { completion } = kept;
  const ageSeconds = Math.max(0, Math.floor((at.getTime() - found.createdAt.getTime()) / 1000));
  const headers = { 'content-type': 'application/json', 'x-whetstone-cache': 'hit', 'x-whetstone-cache-age': String(ageSeconds) };
  if (asked.stream) await handOut(completion, ready, listener, headers);
  const attempt: Attempt = {
    type: 'answered',
    target: targetOf(ready, kept),
    headers,
    answer: answerOf(completion),
    body: asked.stream ? null : Buffer.from(JSON.stringify(completion)),
    tail: asked.stream && listener.wants === 'bytes' ? Buffer.from('data: [DONE]\n\n') : null,
    firstAt: at.getTime(),
  };
  return { attempt, replayed: { logId: found.logId, createdAt: found.createdAt } };
}

function targetOf({ targets }: Ready, { provider, model }: Kept): Target {
  const same = targets.find((target) => target.provider.id === provider && target.model === model);
  return same ?? targets[0];
}

async function handOut(completion: AnyObject, ready: Ready, listener: Listener, headers: Record<string, string>): Promise<void> {
  const bytes = listener.wants === 'bytes';
  const withUsage = !bytes || asObject(ready.body['stream_options'])?.['include_usage'] === true;
  listener.open(headers);
  for (const chunk of chunksOf(completion, withUsage)) {
    if (listener.signal.aborted) return;
    const writable = bytes ? listener.bytes(Buffer.from(sseEvent(chunk))) : listener.chunk(chunk);
    if (!writable) await drained(listener);
  }
}

function drained(listener: Listener): Promise<void> {
  return new Promise((resolve) => {
    listener.signal.addEventListener('abort', () => resolve(), { once: true });
    listener.drained(resolve);
  });
}

/** Keeps a good answer; errors and what is too large are not kept. Never throws: what is not kept is asked for again, that is all. */
export async function keep(
  room: Pick<Room, 'cache' | 'clock'>,
  ready: Ready,
  plan: CachePlan,
  { attempt, logId, index }: { attempt: Attempt; logId: string; index: number },
): Promise<void> {
  if (attempt.type !== 'answered') return;
  const createdAt = room.clock();
  const completion = wholeOf(attempt, ready, createdAt);
  if (completion === null) return;
  const kept: Kept = { provider: attempt.target.provider.id, model: attempt.target.model, completion };
  const text = JSON.stringify(kept);
  if (Buffer.byteLength(text) > maxAnswerBytes) return;
  const expiresAt = new Date(createdAt.getTime() + plan.ttlSeconds * 1000);
  const answer = { key: sampleKey(plan, index), completion: text, logId, user: plan.user, createdAt, expiresAt };
  await write(room.cache, ready.scope.workspaceId, answer).catch(() => undefined);
}

async function write(
  store: CacheStore,
  workspaceId: string,
  { key, ...answer }: { key: string } & Parameters<CacheStore['write']>[2],
): Promise<void> {
  await store.write(workspaceId, key, answer);
  // By the hash, so that no count has to be held.
  if (Buffer.from(key.slice(0, 4), 'base64url').readUInt16BE(0) % writesPerTrim === 0)
    await store.trim(workspaceId, maxAnswers, answer.createdAt);
}

function wholeOf(attempt: Extract<Attempt, { type: 'answered' }>, ready: Ready, at: Date): AnyObject | null {
  if (attempt.body !== null && attempt.native !== true) return asObject(parseJson(attempt.body.toString('utf8')));
  if (ready.kind !== 'chat' || attempt.answer.choices.length === 0) return null;
  return completionOf(attempt.answer, Math.floor(at.getTime() / 1000));
}

/** Samples of one call differ. */
function sampleKey({ key }: CachePlan, index: number): string {
  return index === 0 ? key : `${key}.${index}`;
}
