import {
  type Comparison,
  compareCases,
  type Estimate,
  flakyCases,
  meanScore,
  passRate,
  type Repeats,
  verdictInWords,
} from '@whetstone/statistics';
import type { Rule } from './definition.ts';
import type { CaseResult, EvaluationResult, RunResult } from './results.ts';
import { rangeOf, type Scale, scaleOf, valueOf } from './scale.ts';
import { heldAgainst, type RuleOutcome } from './rules.ts';

/** What an evaluation's results say, and whether they pass. */
export interface Conclusion {
  status: 'passed' | 'warned' | 'failed' | 'not_measured';
  /** Why, in sentences; the first says the most. */
  because: string[];
  warnings: string[];
  scores: ScoreLine[];
  /** Cases whose score fell, or without a baseline those that score worst; the worst first. */
  worst: CaseLine[];
  flaky: { score: string; case: CaseResult; passed: number; of: number }[];
  counts: { cases: number; outputs: number; failed: number; missing: number };
}

export interface ScoreLine {
  name: string;
  primary: boolean;
  scale: Scale;
  here: Estimate;
  baseline: Estimate | null;
  comparison: Comparison | null;
  /** The comparison in words; null without a baseline. */
  sentence: string | null;
  rules: RuleOutcome[];
  failed: number;
  notJudged: number;
  /** Cases that became better and worse. */
  better: number;
  worse: number;
}

export interface CaseLine {
  case: CaseResult;
  score: string;
  before: number | null;
  now: number;
  reason: string | null;
  output: string | null;
}

export interface Judging {
  primary: string;
  margin: number | null;
  rules: Record<string, Rule>;
  strict: boolean;
}

const worstShown = 200;

export function conclude(result: EvaluationResult, judging: Judging): Conclusion {
  const { run, baseline } = result;
  const pairs = pairsOf(run, baseline);
  const groups = groupsOf(pairs.map(([here]) => here));
  const scores = result.scorers.map(({ name, spec }): ScoreLine => {
    const scale = scaleOf(spec);
    const here = estimateOf(run.cases, name, scale);
    const before = baseline === null ? null : estimateOf(baseline.cases, name, scale);
    const primary = name === judging.primary;
    const compared =
      baseline === null || scale.kind === 'none'
        ? null
        : compareCases(
            repeatsOf(
              pairs.map(([, there]) => there),
              name,
              scale,
            ),
            repeatsOf(
              pairs.map(([here]) => here),
              name,
              scale,
            ),
            {
              range: rangeOf(scale),
              higherIsBetter: scale.higherIsBetter,
              margin: primary ? judging.margin : null,
              groups,
            },
          );
    return {
      name,
      primary,
      scale,
      here,
      baseline: before,
      comparison: compared,
      sentence: compared === null ? null : sentenceOf(compared, scale, primary ? judging.margin : null, baseline as RunResult),
      rules: heldAgainst(judging.rules[name], run.cases, name, scale, here),
      ...countsOf(run.cases, name),
      ...turned(pairs, name, scale),
    };
  });
  const counts = {
    cases: run.cases.length,
    outputs: run.cases.reduce((sum, { attempts }) => sum + attempts.filter(({ error }) => error === null).length, 0),
    failed: run.cases.reduce((sum, { attempts }) => sum + attempts.filter(({ error }) => error !== null).length, 0),
    missing: run.cases.reduce((sum, { attempts }) => sum + Math.max(0, result.repetitions - attempts.length), 0),
  };
  const said = judged(result, scores, counts, judging);
  const primary = scores.find((line) => line.primary);
  return {
    ...said,
    scores,
    worst: primary === undefined ? [] : worstOf(pairs, primary).slice(0, worstShown),
    flaky: scores.flatMap((line) => flakyOf(run.cases, line)),
    counts,
  };
}

type Pair = readonly [CaseResult, CaseResult | null];

/** Every case of the run with the same case of the baseline. */
function pairsOf(run: RunResult, baseline: RunResult | null): Pair[] {
  const there = new Map(baseline?.cases.map((one) => [one.key, one]));
  return run.cases.map((one) => [one, there.get(one.key) ?? null] as const);
}

function groupsOf(cases: readonly CaseResult[]): string[] | null {
  if (cases.every(({ group }) => group === null)) return null;
  return cases.map(({ group, key }) => (group === null ? `case ${key}` : `group ${group}`));
}

/** A missing judgment is null, and a missing output is a judgment that is missing. */
function repeatsOf(cases: readonly (CaseResult | null)[], name: string, scale: Scale): Repeats {
  return cases.map((one) => (one === null ? [] : one.attempts.map(({ judgments }) => valueOf(judgments[name], scale))));
}

function estimateOf(cases: readonly CaseResult[], name: string, scale: Scale): Estimate {
  const repeats = repeatsOf(cases, name, scale);
  return scale.kind === 'share' ? passRate(repeats) : meanScore(repeats, rangeOf(scale));
}

function countsOf(cases: readonly CaseResult[], name: string): { failed: number; notJudged: number } {
  let failed = 0;
  let notJudged = 0;
  for (const { attempts } of cases)
    for (const { judgments, error } of attempts) {
      const outcome = judgments[name]?.outcome;
      if (outcome === 'failed') failed += 1;
      else if (outcome !== 'judged' && error === null) notJudged += 1;
    }
  return { failed, notJudged };
}

const mean = (values: readonly (number | null)[]): number | null => {
  const there = values.filter((value) => value !== null);
  return there.length === 0 ? null : there.reduce((sum, value) => sum + value, 0) / there.length;
};
const caseMean = (one: CaseResult | null, name: string, scale: Scale): number | null =>
  one === null ? null : mean(one.attempts.map(({ judgments }) => valueOf(judgments[name], scale)));

function turned(pairs: readonly Pair[], name: string, scale: Scale): { better: number; worse: number } {
  let [better, worse] = [0, 0];
  for (const [here, there] of pairs) {
    const [now, before] = [caseMean(here, name, scale), caseMean(there, name, scale)];
    if (now === null || before === null || now === before) continue;
    if (now > before === scale.higherIsBetter) better += 1;
    else worse += 1;
  }
  return { better, worse };
}

function sentenceOf(compared: Comparison, scale: Scale, margin: number | null, baseline: RunResult): string {
  return verdictInWords(
    {
      ...compared,
      lower: compared.verdict === 'cannot_tell' ? compared.lower : compared.lower,
      margin,
      higherIsBetter: scale.higherIsBetter,
    },
    { a: baseline.label, b: 'This run', format: scale.difference, bare: scale.bareDifference },
  );
}

function worstOf(pairs: readonly Pair[], { name, scale }: ScoreLine): CaseLine[] {
  if (scale.kind === 'none') return [];
  const sign = scale.higherIsBetter ? 1 : -1;
  const lines = pairs.flatMap(([one, there]): (CaseLine & { order: number })[] => {
    const now = caseMean(one, name, scale);
    const before = caseMean(there, name, scale);
    if (now === null) return [];
    const order = sign * (before === null ? now : now - before);
    const bad = before === null ? sign * now < sign * (scale.kind === 'share' ? 1 : Infinity) : order < 0;
    if (!bad) return [];
    const told = one.attempts.toSorted(
      (a, b) => sign * ((valueOf(a.judgments[name], scale) ?? Infinity) - (valueOf(b.judgments[name], scale) ?? Infinity)),
    )[0];
    const judgment = told?.judgments[name];
    return [
      {
        case: one,
        score: name,
        before,
        now,
        reason: judgment?.outcome === 'judged' ? judgment.reason : null,
        output: told?.output ?? null,
        order,
      },
    ];
  });
  return lines.sort((a, b) => a.order - b.order).map(({ order: _order, ...line }) => line);
}

function flakyOf(cases: readonly CaseResult[], { name, scale }: ScoreLine): Conclusion['flaky'] {
  if (scale.kind !== 'share') return [];
  return flakyCases(repeatsOf(cases, name, scale)).map(({ index, rate }) => ({
    score: name,
    case: cases[index] as CaseResult,
    passed: Math.round((rate.estimate ?? 0) * rate.n),
    of: rate.n,
  }));
}

/** What fails, what warns, and what could not be measured: in this order of weight, the last first. */
function judged(
  result: EvaluationResult,
  scores: readonly ScoreLine[],
  counts: Conclusion['counts'],
  { strict }: Judging,
): Pick<Conclusion, 'status' | 'because' | 'warnings'> {
  const unmeasured = unmeasuredOf(result, scores, counts);
  const failures: string[] = [];
  const warnings: string[] = [...result.notes];
  for (const line of scores) {
    for (const rule of line.rules) {
      if (rule.outcome === 'broken') failures.push(rule.sentence);
      else if (rule.outcome === 'doubtful') warnings.push(rule.sentence);
    }
    const { comparison, sentence, name, primary } = line;
    if (comparison === null || sentence === null) continue;
    if (comparison.verdict === 'worse')
      (primary ? failures : warnings).push(
        `${name}: ${sentence}${primary ? '' : ' It does not decide: another score is the primary one.'}`,
      );
    else if (comparison.verdict === 'cannot_tell' && primary) warnings.push(`${name}: ${sentence}`);
  }
  if (counts.failed > 0 && counts.outputs > 0)
    warnings.push(`${counts.failed} of ${counts.failed + counts.outputs} outputs failed; they are missing, not zero.`);
  for (const { name, failed, notJudged } of scores) {
    if (failed > 0) warnings.push(`${name}: ${failed} judgments failed; they are missing, not zero.`);
    if (notJudged > 0) warnings.push(`${name}: ${notJudged} outputs could not be judged.`);
  }
  if (failures.length > 0) return { status: 'failed', because: [...failures, ...unmeasured], warnings };
  if (unmeasured.length > 0) return { status: 'not_measured', because: unmeasured, warnings };
  if (warnings.length === 0) return { status: 'passed', because: [], warnings };
  return strict
    ? { status: 'failed', because: warnings.map((text) => `${text} (--strict)`), warnings: [] }
    : { status: 'warned', because: [], warnings };
}

function unmeasuredOf(result: EvaluationResult, scores: readonly ScoreLine[], counts: Conclusion['counts']): string[] {
  if (result.stopped !== null) return [result.stopped];
  if (counts.outputs === 0) {
    const first = result.run.cases.flatMap(({ attempts }) => attempts.map(({ error }) => error)).find((error) => error !== null);
    return [`No output was made: all ${counts.failed} failed${first == null ? '' : `, the first with: ${first.slice(0, 300)}`}`];
  }
  return scores.flatMap(({ name, here, scale }) => {
    if (here.n > 0 || scale.kind === 'none') return [];
    const why = result.run.cases
      .flatMap(({ attempts }) => attempts.map(({ judgments }) => judgments[name]))
      .find((one) => one !== undefined && one.outcome !== 'judged');
    const told = why === undefined ? '' : `: ${why.outcome === 'failed' ? why.error : why.outcome === 'not_judged' ? why.reason : ''}`;
    return [`${name}: nothing was judged${told.slice(0, 300)}`];
  });
}

/** 0 passed, 1 a supported regression or a broken rule, 2 it could not be measured; of several evaluations the gravest. */
export function exitStatus(conclusions: readonly Conclusion[]): 0 | 1 | 2 {
  if (conclusions.some(({ status }) => status === 'failed')) return 1;
  return conclusions.some(({ status }) => status === 'not_measured') ? 2 : 0;
}
