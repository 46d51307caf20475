import {
  type Random,
  clusteredMean,
  clusteredWilson,
  compareCases,
  drawBeta,
  drawNormal,
  logBinomialDensity,
  meanScore,
  proportion,
} from '@whetstone/statistics';
import { bernoulli, cases, clusterPasses, clusterSizes, drawLognormal } from './draw.ts';
import { type Figure, type Setting, type Told, atLeast, covers, share } from './study.ts';

const suite = 'coverage';
const sizes = [50, 200, 1000];

/** By adding up the binomial, without chance: p from 0.01 to 0.99 in steps of 0.0005. */
function proportions(n: number): Figure[] {
  const intervals = Array.from({ length: n + 1 }, (_, x) => proportion(x, n));
  let [sum, least, count] = [0, 1, 0];
  for (let step = 20; step <= 1980; step += 1) {
    const p = step / 2000;
    let covered = 0;
    for (const [x, interval] of intervals.entries()) if (covers(interval, p) === true) covered += Math.exp(logBinomialDensity(x, n, p));
    sum += covered;
    least = Math.min(least, covered);
    count += 1;
  }
  const exact = { suite, error: 0, runs: 0 };
  return [
    { ...exact, name: `proportion, average over p 0.01 to 0.99, n = ${n}`, value: sum / count, bound: atLeast(0.94) },
    { ...exact, name: `proportion, worst p, n = ${n}`, value: least, bound: atLeast(0.92) },
  ];
}

const bounded: [string, (random: Random) => number, number][] = [
  ['scores Beta(2, 2)', (random) => drawBeta(random, 2, 2), 0.5],
  ['scores Beta(8, 2)', (random) => drawBeta(random, 8, 2), 0.8],
  ['scores Beta(5, 0.5)', (random) => drawBeta(random, 5, 0.5), 5 / 5.5],
  ['scores 90 % ones', (random) => (random() < 0.9 ? 1 : random()), 0.95],
  ['scores 97 % ones', (random) => (random() < 0.97 ? 1 : random()), 0.985],
];

function scores(setting: Setting, n: number): Figure[] {
  return bounded.map(([name, draw, truth]) =>
    share(
      setting,
      suite,
      `${name}, n = ${n}`,
      (random) =>
        covers(
          meanScore(
            cases(n, 1, () => draw(random)),
            [0, 1],
          ),
          truth,
        ),
      {
        bound: atLeast(0.94),
      },
    ),
  );
}

function clustered(setting: Setting, count: number, tail: boolean): Figure[] {
  const what = `${count} clusters ${tail ? 'with a long tail of sizes' : 'of 5'}`;
  const rates = [0.5, 0.9].map((mean) =>
    share(
      setting,
      suite,
      `pass rate ${mean}, ${what}`,
      (random) => {
        const drawn = clusterSizes(random, count, tail);
        return covers(clusteredWilson({ sums: clusterPasses(random, drawn, mean, 0.2), sizes: drawn }, 0.95, 'CR2'), mean);
      },
      { bound: atLeast(0.94) },
    ),
  );
  const means = share(
    setting,
    suite,
    `mean, ${what}`,
    (random) => {
      const drawn = clusterSizes(random, count, tail);
      // The sum of a cluster: its own shift for each value, and the values' own noise added up.
      const sums = drawn.map((size) => size * Math.sqrt(0.2) * drawNormal(random) + Math.sqrt(0.8 * size) * drawNormal(random));
      return covers(clusteredMean({ sums, sizes: drawn }), 0);
    },
    { bound: atLeast(0.94) },
  );
  return [...rates, means];
}

const latency = { range: null, higherIsBetter: false, margin: null } as const;

/** Differences of lognormals over the same cases, and differences that are lognormal themselves. */
function lognormals(setting: Setting, n: number): Figure[] {
  const factors = [1, 2].map((factor) =>
    ofThoseShown(
      setting,
      `paired lognormal sigma 1, B ${factor === 1 ? 'alike' : `${factor} times A`}, n = ${n}`,
      (random) => {
        const side = (scale: number) => cases(n, 1, () => scale * drawLognormal(random, 1));
        return covers(compareCases(side(1), side(factor), latency), (factor - 1) * Math.exp(0.5));
      },
      { bound: atLeast(0.94) },
    ),
  );
  const themselves = ofThoseShown(
    setting,
    `paired, differences lognormal sigma 1, n = ${n}`,
    (random) => {
      const a = cases(n, 1, () => 0);
      const b = cases(n, 1, () => drawLognormal(random, 1));
      return covers(compareCases(a, b, latency), Math.exp(0.5));
    },
    { bound: atLeast(0.94) },
  );
  return [...factors, themselves];
}

function singleMeans(setting: Setting, n: number): Figure[] {
  const one = (sigma: number, told: Told) =>
    ofThoseShown(
      setting,
      `one version, lognormal sigma ${sigma}, n = ${n}`,
      (random) =>
        covers(
          meanScore(
            cases(n, 1, () => drawLognormal(random, sigma)),
            null,
          ),
          Math.exp(sigma ** 2 / 2),
        ),
      told,
    );
  return [one(1, { bound: atLeast(0.94) }), one(1.5, {})];
}

/** Coverage of the intervals that were shown, with the share that was refused. */
function ofThoseShown(setting: Setting, name: string, trial: (random: Random) => boolean | null, told: Told): Figure {
  let [refused, total] = [0, 0];
  const figure = share(
    setting,
    suite,
    name,
    (random) => {
      const outcome = trial(random);
      total += 1;
      if (outcome === null) refused += 1;
      return outcome;
    },
    told,
  );
  return { ...figure, note: `${((100 * refused) / total).toFixed(1)} % told "too skewed at this size"` };
}

/** Cases judged three times, passes and fails, as one version's pass rate. */
function repeated(setting: Setting, n: number): Figure {
  return share(
    setting,
    suite,
    `pass rate of 3 repeats, ${n} cases`,
    (random) => {
      const rates = Array.from({ length: n }, () => drawBeta(random, 1.2, 0.6));
      const judged = cases(n, 3, (i) => bernoulli(random, rates[i]!));
      const passes = judged.map((repeats) => repeats.reduce((sum, value) => sum + value, 0));
      return covers(clusteredWilson({ sums: passes, sizes: judged.map((repeats) => repeats.length) }, 0.95, 'CR2'), 1.2 / 1.8);
    },
    { bound: atLeast(0.94) },
  );
}

/** Proportions, exactly, and bounded scores. */
export function boundedCoverage(setting: Setting): Figure[] {
  return [...sizes.flatMap(proportions), ...sizes.flatMap((n) => scores(setting, n)), ...sizes.map((n) => repeated(setting, n))];
}

export function clusterCoverage(setting: Setting): Figure[] {
  return [
    ...[30, ...sizes].flatMap((count) => clustered(setting, count, false)),
    ...[100, 200, 1000].flatMap((count) => clustered(setting, count, true)),
  ];
}

/** Values without bounds and with long tails. */
export function skewCoverage(setting: Setting): Figure[] {
  return [...sizes.flatMap((n) => lognormals(setting, n)), ...sizes.flatMap((n) => singleMeans(setting, n))];
}
