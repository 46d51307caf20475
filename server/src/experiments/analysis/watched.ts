import type { GuardSpec, MetricSpec, Scope } from '@whetstone/contract';
import { evaluatorsOf, isYesOrNo, knownRange, type MetricFormula, metricRange, metricUnit, printTerm } from '@whetstone/domain';
import type { TermAsked } from '../../logs/index.ts';
import type { Room } from '../context.ts';
import { formulaOf } from '../metrics.ts';
import { epochsOf } from '../store.ts';
import type { EpochRow, ExperimentRow } from '../tables.ts';

/** A metric of an experiment, read. */
export interface WatchedMetric {
  role: 'primary' | 'secondary' | 'guard';
  spec: MetricSpec;
  guard: GuardSpec | null;
  formula: MetricFormula;
  unit: ReturnType<typeof metricUnit>;
  yesNo: boolean;
  /** Bounds known beforehand; null: at least one end is open. */
  range: readonly [number, number] | null;
  higherIsBetter: boolean;
  /** Where among the outcomes of its track the metric stands. */
  track: Track;
  place: number;
  /** Evaluators that it asks for, by path. */
  evaluators: string[];
}

/**
 * Outcomes that close together. Guards of what every call shows at once (errors, latency, cost, tokens) have a window of their own, so
 * that harm is seen within minutes and not after a day; it is as fixed as the other, and the unit's first minutes are the same in
 * every arm.
 */
export interface Track {
  /** Under which its outcomes are kept. */
  key: string;
  windowMs: number;
  metrics: WatchedMetric[];
}
export const earlyMs = 600_000;

export interface Watched {
  row: ExperimentRow;
  epochs: EpochRow[];
  primary: WatchedMetric;
  secondary: WatchedMetric[];
  guards: WatchedMetric[];
  /** Those with metrics. */
  tracks: Track[];
  /** By path, in the order in which `answered` counts them; the id of one that does not exist is null. */
  evaluators: { path: string; id: string | null }[];
}

export async function watch(room: Room, scope: Scope, row: ExperimentRow, known?: EpochRow[]): Promise<Watched> {
  const there = known ?? (await epochsOf(room.db, [row.id]));
  const epochs = there.length === 0 ? [draftEpoch(row)] : there;
  const windowMs = row.window_hours * 3_600_000;
  const main: Track = { key: row.id, windowMs, metrics: [] };
  const early: Track = { key: `${row.id}~early`, windowMs: Math.min(windowMs, earlyMs), metrics: [] };
  const add = (role: WatchedMetric['role'], spec: MetricSpec, guard: GuardSpec | null): WatchedMetric => {
    const read = readSpec(spec);
    const track = role === 'guard' && early.windowMs < windowMs && isEarly(read.formula) ? early : main;
    const metric = { role, spec, guard, ...read, track, place: track.metrics.length };
    track.metrics.push(metric);
    return metric;
  };
  const primary = add('primary', row.metric, null);
  const secondary = row.secondary.map((spec) => add('secondary', spec, null));
  const guards = row.guards.map((guard) => add('guard', guard.metric, guard));
  const paths = [...new Set([primary, ...secondary, ...guards].flatMap(({ evaluators }) => evaluators))];
  const evaluators = await Promise.all(
    paths.map(async (path) => ({ path, id: (await room.files.find(scope, 'evaluator', { path }))?.file.id ?? null })),
  );
  return { row, epochs, primary, secondary, guards, tracks: [early, main].filter(({ metrics }) => metrics.length > 0), evaluators };
}

/** Of a draft: as it would begin. */
function draftEpoch({ id, created_at, traffic, arms }: ExperimentRow): EpochRow {
  return { experiment_id: id, number: 1, started_at: created_at, traffic, slots: arms.map(({ id: armId, weight }) => ({ armId, weight })) };
}

export function readSpec(spec: MetricSpec): Pick<WatchedMetric, 'formula' | 'unit' | 'yesNo' | 'range' | 'higherIsBetter' | 'evaluators'> {
  const formula = formulaOf(spec);
  const [low, high] = metricRange(formula, spec, knownRange);
  return {
    formula,
    unit: metricUnit(formula, spec),
    yesNo: isYesOrNo(formula, spec),
    range: Number.isFinite(low) && Number.isFinite(high) && low < high ? [low, high] : null,
    higherIsBetter: spec.direction === 'up',
    evaluators: evaluatorsOf(formula),
  };
}

function isEarly({ terms }: MetricFormula): boolean {
  return [...terms.values()].every((term) => term.type === 'measure' && term.measure !== 'edited' && term.measure !== 'kept');
}

/** What has to be asked of the logs for some metrics, each once. */
export function askedOf(
  metrics: readonly Pick<WatchedMetric, 'formula' | 'spec'>[],
  evaluators: readonly { path: string; id: string | null }[],
): { asked: TermAsked[]; placeOf: (metric: Pick<WatchedMetric, 'spec'>, key: string) => number } {
  const places = new Map<string, number>();
  const asked: TermAsked[] = [];
  for (const { formula, spec } of metrics) {
    for (const term of formula.terms.values()) {
      const key = `${spec.per_unit} ${printTerm(term)}`;
      if (places.has(key)) continue;
      places.set(key, asked.length);
      const evaluatorId = term.type === 'judgment' ? (evaluators.find(({ path }) => path === term.path)?.id ?? null) : null;
      asked.push({ term, perUnit: spec.per_unit, evaluatorId });
    }
  }
  return { asked, placeOf: ({ spec }, key) => places.get(`${spec.per_unit} ${key}`) ?? -1 };
}
