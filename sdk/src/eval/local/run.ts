import { judgedDatapoint, judgedLog } from '@whetstone/domain';
import { createSandbox, type Sandbox } from '@whetstone/sandbox';
import { type Case, CannotMeasure, type Plan, type Scorer } from '../plan.ts';
import type { Attempt, CaseResult, EvaluationResult, Judged, ScorerResult } from '../results.ts';
import { atOnce } from './at-once.ts';
import { judgeByFunction, judgeBySpec, type Means, specOfValues, type Subject } from './judge.ts';
import { perform, type Performed } from './perform.ts';
import { type Provider, providerOf } from './provider.ts';

export interface RunSettings {
  repetitions: number;
  concurrency: number;
  maxCostUsd: number | null;
  signal: AbortSignal;
  environment: Record<string, string | undefined>;
  /** How many of how many logs are there. */
  progress: (done: number, all: number) => void;
}

export interface Workbench {
  sandbox: () => Sandbox;
  close: () => Promise<void>;
}

/** The sandbox, started with the first code that needs it. */
export function openWorkbench(environment: Record<string, string | undefined>, warn: (message: string) => void): Workbench {
  let sandbox: Sandbox | null = null;
  const log = {
    info: () => undefined,
    warn: (fields: object, message: string) => warn(`${message}${'why' in fields ? `: ${String(fields.why)}` : ''}`),
  };
  return {
    sandbox: () => (sandbox ??= createSandbox({ python: environment['WHETSTONE_PYTHON'] ?? null, log, idleMs: 5_000 })),
    close: async () => sandbox?.close(),
  };
}

interface Item {
  index: number;
  repetition: number;
}

/** Runs an evaluation on this machine, without a server. @throws CannotMeasure */
export async function runLocally(plan: Plan, settings: RunSettings, bench: Workbench): Promise<EvaluationResult> {
  const since = performance.now();
  if (plan.dataset !== null)
    throw new CannotMeasure(
      `Its data is the dataset \`${plan.dataset.path}\` of the workspace, which needs a server: run without --local.`,
    );
  const cases = await plan.cases();
  if (cases.length === 0) throw new CannotMeasure('It has no cases.');
  const notes: string[] = [];
  let known: Provider | null = null;
  const provider = (): Provider => (known ??= providerOf(settings.environment));
  if (plan.task.kind === 'kernel') provider();
  const budget = new Budget(settings.maxCostUsd);
  const { performed, stopped } = await performAll(plan, cases, settings, { provider, budget });
  const means: Means = {
    sandbox: bench.sandbox,
    provider,
    concurrency: settings.concurrency,
    signal: settings.signal,
    spent: (costUsd) => budget.spend(costUsd),
  };
  const results = resultsOf(cases, performed);
  const scorers: ScorerResult[] = [];
  const interrupted = settings.signal.aborted;
  for (const scorer of plan.scorers) scorers.push(await judgeAll(scorer, cases, performed, results, interrupted ? null : means));
  if (budget.unknown > 0 && plan.task.kind === 'kernel') notes.push('What the calls cost is unknown: give `task.price` to know it.');
  return {
    name: plan.name,
    file: plan.file,
    url: null,
    repetitions: settings.repetitions,
    scorers,
    run: { label: 'here', versionId: null, runId: null, cases: results },
    baseline: null,
    stopped,
    notes,
    seconds: (performance.now() - since) / 1000,
  };
}

class Budget {
  spentUsd = 0;
  unknown = 0;
  readonly #maxUsd: number | null;
  constructor(maxUsd: number | null) {
    this.#maxUsd = maxUsd;
  }
  spend(costUsd: number | null): void {
    if (costUsd === null) this.unknown += 1;
    else this.spentUsd += costUsd;
    if (this.#maxUsd !== null && this.unknown > 0)
      throw new CannotMeasure('--max-cost cannot be kept: what a call costs is unknown here. Give `task.price`, or run against a server.');
  }
  get over(): boolean {
    return this.#maxUsd !== null && this.spentUsd >= this.#maxUsd;
  }
}

async function performAll(
  plan: Plan,
  cases: readonly Case[],
  { repetitions, concurrency, signal, progress, maxCostUsd }: RunSettings,
  { provider, budget }: { provider: () => Provider; budget: Budget },
): Promise<{ performed: Map<string, Performed>; stopped: string | null }> {
  const items: Item[] = Array.from({ length: repetitions }, (_, repetition) => cases.map((_case, index) => ({ index, repetition }))).flat();
  const performed = new Map<string, Performed>();
  const doing = { name: plan.name, task: plan.task, provider, signal };
  const stop = (): boolean => signal.aborted || budget.over;
  const work = async ({ index, repetition }: Item): Promise<void> => {
    let made: Performed;
    try {
      made = await perform(doing, cases[index] as Case, repetition);
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    performed.set(`${index} ${repetition}`, made);
    progress(performed.size, items.length);
    if (plan.task.kind === 'kernel' && (made.costUsd !== null || made.costUnknown)) budget.spend(made.costUsd);
  };
  await atOnce(items, concurrency, work, stop);
  if (performed.size === items.length) return { performed, stopped: null };
  const told = `${performed.size} of ${items.length} outputs were made`;
  if (signal.aborted) return { performed, stopped: `It was interrupted: ${told}.` };
  return { performed, stopped: `It stopped at --max-cost ${maxCostUsd}: ${told}, for $${budget.spentUsd.toFixed(4)}.` };
}

function resultsOf(cases: readonly Case[], performed: ReadonlyMap<string, Performed>): CaseResult[] {
  const results: CaseResult[] = cases.map(({ key, datapoint, group }) => ({
    key,
    inputs: datapoint.inputs,
    target: datapoint.target,
    group,
    attempts: [],
  }));
  for (const [place, { log, costUsd }] of inOrder(performed)) {
    const attempt: Attempt = {
      output: (log['output'] ?? null) as string | null,
      error: (log['error'] ?? null) as string | null,
      latencyMs: (log['latency_ms'] ?? null) as number | null,
      costUsd,
      judgments: {},
      logId: null,
    };
    results[place.index]?.attempts.push(attempt);
  }
  return results;
}

function inOrder(performed: ReadonlyMap<string, Performed>): [Item, Performed][] {
  return [...performed]
    .map(([key, made]): [Item, Performed] => {
      const [index = 0, repetition = 0] = key.split(' ').map(Number);
      return [{ index, repetition }, made];
    })
    .sort(([a], [b]) => a.repetition - b.repetition || a.index - b.index);
}

async function judgeAll(
  scorer: Scorer,
  cases: readonly Case[],
  performed: ReadonlyMap<string, Performed>,
  results: readonly CaseResult[],
  means: Means | null,
): Promise<ScorerResult> {
  const all = inOrder(performed);
  // What failed has nothing to judge, on either side alike.
  const judgeable = all.filter(([, { log }]) => log['error'] == null);
  const subjects = judgeable.map(([{ index }, { log }]): Subject => ({
    log: judgedLog(log),
    testcase: judgedDatapoint({ id: cases[index]?.key, ...cases[index]?.datapoint }),
  }));
  const judged = means === null ? [] : await judgeSubjects(scorer, subjects, means);
  const attempts = new Map(all.map(([{ index, repetition }]) => [`${index} ${repetition}`, results[index]?.attempts] as const));
  for (const [place, [{ index, repetition }]] of judgeable.entries()) {
    const one = judged[place];
    const attempt = attempts.get(`${index} ${repetition}`)?.[repetition] ?? attempts.get(`${index} ${repetition}`)?.at(-1);
    if (one !== undefined && attempt !== undefined) attempt.judgments[scorer.name] = one;
  }
  return { name: scorer.name, spec: scorer.spec ?? specOfValues(judged) };
}

function judgeSubjects(scorer: Scorer, subjects: readonly Subject[], means: Means): Promise<Judged[]> {
  const { how, spec } = scorer;
  if (how.kind === 'function') return judgeByFunction(how.fn, spec, subjects, means);
  if (how.kind === 'evaluator' || spec === null)
    throw new CannotMeasure(`The score \`${scorer.name}\` is an evaluator of the workspace, which needs a server: run without --local.`);
  return judgeBySpec(spec, subjects, means);
}
