import type { ExperimentResult, Scope } from '@whetstone/contract';
import { presentEstimate, weightOf } from '@whetstone/domain';
import { answersInWords, lookAtAnswers, lookAtSampleRatio, roughly, sampleRatioInWords } from '@whetstone/statistics';
import type { ExperimentCounts } from '../../logs/index.ts';
import type { Room } from '../context.ts';
import type { ExperimentRow } from '../tables.ts';
import { answeredSums, epochsForArm, stopsOf } from './arms.ts';
import { type GuardOfArm, guardArms } from './guards.ts';
import { type Comparison, outcomeOf, type Read, sum, verdictOf } from './outcome.ts';
import { planUnits } from './plan.ts';
import { analysisOf, looksOf } from './store.ts';
import { type Watched, watch } from './watched.ts';

/** What the worker keeps of an experiment between its looks. */
export interface AnalysisState {
  /** Planned units, fixed before the first look. */
  nStar?: number;
  fixedUnits?: number | null;
  /** Answers that a fixed plan gave, once. */
  frozen?: Record<string, Comparison[]>;
  /** Guards at the last look, in their order. */
  guards?: GuardOfArm[][];
  /** Units at the last look that was kept. */
  lookUnits?: number;
  alarmed?: boolean;
  /** Logs and late judgments at the last look, where they are many: to count them takes longer than all else. */
  counts?: KeptCounts | null;
  /** Everything that ends with the experiment is settled. */
  final?: boolean;
}
export interface KeptLook {
  units: number;
  arms: { arm_id: string; estimate: number | null; lower: number | null; upper: number | null }[];
}

export interface KeptCounts {
  logs: [string, number][];
  late: [string, number][];
  unknownLog: number;
}
const many = 100_000;
/** The worker looks more often than that. */
const countsForMs = 60_000;

export function keptCounts({ logs, late, unknownLog }: ExperimentCounts): KeptCounts | null {
  return sum([...logs.values()]) < many ? null : { logs: [...logs], late: [...late], unknownLog };
}

function countsOf(kept: KeptCounts | null | undefined): ExperimentCounts | null {
  return kept == null ? null : { logs: new Map(kept.logs), late: new Map(kept.late), unknownLog: kept.unknownLog };
}

const dayMs = 86_400_000;
const recentMs = 3 * dayMs;

export async function resultOf(room: Room, scope: Scope, row: ExperimentRow): Promise<ExperimentResult> {
  const kept = await analysisOf(room.db, row.id);
  const state: AnalysisState = kept?.state ?? {};
  const { looked_at: lookedAt = null } = kept ?? {};
  const isNew = lookedAt !== null && room.clock().getTime() - lookedAt.getTime() < countsForMs;
  return (await compute(room, scope, row, { state, counts: isNew ? countsOf(state.counts) : null, guards: state.guards ?? [] })).result;
}

/** Nothing is taken from an earlier look but what was fixed. */
export function freshResult(room: Room, scope: Scope, row: ExperimentRow, state: AnalysisState): Promise<Computed> {
  return compute(room, scope, row, { state, counts: null, guards: [] });
}

interface Computed {
  result: ExperimentResult;
  counts: ExperimentCounts;
}

async function compute(
  room: Room,
  scope: Scope,
  row: ExperimentRow,
  { state, counts, guards: keptGuards }: { state: AnalysisState; counts: ExperimentCounts | null; guards: GuardOfArm[][] },
): Promise<Computed> {
  const watched = await watch(room, scope, row);
  const { nStar = 5_000, fixedUnits = null } = state.nStar === undefined ? await planUnits(room, scope, watched) : state;
  const now = room.clock();
  const end = row.ended_at ?? now;
  const [read, ratio, looks, leftOut] = await gather(room, scope, watched, { nStar, end, frozen: state.frozen ?? {}, counts });
  const alarm = ratio.alarm ? ratio.words : null;
  const primary = await outcomeOf(room, scope, watched, read, watched.primary);
  const secondary = await Promise.all(watched.secondary.map((metric) => outcomeOf(room, scope, watched, read, metric)));
  const guards = await Promise.all(
    watched.guards.map(async (metric, index) => ({
      outcome: await outcomeOf(room, scope, watched, read, metric),
      arms: keptGuards[index] ?? (await guardArms(room, scope, watched, read, metric)),
    })),
  );
  const result: ExperimentResult = {
    experiment_id: row.id,
    as_of: now.toISOString(),
    verdict: verdictOf(watched, primary, alarm),
    primary,
    secondary,
    guards,
    looks: looksIn(looks),
    sample_ratio: ratio,
    answers: answersOf(watched, read),
    left_out: {
      no_unit: read.counts.logs.get('~no_unit') ?? 0,
      off_assignment: read.counts.logs.get('~off') ?? 0,
      moved: sum([...leftOut.values()]),
      forced: read.counts.logs.get('~forced') ?? 0,
      unknown_log: read.counts.unknownLog,
    },
    rate: rateOf(watched, read, fixedUnits),
    epochs: watched.epochs.map(({ number }, index) => ({
      number,
      units: sum((read.groups.get(row.id) ?? []).filter(({ epoch }) => epoch === number).map(({ units }) => units)),
      estimate: row.mode === 'fixed' && read.frozen['primary 0'] === undefined ? null : epochEstimate(watched, read, index),
    })),
  };
  return { result, counts: read.counts };
}

async function gather(
  room: Room,
  scope: Scope,
  watched: Watched,
  { nStar, end, frozen, counts: known }: { nStar: number; end: Date; frozen: Read['frozen']; counts: ExperimentCounts | null },
): Promise<[Read, ExperimentResult['sample_ratio'], Awaited<ReturnType<typeof looksOf>>, Map<string, number>]> {
  const { row, epochs, tracks, evaluators } = watched;
  const { experimented } = room.logs;
  const since = row.started_at ?? end;
  const recent = new Date(Math.max(since.getTime(), end.getTime() - recentMs));
  const starts = [...new Set([...epochs.map(({ started_at }) => started_at.getTime()), recent.getTime(), end.getTime()])]
    .toSorted((a, b) => a - b)
    .map((ms) => new Date(ms));
  const first = row.mode === 'fixed' ? nStar : null;
  const ids = evaluators.flatMap(({ id }) => id ?? []);
  const [groups, exposed, counts, looks, { leftOut }] = await Promise.all([
    Promise.all(
      tracks.map(async (track) => {
        // Guards have no planned end.
        const limit = track.key === row.id ? first : null;
        const found = await experimented.groups(scope, track.key, track.metrics.length, evaluators.length, stopsOf(row), limit);
        return [track.key, found] as const;
      }),
    ),
    experimented.exposed(scope, row.id, starts),
    known ?? experimented.counts(scope, { experimentId: row.id, ...watched.primary.track }, ids, since),
    looksOf(room.db, row.id),
    experimented.settled(scope, row.id),
  ]);
  // What was exposed after the end, by callers that did not hear of it yet, is not in it.
  const within = exposed.filter(({ span }) => span < starts.length || row.ended_at === null);
  const arms = new Map<string, number>();
  for (const { armId, units } of within) arms.set(armId, (arms.get(armId) ?? 0) + units);
  const lately = sum(
    within.filter(({ span }) => span > starts.findIndex((at) => at.getTime() === recent.getTime())).map(({ units }) => units),
  );
  const days = Math.max(1 / 24, (end.getTime() - recent.getTime()) / dayMs);
  const perDay = lately === 0 ? null : lately / days;
  return [
    { groups: new Map(groups), exposed: arms, counts, nStar, perDay, frozen },
    sampleRatioOf(watched, starts, within),
    looks,
    leftOut,
  ];
}

function sampleRatioOf(
  { row, epochs }: Watched,
  starts: readonly Date[],
  exposed: readonly { armId: string; span: number; units: number }[],
): ExperimentResult['sample_ratio'] {
  // A span is as many of the moments as had passed.
  const epochOf = (span: number): number => {
    const passed = starts.slice(0, span).at(-1)?.getTime() ?? 0;
    return Math.max(
      0,
      epochs.findLastIndex(({ started_at }) => started_at.getTime() <= passed),
    );
  };
  const look = lookAtSampleRatio(
    epochs.map(({ slots }, epoch) => ({
      shares: row.arms.map(({ id }) => weightOf(slots, id)),
      counts: row.arms.map((arm) =>
        // An arm without a share gets nobody; the moment before all replicas know that is no fault of the split.
        weightOf(slots, arm.id) > 0
          ? sum(exposed.filter(({ armId, span }) => armId === arm.id && epochOf(span) === epoch).map(({ units }) => units))
          : 0,
      ),
    })),
  );
  const names = row.arms.map(({ name }) => name);
  return {
    alarm: look.alarm,
    words: sampleRatioInWords(look, names, 'users'),
    evidence: look.evidence,
    arms: look.arms.map(({ units, expected }, index) => ({ arm_id: row.arms[index]!.id, units, expected })),
  };
}

function answersOf({ row, epochs, evaluators }: Watched, read: Read): ExperimentResult['answers'] {
  const groups = read.groups.get(row.id) ?? [];
  if (epochs.length === 0) return [];
  return evaluators.map(({ path }, index) => {
    const ofArms = epochs.map(({ slots, number }) => ({
      shares: row.arms.map(({ id }) => weightOf(slots, id)),
      arms: epochsForArm(row, [epochs.find((epoch) => epoch.number === number)!], groups, { ...row.arms[0]!, stoppedAt: null }, (group) =>
        answeredSums(group, index),
      )[0]!.arms,
    }));
    const look = lookAtAnswers(ofArms, { nStar: read.nStar });
    return {
      evaluator: path,
      arms: look.rates.map((rate, arm) => ({ arm_id: row.arms[arm]!.id, rate: presentEstimate(rate) })),
      differ: look.differ,
      words: answersInWords(
        look,
        row.arms.map(({ name }) => name),
        'users',
      ),
    };
  });
}

function epochEstimate(watched: Watched, read: Read, epoch: number): number | null {
  const { row, epochs, primary } = watched;
  const [control, arm] = row.arms;
  const one = epochs[epoch];
  if (control === undefined || arm === undefined || one === undefined) return null;
  const [both] = epochsForArm(row, [one], read.groups.get(row.id) ?? [], arm, (group) => group.metrics[primary.place]!);
  const [ofControl, ofArm] = both?.arms ?? [];
  return ofControl === undefined || ofArm === undefined || ofControl.n === 0 || ofArm.n === 0 ? null : ofArm.mean - ofControl.mean;
}

function looksIn(looks: readonly { at: Date; look: Record<string, unknown> }[]): ExperimentResult['looks'] {
  return looks.flatMap(({ at, look }) => {
    const { units, arms } = look as unknown as KeptLook;
    return arms.map((arm) => ({ at: at.toISOString(), units, ...arm }));
  });
}

function rateOf({ row }: Watched, { perDay, nStar, exposed }: Read, fixedUnits: number | null): ExperimentResult['rate'] {
  const units = sum([...exposed.values()]);
  const number = (value: number): string => roughly(value).toLocaleString('en');
  const pace = perDay === null ? 'No users lately' : `About ${number(perDay)} users a day`;
  const left = nStar - units;
  const daysLeft = perDay === null || left <= 0 ? null : roughly(left / perDay);
  const days = daysLeft === null ? '' : `, ${daysLeft.toLocaleString('en')} more ${daysLeft === 1 ? 'day' : 'days'}`;
  const plan =
    left > 0 ? `${units.toLocaleString('en')} of the ${nStar.toLocaleString('en')} planned${days}` : 'the planned number is reached';
  const fixed =
    row.mode === 'sequential' && fixedUnits !== null
      ? ` Looking at any time costs users: a plan of one look at the end would take ${fixedUnits.toLocaleString('en')}.`
      : '';
  return { units_per_day: perDay, planned_units: Math.round(nStar), fixed_units: fixedUnits, words: `${pace}; ${plan}.${fixed}` };
}
