/** Numbers from 0 (with) to 1 (without), evenly spread. Functions that need chance take one: the same numbers, the same result. */
export type Random = () => number;

/**
 * A generator with a seed: xoshiro128** (D. Blackman and S. Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS
 * 47 (2021) 36), its state filled by splitmix32; 53 bits a number from two steps, period 2^128 − 1. Not for secrets.
 *
 * @param stream numbers from the same seed that do not follow from one another
 */
export function seededRandom(seed: number, stream = 0): Random {
  let filler = Math.imul(seed ^ Math.imul(stream + 1, 0x9e37_79b9), 0x85eb_ca6b) ^ (Math.floor(seed / 2 ** 32) | 0);
  const fill = () => {
    filler = (filler + 0x9e37_79b9) | 0;
    let mixed = filler ^ (filler >>> 16);
    mixed = Math.imul(mixed, 0x21f0_aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a_2d97);
    return mixed ^ (mixed >>> 15);
  };
  let [a, b, c, d] = [fill(), fill() ^ stream, fill(), fill() | 1];
  const next = () => {
    const scrambled = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return scrambled;
  };
  return () => ((next() >>> 5) * 0x400_0000 + (next() >>> 6)) / 0x20_0000_0000_0000;
}

const rotate = (x: number, bits: number): number => (x << bits) | (x >>> (32 - bits));

/** A whole number from 0 to `below` − 1. */
export function drawIndex(random: Random, below: number): number {
  return Math.floor(random() * below);
}

/** A standard normal draw: G. Marsaglia's polar method (1964); its second number is thrown away so that draws keep no state. */
export function drawNormal(random: Random): number {
  for (;;) {
    const u = 2 * random() - 1;
    const v = 2 * random() - 1;
    const s = u * u + v * v;
    if (s > 0 && s < 1) return u * Math.sqrt((-2 * Math.log(s)) / s);
  }
}

/** A Gamma(shape, 1) draw: G. Marsaglia and W. W. Tsang, "A simple method for generating gamma variables", ACM TOMS 26 (2000). */
export function drawGamma(random: Random, shape: number): number {
  if (!(shape > 0)) throw new RangeError(`Gamma with shape ${shape} is no distribution.`);
  if (shape < 1) return drawGamma(random, shape + 1) * (1 - random()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = drawNormal(random);
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** A Beta(a, b) draw. */
export function drawBeta(random: Random, a: number, b: number): number {
  const x = drawGamma(random, a);
  return x / (x + drawGamma(random, b));
}
