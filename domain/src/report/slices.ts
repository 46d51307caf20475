import type { ReportSlices, SliceKind } from '@whetstone/contract';
import { adjustP, fisherOverRepresented } from '@whetstone/statistics';
import { changeOf, compareWithin } from './compare.ts';
import { scoreWithin } from './estimate.ts';
import type { ReportInput } from './input.ts';
import { judgeOf } from './pairs.ts';
import { type Prepared, prepareReport, reportLevel as level } from './prepare.ts';
import { defaultMargin } from './scale.ts';
import { sidesOf } from './sides.ts';
import { type Facts, fieldsOf, type Trait, traitsOf } from './traits.ts';

/** Two runs within groups of cases. All of it is looked for after the fact, so all of it is a hint and no result. */

const fewest = 3;
const mostSlices = 40;
const mostTraits = 8;
/** Of the traits that are told, one in ten is there by chance. */
const falseTraits = 0.1;

const note =
  'Exploratory: slices were not chosen before the data. Their probabilities are corrected for how many there are (Benjamini and Hochberg), but a slice that stands out here is a question for new cases, not an answer.';

export interface SliceQuery {
  by: SliceKind;
  field: string | null;
  evaluator: string | null;
  /** Null: the first run that is not the baseline. */
  runId: string | null;
}

/** The run that is looked at beside the baseline. */
export function lookedAt({ runs, baseline }: Prepared, runId: string | null): Prepared['baseline'] {
  return runs.find(({ run }) => run.run_id === runId && run !== baseline?.run) ?? runs.find(({ run }) => run !== baseline?.run) ?? null;
}

export function buildSlices(input: ReportInput, { by, field, evaluator, runId }: SliceQuery, facts: Facts): ReportSlices {
  const prepared = prepareReport(input);
  const judge = judgeOf(prepared, evaluator);
  const other = lookedAt(prepared, runId);
  const { baseline } = prepared;
  const fields = fieldsOf(by, facts);
  const base = {
    by,
    field: fields.length === 0 ? null : (field ?? fields[0] ?? null),
    fields,
    run_id: other?.run.run_id ?? null,
    baseline_run_id: baseline?.run.run_id ?? null,
    evaluator_version_id: judge?.judge.versionId ?? null,
    exploratory: true,
    note:
      by === 'output_length' || by === 'error' || by === 'finish_reason' || by === 'model'
        ? `${note} These groups are made by what the run answered.`
        : note,
  } as const;
  if (judge === null || other === null || baseline === null) return { ...base, slices: [], left_out: 0, common: { better: [], worse: [] } };
  const traits = traitsOf(by, facts, field);
  const shown = traits.filter(({ cases }) => cases.length >= fewest).slice(0, mostSlices);
  return {
    ...base,
    slices: slicesOf(prepared, judge, baseline, other, shown),
    left_out: traits.length - shown.length,
    common: commonOf(prepared, judge, baseline, other, facts),
  };
}

type Judge = Prepared['judges'][number];
type Run = Prepared['runs'][number];

function slicesOf(prepared: Prepared, judge: Judge, baseline: Run, other: Run, traits: readonly Trait[]): ReportSlices['slices'] {
  const [a, b] = sidesOf(prepared, judge, baseline, other);
  const margin = judge === prepared.primary ? prepared.settings.margin : defaultMargin(judge.scale);
  const how = { scale: judge.scale, margin, level, groups: prepared.input.groups?.of ?? null, exploratory: note };
  const slices = traits.map(({ by, value, filter, cases }) => {
    const { difference, lower, upper, p, verdict, became_better, became_worse } = compareWithin(a, b, how, cases);
    const scores = {
      run: scoreWithin(prepared.reading(other.run, judge), judge.scale, cases, level),
      baseline: scoreWithin(prepared.reading(baseline.run, judge), judge.scale, cases, level),
    };
    return {
      by,
      value,
      filter,
      cases: cases.length,
      ...scores,
      difference,
      lower,
      upper,
      p,
      p_adjusted: null,
      verdict,
      became_better,
      became_worse,
    };
  });
  const { bh } = adjustP(slices.map(({ p }) => p ?? 1));
  return slices.map((slice, i) => ({ ...slice, p_adjusted: slice.p === null ? null : bh[i]! }));
}

/** Traits that are more frequent among cases that changed one way than among the others. */
function commonOf(prepared: Prepared, judge: Judge, baseline: Run, other: Run, facts: Facts): ReportSlices['common'] {
  const [a, b] = prepared.sides(judge, baseline.run, other.run);
  const change = a.repeats.map((repeats, at) => changeOf(repeats, b.repeats[at]!, judge.scale.higherIsBetter ?? true));
  const traits = everyTrait(facts);
  return {
    better: overRepresented(change, 1, traits, `got better in ${other.label}`),
    worse: overRepresented(change, -1, traits, `got worse in ${other.label}`),
  };
}

function everyTrait(facts: Facts): Trait[] {
  const plain = (['input_length', 'output_length', 'topic', 'error', 'finish_reason', 'model'] as const).flatMap((kind) =>
    traitsOf(kind, facts),
  );
  const named = (['tag', 'input'] as const).flatMap((kind) => fieldsOf(kind, facts).flatMap((field) => traitsOf(kind, facts, field)));
  return [...plain, ...named];
}

function overRepresented(
  change: readonly (number | null)[],
  way: 1 | -1,
  traits: readonly Trait[],
  did: string,
): ReportSlices['common']['better'] {
  const compared = change.filter((each) => each !== null).length;
  const changedOf = change.filter((each) => each === way).length;
  const othersOf = compared - changedOf;
  if (changedOf < 2 || othersOf === 0) return [];
  const counted = traits.map((trait) => {
    const there = trait.cases.filter((at) => change[at] !== null);
    const changed = there.filter((at) => change[at] === way).length;
    return { trait, changed, others: there.length - changed };
  });
  // Of all traits that were looked at, not only of those that stand out.
  const p = counted.map(({ changed, others }) =>
    fisherOverRepresented({ marked: changed, drawn: changedOf, restMarked: others, rest: othersOf }),
  );
  const { bh } = adjustP(p);
  const percent = (part: number, whole: number) => `${Math.round((100 * part) / whole)} %`;
  return counted
    .map(({ trait: { filter, by, value }, changed, others }, i) => ({
      filter,
      by,
      value,
      changed,
      changed_of: changedOf,
      others,
      others_of: othersOf,
      p_adjusted: bh[i]!,
      sentence: `${percent(changed, changedOf)} of the cases that ${did} have ${by} “${value}”, of the others ${percent(others, othersOf)}.`,
    }))
    .filter(({ p_adjusted, changed }) => p_adjusted <= falseTraits && changed >= 2)
    .sort((x, y) => x.p_adjusted - y.p_adjusted)
    .slice(0, mostTraits);
}
