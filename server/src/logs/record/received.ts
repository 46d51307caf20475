import type { NewJudgment, NewLog } from '../index.ts';

/**
 * When it came in, in microseconds since 1970, by the clock of the server: windows of experiments go by it, so that a sender's clock
 * cannot move anything into one or out of it. The demo sets the clock back, and what it says came in when it happened.
 */
export function receivedAt({ origin, createdAt }: Pick<NewLog | NewJudgment, 'origin' | 'createdAt'>, nowMs: number): number {
  return (origin === 'demo' && createdAt != null ? Math.min(createdAt.getTime(), nowMs) : nowMs) * 1000;
}
