import type { Datapoint, EvaluatorSpec, PromptKernel } from '@whetstone/contract';
import type { CaseGiven, Rule, ScoreFunction, TaskFunction } from './definition.ts';

/** An evaluation as it was read: checked, with its files beside it. */
export interface Plan {
  name: string;
  /** The file that says it, absolute. */
  file: string;
  /** Read when it runs, for cases may come from a function. */
  cases(): Promise<Case[]>;
  /** Where the cases are a dataset of the workspace. */
  dataset: Reference | null;
  task: Task;
  scorers: Scorer[];
  repetitions: number;
  primary: string;
  margin: number | null;
  rules: Record<string, Rule>;
  /** Directory of the workspace for its files. */
  path: string;
  /** Files that say what it is, absolute. */
  sources: string[];
  /** Files whose change concerns it, absolute; a folder with all in it ends with `/**`. */
  watched: string[];
}

/** A file of the workspace: `@` an environment, or a version by id; null: what is deployed to the default environment. */
export interface Reference {
  path: string;
  at: string | null;
}

export interface Case {
  /** By its content, so that it is found again in a baseline. */
  key: string;
  given: CaseGiven;
  datapoint: {
    inputs: Record<string, string> | null;
    messages: NonNullable<Datapoint['messages']> | null;
    target: Datapoint['target'] | null;
  };
  group: string | null;
}

export type Task =
  | { kind: 'function'; run: TaskFunction }
  | { kind: 'command'; command: string | readonly string[]; directory: string }
  | ({ kind: 'prompt' } & Reference)
  /** `path`: of the workspace, for a `.prompt` file of the pulled directory; null: the evaluation's own. */
  | { kind: 'kernel'; kernel: PromptKernel; path: string | null; price: Price | null }
  | { kind: 'recorded' };

/** US dollars a million tokens. */
export interface Price {
  input: number;
  output: number;
}

export interface Scorer {
  name: string;
  /** Null while nobody said what a function returns: its first values do. */
  spec: EvaluatorSpec | null;
  how: { kind: 'spec' } | { kind: 'function'; fn: ScoreFunction } | ({ kind: 'evaluator' } & Reference);
}

/** It cannot be measured: exit status 2, and the message without a stack. */
export class CannotMeasure extends Error {
  override readonly name = 'CannotMeasure';
}
