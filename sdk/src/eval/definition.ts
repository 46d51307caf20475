import type { ChatMessage } from '../client/operations.ts';

/** What an `*.eval.ts` file says. Nothing here runs anything: the command `whetstone eval` reads it. */

export type JudgmentValue = boolean | number | string | string[];

/** One case: what goes in, and (where known) what should come out. */
export interface CaseGiven {
  /** Texts by name; other values are written as JSON. */
  inputs?: Record<string, unknown> | null;
  messages?: ChatMessage[] | null;
  /** An object, or a text, which stands for `{ output: TEXT }`. */
  target?: unknown;
  metadata?: Record<string, unknown> | null;
  /** Conversation or source that it shares with other cases, which are not independent of it then. */
  group?: string | null;
  /** Where there is no task: what came out earlier, as text (or JSON), or the log of it in v5's form. */
  output?: unknown;
  log?: Record<string, unknown> | null;
}

export interface TaskContext {
  messages: ChatMessage[] | null;
  target: unknown;
  metadata: Record<string, unknown> | null;
  /** From 0. */
  repetition: number;
  signal: AbortSignal;
}
/** The application, as it is called for one case. What it returns is its output: text, or anything else as JSON. */
export type TaskFunction = (inputs: Record<string, unknown>, context: TaskContext) => unknown;

export interface Scored {
  output: string;
  inputs: Record<string, unknown>;
  messages: ChatMessage[] | null;
  target: unknown;
  /** As code evaluators get them. */
  log: Record<string, unknown>;
  testcase: Record<string, unknown>;
}
type Score = JudgmentValue | { value: JudgmentValue; reason?: string | null } | null | undefined;
/** A judgment, with its reason if you like; nothing: it cannot be judged. */
export type ScoreFunction = (scored: Scored) => Score | Promise<Score>;

export interface ScoreSettings {
  /** Default: as told, else by its kind. */
  name?: string;
  returns?: 'boolean' | 'number' | 'select' | 'multi_select' | 'text';
  /** Least and most of a number. */
  range?: readonly [number, number];
  better?: 'higher' | 'lower';
  /** Labels of a select, in words: `{ good: 'positive', bad: 'negative' }`. */
  options?: Record<string, 'positive' | 'negative' | 'neutral'>;
}

export type ScoreGiven =
  | ScoreFunction
  | ({ kind: 'function'; fn: ScoreFunction } & ScoreSettings)
  | ({ kind: 'library'; library: string; with: Record<string, unknown>; model?: string; embeddingModel?: string } & ScoreSettings)
  | ({ kind: 'code'; file: string } & ScoreSettings)
  | ({ kind: 'judge'; prompt: Record<string, unknown>; votes?: number } & ScoreSettings)
  | ({ kind: 'evaluator'; reference: string } & ScoreSettings);

/** Least and most of what a score may be, over all cases. Broken when its whole interval lies beyond. */
export interface Rule {
  atLeast?: number;
  atMost?: number;
}

export type TaskGiven =
  | TaskFunction
  /** `prompt:PATH`, `prompt:PATH@ENVIRONMENT`, `prompt:PATH@VERSION`, or a file `*.prompt`. */
  | string
  /** A model with messages or a template, and parameters as prompts have them. */
  | ({ model: string } & Record<string, unknown>)
  /** A program that reads `{ inputs, messages, target }` on its standard input and prints its output. */
  | { command: string | readonly string[] };

export interface EvaluationGiven {
  /** Cases, a function that gives them, a file (`.csv`, `.jsonl`, `.json`), or `dataset:PATH@ENVIRONMENT`. */
  data: readonly CaseGiven[] | (() => readonly CaseGiven[] | Promise<readonly CaseGiven[]>) | string;
  /** Absent: the cases have their outputs. */
  task?: TaskGiven;
  scores: readonly ScoreGiven[];
  /** How often each case; 1. */
  repetitions?: number;
  /** The score that decides; the first. */
  primary?: string;
  /** Smallest difference of the deciding score that is worth having. */
  margin?: number;
  /** By name of the score. */
  rules?: Record<string, Rule>;
  /** Where its files lie in the workspace, when it runs against a server; `evaluations/NAME`. */
  path?: string;
  /** Files whose change makes `--changed` run it, beside its own and those that it names. */
  watch?: readonly string[];
}

export interface Registered {
  name: string;
  given: EvaluationGiven;
}

const registry = Symbol.for('whetstone.evaluations');

/** Evaluations that were declared and not yet taken: one list a process, whichever copy of this package was imported. */
function declared(): Registered[] {
  const holder = globalThis as unknown as Record<symbol, Registered[] | undefined>;
  return (holder[registry] ??= []);
}

/** Declares an evaluation, for `whetstone eval` to run. */
export function evaluate(name: string, given: EvaluationGiven): void {
  if (typeof name !== 'string' || name.trim() === '') throw new TypeError('evaluate(name, …) needs a name.');
  declared().push({ name: name.trim(), given });
}

export function takeDeclared(): Registered[] {
  return declared().splice(0);
}

/** An evaluator of the library by name, with its options: `library('contains', { text: 'Paris' })`. */
export function library(
  name: string,
  options: Record<string, unknown> = {},
  settings: ScoreSettings & { model?: string; embeddingModel?: string } = {},
): ScoreGiven {
  return { kind: 'library', library: name, with: options, ...settings };
}

/** A function with what is known of its results. */
export function score(name: string, fn: ScoreFunction, settings: Omit<ScoreSettings, 'name'> = {}): ScoreGiven {
  return { kind: 'function', fn, ...settings, name };
}

/** A file `.py`, `.js` or `.ts` with a function `evaluate(log, testcase)`, run in the sandbox as the server would. */
export function code(file: string, settings: ScoreSettings = {}): ScoreGiven {
  return { kind: 'code', file, ...settings };
}

/** A model that judges: a prompt over `{{log.…}}` and `{{testcase.…}}`. */
export function judge(
  prompt: { model: string; template: string | ChatMessage[] } & Record<string, unknown>,
  settings: ScoreSettings & { votes?: number } = {},
): ScoreGiven {
  return { kind: 'judge', prompt, ...settings };
}

/** An evaluator of the workspace: `PATH`, `PATH@ENVIRONMENT` or `PATH@VERSION`. */
export function evaluator(reference: string, settings: ScoreSettings = {}): ScoreGiven {
  return { kind: 'evaluator', reference, ...settings };
}
