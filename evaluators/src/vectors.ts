/** Cosine of two vectors, from -1 to 1. Throws when they are of unlike length, not finite or zero. */
export function cosine(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length) throw new Error(`The embeddings have ${a.length} and ${b.length} numbers.`);
  let dot = 0;
  let left = 0;
  let right = 0;
  // By the largest first, so that squares of large numbers stay finite.
  const scaleA = largest(a);
  const scaleB = largest(b);
  for (let i = 0; i < a.length; i++) {
    const x = (a[i] ?? 0) / scaleA;
    const y = (b[i] ?? 0) / scaleB;
    dot += x * y;
    left += x * x;
    right += y * y;
  }
  const value = dot / Math.sqrt(left * right);
  if (!Number.isFinite(value)) throw new Error('An embedding is zero or not finite.');
  return Math.max(-1, Math.min(1, value));
}

const largest = (vector: readonly number[]): number => vector.reduce((most, x) => Math.max(most, Math.abs(x)), 0);

/** Vectors for texts, one each. */
export function vectorAt(vectors: readonly (readonly number[])[], i: number): readonly number[] {
  const vector = vectors[i];
  if (vector === undefined) throw new Error('The model for embeddings answered too few vectors.');
  return vector;
}
