import { createHash } from 'node:crypto';
import { bucketsOf, jaccard, shinglesOf, signatureOf } from './signature.ts';

export interface Match {
  /** Of the text that it is like. */
  index: number;
  similarity: number;
  exact: boolean;
}

/** A bucket that many meet in says little; the first of them are looked at. */
const mostInBucket = 32;

/** Texts in the order in which they came; each new one is compared with those that it could be like. */
export class AlikeTexts {
  readonly #threshold: number;
  readonly #texts = new Map<string, number>();
  readonly #shingles = new Map<number, Uint32Array>();
  /** One for each band; most buckets hold one text, and no list for it. */
  readonly #buckets: Map<number, number | number[]>[] = [];

  constructor(threshold: number) {
    this.#threshold = threshold;
  }

  /** The text before it that this one is most like. Where there is one, later texts are compared with that, unless `keep`. */
  add(index: number, text: string, { keep = false }: { keep?: boolean } = {}): Match | null {
    const name = createHash('sha256').update(text).digest('base64');
    const same = this.#texts.get(name);
    if (same !== undefined) return { index: same, similarity: 1, exact: true };
    const shingles = shinglesOf(text);
    const buckets = bucketsOf(signatureOf(shingles));
    const match = this.#best(shingles, buckets);
    if (match !== null && !keep) return match;
    this.#texts.set(name, index);
    this.#shingles.set(index, shingles);
    for (const [band, bucket] of buckets.entries()) this.#put(band, bucket, index);
    return match;
  }

  #put(band: number, bucket: number, index: number): void {
    const there = (this.#buckets[band] ??= new Map());
    const held = there.get(bucket);
    if (held === undefined) there.set(bucket, index);
    else if (typeof held === 'number') there.set(bucket, [held, index]);
    else if (held.length < mostInBucket) held.push(index);
  }

  #best(shingles: Uint32Array, buckets: readonly number[]): Match | null {
    let best: Match | null = null;
    const looked = new Set<number>();
    for (const [band, bucket] of buckets.entries()) {
      const held = this.#buckets[band]?.get(bucket);
      for (const index of typeof held === 'number' ? [held] : (held ?? [])) {
        if (looked.has(index)) continue;
        looked.add(index);
        const similarity = jaccard(shingles, this.#shingles.get(index) ?? new Uint32Array());
        if (similarity < this.#threshold) continue;
        if (best === null || similarity > best.similarity || (similarity === best.similarity && index < best.index))
          best = { index, similarity, exact: false };
      }
    }
    return best;
  }
}
