import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as s from './index.ts';
import { momentsOfSums } from './numeric/sums.ts';

/** Values of other people's implementations (fixtures/vectors.json says whose), one adapter a method from its fields to our function. */
interface Case {
  id: string;
  input: Record<string, never>;
  expected: Record<string, unknown>;
  tol?: number;
}
const file = JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures/vectors.json'), 'utf8')) as {
  defaultTolerance: number;
  methods: Record<string, Case[]>;
};

const renamed = <T extends object>(result: T, names: Record<string, keyof T>): Record<string, unknown> => ({
  ...result,
  ...Object.fromEntries(Object.entries(names).map(([theirs, ours]) => [theirs, result[ours]])),
});
const first3 = (values: Float64Array) => Array.from(values.subarray(0, 3));

const methods: Record<string, (i: Record<string, never>) => object> = {
  wilson: (i) => s.wilson(i['x']!, i['n']!, i['level']),
  clopperPearson: (i) => s.clopperPearson(i['x']!, i['n']!, i['level']),
  newcombeDifference: (i) => s.newcombeDifference(i['x1']!, i['n1']!, i['x2']!, i['n2']!, i['level']),
  pairedProportions: (i) => s.pairedProportions(i as unknown as s.PairedCounts, i['level']),
  tInterval: (i) => renamed(s.tInterval(i['x']!, i['level']), { mean: 'estimate' }),
  welch: (i) => renamed(s.welch(i['a']!, i['b']!, i['level']), { diff: 'estimate' }),
  bootstrapFromReplicates: (i) => s.bootstrapFromReplicates(i['estimate']!, i['replicates']!, i['jackknife']!, i['level']),
  clusterBootstrapExhaustive: (i) => s.clusterBootstrapExhaustive(i['clusters']!, i['level']),
  clusteredMean: (i) => {
    const { cr1, ...cr2 } = s.clusteredMean(i as unknown as s.Clusters, i['level']);
    const beside = { clusters: cr2.units, se_cr2: cr2.se, df_cr2: cr2.df, lower_cr2: cr2.lower, upper_cr2: cr2.upper };
    return { estimate: cr2.estimate, ...beside, se: null, df: null, lower: null, upper: null, ...cr1 };
  },
  clusteredWilson: (i) => renamed(s.clusteredWilson(i as unknown as s.Clusters, i['level']), { n_eff: 'effectiveN' }),
  clusteredDifference: (i) => renamed(s.clusteredDifference(i['a']!, i['b']!, i['level']), { diff: 'estimate' }),
  pairedMeanDifference: (i) => {
    const result = s.pairedMeanDifference(i['a']!, i['b']!, i['level']);
    return { ...result, mean: result.estimate, pairs: result.units, dropped: result.dropped[0]?.count ?? 0 };
  },
  adjustP: (i) => s.adjustP(i['p']!),
  tostPaired: (i) => renamed(s.tostPaired(i['differences']!, i['margin']!, i['alpha']), { lower90: 'lower', upper90: 'upper' }),
  tostWelch: (i) => s.tostWelch(i['a']!, i['b']!, i['margin']!, i['alpha']),
  verdict: (i) => s.verdict(i as unknown as s.VerdictInput),
  planPaired: (i) => s.planPaired(i as unknown as Parameters<typeof s.planPaired>[0]),
  planProportions: (i) => s.planProportions(i as unknown as Parameters<typeof s.planProportions>[0]),
  planMcNemar: (i) => s.planMcNemar(i as unknown as Parameters<typeof s.planMcNemar>[0]),
  planPairedRepeats: (i) => s.planPairedRepeats(i as unknown as Parameters<typeof s.planPairedRepeats>[0]),
  designEffect: (i) => s.designEffect(i as unknown as Parameters<typeof s.designEffect>[0]),
  planSequential: (i) => s.planSequential(i as unknown as Parameters<typeof s.planSequential>[0]),
  acsKappa: (i) => s.acsKappa(i['alpha']!),
  acsTwoSample: (i) => {
    const arm = (name: string) => momentsOfSums(i[`n${name}`]!, i[`sum${name}`]!, i[`sumSq${name}`]!);
    const result = s.acsTwoSample(arm('A'), arm('B'), { alpha: i['alpha']!, nStar: i['nStar']! });
    return renamed(result, { diff: 'estimate' });
  },
  acsInformation: (i) => s.acsInformation(i['diff']!, i['se']!, { tau2: i['tau2']!, alpha: i['alpha']! }),
  bettingCS: (i) => ({
    ...renamed(s.bettingCS(i['x']!, i['alpha']), { logKPlusAtHalf: 'logUpAtHalf', logKMinusAtHalf: 'logDownAtHalf' }),
    lambdaFirst3: first3(s.predictableBets(i['x']!, i['alpha']!)),
  }),
  bettingDifference: (i) => {
    const result = s.bettingDifference(i as unknown as s.Assigned, i['alpha']);
    const names = { meanPhi: 'estimate', logKPlusAtZero: 'logEBetter', logKMinusAtZero: 'logEWorse' } as const;
    return { ...renamed(result, names), phiFirst3: first3(result.pseudo) };
  },
  bettingMixture: (i) =>
    renamed(s.bettingMixture(i['x']!, i['alpha']), { logEPlusAtHalf: 'logUpAtHalf', logEMinusAtHalf: 'logDownAtHalf' }),
  bettingMixtureDifference: (i) => s.bettingMixtureDifference(i as unknown as s.Assigned, i['alpha']),
  guardConditional: (i) => renamed(s.guardConditional(i['failuresB']!, i['failuresA']!, i['theta0']!), { breachAt05: 'breach' }),
  sampleRatio: (i) => renamed(s.sampleRatio(i['counts']!, i['probs']!, i['concentration']), { alarmAt001: 'alarm' }),
  cuped: (i) => {
    const result = s.cuped({ y: i['yA']!, x: i['xA']! }, { y: i['yB']!, x: i['xB']! });
    return renamed(result, { diff: 'estimate', unadjustedDiff: 'unadjusted' });
  },
  thompsonProbability: (i) => s.thompsonProbability(i['betaA']!, i['betaB']!, i['floor']),
  aipw: (i) => {
    const result = s.aipw(i as unknown as s.Adaptive, { alpha: i['alpha']!, nStar: i['nStar']! });
    const { estimate, se } = result.stabilised!;
    return { ...result, acsHalfWidth: (result.upper! - result.lower!) / 2, stabilisedEstimate: estimate, stabilisedSe: se };
  },
  offPolicy: (i) => s.offPolicy(i as unknown as s.Logged),
  cohenKappa: (i) => renamed(s.cohenKappa(i['table']!, i['weights']), { kappa: 'estimate' }),
  fleissKappa: (i) => renamed(s.fleissKappa(i['table']!), { kappa: 'estimate', jackknifeSe: 'se' }),
  krippendorffAlpha: (i) => {
    const nominal = s.krippendorffAlpha(i['units']!);
    const on = (scale: s.Scale) => s.krippendorffAlpha(i['units']!, scale).estimate;
    return { nominal: nominal.estimate, ordinal: on('ordinal'), interval: on('interval'), nominalJackknifeSe: nominal.se };
  },
  roganGladen: (i) => renamed(s.roganGladen(i as unknown as s.JudgedElsewhere, i['level']), { estimate_raw: 'raw', se_delta: 'se' }),
  ppiMean: (i) => renamed(s.ppiMean(i as unknown as s.PpiInput, i['level'], i['lambda_']), { lambda_: 'lambda' }),
  ppiDifferencePaired: (i) => {
    const result = s.ppiDifferencePaired(
      { labels: i['labelDiff']!, judgeOnLabelled: i['judgeDiffOnLabelled']!, judgeOnUnlabelled: i['judgeDiffOnUnlabelled']! },
      i['level'],
    );
    return renamed(result, { lambda_: 'lambda' });
  },
  activeMean: (i) => s.activeMean(i as unknown as s.ActiveSample),
  activePolicy: (i) => ({ probability: [...s.activePolicy(i['uncertainty']!, i['budget']!, i['randomShare'])] }),
  judgeStratified: (i) => s.judgeStratified(i as unknown as s.LabelledByJudge, i['level']),
  eDetector: (i) => {
    const result = s.eDetector(i['x']!, { ...(i as unknown as s.Watch), averageRunLength: 1000 });
    return { ...result, logShiryaevRoberts: [...result.logShiryaevRoberts], logCusum: [...result.logCusum] };
  },
  feedbackRates: (i) => {
    const arm = (name: string) => ({ good: i[`good${name}`]!, answered: i[`answered${name}`]!, users: i[`users${name}`]! });
    const result = s.feedbackRates(arm('A'), arm('B'));
    return {
      answerRateDiff: result.answerRate.estimate,
      answerRateLower: result.answerRate.lower,
      answerRateUpper: result.answerRate.upper,
      perUserDiff: result.perUser.estimate,
      amongAnsweredDiff: result.amongAnswered.estimate,
      worstCaseLower: result.worstCaseLower,
      worstCaseUpper: result.worstCaseUpper,
    };
  },
};

function check(got: unknown, expected: unknown, tolerance: number, path: string): void {
  if (typeof expected === 'number') {
    expect(typeof got, `${path}: ${String(got)}`).toBe('number');
    expect(Math.abs((got as number) - expected), `${path}: ${String(got)} for ${expected}`).toBeLessThanOrEqual(
      tolerance * Math.max(1, Math.abs(expected)),
    );
  } else if (Array.isArray(expected)) {
    const list = Array.from(got as ArrayLike<unknown>);
    expect(list.length, path).toBe(expected.length);
    for (const [i, value] of expected.entries()) check(list[i], value, tolerance, `${path}[${i}]`);
  } else {
    expect(got, path).toBe(expected);
  }
}

describe('values of other implementations', () => {
  it('has a function for every method, and a case for each', () => {
    expect(Object.keys(methods).sort()).toEqual(Object.keys(file.methods).sort());
    for (const cases of Object.values(file.methods)) expect(cases.length).toBeGreaterThan(0);
  });

  for (const [name, cases] of Object.entries(file.methods)) {
    it.each(cases)('$id', ({ id, input, expected, tol }) => {
      const got = methods[name]!(input) as Record<string, unknown>;
      for (const [key, value] of Object.entries(expected)) check(got[key], value, tol ?? file.defaultTolerance, `${id} ${key}`);
    });
  }
});
