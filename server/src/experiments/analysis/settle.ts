import type { Scope } from '@whetstone/contract';
import { assignUnit, valueOfUnit } from '@whetstone/domain';
import type { DueUnit, Outcome, UnitTerms } from '../../logs/index.ts';
import { unitKeyOf } from '../../logs/index.ts';
import type { Room } from '../context.ts';
import type { EpochRow } from '../tables.ts';
import { askedOf, type Track, type Watched } from './watched.ts';

const mostAtOnce = 10_000;
/** After so many units the experiment is looked at before more are settled: a guard need not wait for a backlog. */
const mostARound = 50_000;

/**
 * Freezes the outcomes of units whose window closed before a moment, in the order in which they closed. Nothing is remembered between
 * batches: what has an outcome is not due, and of two outcomes of a unit the first stands, so that a crash or a second worker
 * changes nothing.
 */
export async function settleTrack(
  room: Room,
  scope: Scope,
  watched: Watched,
  track: Track,
  { before, goOn, atOnce = mostAtOnce }: { before: Date; goOn: () => Promise<boolean>; atOnce?: number },
): Promise<number> {
  const { row, evaluators } = watched;
  const { asked, placeOf } = askedOf(track.metrics, evaluators);
  const source = { experimentId: row.id, fileId: row.file_id, environmentId: row.environment_id, windowMs: track.windowMs };
  let settled = 0;
  for (;;) {
    if (!(await goOn())) return settled;
    const due = await room.logs.experimented.due(scope, { experimentId: row.id, ...track }, before, atOnce);
    if (due.length === 0) return settled;
    const terms = await room.logs.experimented.terms(scope, source, due, asked);
    const outcomes = due.map((unit): Outcome => {
      const found = terms.get(unit.unit) ?? { logs: 0, values: [], before: [], evaluatorIds: [] };
      const valueOf = (values: UnitTerms['values']): (number | null)[] =>
        track.metrics.map((metric) => valueOfUnit(metric.formula, metric.spec, (key) => values[placeOf(metric, key)] ?? null));
      return {
        unitKey: unitKeyOf(row.id, unit.unit),
        armId: unit.armId,
        epoch: epochAt(watched.epochs, unit.firstAt / 1000)?.number ?? 0,
        firstAt: unit.firstAt,
        maturedAt: unit.firstAt + track.windowMs * 1000,
        leftOut: whyLeftOut(watched, unit, track.windowMs),
        logs: found.logs,
        outcomes: valueOf(found.values),
        before: hasPast(found) ? valueOf(found.before) : track.metrics.map(() => null),
        answered: evaluators.flatMap(({ id }, index) => (id !== null && found.evaluatorIds.includes(id) ? [index] : [])),
      };
    });
    await room.logs.experimented.settle(scope, track.key, outcomes, room.clock());
    settled += due.length;
    if (due.length < atOnce || settled >= mostARound) return settled;
  }
}

/** A unit of which nothing is known is new; that it never voted is no zero. */
function hasPast({ before }: UnitTerms): boolean {
  return before.some((value) => value !== null);
}

export function epochAt(epochs: readonly EpochRow[], atMs: number): EpochRow | undefined {
  return epochs.findLast(({ started_at }) => started_at.getTime() <= atMs) ?? epochs[0];
}

/**
 * By the hash, not by what the unit was seen to do: who comes back after a change of shares depends on the arm, who is moved by it does
 * not.
 */
function whyLeftOut({ row, epochs }: Watched, { unit, firstAt, armId, arms }: DueUnit, windowMs: number): Outcome['leftOut'] {
  const first = firstAt / 1000;
  const closes = first + windowMs;
  const arm = row.arms.find(({ id }) => id === armId);
  if (arm === undefined) return 'moved';
  if (arm.stoppedAt !== null && Date.parse(arm.stoppedAt) < closes) return 'stopped';
  const opening = epochAt(epochs, first);
  const held = epochs.filter((epoch) => epoch === opening || (epoch.started_at.getTime() > first && epoch.started_at.getTime() < closes));
  const stays = held.every(({ traffic, slots }) => assignUnit({ salt: row.salt, traffic, slots }, unit)?.armId === armId);
  if (!stays || arms.some((seen) => seen !== armId)) return 'moved';
  return row.forced.some((forced) => forced.unit === unit) ? 'moved' : '';
}
