import type { CaseGiven } from '../eval/definition.ts';

export interface ScoreLimits {
  /** Of a number: the least that passes. */
  atLeast?: number;
  /** Of a number: the most that passes. */
  atMost?: number;
}

/** What is judged: an output with what led to it and what it should be. */
export interface ScoreSubject {
  output: unknown;
  inputs?: CaseGiven['inputs'];
  messages?: CaseGiven['messages'];
  target?: unknown;
}
