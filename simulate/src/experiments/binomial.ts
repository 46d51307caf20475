import { type Random, logBinomialDensity } from '@whetstone/statistics';

/** Draws of Binomial(n, p) for n up to some hundreds: one number each, looked up in the distribution, which is added up once. */
function binomials(): (random: Random, n: number, p: number) => number {
  const tables = new Map<number, Float64Array[]>();
  return (random, n, p) => {
    if (n === 0 || p <= 0) return 0;
    if (p >= 1) return n;
    let ofP = tables.get(p);
    if (ofP === undefined) tables.set(p, (ofP = []));
    const table = (ofP[n] ??= cumulative(n, p));
    const at = random();
    let [low, high] = [0, n];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (table[middle]! > at) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

function cumulative(n: number, p: number): Float64Array {
  let sum = 0;
  return Float64Array.from({ length: n + 1 }, (_, x) => (sum += Math.exp(logBinomialDensity(x, n, p))));
}

/** One for all: a table is the same whoever asks. */
export const drawBinomial = binomials();
