import type { StoredDatapoint } from '../../files/index.ts';

/**
 * MinHash (Broder 1997) over runs of three words, with banding. Of two texts whose runs have a share s in common (Jaccard), each
 * of the 64 minima is equal with probability s, so two are compared with probability 1 - (1 - s^4)^16: 0.9998 at 0.8, 0.97 at
 * 0.67, 0.64 at 0.5. What is compared is then measured, not estimated. Nothing is drawn: the same text has the same signature.
 */

const bands = 16;
const rowsOfBand = 4;
export const signatureLength = bands * rowsOfBand;
const wordsOfShingle = 3;
/** Of very long texts the first runs decide. */
const mostShingles = 2_000;

/** What a case asks, as far as people would call it the same: without case, accents of typing, spaces and punctuation. */
export function normalText({ inputs, messages }: Pick<StoredDatapoint, 'inputs' | 'messages'>): string {
  const parts = Object.entries(inputs ?? {})
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name} ${value}`);
  for (const { role, content } of messages ?? []) {
    if (typeof content === 'string') parts.push(`${role} ${content}`);
    else for (const part of content ?? []) parts.push(part.type === 'text' ? `${role} ${part.text}` : part.image_url.url);
  }
  return parts.map(wordsOf).join('\n');
}

function wordsOf(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{S}]+/gu, ' ')
    .trim();
}

/** Hashes of the runs of words, each once and sorted. Text without spaces between words (Chinese, Thai) is cut into characters. */
export function shinglesOf(text: string): Uint32Array {
  const words = text
    .split(/\s+/)
    .flatMap((word) => (/[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/.test(word) ? Array.from(word) : [word]));
  const found = new Set<number>();
  const last = Math.max(1, words.length - wordsOfShingle + 1);
  for (let i = 0; i < last && found.size < mostShingles; i++) found.add(hashText(words.slice(i, i + wordsOfShingle).join(' ')));
  return Uint32Array.from(found).sort();
}

export function signatureOf(shingles: Uint32Array): Uint32Array {
  const signature = new Uint32Array(signatureLength).fill(0xffffffff);
  for (const shingle of shingles) {
    for (let i = 0; i < signatureLength; i++) {
      const value = mix(shingle ^ (seeds[i] as number));
      if (value < (signature[i] as number)) signature[i] = value;
    }
  }
  return signature;
}

/** Of each band the bucket in which alike texts meet. */
export function bucketsOf(signature: Uint32Array): number[] {
  return Array.from({ length: bands }, (_, band) =>
    signature.subarray(band * rowsOfBand, (band + 1) * rowsOfBand).reduce((bucket, value) => mix(Math.imul(bucket, 31) ^ value), 0),
  );
}

/** The share of runs that two have in common. */
export function jaccard(a: Uint32Array, b: Uint32Array): number {
  let common = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const [x, y] = [a[i] as number, b[j] as number];
    if (x === y) common += 1;
    if (x <= y) i += 1;
    if (y <= x) j += 1;
  }
  const all = a.length + b.length - common;
  return all === 0 ? 1 : common / all;
}

/** FNV-1a, 32 bits. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return mix(hash);
}

/** The finaliser of MurmurHash3. */
function mix(given: number): number {
  let hash = given;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

const seeds = Uint32Array.from({ length: signatureLength }, (_, index) => mix(Math.imul(index + 1, 0x9e3779b9)));
