import { expect } from 'vitest';
import type { ScoreLimits, ScoreSubject } from './limits.ts';
import { toScore } from './matcher.ts';

export type { ScoreLimits, ScoreSubject } from './limits.ts';

interface ScoreMatchers {
  /**
   * Judges by an evaluator of the library. What is expected is the output as text, or `{ output, inputs, messages, target }`. Always
   * `await` it. A boolean judgment must be true; a number needs a limit.
   */
  toScore(evaluator: string, options?: Record<string, unknown>, limits?: ScoreLimits): Promise<void>;
}

declare module 'vitest' {
  // As Vitest declares it: its parameters have to be the same.
  // oxlint-disable-next-line no-unused-vars, no-empty-object-type
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> extends ScoreMatchers {}
}

expect.extend({
  toScore: (received: unknown, evaluator: string, options?: Record<string, unknown>, limits?: ScoreLimits) =>
    toScore(received as string | ScoreSubject, evaluator, options, limits),
});
