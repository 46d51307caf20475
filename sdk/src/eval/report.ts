import type { EvaluationReport } from '@whetstone/contract';
import { buildReport, type ReportInput, type ReportLog, type ReportRunInput } from '@whetstone/domain';
import type { Rule } from './definition.ts';
import type { EvaluationResult, RunResult } from './results.ts';

/** The report of an evaluation, by the same computation as the report page of the server. */

export const [thisRun, otherRun] = ['run', 'baseline'] as const;

export interface Chosen {
  primary: string;
  margin: number | null;
  rules: Record<string, Rule>;
}

export function reportOn(result: EvaluationResult, { primary, margin, rules }: Chosen): EvaluationReport {
  const { run, baseline, scorers } = result;
  const groups = run.cases.some(({ group }) => group !== null);
  const input: ReportInput = {
    evaluation: { id: result.name, name: result.name, fileId: null, status: 'completed' },
    cases: run.cases.map(({ key }) => key),
    groups: groups ? { by: 'group', of: run.cases.map(({ group, key }) => (group === null ? `case ${key}` : `group ${group}`)) } : null,
    runs: [...(baseline === null ? [] : [inputOf(otherRun, baseline.label, baseline, result)]), inputOf(thisRun, 'This run', run, result)],
    evaluators: scorers.map(({ name, spec }) => ({ versionId: name, fileId: name, path: name, name, spec })),
    saved: {
      primary,
      margin,
      hardRules: Object.entries(rules).map(([name, { atLeast, atMost }]) => ({
        evaluator_version_id: name,
        at_least: atLeast ?? null,
        at_most: atMost ?? null,
      })),
      at: '1970-01-01T00:00:00.000Z',
      by: null,
    },
  };
  return buildReport(input);
}

function inputOf(id: string, label: string, of: RunResult, { run, scorers }: EvaluationResult): ReportRunInput {
  const places = new Map(run.cases.map(({ key }, index) => [key, index]));
  const logs = of.cases.flatMap(({ key, attempts }): ReportLog[] => {
    const at = places.get(key);
    if (at === undefined) return [];
    return attempts.map(({ error, costUsd, latencyMs, judgments }) => ({
      at,
      failed: error !== null,
      costUsd,
      costEstimated: false,
      latencyMs,
      promptTokens: null,
      outputTokens: null,
      judgments: scorers.map(({ name }) => {
        const judged = judgments[name];
        if (judged === undefined) return null;
        return { value: judged.outcome === 'judged' ? judged.value : null, failed: judged.outcome === 'failed' };
      }),
    }));
  });
  return {
    run_id: id,
    label,
    version: null,
    dataset: null,
    control: id === otherRun,
    status: 'completed',
    created_at: '1970-01-01T00:00:00.000Z',
    logs,
    members: null,
    judgedBeforeSettings: false,
  };
}
