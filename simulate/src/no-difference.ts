import {
  type Comparing,
  type Random,
  type Repeats,
  compareCases,
  compareVersions,
  drawBeta,
  drawNormal,
  verdict,
  welch,
} from '@whetstone/statistics';
import { bernoulli, cases, difficulties, drawLognormal, withHoles } from './draw.ts';
import { type Figure, type Setting, atMost, share } from './study.ts';

const suite = 'A/A';
const passFail: Comparing = { range: [0, 1], higherIsBetter: true, margin: 0.05 };
const unbounded: Comparing = { range: null, higherIsBetter: false, margin: 0.1 };

const claims = (verdict: string): boolean => verdict === 'better' || verdict === 'worse';

/** Two sides judged alike: how often the product calls one better or worse. */
function falseVerdicts(setting: Setting, name: string, options: Comparing, draw: (random: Random) => [Repeats, Repeats]): Figure {
  const trial = (random: Random) => claims(compareCases(...draw(random), options).verdict);
  return share(setting, suite, name, trial, { bound: atMost(0.05) });
}

/** Both sides of `n` cases that pass as often as `rates` says. */
function twice(random: Random, rates: readonly number[], repeats: number): [number[][], number[][]] {
  const side = () => cases(rates.length, repeats, (i) => bernoulli(random, rates[i]!));
  return [side(), side()];
}

function groupedScores(random: Random, groups: number, size: number): [Repeats, Repeats, string[]] {
  const label = Array.from({ length: groups * size }, (_, i) => `g${Math.floor(i / size)}`);
  const shift = Array.from({ length: groups }, () => Math.sqrt(0.2) * drawNormal(random));
  const a = cases(groups * size, 1, () => 0);
  const b = cases(groups * size, 1, (i) => shift[Math.floor(i / size)]! + Math.sqrt(0.8) * drawNormal(random));
  return [a, b, label];
}

export function noDifference(setting: Setting): Figure[] {
  const figures: Figure[] = [];
  for (const n of [50, 200]) {
    figures.push(
      falseVerdicts(setting, `pass/fail once, ${n} cases`, passFail, (random) => twice(random, difficulties(random, n), 1)),
      falseVerdicts(setting, `pass/fail, 5 repeats, ${n} cases`, passFail, (random) => twice(random, difficulties(random, n), 5)),
      falseVerdicts(setting, `pass/fail, 3 repeats, 1 case in 20 flaky, ${n} cases`, passFail, (random) => {
        const rates = Array.from({ length: n }, () => (random() < 0.05 ? 0.5 : bernoulli(random, 0.8)));
        return twice(random, rates, 3);
      }),
      falseVerdicts(setting, `scores 0 to 1, 3 repeats, ${n} cases`, passFail, (random) => {
        const level = Array.from({ length: n }, () => 1 + 6 * random());
        const side = () => cases(n, 3, (i) => drawBeta(random, level[i]!, 2));
        return [side(), side()];
      }),
      falseVerdicts(setting, `latency, lognormal sigma 1, ${n} cases`, unbounded, (random) => {
        const side = () => cases(n, 1, () => drawLognormal(random, 1));
        return [side(), side()];
      }),
    );
  }
  figures.push(
    falseVerdicts(setting, 'pass/fail, 3 repeats, 10 % missing, 200 cases', passFail, (random) => {
      const [a, b] = twice(random, difficulties(random, 200), 3);
      return [withHoles(random, a, 0.1), withHoles(random, b, 0.1)];
    }),
    ...clusters(setting),
    share(
      setting,
      suite,
      'any of 4 versions against a baseline, 5 repeats, 200 cases',
      (random) => {
        const rates = difficulties(random, 200);
        const others = [0, 1].flatMap(() => twice(random, rates, 5));
        const [baseline] = twice(random, rates, 5);
        return compareVersions(baseline, others, passFail).some((each) => claims(each.verdict));
      },
      { bound: atMost(0.05) },
    ),
  );
  return figures;
}

function clusters(setting: Setting): Figure[] {
  const figures: Figure[] = [30, 100].map((groups) =>
    share(
      setting,
      suite,
      `${groups} conversations of 5 cases, correlation 0.2`,
      (random) => {
        const [a, b, label] = groupedScores(random, groups, 5);
        return claims(compareCases(a, b, { ...unbounded, groups: label }).verdict);
      },
      { bound: atMost(0.05) },
    ),
  );
  figures.push(
    share(
      setting,
      suite,
      'for contrast: the same 100 conversations, cases taken as independent',
      (random) => {
        const [a, b] = groupedScores(random, 100, 5);
        return claims(compareCases(a, b, unbounded).verdict);
      },
      { note: 'what not clustering would do' },
    ),
    share(
      setting,
      suite,
      'for contrast: 5 repeats of 200 cases taken as 1,000 independent logs a side',
      (random) => {
        // Other cases each side, as when two runs of different datasets are compared.
        const [a] = twice(random, difficulties(random, 200), 5);
        const [b] = twice(random, difficulties(random, 200), 5);
        const { lower, upper } = welch(a.flat(), b.flat());
        return claims(verdict({ lower, upper, margin: null, higherIsBetter: true }).verdict);
      },
      { note: 'what not clustering would do' },
    ),
  );
  return figures;
}
