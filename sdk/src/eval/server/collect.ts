import { keyOf } from '../load/data.ts';
import type { Case } from '../plan.ts';
import type { Attempt, CaseResult, Judged } from '../results.ts';
import type { Connection, Version } from './connect.ts';

/** Logs of a run, as the server has them, as results. */

const pageSize = 100;

type Entry = Awaited<ReturnType<Connection['api']['evaluations']['getLogs']>>['records'][number];

export interface Collected {
  cases: CaseResult[];
  /** v5's logs with their cases, oldest first, for scores that are judged here. */
  logs: { log: Record<string, unknown>; datapoint: Entry['datapoint']; attempt: Attempt }[];
}

/** @param scorers names of scores with the evaluators that judge for them */
export async function collect(
  { api }: Connection,
  evaluationId: string,
  runId: string,
  cases: readonly Case[],
  scorers: readonly { name: string; version: Version; anyVersion: boolean }[],
): Promise<Collected> {
  const entries: Entry[] = [];
  for (let page = 1; ; page += 1) {
    const { records } = await api.evaluations.getLogs({ id: evaluationId, run_id: [runId], page, size: pageSize });
    entries.push(...records);
    if (records.length < pageSize) break;
  }
  const results = cases.map(({ key, datapoint, group }): CaseResult => ({
    key,
    inputs: datapoint.inputs,
    target: datapoint.target,
    group,
    attempts: [],
  }));
  const byKey = new Map(results.map((one) => [one.key, one]));
  const logs: Collected['logs'] = [];
  for (const entry of entries.reverse()) {
    const { datapoint } = entry;
    if (datapoint === null) continue;
    const { inputs, messages, target } = datapoint;
    const attempt = attemptOf(entry, scorers);
    byKey.get(keyOf({ inputs, messages, target }))?.attempts.push(attempt);
    logs.push({ log: entry.log, datapoint, attempt });
  }
  return { cases: results, logs };
}

function attemptOf({ log, evaluator_logs: judgments }: Entry, scorers: Parameters<typeof collect>[4]): Attempt {
  const said = log as unknown as Record<string, unknown>;
  const number = (name: string): number | null => (typeof said[name] === 'number' ? said[name] : null);
  const text = (name: string): string | null => (typeof said[name] === 'string' && said[name] !== '' ? said[name] : null);
  const judged: Record<string, Judged> = {};
  for (const { name, version, anyVersion } of scorers) {
    // Newest first.
    const found = judgments.find(
      ({ evaluator }) => evaluator.version_id === version.versionId || (anyVersion && evaluator.id === version.fileId),
    );
    if (found !== undefined) judged[name] = judgedOf(found);
  }
  return {
    output: typeof said['output'] === 'string' ? said['output'] : null,
    error: text('error'),
    latencyMs: number('latency_ms'),
    costUsd: number('cost_usd'),
    judgments: judged,
    logId: text('id'),
  };
}

function judgedOf(judgment: Record<string, unknown>): Judged {
  const { judgment: value, reason, error } = judgment;
  if (typeof error === 'string' && error !== '') return { outcome: 'failed', error };
  const why = typeof reason === 'string' ? reason : null;
  if (value === null || value === undefined) return { outcome: 'not_judged', reason: why ?? 'The evaluator gave no judgment.' };
  return { outcome: 'judged', value: value as never, reason: why };
}
