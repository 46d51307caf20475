import { AppError, notFound, type Scope } from '@whetstone/contract';
import type { Sampled } from '../../logs/index.ts';
import { clean, monitorRowOf, type Room } from '../context.ts';
import type { Backfill, BackfillInput, Monitors } from '../index.ts';
import type { BackfillRow, MonitorRow } from '../tables.ts';
import { evaluatorOf, logsOf } from '../watch/evaluator.ts';
import { backfillsOf, changeBackfill, findBackfill, insertBackfill, runningBackfills } from './store.ts';

const mostAtOnce = 5;

/** The logs of a back-fill: those of the monitor, of a range, by its own filter and share if it has any. */
export async function pastOf(
  room: Room,
  scope: Scope,
  monitor: MonitorRow,
  { from_at, to_at, filter, rate }: Pick<BackfillRow, 'from_at' | 'to_at' | 'filter' | 'rate'>,
): Promise<Sampled> {
  const sampled = await logsOf(room, scope, { ...monitor, filter: filter ?? monitor.filter, rate });
  return { ...sampled, filter: { ...sampled.filter, from: from_at, to: to_at } };
}

function rangeOf(room: Room, monitor: MonitorRow, input: BackfillInput) {
  const to = input.to ?? room.clock();
  if (input.from >= to) throw new AppError('invalid_input', 'The back-fill ends before it begins. Give an earlier `start_date`.');
  return { from_at: input.from, to_at: to, filter: input.filter ?? null, rate: input.rate ?? monitor.rate };
}

export const backfills = (room: Room): Monitors['backfills'] => ({
  async estimate(scope, monitorId, input) {
    const monitor = await monitorRowOf(room, scope, monitorId);
    const sampled = await pastOf(room, scope, monitor, rangeOf(room, monitor, input));
    const [logs, each] = await Promise.all([
      room.logs.monitored.countPast(scope, sampled),
      room.logs.monitored.meanCost(scope, monitor.id),
    ]);
    return { logs, costPerLogUsd: each, costUsd: each === null ? null : each * logs };
  },
  async create(scope, monitorId, input) {
    const monitor = await monitorRowOf(room, scope, monitorId);
    const { why } = await evaluatorOf(room, scope, monitor);
    if (why !== null) throw new AppError('invalid_input', why);
    const running = (await runningBackfills(room.db, scope.workspaceId)).length;
    if (running >= mostAtOnce)
      throw new AppError(
        'conflict',
        `${running} back-fills are under way in this workspace, and no more run at once. Wait, or cancel one.`,
      );
    const range = rangeOf(room, monitor, input);
    const total = await room.logs.monitored.countPast(scope, await pastOf(room, scope, monitor, range));
    const row = {
      id: room.newId('bf_'),
      workspace_id: scope.workspaceId,
      monitor_id: monitor.id,
      ...range,
      max_cost_usd: input.maxCostUsd ?? null,
      state: 'running' as const,
      reason: null,
      total,
      created_at: room.clock(),
      created_by: scope.actor.id,
      ended_at: null,
    };
    await insertBackfill(room.db, row);
    await room.changed(scope.workspaceId);
    return present({ ...row, looked_at: 0, judged: 0, failed: 0, cost_usd: 0, cursor_at: 0, cursor_id: '' }, room.clock());
  },
  async list(scope, monitorId) {
    const monitor = await monitorRowOf(room, scope, monitorId);
    return (await backfillsOf(room.db, monitor.id)).map((row) => present(row, room.clock()));
  },
  async cancel(scope, monitorId, id) {
    const monitor = await monitorRowOf(room, scope, monitorId);
    const row = await findBackfill(room.db, clean(id));
    if (row === undefined || row.monitor_id !== monitor.id) throw notFound('Back-fill', id);
    await changeBackfill(room.db, row.id, { state: 'cancelled', ended_at: room.clock() });
    return present((await findBackfill(room.db, row.id)) ?? row, room.clock());
  },
});

function present(row: BackfillRow, now: Date): Backfill {
  const done = row.looked_at;
  const seconds = (now.getTime() - row.created_at.getTime()) / 1000;
  const left = row.state === 'running' && done > 0 ? (seconds / done) * Math.max(0, row.total - done) : null;
  return {
    id: row.id,
    monitorId: row.monitor_id,
    from: row.from_at,
    to: row.to_at,
    filter: row.filter,
    rate: row.rate,
    maxCostUsd: row.max_cost_usd,
    state: row.state,
    reason: row.reason,
    total: row.total,
    lookedAt: done,
    judged: row.judged,
    failed: row.failed,
    costUsd: row.cost_usd,
    secondsLeft: left,
    createdAt: row.created_at,
    endedAt: row.ended_at,
  };
}
