import { type Proportion, wilsonInterval } from '@whetstone/statistics';
import type { Answer } from '../../api/client.ts';

/** What a version's calls were like. */
export interface VersionStats {
  calls: number;
  errors: Proportion | null;
  /** Mean of medians, weighted by calls; milliseconds. */
  latencyMs: number | null;
  /** USD for one call that was priced; null when none was. */
  costUsd: number | null;
}

type Group = Answer<'logs.series'>['groups'][number];

export function statsOf(group: Group): VersionStats {
  const add = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const calls = add(group.count);
  const failed = Math.min(calls, add(group.errors));
  const timed = group.count
    .map((count, at) => ({ count, p50: group.latency_p50_ms[at] ?? null }))
    .filter((one) => one.p50 !== null && one.count > 0);
  const weight = add(timed.map((one) => one.count));
  const cost = add(group.cost_usd);
  return {
    calls,
    errors: wilsonInterval(failed, calls),
    latencyMs: weight === 0 ? null : add(timed.map((one) => one.count * (one.p50 ?? 0))) / weight,
    costUsd: cost === 0 || calls === failed ? null : cost / (calls - failed),
  };
}
