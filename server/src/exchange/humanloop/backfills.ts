import { type Carrying, refusalOf } from './carrying.ts';
import type { Ours } from './ours.ts';

/** After monitors. */
export async function carryBackfills(carrying: Carrying, { backfills }: Ours): Promise<void> {
  const { authors, monitors, monitorIds, scope, report } = carrying;
  for (const [index, each] of (backfills ?? []).entries()) {
    const where = `whetstone/backfills.json:${index + 1}`;
    try {
      const why = await monitors.carry.takeBackfill(scope, {
        id: each.id,
        monitorId: monitorIds.get(each.monitor_id) ?? each.monitor_id,
        from: each.start_date,
        to: each.end_date,
        filter: each.filter,
        rate: each.rate,
        maxCostUsd: each.max_cost_usd,
        state: each.state,
        reason: each.reason,
        total: each.total,
        lookedAt: each.looked_at,
        judged: each.judged,
        failed: each.failed,
        costUsd: each.cost_usd,
        createdAt: each.created_at,
        createdBy: await authors.idOf(each.created_by),
        endedAt: each.ended_at,
      });
      if (why !== null) report.problem(where, 'back-fill', why);
    } catch (error) {
      report.problem(where, 'back-fill', refusalOf(error));
    }
  }
}
