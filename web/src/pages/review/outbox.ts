import type { ReviewAnswers } from '@whetstone/contract';

/** What a reviewer did and the server has not confirmed yet. Kept in this browser until it has, so that no answer is lost. */

export type Sent =
  | { kind: 'answer'; itemId: string; body: ReviewAnswers }
  | { kind: 'skip'; itemId: string }
  | { kind: 'undo'; itemId: string };

/** Of one item only the last matters; taking back what was never sent leaves nothing to send. */
export function queued(waiting: readonly Sent[], next: Sent, sending: boolean): Sent[] {
  const [first, ...rest] = waiting;
  const head = sending && first !== undefined ? [first] : [];
  const others = (sending ? rest : waiting).filter(({ itemId }) => itemId !== next.itemId);
  const unsent = (sending ? rest : waiting).some(({ itemId }) => itemId === next.itemId);
  const begun = head.some(({ itemId }) => itemId === next.itemId);
  return next.kind === 'undo' && unsent && !begun ? [...head, ...others] : [...head, ...others, next];
}

const longestWaitMs = 15_000;

/** How long to wait after so many failures in a row. */
export function waitAfter(failures: number): number {
  return Math.min(longestWaitMs, 500 * 2 ** failures);
}
