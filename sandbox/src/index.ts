import type { Json, JsonObject } from '@whetstone/contract';
import type { Limits } from './limits.ts';
import type { Outcome } from './outcome.ts';
import type { SandboxState } from './level.ts';

export { createSandbox, type SandboxDeps } from './create-sandbox.ts';
export { sizes, usualLimits, type Limits } from './limits.ts';
export { knownPackages, standardModules } from './python-modules.ts';
export { judgedByCode } from './judged.ts';
export type { JudgmentValue, Outcome } from './outcome.ts';
export { type Level, levels, type SandboxState } from './level.ts';

/**
 * Runs other people's code on data, with no way out: JavaScript and TypeScript in QuickJS, Python in a process of its own, both
 * in a jail. The same code gives the same outcome on the same row wherever it runs: the clock stands at the log's time, the dice
 * start from the log's id.
 */
export interface Sandbox {
  /** Starts one runner of each language once, to see what this machine can do, and ends them. */
  probe(): Promise<SandboxState>;
  /** What is known: null before the first probe or job. */
  state(): SandboxState | null;
  /** What is wrong with a source, and what it takes, without running it. */
  check(program: Program): Promise<Check>;
  /** Judges one log. Rejects only with the signal's reason. */
  judge(program: Program, item: Item, options?: RunOptions): Promise<Outcome>;
  /** Judges many, each by itself as `judge` would, in one process where that is faster; outcomes are in the order of the items. */
  judgeMany(program: Program, items: readonly Item[], options?: RunOptions): Promise<Outcome[]>;
  /** Calls the function with these arguments, by name in Python and as one object in JavaScript. Its value may be any JSON. */
  call(program: Program & { entry?: string | null }, args: JsonObject, options?: RunOptions): Promise<Outcome<{ json: Json }>>;
  close(): Promise<void>;
}

/** Source in one file; the last function that it defines at the top level is called. */
export interface Program {
  /** Whose it is: nothing that one tenant's code left behind is there when another's runs. */
  tenant: string;
  language: Language;
  source: string;
}
export type Language = 'javascript' | 'typescript' | 'python';

export interface Item {
  log: JsonObject;
  /** Given to functions that take two arguments. */
  testcase?: JsonObject | null;
}

export interface RunOptions {
  limits?: Partial<Limits>;
  /** Answers `ask()` of the code, with a model's or a prompt's output. Its rejection is an error that the code may catch. */
  ask?: (request: Json, signal: AbortSignal) => Promise<Json>;
  signal?: AbortSignal;
}

export type Check =
  | {
      outcome: 'checked';
      /** What keeps it from running; places count from 1. */
      problems: { message: string; line: number; column: number }[];
      /** Name of the function that is called; null: none is defined. */
      entry: string | null;
      parameters: string[];
      /** Imports that are not there when it runs. */
      missing: { module: string; line: number }[];
    }
  | { outcome: 'unavailable'; message: string };
