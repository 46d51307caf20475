import type { EvaluationReport, ReportComparison, ReportEvaluator, ReportScore } from '@whetstone/contract';
import { scaleOf } from '@whetstone/domain';
import { type Chosen, otherRun, reportOn, thisRun } from './report.ts';
import type { Attempt, CaseResult, EvaluationResult } from './results.ts';

/** What an evaluation's results say, and whether they pass. */
export interface Conclusion {
  status: 'passed' | 'warned' | 'failed' | 'not_measured';
  /** Why, in sentences; the first says the most. */
  because: string[];
  warnings: string[];
  scores: ScoreLine[];
  /** Cases whose deciding score fell, or without a baseline those that score worst; the worst first. */
  worst: CaseLine[];
  flaky: { score: string; case: CaseResult; passed: number; of: number }[];
  counts: { cases: number; outputs: number; failed: number; missing: number };
}

export interface ScoreLine {
  name: string;
  primary: boolean;
  unit: ReportEvaluator['unit'];
  here: ReportScore;
  baseline: ReportScore | null;
  comparison: ReportComparison | null;
  rules: ReportEvaluator['hard_rules'][number]['runs'];
}

export interface CaseLine {
  case: CaseResult;
  before: number | null;
  now: number;
  reason: string | null;
  output: string | null;
}

export interface Judging extends Chosen {
  strict: boolean;
}

const worstShown = 200;

export function conclude(result: EvaluationResult, judging: Judging): Conclusion {
  const report = reportOn(result, judging);
  const scores = report.evaluators.map(lineOf);
  const counts = countsOf(result);
  return {
    ...judged(result, scores, counts, judging),
    scores,
    worst: worstOf(result, judging.primary).slice(0, worstShown),
    flaky: flakyOf(result, report),
    counts,
  };
}

function lineOf(evaluator: ReportEvaluator): ScoreLine {
  const of = (run: string): ReportScore | null => evaluator.scores.find(({ run_id }) => run_id === run) ?? null;
  return {
    name: evaluator.name,
    primary: evaluator.primary,
    unit: evaluator.unit,
    here: of(thisRun) as ReportScore,
    baseline: of(otherRun),
    comparison: evaluator.comparisons.find(({ run_id }) => run_id === thisRun) ?? null,
    rules: evaluator.hard_rules.flatMap(({ runs }) => runs.filter(({ run_id }) => run_id === thisRun)),
  };
}

function countsOf({ run, repetitions }: EvaluationResult): Conclusion['counts'] {
  const sum = (count: (one: CaseResult) => number): number => run.cases.reduce((total, one) => total + count(one), 0);
  return {
    cases: run.cases.length,
    outputs: sum(({ attempts }) => attempts.filter(({ error }) => error === null).length),
    failed: sum(({ attempts }) => attempts.filter(({ error }) => error !== null).length),
    missing: sum(({ attempts }) => Math.max(0, repetitions - attempts.length)),
  };
}

function flakyOf({ run }: EvaluationResult, { flaky }: EvaluationReport): Conclusion['flaky'] {
  const cases = new Map(run.cases.map((one) => [one.key, one]));
  return flaky.flatMap(({ datapoint_id: key, run_id, evaluator_version_id: score, pass_rate: rate, n }) => {
    const one = cases.get(key);
    return one === undefined || run_id !== thisRun ? [] : [{ score, case: one, passed: Math.round(rate * n), of: n }];
  });
}

function worstOf({ run, baseline, scorers }: EvaluationResult, primary: string): CaseLine[] {
  const spec = scorers.find(({ name }) => name === primary)?.spec;
  const scale = spec === undefined ? null : scaleOf(spec);
  if (scale === null || scale.higherIsBetter === null) return [];
  const sign = scale.higherIsBetter ? 1 : -1;
  const there = new Map(baseline?.cases.map((one) => [one.key, one]));
  const valueOf = ({ judgments }: Attempt): number | null => {
    const judged = judgments[primary];
    const value = judged?.outcome === 'judged' ? scale.read(judged.value) : null;
    return typeof value === 'number' ? value : null;
  };
  const lines = run.cases.flatMap((one): (CaseLine & { order: number })[] => {
    const now = mean(one.attempts.map(valueOf));
    const before = mean((there.get(one.key)?.attempts ?? []).map(valueOf));
    if (now === null || (baseline !== null && before === null)) return [];
    const order = sign * (before === null ? now : now - before);
    const best = scale.range === null ? Infinity : sign * (scale.range[sign === 1 ? 1 : 0] ?? Infinity);
    if (before === null ? order >= best : order >= 0) return [];
    const [told] = one.attempts.toSorted((a, b) => sign * ((valueOf(a) ?? Infinity) - (valueOf(b) ?? Infinity)));
    const judgment = told?.judgments[primary];
    return [
      { case: one, before, now, reason: judgment?.outcome === 'judged' ? judgment.reason : null, output: told?.output ?? null, order },
    ];
  });
  return lines.sort((a, b) => a.order - b.order).map(({ order: _order, ...line }) => line);
}

function mean(values: readonly (number | null)[]): number | null {
  const there = values.filter((value) => value !== null);
  return there.length === 0 ? null : there.reduce((sum, value) => sum + value, 0) / there.length;
}

type Said = Pick<Conclusion, 'status' | 'because' | 'warnings'>;

/** What fails comes first, then what could not be measured, then what warns. */
function judged(result: EvaluationResult, scores: readonly ScoreLine[], counts: Conclusion['counts'], { strict }: Judging): Said {
  const unmeasured = unmeasuredOf(result, scores, counts);
  const failures: string[] = [];
  const warnings: string[] = [...result.notes];
  for (const { name, rules, comparison, primary } of scores) {
    for (const { outcome, sentence, estimate_breaks: breaks } of rules) {
      if (outcome === 'broken') failures.push(`${name}: rule: ${sentence}`);
      else if (breaks) warnings.push(`${name}: rule: ${sentence}`);
    }
    if (comparison?.verdict === 'worse') {
      if (primary) failures.push(`${name}: ${comparison.sentence}`);
      else warnings.push(`${name}: ${comparison.sentence} It does not decide: another score is the primary one.`);
    } else if (comparison?.verdict === 'cannot_tell' && primary) warnings.push(`${name}: ${comparison.sentence}`);
  }
  warnings.push(...missingOf(scores, counts));
  if (failures.length > 0) return { status: 'failed', because: [...failures, ...unmeasured], warnings };
  if (unmeasured.length > 0) return { status: 'not_measured', because: unmeasured, warnings };
  if (warnings.length === 0) return { status: 'passed', because: [], warnings };
  if (!strict) return { status: 'warned', because: [], warnings };
  return { status: 'failed', because: warnings.map((text) => `${text} (--strict)`), warnings: [] };
}

function missingOf(scores: readonly ScoreLine[], counts: Conclusion['counts']): string[] {
  const said: string[] = [];
  if (counts.failed > 0 && counts.outputs > 0)
    said.push(`${counts.failed} of ${counts.failed + counts.outputs} outputs failed; they are missing, not zero.`);
  for (const { name, here } of scores) {
    const unjudged = here.abstained + Math.max(0, here.not_judged - counts.failed);
    if (here.failed > 0) said.push(`${name}: ${here.failed} judgments failed; they are missing, not zero.`);
    if (unjudged > 0) said.push(`${name}: ${unjudged} outputs could not be judged.`);
  }
  return said;
}

function unmeasuredOf({ stopped, run }: EvaluationResult, scores: readonly ScoreLine[], counts: Conclusion['counts']): string[] {
  if (stopped !== null) return [stopped];
  const attempts = run.cases.flatMap((one) => one.attempts);
  if (counts.outputs === 0) {
    const first = attempts.find(({ error }) => error !== null)?.error;
    return [`No output was made: all ${counts.failed} failed${first == null ? '' : `, the first with: ${first.slice(0, 300)}`}`];
  }
  return scores.flatMap(({ name, here }) => {
    if (here.judged > 0) return [];
    const why = attempts.map(({ judgments }) => judgments[name]).find((one) => one !== undefined && one.outcome !== 'judged');
    const told = why?.outcome === 'failed' ? why.error : why?.outcome === 'not_judged' ? why.reason : 'no judgment came';
    return [`${name}: nothing was judged: ${told.slice(0, 300)}`];
  });
}

/** 0 passed, 1 a supported regression or a broken rule, 2 it could not be measured; of several evaluations the gravest. */
export function exitStatus(conclusions: readonly Conclusion[]): 0 | 1 | 2 {
  if (conclusions.some(({ status }) => status === 'failed')) return 1;
  return conclusions.some(({ status }) => status === 'not_measured') ? 2 : 0;
}
