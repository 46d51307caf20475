import type { Attempt } from './call.ts';
import type { Limits, Target } from '../room.ts';

/** What the log keeps of an attempt that was followed by another. */
export interface FailedAttempt {
  provider: string;
  model: string;
  status: number | null;
  error: string;
}

export interface FailOverOptions {
  targets: readonly [Target, ...Target[]];
  limits: Limits;
  budget: RetryBudget;
  random: () => number;
  now: () => number;
  signal: AbortSignal;
  run(target: Target): Promise<Attempt>;
  onRetry(): void;
}

const worthRepeating = new Set([408, 429, 500, 502, 503, 529]);

/**
 * Step 5: tries again, at the next target where there is one, with growing pauses, what may go better the next time:
 * never once the caller has got a piece of an answer, never longer than the limits say.
 */
export async function failOver(options: FailOverOptions): Promise<{ attempt: Attempt; failed: FailedAttempt[] }> {
  const { targets, limits, budget } = options;
  const failed: FailedAttempt[] = [];
  budget.called();
  for (let number = 0; ; number += 1) {
    const target = targets[number % targets.length] ?? targets[0];
    const attempt = await options.run(target);
    if (number >= limits.retries || options.signal.aborted || !isWorthRepeating(attempt)) return { attempt, failed };
    const pauseMs = pauseOf(attempt, number, options);
    if (pauseMs > limits.maxRetryDelayMs || !budget.take()) return { attempt, failed };
    failed.push(describe(attempt));
    options.onRetry();
    await pause(pauseMs, options.signal);
    if (options.signal.aborted) return { attempt: goneMeanwhile(target), failed };
  }
}

export function goneMeanwhile(target: Target): Attempt {
  return {
    type: 'broken',
    target,
    kind: 'aborted',
    message: 'The caller went away.',
    words: null,
    partial: null,
    forwarded: false,
    firstAt: null,
  };
}

export function isWorthRepeating(attempt: Attempt): boolean {
  if (attempt.type === 'refused') return worthRepeating.has(attempt.status);
  if (attempt.type !== 'broken' || attempt.forwarded) return false;
  return attempt.kind === 'connect' || attempt.kind === 'connect_timeout' || attempt.kind === 'reset';
}

export function pauseOf(attempt: Attempt, number: number, { limits, random, now }: FailOverOptions): number {
  const asked = attempt.type === 'refused' ? retryAfterMs(attempt.headers, now()) : null;
  return asked ?? Math.round(limits.retryDelayMs * 2 ** number * (0.75 + random() / 2));
}

/** `retry-after-ms`, or `retry-after` in seconds or as a date; null when absent or unreadable. */
export function retryAfterMs(headers: Record<string, string>, nowMs: number): number | null {
  const exact = Number(headers['retry-after-ms']);
  if (headers['retry-after-ms'] !== undefined && Number.isFinite(exact)) return Math.max(0, exact);
  const given = headers['retry-after']?.trim();
  if (given === undefined || given === '') return null;
  const seconds = Number(given);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(given);
  return Number.isNaN(date) ? null : Math.max(0, date - nowMs);
}

export function describe(attempt: Attempt): FailedAttempt {
  return {
    provider: attempt.target.provider.id,
    model: attempt.target.model,
    status: attempt.type === 'refused' ? attempt.status : null,
    error: attempt.type === 'refused' ? attempt.words.message : attempt.type === 'broken' ? attempt.message : '',
  };
}

export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}

/** Keeps retries to a fifth of the calls (and 50 in hand), so that they never pile onto a provider that is down. */
export class RetryBudget {
  #tokens: number;
  readonly #most: number;
  readonly #perCall: number;

  constructor(most = 50, perCall = 0.2) {
    this.#tokens = most;
    this.#most = most;
    this.#perCall = perCall;
  }
  called(): void {
    this.#tokens = Math.min(this.#most, this.#tokens + this.#perCall);
  }
  take(): boolean {
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
