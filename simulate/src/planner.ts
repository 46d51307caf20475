import {
  type Comparing,
  compareCases,
  drawBeta,
  drawNormal,
  newcombeDifference,
  pairedVerdictInterval,
  planMcNemar,
  planPaired,
  planPairedRepeats,
  planProportions,
  tIntervalOfMoments,
  momentsOf,
} from '@whetstone/statistics';
import { bernoulli, cases } from './draw.ts';
import { type Figure, type Setting, atLeast, share } from './study.ts';

const suite = 'planner';
const bound = atLeast(0.8);
const scored: Comparing = { range: null, higherIsBetter: true, margin: 0.05 };

function pairedPlans(setting: Setting): Figure[] {
  return [
    { sdDifference: 0.4, delta: 0.05 },
    { sdDifference: 1, delta: 0.5 },
    { sdDifference: 1, delta: 2 },
  ].map(({ sdDifference, delta }) => {
    const { n } = planPaired({ sdDifference, delta });
    return share(
      setting,
      suite,
      `${delta} at a spread of ${sdDifference}: ${n} cases`,
      (random) => {
        const differences = Float64Array.from({ length: n }, () => delta + sdDifference * drawNormal(random));
        return (tIntervalOfMoments(momentsOf(differences)).lower ?? -1) > 0;
      },
      { bound },
    );
  });
}

function repeatedPlan(setting: Setting): Figure {
  const plan = { sdBetween: 0.2, sdWithin: 0.5, repeats: 5, delta: 0.05 };
  const { n } = planPairedRepeats(plan);
  return share(
    setting,
    suite,
    `0.05 with 5 repeats a side: ${n} cases`,
    (random) => {
      const shift = Array.from({ length: n }, () => plan.delta + plan.sdBetween * drawNormal(random));
      const a = cases(n, plan.repeats, () => plan.sdWithin * drawNormal(random));
      const b = cases(n, plan.repeats, (i) => shift[i]! + plan.sdWithin * drawNormal(random));
      return compareCases(a, b, scored).verdict === 'better';
    },
    { bound },
  );
}

function flips(setting: Setting): Figure {
  const [discordance, delta] = [0.2, 0.05];
  const { pairs } = planMcNemar({ discordance, delta });
  return share(
    setting,
    suite,
    `5 points of pass rate, 20 % flips: ${pairs} cases`,
    (random) => {
      const counts = { bothPass: 0, onlyB: 0, onlyA: 0, neither: 0 };
      for (let i = 0; i < pairs; i += 1) {
        const u = random();
        counts[u < (discordance + delta) / 2 ? 'onlyB' : u < discordance ? 'onlyA' : 'bothPass'] += 1;
      }
      return (pairedVerdictInterval(counts).lower ?? -1) > 0;
    },
    { bound },
  );
}

function twoGroups(setting: Setting): Figure {
  const [p1, p2] = [0.1, 0.15];
  const { n1, n2 } = planProportions({ p1, p2 });
  return share(
    setting,
    suite,
    `10 % against 15 % in two groups: ${n1} each`,
    (random) => {
      let [x1, x2] = [0, 0];
      for (let i = 0; i < n1; i += 1) x1 += bernoulli(random, p1);
      for (let i = 0; i < n2; i += 1) x2 += bernoulli(random, p2);
      return (newcombeDifference(x2, n2, x1, n1).lower ?? -1) > 0;
    },
    { bound },
  );
}

/** What a gate does that fails a change when the pass rate fell by two points or more, at 100 cases: for contrast. */
function thresholdGate(setting: Setting): Figure[] {
  const gate = (drop: number) => (random: () => number) => {
    let [a, b] = [0, 0];
    for (let i = 0; i < 100; i += 1) {
      const rate = drawBeta(random, 4, 1);
      a += bernoulli(random, rate);
      b += bernoulli(random, Math.max(0, rate - drop));
    }
    return a - b >= 2;
  };
  return [
    share(setting, suite, 'for contrast: a gate at −2 points fails a change that alters nothing, 100 cases', gate(0)),
    share(setting, suite, 'for contrast: the same gate finds a fall of 5 points, 100 cases', gate(0.05)),
  ];
}

export function planner(setting: Setting): Figure[] {
  return [...pairedPlans(setting), repeatedPlan(setting), flips(setting), twoGroups(setting), ...thresholdGate(setting)];
}
