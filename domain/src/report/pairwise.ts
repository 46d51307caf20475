import type { PairVerdict, ReportPairwise } from '@whetstone/contract';
import { passRate } from '@whetstone/statistics';
import { presentEstimate } from './estimate.ts';
import type { ReportInput, ReportPairJudgment, ReportRunInput } from './input.ts';
import type { Reading } from './reading.ts';

/**
 * Judges that compare two answers. A pair of runs is read as two runs that pass or fail: who wins a case passes it and the other fails,
 * at a tie both fail, so that what a difference of pass rates is (paired by case, exact test, intervals) is the share of cases won minus
 * the share lost.
 */

const inverse: Record<PairVerdict, PairVerdict> = { better: 'worse', tie: 'tie', worse: 'better' };

/** Judgments of one run against another, whichever of the two was shown as the judged one. */
export class PairJudgments {
  readonly #byRuns = new Map<string, ReportPairJudgment[]>();

  constructor(pairs: ReportInput['pairs']) {
    for (const pair of pairs ?? []) {
      const key = keyOf(pair.evaluator, pair.runId, pair.baselineId);
      const list = this.#byRuns.get(key);
      if (list === undefined) this.#byRuns.set(key, [pair]);
      else list.push(pair);
    }
  }

  of(evaluator: number, runId: string, baselineId: string): ReportPairJudgment[] {
    const straight = this.#byRuns.get(keyOf(evaluator, runId, baselineId));
    if (straight !== undefined) return straight;
    const turned = this.#byRuns.get(keyOf(evaluator, baselineId, runId)) ?? [];
    return turned.map((pair) => ({
      ...pair,
      runId,
      baselineId,
      value: pair.value && inverse[pair.value],
      // The log of the other run is the judged one now, so what was said with it first was said of this one second.
      orders: [pair.orders[1] && inverse[pair.orders[1]], pair.orders[0] && inverse[pair.orders[0]]],
    }));
  }
}

const keyOf = (evaluator: number, runId: string, baselineId: string): string => `${evaluator} ${runId} ${baselineId}`;

type Side = 'score' | 'run' | 'baseline';
const numbers: Record<Side, Record<PairVerdict, number>> = {
  score: { better: 1, tie: 0.5, worse: 0 },
  run: { better: 1, tie: 0, worse: 0 },
  baseline: { better: 0, tie: 0, worse: 1 },
};

/** What the pairs say of one side, or of the run as a score, where a tie counts half. */
export function readPairs(pairs: readonly ReportPairJudgment[], runs: readonly ReportRunInput[], side: Side, cases: number): Reading {
  const repeats: (number | null)[][] = Array.from({ length: cases }, () => []);
  const seen = new Uint8Array(cases);
  const chosen = new Map<string, number>();
  const values: number[] = [];
  let failed = 0;
  let abstained = 0;
  for (const { at, value, failed: wrong } of pairs) {
    seen[at] = 1;
    repeats[at]!.push(value === null ? null : numbers[side][value]);
    if (value === null) {
      if (wrong) failed += 1;
      else abstained += 1;
    } else {
      values.push(numbers[side][value]);
      chosen.set(value, (chosen.get(value) ?? 0) + 1);
    }
  }
  const member = memberOf(runs, cases);
  for (let at = 0; at < cases; at += 1) if (seen[at] === 1) member[at] = 1;
  const run = runs[0];
  const answered = new Set((run?.logs ?? []).map((log) => log.at));
  const notJudged = [...answered].filter((at) => seen[at] === 0).length;
  const missing = member.reduce((sum, is, at) => sum + (is === 1 && !answered.has(at) ? 1 : 0), 0);
  const counts = { judged: values.length, missing, failed, abstained, notJudged, wrongType: 0, neutral: 0 };
  return { repeats, member, neutralOnly: new Uint8Array(cases), values, chosen, ...counts };
}

/** Of the baseline nothing is said by itself. */
export function readNothing(cases: number): Reading {
  return {
    repeats: Array.from({ length: cases }, () => []),
    member: new Uint8Array(cases),
    neutralOnly: new Uint8Array(cases),
    values: [],
    chosen: new Map(),
    judged: 0,
    missing: 0,
    failed: 0,
    abstained: 0,
    notJudged: 0,
    wrongType: 0,
    neutral: 0,
  };
}

/** Cases that are in the datasets of all the runs. */
function memberOf(runs: readonly ReportRunInput[], cases: number): Uint8Array {
  const member = new Uint8Array(cases).fill(1);
  for (const { members } of runs) if (members !== null) for (let at = 0; at < cases; at += 1) member[at]! &= members[at]!;
  return member;
}

/** Wins, ties and losses, and how often the judge changed its mind when the answers changed places. */
export function countPairs(
  pairs: readonly ReportPairJudgment[],
  runId: string,
  baselineId: string,
  cases: number,
  level: number,
): ReportPairwise {
  const judged = pairs.filter((pair): pair is ReportPairJudgment & { value: PairVerdict } => pair.value !== null);
  const count = (verdict: PairVerdict) => judged.filter(({ value }) => value === verdict).length;
  const share = (is: (pair: ReportPairJudgment) => boolean, among: readonly ReportPairJudgment[]) => {
    const repeats: number[][] = Array.from({ length: cases }, () => []);
    for (const pair of among) repeats[pair.at]!.push(Number(is(pair)));
    return presentEstimate(
      passRate(
        repeats.filter((own) => own.length > 0),
        level,
      ),
    );
  };
  const asked = judged.filter(({ orders }) => orders[0] !== null && orders[1] !== null);
  const disagrees = ({ orders: [first, second] }: ReportPairJudgment) => first !== second;
  return {
    run_id: runId,
    baseline_run_id: baselineId,
    pairs: judged.length,
    wins: count('better'),
    ties: count('tie'),
    losses: count('worse'),
    failed: pairs.length - judged.length,
    win_rate: share(({ value }) => value === 'better', judged),
    tie_rate: share(({ value }) => value === 'tie', judged),
    loss_rate: share(({ value }) => value === 'worse', judged),
    position: {
      pairs: asked.length,
      disagreed: asked.filter(disagrees).length,
      rate: share(disagrees, asked),
      first_preferred: asked.filter(({ orders }) => orders[0] === 'better' && orders[1] === 'worse').length,
      second_preferred: asked.filter(({ orders }) => orders[0] === 'worse' && orders[1] === 'better').length,
    },
  };
}
