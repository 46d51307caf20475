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
  judged: Judged | null;
}

/** How often the evaluator that says most about a file found a version good; judgments that are neither do not count. */
export interface Judged {
  /** The last part of the evaluator's path. */
  by: string;
  good: Proportion;
}

type Group = Answer<'logs.series'>['groups'][number];

export function statsOf(group: Group): Omit<VersionStats, 'judged'> {
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

type Judgments = Answer<'logs.judgments'>;

/** By version id. One evaluator for all, so that versions are compared by the same measure. */
export function judgedOf(judgments: Judgments | undefined): Map<string, Judged> {
  const tallies = (judgments?.evaluators ?? []).map((evaluator) => tallyOf(evaluator, judgments?.counts ?? []));
  const most = tallies.toSorted((a, b) => b.total - a.total)[0];
  if (most === undefined) return new Map();
  const judged = new Map<string, Judged>();
  for (const [version, { good, trials }] of most.versions) {
    const share = wilsonInterval(good, trials);
    if (share !== null) judged.set(version, { by: most.by, good: share });
  }
  return judged;
}

interface Tally {
  by: string;
  total: number;
  versions: Map<string, { good: number; trials: number }>;
}

function tallyOf(evaluator: Judgments['evaluators'][number], counts: Judgments['counts']): Tally {
  const valences = new Map(evaluator.options.map(({ name, valence }) => [name, valence]));
  const tally: Tally = { by: evaluator.path.split('/').at(-1) ?? evaluator.path, total: 0, versions: new Map() };
  for (const { evaluator_id: id, version_id: version, value, count } of counts) {
    const valence = valences.get(value);
    if (id !== evaluator.id || (valence !== 'positive' && valence !== 'negative')) continue;
    const { good, trials } = tally.versions.get(version) ?? { good: 0, trials: 0 };
    tally.versions.set(version, { good: good + (valence === 'positive' ? count : 0), trials: trials + count });
    tally.total += count;
  }
  return tally;
}
