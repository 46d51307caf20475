import type { Scope } from '@whetstone/contract';
import type { CarriedBackfill } from '../carry.ts';
import type { Room } from '../context.ts';
import { findMonitor } from '../store.ts';
import { everyBackfill, findBackfill, insertBackfill } from './store.ts';

const wasUnderWay = 'It was under way when the workspace was exported.';

/** What is under way is exported as ended: an import must not have another server spend money. */
export async function carriedBackfills({ db }: Room, { workspaceId }: Scope): Promise<CarriedBackfill[]> {
  return (await everyBackfill(db, workspaceId)).map((row) => {
    const open = row.state === 'running';
    return {
      id: row.id,
      monitorId: row.monitor_id,
      from: row.from_at,
      to: row.to_at,
      filter: row.filter,
      rate: row.rate,
      maxCostUsd: row.max_cost_usd,
      state: open ? 'cancelled' : row.state,
      reason: open ? wasUnderWay : row.reason,
      total: row.total,
      lookedAt: row.looked_at,
      judged: row.judged,
      failed: row.failed,
      costUsd: row.cost_usd,
      createdAt: row.created_at,
      createdBy: row.created_by,
      endedAt: open ? row.created_at : row.ended_at,
    } as CarriedBackfill;
  });
}

/** What is there stays. @returns why it was left out; null when it is there */
export async function takeBackfill(room: Room, { workspaceId }: Scope, backfill: CarriedBackfill): Promise<string | null> {
  const { db } = room;
  if ((await findMonitor(db, workspaceId, backfill.monitorId)) === undefined) return 'Its monitor is not in this workspace.';
  const there = await findBackfill(db, backfill.id);
  if (there?.workspace_id === workspaceId) return null;
  await insertBackfill(db, {
    id: there === undefined ? backfill.id : room.newId('bf_'),
    workspace_id: workspaceId,
    monitor_id: backfill.monitorId,
    from_at: backfill.from,
    to_at: backfill.to,
    filter: backfill.filter,
    rate: backfill.rate,
    max_cost_usd: backfill.maxCostUsd,
    state: backfill.state,
    reason: backfill.reason,
    total: backfill.total,
    looked_at: backfill.lookedAt,
    judged: backfill.judged,
    failed: backfill.failed,
    cost_usd: backfill.costUsd,
    created_at: backfill.createdAt,
    created_by: backfill.createdBy,
    ended_at: backfill.endedAt,
  });
  return null;
}
