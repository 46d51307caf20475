import type { ExperimentResult, MetricOutcome, Scope } from '@whetstone/contract';
import { presentEstimate } from '@whetstone/domain';
import { type ArmLook, type ArmsOfEpoch, armValue, estimateOf, lookAtArms, lookInWords, wantsOrder } from '@whetstone/statistics';
import type { ExperimentCounts, MetricSums, OrderedOutcome, OutcomeGroup } from '../../logs/index.ts';
import type { Room } from '../context.ts';
import type { StoredArm } from '../tables.ts';
import { armAlone, assignedOf, epochsForArm } from './arms.ts';
import type { Watched, WatchedMetric } from './watched.ts';
import { formatOf, nameOf } from './words.ts';

export type Comparison = MetricOutcome['comparisons'][number];

/** What was read for a result. */
export interface Read {
  /** By the key of the track. */
  groups: Map<string, OutcomeGroup[]>;
  /** First seen, by arm. */
  exposed: Map<string, number>;
  counts: ExperimentCounts;
  nStar: number;
  /** Units that enter a day. */
  perDay: number | null;
  /** Answers that a fixed plan gave once, by metric. */
  frozen: Record<string, Comparison[]>;
}

/** Most units that are read one by one for betting: `wantsOrder` asks for no more. */
const mostOrdered = 5_000;

export const frozenKey = (metric: WatchedMetric): string => `${metric.role} ${metric.place}`;

/** One metric of all arms, and every arm against control. */
export async function outcomeOf(room: Room, scope: Scope, watched: Watched, read: Read, metric: WatchedMetric): Promise<MetricOutcome> {
  const { row, evaluators } = watched;
  const groups = read.groups.get(metric.track.key) ?? [];
  const looks = await looksAt(room, scope, watched, read, metric);
  const comparisons = read.frozen[frozenKey(metric)] ?? looks.map((look) => comparisonOf(watched, read, metric, look));
  // Of a fixed plan the arms side by side are the answer, too.
  const hidden = row.mode === 'fixed' && metric.role !== 'guard' && comparisons.some(({ difference }) => difference.reason === 'not_yet');
  const arms = row.arms.map(({ id }) => {
    const mine = groups.filter(({ armId }) => armId === id);
    const moments = armAlone(groups, id, sumsOf(metric));
    const weight = watched.epochs[0]?.slots.find(({ armId }) => armId === id)?.weight ?? 1 / row.arms.length;
    const value = hidden
      ? estimateOf({ level: 0.95, n: moments.n, method: 'none', reason: 'not_yet' })
      : armValue(moments, { nStar: Math.max(1, read.nStar * weight), range: metric.range, mode: row.mode });
    return {
      arm_id: id,
      units: read.exposed.get(id) ?? 0,
      matured: sum(mine.map(({ units }) => units)),
      measured: moments.n,
      logs: read.counts.logs.get(id) ?? 0,
      value: presentEstimate(value),
    };
  });
  const asked = evaluators.filter(({ path }) => metric.evaluators.includes(path));
  return {
    metric: metric.spec,
    unit: metric.unit,
    role: metric.role,
    arms,
    comparisons,
    late: sum(asked.map(({ id }) => (id === null ? 0 : (read.counts.late.get(id) ?? 0)))),
    warnings: warningsOf(watched, metric, arms),
  };
}

export function sumsOf({ place }: WatchedMetric): (group: OutcomeGroup) => MetricSums {
  return (group) => group.metrics[place]!;
}

/** Every arm against control, each until it was stopped. */
async function looksAt(room: Room, scope: Scope, watched: Watched, read: Read, metric: WatchedMetric): Promise<ArmLook[]> {
  const { row, epochs } = watched;
  const groups = read.groups.get(metric.track.key) ?? [];
  let ordered: OrderedOutcome[] | null = null;
  const looks: ArmLook[] = [];
  for (const [index, arm] of row.arms.entries()) {
    if (index === 0) continue;
    const ofArm = epochsForArm(row, epochs, groups, arm, sumsOf(metric));
    if (row.mode === 'sequential' && wantsOrder({ epochs: ofArm, range: metric.range }, index))
      ordered ??= await room.logs.experimented.ordered(scope, metric.track.key, metric.place, mostOrdered * row.arms.length);
    const assigned = ordered === null ? null : assignedOf(row, epochs, ordered, arm);
    const looked = lookAtArms({
      epochs: ofArm,
      nStar: read.nStar,
      entered: sum(groups.map(({ units }) => units)),
      smallestDifference: smallestOf(watched, metric, ofArm),
      higherIsBetter: metric.higherIsBetter,
      mode: metric.role === 'guard' ? 'sequential' : row.mode,
      range: metric.range,
      ordered: row.arms.map((_, at) => (at === index ? assigned : null)),
    });
    looks.push(looked[index - 1]!);
  }
  return looks;
}

/** It is said of the primary metric; of others, whose unit is their own, next to nothing stands for any difference. */
function smallestOf({ row }: Watched, { role }: WatchedMetric, epochs: readonly ArmsOfEpoch[]): number {
  if (role === 'primary') return row.smallest_difference;
  const spreads = epochs.flatMap(({ arms }) => arms.map(({ n, squares }) => (n < 2 ? 0 : Math.sqrt(squares / n))));
  return 1e-6 * (Math.max(0, ...spreads) || 1);
}

function comparisonOf(watched: Watched, read: Read, metric: WatchedMetric, look: ArmLook): Comparison {
  const { row } = watched;
  const arm = row.arms[look.arm]!;
  // Who ended, or only tells, needs nobody more.
  const open = metric.role === 'primary' && !isOver(row, arm);
  const said = open ? look : { ...look, moreUnits: null, moreFor: null };
  return {
    arm_id: arm.id,
    difference: presentEstimate(look),
    verdict: look.verdict,
    words: lookWords(watched, read, metric, said, arm),
    p: look.p,
    more_units: said.moreUnits,
    more_days: said.moreUnits === null || read.perDay === null || read.perDay === 0 ? null : said.moreUnits / read.perDay,
    adjusted: look.adjusted,
  };
}

/** Nobody is given the arm any more. */
function isOver({ state }: Watched['row'], { stoppedAt }: StoredArm): boolean {
  return stoppedAt !== null || (state !== 'running' && state !== 'draft');
}

function lookWords(watched: Watched, read: Read, metric: WatchedMetric, look: ArmLook, arm: StoredArm): string {
  const format = formatOf(metric);
  const control = watched.row.arms[0]!.name;
  const exposed = read.exposed.get(arm.id) ?? 0;
  const over = isOver(watched.row, arm);
  if (look.reason === 'no_data' && exposed === 0)
    return `No data${over ? '' : ' yet'}: no user ${over ? 'was' : 'has been'} given ${arm.name}.`;
  if (look.reason === 'no_data' && arm.stoppedAt !== null)
    return `${arm.name} was stopped before a window closed. ${arm.stoppedWhy ?? ''}`.trim();
  if (look.reason === 'no_data' && over)
    return `No data: no window closed with a value of “${nameOf(metric)}” before it ended. A window is ${hours(metric.track.windowMs)} long.`;
  if (look.reason === 'no_data')
    return `No data yet: no window has closed with a value of “${nameOf(metric)}”. A window is ${hours(metric.track.windowMs)} long.`;
  const words = lookInWords(look, {
    control,
    arm: arm.name,
    format: format.difference,
    bare: format.bare,
    perDay: read.perDay,
    smallestDifference: watched.row.smallest_difference,
    ended: arm.stoppedAt !== null ? 'Stopped' : over ? 'Ended' : null,
  });
  return arm.stoppedAt === null || words.startsWith('Stopped')
    ? words
    : `${words} ${arm.name} was stopped; this is what was known by then.`;
}

export function hours(ms: number): string {
  const minutes = ms / 60_000;
  if (minutes < 90) return minutes < 1.5 ? `${Math.round(ms / 1_000)} s` : `${Math.round(minutes)} minutes`;
  return `${Number((minutes / 60).toFixed(1))} hours`;
}

function warningsOf({ row, evaluators }: Watched, metric: WatchedMetric, arms: MetricOutcome['arms']): string[] {
  const warnings: string[] = [];
  for (const { path, id } of evaluators)
    if (id === null && metric.evaluators.includes(path))
      warnings.push(
        `There is no evaluator at \`${path}\`, so that nothing is judged for “${nameOf(metric)}”. Make it, or correct the metric in another experiment.`,
      );
  const closed = sum(arms.map(({ matured }) => matured));
  const measured = sum(arms.map((arm) => arm.measured));
  if (closed > 0 && measured === 0)
    warnings.push(
      `${closed.toLocaleString('en')} windows have closed and none of them holds a value of “${nameOf(metric)}”. Check that it is sent.`,
    );
  else if (measured < closed)
    warnings.push(
      `${(closed - measured).toLocaleString('en')} of ${closed.toLocaleString('en')} users have no value of “${nameOf(metric)}” and are left out of it.`,
    );
  const none = row.arms.filter(({ id }) => arms.find(({ arm_id }) => arm_id === id)?.units === 0);
  if (none.length > 0 && none.length < row.arms.length)
    warnings.push(
      `${none.map(({ name }) => name).join(', ')} had no traffic yet, while other arms had: check that callers ask for the version or go through the gateway.`,
    );
  if (metric.range === null && metric.spec.cap == null && metric.role === 'guard')
    warnings.push(`Nothing bounds “${nameOf(metric)}”: a few extreme values may decide. A cap would help.`);
  return warnings;
}

export const sum = (values: readonly number[]): number => values.reduce((all, each) => all + each, 0);

export type Verdict = ExperimentResult['verdict'];

/** One sentence for all arms: the winner, else what holds of all, else the first arm's. */
export function verdictOf({ row }: Watched, { comparisons, arms }: MetricOutcome, alarm: string | null): Verdict {
  if (alarm !== null) return { kind: 'cannot_tell', arm_id: null, words: alarm };
  if (sum(arms.map(({ units }) => units)) === 0)
    return {
      kind: 'no_data',
      arm_id: null,
      words: row.ended_at === null ? 'No data yet: no user has taken part.' : 'No data: no user took part before it ended.',
    };
  const better = comparisons.filter(({ verdict }) => verdict === 'better');
  const size = ({ difference }: Comparison): number => Math.abs(difference.estimate ?? 0);
  const [best] = better.toSorted((a, b) => size(b) - size(a));
  if (best !== undefined) return { kind: 'better', arm_id: best.arm_id, words: best.words };
  const open = comparisons.find(({ verdict }) => verdict === 'cannot_tell');
  const first = open ?? comparisons.find(({ verdict }) => verdict === 'no_difference') ?? comparisons[0];
  if (first === undefined) return { kind: 'no_data', arm_id: null, words: 'An experiment needs an arm besides control.' };
  if (first.difference.reason === 'no_data') return { kind: 'no_data', arm_id: null, words: first.words };
  const others = comparisons.length > 1 ? eachNamed(row, comparisons) : [first.words];
  const arm = row.arms.length === 2 ? first.arm_id : null;
  return { kind: first.verdict, arm_id: first.verdict === 'cannot_tell' ? null : arm, words: [...new Set(others)].join(' ') };
}

/** A sentence an arm; those of whom all is the same are told once. Stopped arms come last. */
function eachNamed({ arms }: Watched['row'], comparisons: readonly Comparison[]): string[] {
  const said = comparisons.map(({ arm_id: id, words }) => ({ arm: arms.find((arm) => arm.id === id), words }));
  const inOrder = said.toSorted((a, b) => Number(a.arm?.stoppedAt != null) - Number(b.arm?.stoppedAt != null));
  if (new Set(inOrder.map(({ words }) => words)).size < 2) return inOrder.slice(0, 1).map(({ words }) => words);
  return inOrder.map(({ arm, words }) => (arm === undefined || words.includes(arm.name) ? words : `${arm.name}: ${lowered(words)}`));
}

function lowered(words: string): string {
  return words.charAt(0).toLowerCase() + words.slice(1);
}
