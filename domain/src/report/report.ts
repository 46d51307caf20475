import type { EvaluationReport, ReportComparison, ReportEstimate, ReportEvaluator, ReportScore } from '@whetstone/contract';
import { flakyCases } from '@whetstone/statistics';
import { isPairwise } from '../pairwise.ts';
import { compareByHolm, compareEach } from './compare.ts';
import { distributions } from './distribution.ts';
import { exactOf, scoreOf } from './estimate.ts';
import type { ReportInput, ReportRunInput } from './input.ts';
import { measureRuns } from './measures.ts';
import { exploratoryBecause, type Prepared, prepareReport, reportLevel as level } from './prepare.ts';
import { countPairs } from './pairwise.ts';
import { judgeRule } from './rules.ts';
import { sidesOf } from './sides.ts';
import type { Reading } from './reading.ts';
import { runFacts } from './run-facts.ts';
import { defaultMargin } from './scale.ts';
import { verdictOfAll } from './verdict.ts';
import { listWords } from './words.ts';

const mostFlaky = 200;

/**
 * A report from arrays: the server, the page and the command line compute it here, so that they say the same. Scores stand by
 * themselves; comparisons are paired by case; the primary evaluator's are shown at the level of Holm's procedure over the runs.
 *
 * @throws AppError 404 for a run or an evaluator that the evaluation does not have
 */
export function buildReport(input: ReportInput): EvaluationReport {
  return reportOf(prepareReport(input));
}

export function reportOf(prepared: Prepared): EvaluationReport {
  const { input, settings, runs, baseline } = prepared;
  const { asked = {}, cases, groups } = input;
  const evaluators = prepared.judges.map((judge) => evaluatorOf(prepared, judge));
  const flaky = flakyOf(prepared);
  const presented = runs.map(({ run, label }) => runFacts(run, label, run === baseline?.run, cases.length, level));
  const primary = evaluators.find(({ primary: decides }) => decides) ?? null;
  return {
    evaluation_id: input.evaluation.id,
    name: input.evaluation.name,
    file_id: input.evaluation.fileId,
    status: input.evaluation.status,
    settings,
    query: {
      baseline: asked.baseline ?? null,
      run_id: [...(asked.runIds ?? [])],
      margin: asked.margin ?? null,
      primary: asked.primary ?? null,
    },
    cases: cases.length,
    groups: groups === null ? null : { by: groups.by, count: new Set(groups.of).size },
    runs: presented,
    evaluators,
    measures: (['cost_usd', 'latency_ms'] as const).map((measure) => measureRuns(runs, baseline, measure, cases.length, level)),
    flaky: flaky.slice(0, mostFlaky),
    flaky_total: flaky.length,
    verdict: verdictOfAll(presented, primary, cases.length),
    warnings: warningsOf(prepared),
  };
}

function evaluatorOf(prepared: Prepared, each: Prepared['judges'][number]): ReportEvaluator {
  const { runs, primary, settings } = prepared;
  const { judge, scale } = each;
  const scores = scoresOf(prepared, each);
  const rules = settings.hard_rules.filter(({ evaluator_version_id }) => evaluator_version_id === judge.versionId);
  return {
    evaluator_version_id: judge.versionId,
    evaluator_id: judge.fileId,
    path: judge.path,
    name: judge.name,
    kind: judge.spec.return_type,
    evaluator_type: judge.spec.evaluator_type,
    options: scale.options,
    range: scale.range === null ? null : [scale.range[0], scale.range[1]],
    higher_is_better: scale.higherIsBetter,
    unit: scale.unit,
    primary: each === primary,
    scored_by: scale.scoredBy,
    hard_rules: rules.map((rule) => ({
      at_least: rule.at_least,
      at_most: rule.at_most,
      runs: runs.map(({ run, label }, i) =>
        judgeRule(rule, { id: run.run_id, label }, forRule(prepared, each, run, scores[i]!), scale.unit),
      ),
    })),
    scores,
    comparisons: comparisonsOf(prepared, each),
    pairwise: pairwiseOf(prepared, each),
  };
}

function scoresOf(prepared: Prepared, each: Prepared['judges'][number]): ReportScore[] {
  const readings = prepared.runs.map(({ run }) => prepared.reading(run, each));
  const shown = distributions(readings, each.scale);
  return readings.map((reading, i) => ({
    run_id: prepared.runs[i]!.run.run_id,
    ...ofBaseline(prepared, each, i, toldWhy(scoreOf(reading, each.scale, prepared.input.groups?.of ?? null, level), reading)),
    judged: reading.judged,
    missing: reading.missing,
    failed: reading.failed,
    abstained: reading.abstained,
    not_judged: reading.notJudged,
    wrong_type: reading.wrongType,
    neutral: reading.neutral,
    distribution: shown[i] ?? null,
  }));
}

function ofBaseline(
  { runs, baseline }: Prepared,
  { judge }: Prepared['judges'][number],
  at: number,
  score: ReportEstimate,
): ReportEstimate {
  if (!isPairwise(judge.spec) || runs[at]?.run !== baseline?.run) return score;
  return { ...score, reason_text: 'The others are compared with it.' };
}

/** What was tried and gave nothing is more than that there is nothing. */
function toldWhy(score: ReportEstimate, { failed, wrongType, abstained }: Reading): ReportEstimate {
  if (score.reason !== 'no_data' || failed + wrongType + abstained === 0) return score;
  const parts = [
    ...(failed === 0 ? [] : [`failed on ${failed} logs`]),
    ...(wrongType === 0 ? [] : [`gave ${wrongType} values of another type`]),
    ...(abstained === 0 ? [] : [`did not judge ${abstained} logs`]),
  ];
  return { ...score, reason_text: `The evaluator ${listWords(parts)}; see its reasons case by case.` };
}

function comparisonsOf(prepared: Prepared, each: Prepared['judges'][number]): ReportComparison[] {
  const { baseline, runs, primary, settings, input } = prepared;
  if (baseline === null) return [];
  const others = runs.filter(({ run }) => run !== baseline.run);
  const decides = each === primary;
  const how = {
    scale: each.scale,
    margin: decides ? settings.margin : defaultMargin(each.scale),
    level,
    groups: input.groups?.of ?? null,
    exploratory: exploratoryBecause(prepared, each, [baseline.run, ...others.map(({ run }) => run)]),
  };
  const pairs = others.map((other) => sidesOf(prepared, each, baseline, other));
  return decides ? compareByHolm(pairs, how) : compareEach(pairs, how);
}

/** A rule that breaks a build holds its level at every rate: a proportion of single judgments has its exact interval. */
function forRule(prepared: Prepared, each: Prepared['judges'][number], run: ReportRunInput, score: ReportEstimate): ReportEstimate {
  if (!each.scale.passFail || prepared.input.groups !== null) return score;
  return exactOf(prepared.reading(run, each), level) ?? score;
}

/** Pairs that were compared, those against the baseline first. */
function pairwiseOf(prepared: Prepared, each: Prepared['judges'][number]): ReportEvaluator['pairwise'] {
  if (!isPairwise(each.judge.spec)) return null;
  const { runs, input } = prepared;
  return runs.flatMap(({ run: baseline }, at) =>
    runs.slice(at + 1).flatMap(({ run }) => {
      const pairs = prepared.pairs(each, baseline, run) ?? [];
      return pairs.length === 0 ? [] : [countPairs(pairs, run.run_id, baseline.run_id, input.cases.length, level)];
    }),
  );
}

/** Cases that the repeats of one run disagree on, by evaluators that say yes or no; the most undecided first. */
function flakyOf(prepared: Prepared): EvaluationReport['flaky'] {
  const found = prepared.judges.flatMap((each) => {
    if (!each.scale.passFail) return [];
    return prepared.runs.flatMap(({ run }) => {
      const { repeats } = prepared.reading(run, each);
      return flakyCases(repeats, level).map(({ index, rate }) => ({
        datapoint_id: prepared.input.cases[index]!,
        run_id: run.run_id,
        evaluator_version_id: each.judge.versionId,
        pass_rate: rate.estimate!,
        lower: rate.lower!,
        upper: rate.upper!,
        n: rate.n,
      }));
    });
  });
  return found.sort((a, b) => Math.abs(a.pass_rate - 0.5) - Math.abs(b.pass_rate - 0.5));
}

function warningsOf({ runs, settings, input, primary }: Prepared): string[] {
  const warnings = runs.flatMap(({ run, label }) => failedCalls(run, label));
  const open = runs.filter(({ run }) => run.status === 'running' || run.status === 'pending');
  if (open.length > 0) warnings.push('Not all runs are finished: what is missing counts as missing until it is there.');
  const datasets = new Set(runs.flatMap(({ run }) => run.dataset?.version_id ?? []));
  if (datasets.size > 1) warnings.push('The runs are over different versions of a dataset: they are compared over the cases of both.');
  if (settings.set_after_data)
    warnings.push(
      'Primary evaluator and margin were chosen when there were judgments already, so nothing here is a test that was planned.',
    );
  if (settings.chosen === 'default' && primary !== null)
    warnings.push(
      `Nobody chose what decides: it is the first evaluator that has an order, ${primary.judge.path}, with a margin of a twentieth of its range.`,
    );
  if (input.groups !== null) warnings.push(`Cases share their ${input.groups.by}: these, not single cases, count as independent.`);
  return warnings;
}

/** An empty answer may well be judged, good or bad: that is no merit of the version. */
function failedCalls({ logs }: ReportRunInput, label: string): string[] {
  const failed = logs.filter((log) => log.failed).length;
  if (failed === 0) return [];
  return [
    `${failed} of ${logs.length} logs of ${label} are errors. Where an evaluator judged them, it judged what little there is of an answer.`,
  ];
}
