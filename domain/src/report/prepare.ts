import { AppError } from '@whetstone/contract';
import type { ReportSettings } from '@whetstone/contract';
import { isPairwise } from '../pairwise.ts';
import type { ReportInput, ReportJudge, ReportPairJudgment, ReportRunInput } from './input.ts';
import { PairJudgments, readNothing, readPairs } from './pairwise.ts';
import { type Reading, readRun } from './reading.ts';
import { labelsOf } from './run-facts.ts';
import { defaultMargin, isScored, type Scale, scaleOf } from './scale.ts';

/** What all parts of a report start from. */
export interface Prepared {
  input: ReportInput;
  settings: ReportSettings;
  runs: { run: ReportRunInput; label: string }[];
  baseline: { run: ReportRunInput; label: string } | null;
  judges: { judge: ReportJudge; scale: Scale; index: number }[];
  primary: Prepared['judges'][number] | null;
  /** Judgments of a run by an evaluator, read once. */
  reading(run: ReportRunInput, judge: Prepared['judges'][number]): Reading;
  /** The same of two runs, for what differs between them. */
  sides(judge: Prepared['judges'][number], baseline: ReportRunInput, run: ReportRunInput): [Reading, Reading];
  /** What a judge that compares two answers said of one run against another; null of other judges. */
  pairs(judge: Prepared['judges'][number], baseline: ReportRunInput, run: ReportRunInput): ReportPairJudgment[] | null;
}

export const reportLevel = 0.95;

/** @throws AppError 404 for a run or an evaluator that the evaluation does not have */
export function prepareReport(input: ReportInput): Prepared {
  const { asked = {}, saved = null } = input;
  const labels = labelsOf(input.runs);
  const all = input.runs.map((run) => ({ run, label: labels.get(run.run_id)! }));
  const wanted = asked.runIds != null && asked.runIds.length > 0 ? new Set(asked.runIds) : null;
  for (const id of [...(wanted ?? []), ...(asked.baseline ? [asked.baseline] : [])]) {
    if (!labels.has(id)) throw new AppError('not_found', `The evaluation has no run \`${id}\`.`);
  }
  const baseline = all.find(({ run }) => run.run_id === asked.baseline) ?? all.find(({ run }) => run.control) ?? all[0] ?? null;
  const shown = all.filter(({ run }) => wanted === null || wanted.has(run.run_id) || run === baseline?.run);
  const runs = [...shown.filter(({ run }) => run === baseline?.run), ...shown.filter(({ run }) => run !== baseline?.run)];
  const judges = input.evaluators.map((judge, index) => ({ judge, scale: scaleOf(judge.spec), index }));
  const find = (id: string | null | undefined) => judges.find(({ judge }) => judge.versionId === id);
  if (asked.primary && find(asked.primary) === undefined)
    throw new AppError('not_found', `The evaluation has no evaluator version \`${asked.primary}\`.`);
  const fallback =
    judges.find(({ scale }) => isScored(scale) && scale.higherIsBetter !== null) ?? judges.find(({ scale }) => isScored(scale));
  const standing = find(saved?.primary) ?? fallback ?? null;
  const primary = find(asked.primary) ?? standing;
  return {
    ...readingsOf(input, baseline?.run ?? null),
    input,
    settings: settingsOf(input, baseline?.run ?? null, primary, standing),
    runs,
    baseline,
    judges,
    primary,
  };
}

function readingsOf(input: ReportInput, baseline: ReportRunInput | null): Pick<Prepared, 'reading' | 'sides' | 'pairs'> {
  const readings = new Map<string, Reading>();
  const compared = new PairJudgments(input.pairs);
  const size = input.cases.length;
  const pairs: Prepared['pairs'] = ({ judge, index }, against, run) =>
    isPairwise(judge.spec) ? compared.of(index, run.run_id, against.run_id) : null;
  const read: Prepared['reading'] = (run, each) => {
    if (!isPairwise(each.judge.spec)) return readRun(run, each.index, each.scale, size);
    if (baseline === null || run === baseline) return readNothing(size);
    return readPairs(compared.of(each.index, run.run_id, baseline.run_id), [run, baseline], 'score', size);
  };
  const reading: Prepared['reading'] = (run, each) => {
    const key = `${run.run_id} ${each.judge.versionId}`;
    const known = readings.get(key) ?? read(run, each);
    readings.set(key, known);
    return known;
  };
  return {
    pairs,
    reading,
    sides(each, against, run) {
      const own = pairs(each, against, run);
      if (own === null) return [reading(against, each), reading(run, each)];
      const runs = [run, against];
      return [readPairs(own, runs, 'baseline', size), readPairs(own, runs, 'run', size)];
    },
  };
}

function settingsOf(
  { asked = {}, saved = null, runs }: ReportInput,
  baseline: ReportRunInput | null,
  primary: Prepared['primary'],
  standing: Prepared['primary'],
): ReportSettings {
  // A margin that was saved is in the unit of the evaluator that stood beside it.
  const savedMargin = primary === standing ? (saved?.margin ?? null) : null;
  const standingMargin = savedMargin ?? (primary && defaultMargin(primary.scale));
  const margin = asked.margin ?? standingMargin;
  const otherwise = primary !== standing || margin !== standingMargin;
  const nobody = saved === null || (saved.primary === null && saved.margin === null);
  return {
    baseline_run_id: baseline?.run_id ?? null,
    primary_evaluator_version_id: primary?.judge.versionId ?? null,
    margin,
    level: reportLevel,
    hard_rules: (saved?.hardRules ?? []).map(({ evaluator_version_id, at_least, at_most }) => ({
      evaluator_version_id,
      at_least: at_least ?? null,
      at_most: at_most ?? null,
    })),
    chosen: otherwise ? 'asked' : nobody ? 'default' : 'saved',
    set_after_data: saved !== null && runs.some(({ judgedBeforeSettings }) => judgedBeforeSettings),
    set_at: nobody ? null : saved.at,
    set_by: nobody ? null : saved.by,
  };
}

/** Why a comparison decides nothing; null when it does. */
export function exploratoryBecause(prepared: Prepared, judge: Prepared['judges'][number], runs: readonly ReportRunInput[]): string | null {
  const { settings, primary } = prepared;
  if (judge !== primary) return 'Not the primary evaluator: of many evaluators one is off by chance now and then.';
  if (settings.chosen === 'asked') return 'Primary evaluator or margin were chosen for this view, not before the data.';
  if (settings.set_after_data && runs.some(({ judgedBeforeSettings }) => judgedBeforeSettings))
    return 'Primary evaluator and margin were chosen when there were judgments already.';
  return null;
}
