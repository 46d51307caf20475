import type { AgainstPeople, Measured, ReviewEvaluator } from '@whetstone/contract';
import {
  type Estimate,
  judgeAccuracy,
  type JudgeCounts,
  judgeDrift,
  judgePassRate,
  meanScore,
  ppiMean,
  proportion,
} from '@whetstone/statistics';
import { type Case, type Cases, casesOf } from './cases.ts';
import type { Room } from './context.ts';
import type { Reviews } from './index.ts';
import { measuredOf } from './measured.ts';
import { presentEvaluator } from './queues.ts';
import { populationsOf } from './store-judged.ts';
import type { Snapshot } from '../files/index.ts';

/** An automatic judge against people, and its score with their correction. */

const mostLinked = 100;

export const againstPeople =
  (room: Room): Reviews['againstPeople'] =>
  async (scope, judgeId, of) => {
    const found = await casesOf(room, scope, judgeId, of);
    const { judge, human, measure, cases, dropped, byVersion } = found;
    const [snapshots, queues] = await Promise.all([
      room.files.versionsById(scope, [...byVersion.keys()]),
      populationsOf(room.db, scope.workspaceId, judge.file.id, human.file.id),
    ]);
    const accuracy = accuracyOf(measure, cases);
    const scores = scoresOf(found);
    const result = {
      judge: presentEvaluator(judge)[0] as ReviewEvaluator,
      human: presentEvaluator(human)[0] as ReviewEvaluator,
      measure,
      judged: cases.length,
      labelled: labelled(cases).length,
      dropped,
      ...accuracy,
      confusion: measure === 'pass' ? confusionOf(cases) : [],
      ...scores,
      width_ratio: ratioOf(scores.corrected, scores.people),
      versions: versionsOf(found, snapshots),
      queues,
    };
    return { ...result, sentence: sentenceOf(result) };
  };

/** Labels that were not chosen: a sample by which shares can be told. */
export function labelled(cases: readonly Case[]): (Case & { human: number })[] {
  return cases.flatMap((one) => (one.human === null || one.chosen ? [] : [{ ...one, human: one.human }]));
}

function countsOf(cases: readonly Case[]): JudgeCounts {
  const of = (judge: number, human: number) => labelled(cases).filter((one) => one.judge === judge && one.human === human).length;
  return { truePositive: of(1, 1), falseNegative: of(0, 1), trueNegative: of(0, 0), falsePositive: of(1, 0) };
}

function accuracyOf(
  measure: Cases['measure'],
  cases: readonly Case[],
): Pick<AgainstPeople, 'sensitivity' | 'specificity' | 'agreement' | 'kappa'> {
  if (measure === 'score') return { sensitivity: null, specificity: null, agreement: null, kappa: null };
  const { sensitivity, specificity, agreement, kappa } = judgeAccuracy(countsOf(cases));
  return {
    sensitivity: measuredOf(sensitivity),
    specificity: measuredOf(specificity),
    agreement: measuredOf(agreement),
    kappa: measuredOf(kappa),
  };
}

function confusionOf(cases: readonly Case[]): AgainstPeople['confusion'] {
  const word = (value: number) => (value === 1 ? 'good' : 'bad');
  return [1, 0].flatMap((judge) =>
    [1, 0].map((human) => {
      const same = labelled(cases).filter((one) => one.judge === judge && one.human === human);
      return { judge: word(judge), human: word(human), count: same.length, log_ids: same.slice(0, mostLinked).map(({ logId }) => logId) };
    }),
  );
}

type Scores = Pick<AgainstPeople, 'raw' | 'people' | 'corrected'>;

function scoresOf({ measure, cases, judge, human }: Cases): Scores {
  const some = labelled(cases);
  const known = new Set(some.map(({ logId }) => logId));
  const others = cases.filter(({ logId }) => !known.has(logId));
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  if (measure === 'pass') {
    const good = some.filter((one) => one.judge === 1);
    const bad = some.filter((one) => one.judge === 0);
    const corrected = judgePassRate({
      labelledJudgeGood: good.length,
      humanGoodGivenJudgeGood: sum(good.map((one) => one.human)),
      labelledJudgeBad: bad.length,
      humanGoodGivenJudgeBad: sum(bad.map((one) => one.human)),
      judgeGoodAll: sum(cases.map((one) => one.judge)),
      allCases: cases.length,
    });
    return measuredScores(
      proportion(sum(cases.map((one) => one.judge)), cases.length),
      proportion(sum(some.map((one) => one.human)), some.length),
      corrected,
    );
  }
  const each = (values: readonly number[]) => values.map((value) => [value]);
  return measuredScores(
    meanScore(each(cases.map((one) => one.judge)), rangeOf(judge)),
    meanScore(each(some.map((one) => one.human)), rangeOf(human)),
    within(
      rangeOf(human),
      ppiMean({
        labels: some.map((one) => one.human),
        judgeOnLabelled: some.map((one) => one.judge),
        judgeOnUnlabelled: others.map((one) => one.judge),
      }),
    ),
  );
}

/** Nobody gives more than the most. */
function within(range: readonly [number, number] | null, of: Estimate): Estimate {
  const cut = (value: number | null) => (value === null || range === null ? value : Math.min(range[1], Math.max(range[0], value)));
  return { ...of, estimate: cut(of.estimate), lower: cut(of.lower), upper: cut(of.upper) };
}

const measuredScores = (raw: Estimate, people: Estimate, corrected: Estimate): Scores => ({
  raw: measuredOf(raw),
  people: measuredOf(people),
  corrected: measuredOf(corrected),
});

/** The least and the most that an evaluator says; null when nothing bounds it. */
export function rangeOf({ version }: Snapshot<'evaluator'>): readonly [number, number] | null {
  const { return_type: type, number_limits: limits } = version.kernel.spec;
  if (type !== 'number') return [0, 1];
  return limits?.min == null || limits.max == null || limits.max <= limits.min ? null : [limits.min, limits.max];
}

function ratioOf(corrected: Measured, people: Measured): number | null {
  if (corrected.lower === null || corrected.upper === null || people.lower === null || people.upper === null) return null;
  const width = people.upper - people.lower;
  return width <= 0 || people.n === 0 ? null : (corrected.upper - corrected.lower) / width;
}

function versionsOf({ measure, byVersion }: Cases, snapshots: ReadonlyMap<string, Snapshot>): AgainstPeople['versions'] {
  const ordered = [...byVersion].toSorted(([, a], [, b]) => a.firstAt - b.firstAt);
  return ordered.map(([versionId, { firstAt, lastAt, cases }], index) => {
    const before = ordered[index - 1]?.[1].cases;
    const counts = countsOf(cases);
    const told = measure === 'pass' && before !== undefined && labelled(before).length > 0 && labelled(cases).length > 0;
    const drift = told ? judgeDrift(countsOf(before), counts) : null;
    const { kappa: _, ...accuracy } = accuracyOf(measure, cases);
    const snapshot = snapshots.get(versionId);
    return {
      version_id: versionId,
      name: snapshot?.version.name ?? null,
      content_hash: snapshot?.version.contentHash ?? '',
      first_at: new Date(firstAt).toISOString(),
      last_at: new Date(lastAt).toISOString(),
      judged: cases.length,
      labelled: labelled(cases).length,
      ...accuracy,
      change: drift === null ? null : { sensitivity: measuredOf(drift.sensitivity), specificity: measuredOf(drift.specificity) },
    };
  });
}

function sentenceOf({ judged, labelled: labels, measure, corrected, raw, width_ratio }: Omit<AgainstPeople, 'sentence'>): string {
  if (judged === 0) return 'The judge has judged nothing here yet.';
  if (labels === 0)
    return `The judge has judged ${judged} logs, and people none of them. Have some labelled, drawn at random, to see how far it can be trusted.`;
  const say = (value: number | null) =>
    value === null ? 'unknown' : measure === 'pass' ? `${Math.round(value * 100)} %` : value.toFixed(2);
  const limits =
    corrected.lower === null || corrected.upper === null ? '' : `, between ${say(corrected.lower)} and ${say(corrected.upper)}`;
  const what = measure === 'pass' ? 'people would pass' : 'people would give';
  const first = `As far as ${labels} labels tell, ${what} ${say(corrected.estimate)}${limits}; the judge alone says ${say(raw.estimate)}.`;
  if (width_ratio === null) return first;
  if (width_ratio < 0.95)
    return `${first} With the judge the interval is ${Math.round((1 - width_ratio) * 100)} % narrower than by people alone.`;
  return `${first} The judge narrows the interval by little: it says little that people would.`;
}
