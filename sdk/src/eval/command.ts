import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { WhetstoneError } from '../client/errors.ts';
import type { Output } from '../cli/report.ts';
import { UsageError } from '../cli/usage.ts';
import { changedFiles, concerns } from './changed.ts';
import { conclude, exitStatus } from './conclude.ts';
import { evalFiles } from './load/discover.ts';
import { loadPlans } from './load/load.ts';
import { openWorkbench, runLocally, type RunSettings } from './local/run.ts';
import { CannotMeasure, type Plan } from './plan.ts';
import type { EvaluationResult } from './results.ts';
import { onServer } from './server/run.ts';
import { savedOnServer } from './server/saved.ts';
import { type EvalSettings, readEvalSettings } from './settings.ts';
import { baselineIn, jsonText } from './show/json.ts';
import { type Broken, type Concluded, junitText } from './show/junit.ts';
import { markdownText } from './show/markdown.ts';
import { inkOf, tableText } from './show/table.ts';

type Environment = Record<string, string | undefined>;

/** `whetstone eval`. @returns the exit status */
export async function runEval(args: readonly string[], environment: Environment, output: Output): Promise<number> {
  const settings = readEvalSettings(args, environment);
  const stop = new AbortController();
  const interrupt = (): void => {
    if (stop.signal.aborted) process.exit(130);
    output.err('Stopping. Once more ends it at once.');
    stop.abort(new Error('It was interrupted.'));
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  const bench = openWorkbench(environment, (message) => output.err(`! ${message}`));
  try {
    const session = { settings, environment, output, signal: stop.signal, bench };
    const { concluded, broken } = await runAll(session);
    // A regression that is shown counts, whatever else could not be measured.
    const found = exitStatus(concluded.map(({ conclusion }) => conclusion));
    const status = stop.signal.aborted ? 130 : found === 0 && broken.length > 0 ? 2 : found;
    writeFiles(settings, concluded, broken, status);
    sumUp(concluded, broken, stop.signal.aborted, output);
    return status;
  } catch (error) {
    if (!(error instanceof CannotMeasure || error instanceof WhetstoneError)) throw error;
    output.err(error.message);
    writeFiles(settings, [], [{ name: 'whetstone eval', file: null, message: error.message }], 2);
    return 2;
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
    await bench.close();
  }
}

interface Session {
  settings: EvalSettings;
  environment: Environment;
  output: Output;
  signal: AbortSignal;
  bench: ReturnType<typeof openWorkbench>;
}
type Told = { concluded: Concluded[]; broken: Broken[] };

async function runAll(session: Session): Promise<Told> {
  const { settings, output, signal } = session;
  const { files, names } = evalFiles(process.cwd(), settings.named);
  if (names.length > 0 && settings.local)
    throw new CannotMeasure(`“${names[0]}” is no file here, and evaluations that are saved need a server: run without --local.`);
  if (files.length === 0 && names.length === 0)
    throw new CannotMeasure(
      'There is no file *.eval.ts, *.eval.js, *.eval.mjs or *.eval.yaml here. Name one, or an evaluation saved on the server.',
    );
  const told: Told = { concluded: [], broken: [] };
  const plans = await loadAll(files, told, output);
  for (const plan of chosen(plans, settings, output)) {
    if (signal.aborted) break;
    await one(told, output, plan.name, plan.file, async () => {
      const result = await measured(session, plan);
      return { result, judging: { primary: plan.primary, margin: plan.margin, rules: plan.rules, strict: settings.strict } };
    });
  }
  for (const name of names) {
    if (signal.aborted) break;
    await one(told, output, name, null, () => savedOnServer(name, serverSession(session), settings, runSettings(session, name, 1)));
  }
  return told;
}

async function loadAll(files: readonly string[], told: Told, output: Output): Promise<Plan[]> {
  const plans: Plan[] = [];
  for (const file of files) {
    try {
      plans.push(...(await loadPlans(file)));
    } catch (error) {
      if (!(error instanceof CannotMeasure)) throw error;
      told.broken.push({ name: file, file, message: error.message });
      output.err(error.message);
    }
  }
  return plans;
}

function chosen(plans: readonly Plan[], { filter, changed, baseline }: EvalSettings, output: Output): Plan[] {
  const named = filter === null ? [...plans] : plans.filter(({ name }) => name.toLowerCase().includes(filter.toLowerCase()));
  if (named.length === 0 && plans.length > 0) output.out(`No evaluation has “${filter}” in its name.`);
  if (!changed) return named;
  const files = changedFiles(process.cwd(), baseline?.kind === 'git' ? baseline.name : 'HEAD');
  const concerned = named.filter((plan) => concerns(plan, files));
  const rest = named.length - concerned.length;
  if (rest > 0) output.out(`${rest} of ${named.length} evaluations are left out: nothing that they name changed.`);
  return concerned;
}

type Measured = { result: EvaluationResult; judging: Parameters<typeof conclude>[1] };

async function one(told: Told, output: Output, name: string, file: string | null, run: () => Promise<Measured>): Promise<void> {
  try {
    const { result, judging } = await run();
    const conclusion = conclude(result, judging);
    told.concluded.push({ result, conclusion });
    output.out(`${tableText(result, conclusion, inkOf(output.colour))}\n`);
  } catch (error) {
    if (!(error instanceof CannotMeasure || error instanceof WhetstoneError)) throw error;
    told.broken.push({ name, file, message: error.message });
    output.err(`${name}: could not be measured: ${error.message}`);
  }
}

async function measured(session: Session, plan: Plan): Promise<EvaluationResult> {
  const { settings, bench } = session;
  const run = runSettings(session, plan.name, plan.repetitions);
  if (!settings.local) return withFile(await onServer(plan, run, serverSession(session), settings), settings, plan.name);
  if (settings.baseline !== null && settings.baseline.kind !== 'file')
    throw new CannotMeasure(
      `--baseline ${settings.baseline.kind}:${settings.baseline.name} is on a server; with --local it is file:RESULTS.json, which --json wrote.`,
    );
  return withFile(await runLocally(plan, run, bench), settings, plan.name);
}

function runSettings({ settings, environment, output, signal }: Session, name: string, repetitions: number): RunSettings {
  return {
    repetitions: settings.repeat ?? repetitions,
    concurrency: settings.concurrency,
    maxCostUsd: settings.maxCostUsd,
    signal,
    environment,
    progress: progressOf(name, output),
  };
}

function withFile(result: EvaluationResult, { baseline }: EvalSettings, name: string): EvaluationResult {
  if (baseline?.kind !== 'file') return result;
  const file = resolve(baseline.name);
  if (!existsSync(file)) throw new CannotMeasure(`There is no baseline ${baseline.name}.`);
  const before = baselineIn(readFileSync(file, 'utf8'), baseline.name, name);
  return { ...result, baseline: { ...before.run, label: baseline.name } };
}

function serverSession({ settings, output, signal, environment }: Session) {
  if (settings.apiKey === null || settings.apiKey === '')
    throw new CannotMeasure('It runs against a server: put an API key into WHETSTONE_API_KEY (Settings, API keys), or run with --local.');
  return { url: settings.url, apiKey: settings.apiKey, signal, environment, progress: (name: string) => progressOf(name, output) };
}

/** A line a tenth where nobody watches, one line that is written over where somebody does. */
function progressOf(name: string, output: Output): (done: number, all: number) => void {
  let told = 0;
  const watched = process.stderr.isTTY && output.colour;
  return (done, all) => {
    if (watched) {
      process.stderr.write(`\r\u001B[K${done < all ? `  ${name}: ${done} of ${all} outputs` : ''}`);
      return;
    }
    const tenth = Math.floor((done / all) * 10);
    if (all < 100 || tenth <= told || tenth === 10) return;
    told = tenth;
    output.err(`  ${name}: ${done} of ${all} outputs`);
  };
}

function writeFiles(settings: EvalSettings, concluded: readonly Concluded[], broken: readonly Broken[], exit: number): void {
  const files: [string | null, () => string][] = [
    [settings.junit, () => junitText(concluded, broken)],
    [settings.markdown, () => markdownText(concluded, broken)],
    [settings.json, () => jsonText(concluded, broken, exit)],
  ];
  for (const [file, text] of files) {
    if (file === null) continue;
    try {
      writeFileSync(file, text());
    } catch (error) {
      throw new UsageError(`${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

function sumUp(concluded: readonly Concluded[], broken: readonly Broken[], interrupted: boolean, output: Output): void {
  const count = (status: string): number => concluded.filter(({ conclusion }) => conclusion.status === status).length;
  const parts: [number, string][] = [
    [count('passed'), 'passed'],
    [count('warned'), 'passed with warnings'],
    [count('failed'), 'failed'],
    [count('not_measured') + broken.length, 'could not be measured'],
  ];
  const said = parts.filter(([number]) => number > 0).map(([number, word]) => `${number} ${word}`);
  if (interrupted) output.out(`Interrupted. ${said.length === 0 ? 'Nothing was finished.' : `Until then: ${said.join(', ')}.`}`);
  else output.out(said.length === 0 ? 'Nothing to evaluate.' : `${said.join(', ')}.`);
}
