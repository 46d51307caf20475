import {
  type Estimate,
  type Random,
  activeMean,
  activePolicy,
  chooseLabels,
  drawNormal,
  judgePassRate,
  ppiMean,
  proportion,
  tInterval,
} from '@whetstone/statistics';
import { bernoulli } from './draw.ts';
import { type Bound, type Figure, type Setting, atLeast, atMost, averageOf, covers, share } from './study.ts';

const suite = 'judges';
const unlabelledEach = 10;

interface Corrected {
  corrected: Estimate;
  people: Estimate;
  truth: number;
}

const width = ({ lower, upper }: Estimate): number => (lower === null || upper === null ? Number.NaN : upper - lower);

/** Coverage of the corrected score, and its width against that of people alone on the same labels. */
function study(setting: Setting, name: string, narrower: Bound, draw: (random: Random) => Corrected): Figure[] {
  const widths: { corrected: number; people: number }[] = [];
  const coverage = share(
    setting,
    suite,
    `${name}: coverage`,
    (random) => {
      const { corrected, people, truth } = draw(random);
      if (width(people) > 0) widths.push({ corrected: width(corrected), people: width(people) });
      return covers(corrected, truth);
    },
    { bound: atLeast(0.94) },
  );
  const mean = (side: 'corrected' | 'people') => averageOf(widths.map((each) => each[side]));
  const [corrected, people] = [mean('corrected'), mean('people')];
  const ratio = averageOf(widths.map((each) => each.corrected / people.value));
  const figure = { value: corrected.value / people.value, error: ratio.error, runs: widths.length };
  return [coverage, { suite, name: `${name}: width against people alone`, ...figure, bound: narrower }];
}

/** Scores with mean 0 and a judge of the given correlation. */
function scores(random: Random, labels: number, correlation: number): Corrected {
  const noise = Math.sqrt(1 - correlation ** 2);
  const judge = (y: number) => correlation * y + noise * drawNormal(random) + 0.4;
  const people = Float64Array.from({ length: labels }, () => drawNormal(random));
  const others = Float64Array.from({ length: labels * unlabelledEach }, () => judge(drawNormal(random)));
  const corrected = ppiMean({ labels: people, judgeOnLabelled: people.map(judge), judgeOnUnlabelled: others });
  return { corrected, people: tInterval(people), truth: 0 };
}

/** Pass and fail at the given rate; the judge says what people would with probability `correlation`, else draws at the same rate. */
function passes(random: Random, labels: number, correlation: number, rate: number): Corrected {
  const judge = (y: 0 | 1) => (random() < correlation ? y : bernoulli(random, rate));
  const counts = { labelledJudgeGood: 0, humanGoodGivenJudgeGood: 0, labelledJudgeBad: 0, humanGoodGivenJudgeBad: 0 };
  let judgeGoodAll = 0;
  for (let i = 0; i < labels; i += 1) {
    const y = bernoulli(random, rate);
    const said = judge(y);
    judgeGoodAll += said;
    counts[said === 1 ? 'labelledJudgeGood' : 'labelledJudgeBad'] += 1;
    counts[said === 1 ? 'humanGoodGivenJudgeGood' : 'humanGoodGivenJudgeBad'] += y;
  }
  for (let i = 0; i < labels * unlabelledEach; i += 1) judgeGoodAll += judge(bernoulli(random, rate));
  const corrected = judgePassRate({ ...counts, judgeGoodAll, allCases: labels * (1 + unlabelledEach) });
  const good = counts.humanGoodGivenJudgeGood + counts.humanGoodGivenJudgeBad;
  return { corrected, people: proportion(good, labels), truth: rate };
}

/** A judge whose error spreads differently from case to case; 200 labels of 2,000 cases, chosen or at random. */
function choosing(setting: Setting, name: string, guess: (spread: number, random: Random) => number): Figure[] {
  const [n, budget] = [2000, 200];
  const squares = { active: [] as number[], even: [] as number[] };
  const savings: number[] = [];
  const coverage = share(
    setting,
    suite,
    `${name}: coverage`,
    (random) => {
      const spread = Float64Array.from({ length: n }, () => 0.05 + 0.5 * random() ** 3);
      const judge = Float64Array.from({ length: n }, () => 0.3 * drawNormal(random));
      const truth = judge.map((f, i) => f + spread[i]! * drawNormal(random));
      const estimate = (labelProbability: Float64Array) => {
        const label: (number | null)[] = Array.from(truth, () => null);
        for (const i of chooseLabels(labelProbability, random)) label[i] = truth[i]!;
        return activeMean({ judge, labelProbability, label });
      };
      const active = estimate(
        activePolicy(
          spread.map((u) => guess(u, random)),
          budget,
        ),
      );
      const even = estimate(activePolicy(spread, budget, 1));
      // The cases at hand are the population here: what labels cost is the error against their own mean.
      const mean = truth.reduce((sum, y) => sum + y, 0) / n;
      squares.active.push((active.estimate! - mean) ** 2);
      squares.even.push((even.estimate! - mean) ** 2);
      if (active.saving !== null) savings.push(active.saving);
      return covers(active, 0);
    },
    { bound: atLeast(0.94) },
  );
  const [active, even] = [averageOf(squares.active), averageOf(squares.even)];
  const ratio = even.value / active.value;
  const error = ratio * Math.hypot(active.error / active.value, even.error / even.value);
  const saved = `${Math.round(100 * (1 - 1 / ratio))} % of the labels saved`;
  return [
    coverage,
    { suite, name: `${name}: variance at random over variance chosen`, value: ratio, error, runs: setting.runs, note: saved },
    {
      suite,
      name: `${name}: the same as the product measures it`,
      ...averageOf(savings),
      note: 'from the labels of one run, mean over runs',
    },
  ];
}

export function judges(setting: Setting): Figure[] {
  const figures: Figure[] = [];
  for (const labels of [50, 200]) {
    figures.push(
      ...study(setting, `scores, judge correlates 0.8, ${labels} labels`, atMost(0.75), (random) => scores(random, labels, 0.8)),
      ...study(setting, `scores, judge is noise, ${labels} labels`, atMost(1.05), (random) => scores(random, labels, 0)),
      ...study(setting, `pass rate 0.7, judge correlates 0.8, ${labels} labels`, atMost(0.75), (random) =>
        passes(random, labels, 0.8, 0.7),
      ),
      ...study(setting, `pass rate 0.9, judge correlates 0.8, ${labels} labels`, atMost(0.75), (random) =>
        passes(random, labels, 0.8, 0.9),
      ),
      ...study(setting, `pass rate 0.7, judge is noise, ${labels} labels`, atMost(1.05), (random) => passes(random, labels, 0, 0.7)),
    );
  }
  return [
    ...figures,
    ...choosing(setting, 'labels chosen by expected error', (spread) => spread),
    ...choosing(setting, 'labels chosen by a wrong guess of it', (_, random) => 0.05 + random()),
  ];
}
