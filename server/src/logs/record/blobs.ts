import { createHash } from 'node:crypto';
import { getOwn, setOwn } from '@whetstone/domain';
import type { Blobs } from '../../storage/index.ts';
import { payloadFields, type BlobPlace, type Payload } from './row.ts';

/** UTF-8 bytes beyond which a string leaves the row. */
const longest = 256 * 1024;
/** A data URL shorter than this is cheaper in its row than in a file. */
const shortestDataUrl = 1024;
const holdMs = 15 * 60_000;
/** What stays of a long text, so that it can be searched and previewed. */
const headLength = 2_000;

/** Blobs that were written for rows which may not be in the store yet: nobody may take them for unused. */
export class BlobHold {
  readonly #until = new Map<string, number>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  add(sha256: string): void {
    for (const [old, until] of this.#until) {
      if (until > this.#now()) break;
      this.#until.delete(old);
    }
    this.#until.delete(sha256);
    this.#until.set(sha256, this.#now() + holdMs);
  }

  has(sha256: string): boolean {
    return (this.#until.get(sha256) ?? 0) > this.#now();
  }
}

interface Cut {
  path: (string | number)[];
  text: string;
}

/** Moves long strings and data URLs of the given fields into blobs; the payload is copied where it changes. */
export async function cutBlobs(payload: Payload, fields: ReadonlySet<string>, blobs: Blobs, hold: BlobHold): Promise<Payload> {
  const cuts: Cut[] = [];
  const changed: Record<string, unknown> = {};
  for (const field of payloadFields) {
    if (!fields.has(field)) continue;
    const before: unknown = payload[field];
    const after = cut(before, [field], cuts);
    if (after !== before) changed[field] = after;
  }
  const kept = payload.blobs.filter(({ path }) => !fields.has(String(path[0])));
  if (cuts.length === 0) return kept.length === payload.blobs.length ? payload : { ...payload, blobs: kept };
  const places = await Promise.all(
    cuts.map(async ({ path, text }): Promise<BlobPlace> => {
      const content = Buffer.from(text);
      // Held before it is written: a sweep may be looking at an older copy of it right now.
      hold.add(createHash('sha256').update(content).digest('hex'));
      return { path, sha256: (await blobs.put(content)).sha256 };
    }),
  );
  return { ...payload, ...changed, blobs: [...kept, ...places] };
}

function cut(value: unknown, path: (string | number)[], cuts: Cut[]): unknown {
  if (typeof value === 'string') {
    const isData = value.length >= shortestDataUrl && value.startsWith('data:');
    if (!isData && !isLong(value)) return value;
    cuts.push({ path: [...path], text: value });
    return isData ? value.slice(0, value.indexOf(',', 5) + 1 || 5).slice(0, 200) : value.slice(0, headLength).toWellFormed();
  }
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    let copy: unknown[] | null = null;
    for (let i = 0; i < value.length; i++) {
      path.push(i);
      const item = cut(value[i], path, cuts);
      path.pop();
      if (item !== value[i]) (copy ??= [...(value as unknown[])])[i] = item;
    }
    return copy ?? value;
  }
  let copy: Record<string, unknown> | null = null;
  for (const key of Object.keys(value)) {
    const before = getOwn(value, key);
    path.push(key);
    const item = cut(before, path, cuts);
    path.pop();
    if (item !== before) setOwn((copy ??= copyOf(value)), key, item);
  }
  return copy ?? value;
}

function isLong(text: string): boolean {
  if (text.length > longest) return true;
  return text.length * 3 > longest && Buffer.byteLength(text) > longest;
}

function copyOf(value: object): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) setOwn(copy, key, getOwn(value, key));
  return copy;
}

/** Puts the strings back. A blob that is gone leaves the head of its text in place. */
export async function restoreBlobs(payload: Payload, blobs: Blobs): Promise<Payload> {
  if (payload.blobs.length === 0) return payload;
  const whole = structuredClone(payload);
  for (const { path, sha256 } of payload.blobs) {
    const content = await blobs.get(sha256);
    const last = path.at(-1);
    let holder: unknown = whole;
    for (const step of path.slice(0, -1)) holder = getOwn(holder, step);
    if (!content || last === undefined || typeof holder !== 'object' || holder === null || getOwn(holder, last) === undefined) continue;
    setOwn(holder, String(last), content.toString('utf8'));
  }
  return whole;
}
