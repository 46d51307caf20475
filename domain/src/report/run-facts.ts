import type { ReportRun } from '@whetstone/contract';
import { quantileOver } from './estimate.ts';
import type { ReportRunInput } from './input.ts';
import { perCase } from './measures.ts';

/** What a run is, whatever was said of it. */
export function runFacts(run: ReportRunInput, label: string, baseline: boolean, cases: number, level: number): ReportRun {
  const { logs, members } = run;
  const perCaseLogs = new Uint32Array(cases);
  for (const { at } of logs) perCaseLogs[at]! += 1;
  const covered = perCaseLogs.filter((count) => count > 0).length;
  const missing = perCaseLogs.filter((count, at) => count === 0 && (members === null || members[at] === 1)).length;
  const there = (values: readonly (number | null | undefined)[]) => values.filter((value) => value !== undefined);
  const latency = there(perCase(run, 'latency_ms', cases));
  return {
    run_id: run.run_id,
    label,
    version: run.version,
    dataset: run.dataset,
    control: run.control,
    baseline,
    status: run.status,
    created_at: run.created_at,
    logs: logs.length,
    cases: covered,
    repetitions: perCaseLogs.reduce((most, count) => Math.max(most, count), 0),
    missing_cases: missing,
    errors: logs.filter(({ failed }) => failed).length,
    cost: {
      total_usd: sumOf(logs.map(({ costUsd }) => costUsd)),
      per_case: quantileOver(there(perCase(run, 'cost_usd', cases)), 0.5, level),
      unknown: logs.filter(({ costUsd }) => costUsd === null).length,
      estimated: logs.some(({ costEstimated }) => costEstimated),
    },
    latency: {
      p50_ms: quantileOver(latency, 0.5, level),
      p95_ms: quantileOver(latency, 0.95, level),
      unknown: logs.filter(({ latencyMs }) => latencyMs === null).length,
    },
    tokens: { prompt: sumOf(logs.map(({ promptTokens }) => promptTokens)), output: sumOf(logs.map(({ outputTokens }) => outputTokens)) },
  };
}

/** Of what is known; null when nothing is. */
function sumOf(values: readonly (number | null)[]): number | null {
  let [sum, known] = [0, 0];
  for (const value of values) {
    if (value === null) continue;
    sum += value;
    known += 1;
  }
  return known === 0 ? null : sum;
}

/** What each run is called: no two the same. */
export function labelsOf(runs: readonly ReportRunInput[]): Map<string, string> {
  const plain = runs.map((run) => run.label ?? run.version?.name ?? run.version?.content_hash.slice(0, 7) ?? 'logs');
  const taken = new Map<string, number>();
  for (const label of plain) taken.set(label, (taken.get(label) ?? 0) + 1);
  const used = new Map<string, number>();
  return new Map(
    runs.map((run, i) => {
      const label = plain[i]!;
      const number = (used.get(label) ?? 0) + 1;
      used.set(label, number);
      return [run.run_id, (taken.get(label) ?? 0) > 1 ? `${label} (run ${number})` : label];
    }),
  );
}
