import type { Exporting } from './files.ts';
import { iso } from './records.ts';

/** `whetstone/backfills.json`: what monitors judged of logs from before them. The judgments are with the logs. */
export async function addBackfills({ pack, deps, scope, authors }: Exporting): Promise<void> {
  const backfills = await deps.monitors.carry.backfills(scope);
  const by = await authors.named(backfills.map(({ createdBy }) => createdBy));
  const records = backfills.map((each) => ({
    id: each.id,
    monitor_id: each.monitorId,
    start_date: each.from.toISOString(),
    end_date: each.to.toISOString(),
    filter: each.filter,
    rate: each.rate,
    max_cost_usd: each.maxCostUsd,
    state: each.state,
    reason: each.reason,
    total: each.total,
    looked_at: each.lookedAt,
    judged: each.judged,
    failed: each.failed,
    cost_usd: each.costUsd,
    created_at: each.createdAt.toISOString(),
    created_by: by(each.createdBy),
    ended_at: iso(each.endedAt),
  }));
  await pack.json('whetstone/backfills.json', records);
}
