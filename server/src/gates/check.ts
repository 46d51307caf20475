import { type EvaluationReport, type GateCheck, type GateReason, type Scope } from '@whetstone/contract';
import type { Run } from '../evaluations/index.ts';
import type { Snapshot } from '../files/index.ts';
import type { Room } from './create-gates.ts';
import type { EvaluationName, GateRow } from './store.ts';

export interface Deploying {
  version: Snapshot;
  environment: string;
  /** What is deployed there now. */
  current: Snapshot | null;
}

interface Found {
  reason: GateReason;
  sentence: string;
  run?: Run | undefined;
  baseline?: Run | undefined;
}

const lets = new Set<GateReason>(['kept', 'cannot_tell', 'nothing_deployed']);
const dayMs = 86_400_000;

/** @param evaluation null: the file has none of that name */
export async function checkGate(
  room: Room,
  scope: Scope,
  gate: GateRow,
  evaluation: EvaluationName | null,
  deploying: Deploying,
): Promise<GateCheck> {
  const name = evaluation?.name ?? gate.evaluation;
  const found: Found =
    evaluation === null
      ? {
          reason: 'evaluation_gone',
          sentence: `The gate demands the evaluation “${name}”, and ${deploying.version.file.path} has none so called: make it and run it.`,
        }
      : await judged(room, scope, gate, { ...evaluation, name }, deploying);
  return {
    gate_id: gate.id,
    evaluation_id: evaluation?.id ?? null,
    evaluation_name: name,
    outcome: lets.has(found.reason) ? 'passed' : 'refused',
    reason: found.reason,
    sentence: found.sentence,
    run_id: found.run?.id ?? null,
    baseline_run_id: found.baseline?.id ?? null,
    url: evaluation === null ? null : await room.pageOf(scope, evaluation.id),
  };
}

type Named = Omit<EvaluationName, 'name'> & { name: string };

async function judged(room: Room, scope: Scope, gate: GateRow, { id, name }: Named, deploying: Deploying): Promise<Found> {
  const { version, current, environment } = deploying;
  const runs = await room.evaluations.runs(scope, id);
  const of = (snapshot: Snapshot): Run[] => runs.filter((run) => run.version?.version.id === snapshot.version.id);
  const whole = of(version).filter(({ status }) => status === 'completed');
  const [run] = whole;
  if (run === undefined) {
    const open = of(version).find(({ status }) => status === 'running' || status === 'pending');
    if (open !== undefined)
      return { reason: 'unfinished', sentence: `“${name}” is being run with this version: wait until it is finished.`, run: open };
    return { reason: 'not_run', sentence: `“${name}” was not run with this version: run it first.` };
  }
  const age = (room.clock().getTime() - run.createdAt.getTime()) / dayMs;
  if (gate.max_age_days !== null && age > gate.max_age_days)
    return {
      reason: 'too_old',
      sentence: `“${name}” was run with this version ${Math.floor(age)} days ago, and ${gate.max_age_days} are allowed: run it again.`,
      run,
    };
  const baseline = baselineOf(current === null ? [] : of(current), run);
  if (gate.no_regression && current !== null && baseline === undefined)
    return {
      reason: 'no_baseline',
      sentence: `“${name}” was not run with what is deployed to ${environment} over the same cases, so that it cannot be said whether this version is worse: run it with that version too.`,
      run,
    };
  const report = await room.reports.report(scope, id, { baseline: (baseline ?? run).id, runIds: [run.id] });
  return {
    ...readReport(report, gate, { name, environment, runId: run.id, compared: gate.no_regression && baseline !== undefined }),
    run,
    baseline,
  };
}

/** The newest run over the same cases that is whole. */
function baselineOf(runs: readonly Run[], { dataset }: Run): Run | undefined {
  return runs.find((other) => other.status === 'completed' && other.dataset?.version.id === dataset?.version.id);
}

function readReport(
  report: EvaluationReport,
  gate: GateRow,
  { name, environment, runId, compared }: { name: string; environment: string; runId: string; compared: boolean },
): Found {
  if (gate.hard_rules) {
    const broken = rulesOf(report, runId).find(({ outcome }) => outcome === 'broken');
    if (broken !== undefined)
      return { reason: 'rule_broken', sentence: `“${name}” has a rule that this version breaks. ${broken.sentence}` };
  }
  const primary = report.evaluators.find((evaluator) => evaluator.primary) ?? report.evaluators[0];
  const here = primary?.scores.find(({ run_id: id }) => id === runId);
  if (primary === undefined || here === undefined || here.judged === 0)
    return {
      reason: 'not_measured',
      sentence: `“${name}” was run with this version, but nothing was judged: look at its errors and run it again.`,
    };
  if (!compared)
    return {
      reason: gate.no_regression ? 'nothing_deployed' : 'kept',
      sentence: `“${name}” keeps its rules${gate.no_regression ? `; nothing is deployed to ${environment} to compare with` : ''}.`,
    };
  const comparison = primary.comparisons.find(({ run_id: id }) => id === runId);
  const sentence = `“${name}”, ${primary.name}: ${comparison?.sentence ?? ''}`;
  if (comparison === undefined || comparison.verdict === 'cannot_tell') return { reason: 'cannot_tell', sentence };
  if (comparison.verdict === 'worse')
    return {
      reason: 'regression',
      sentence: `${sentence} This is against what is deployed to ${environment}: mend the version, or look at the cases that became worse.`,
    };
  return { reason: 'kept', sentence };
}

function rulesOf(report: EvaluationReport, runId: string) {
  return report.evaluators.flatMap(({ hard_rules: rules }) => rules.flatMap(({ runs }) => runs.filter(({ run_id: id }) => id === runId)));
}
