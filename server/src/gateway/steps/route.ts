import { AppError, type Scope } from '@whetstone/contract';
import type { CallKind } from '../providers/dialect.ts';
import type { Room, Target } from '../room.ts';
import { orderTargets } from '../routes/order.ts';
import type { Route, RouteTarget } from '../routes/routes.ts';
import type { Attempt } from './call.ts';
import { describe, type FailedAttempt, type FailOverOptions, goneMeanwhile, isWorthRepeating, pause, pauseOf } from './fail-over.ts';
import { resolveTarget } from './targets.ts';

/** A route as one call takes it. */
export interface Chosen {
  route: Route;
  /** Beside `Found.targets`, in the same order. */
  plans: RouteTarget[];
  /** Targets that cannot be called at all, for the log. */
  unusable: FailedAttempt[];
}

/** A route's targets in the order in which this call tries them. Throws when none can be called. */
export async function chooseTargets(
  room: Room,
  scope: Scope,
  route: Route,
  options: { kind: CallKind; apiKeys: Record<string, string> },
): Promise<{ targets: [Target, ...Target[]]; chosen: Chosen }> {
  const targets: Target[] = [];
  const chosen: Chosen = { route, plans: [], unusable: [] };
  let problem: unknown = null;
  for (const plan of orderTargets(route.targets, room.random())) {
    try {
      const target = await resolveTarget(room, scope, { model: plan.model, provider: plan.credential, apiKeys: options.apiKeys });
      if (!target.provider.dialect.kinds.includes(options.kind))
        throw new AppError('bad_request', `${target.provider.name} has no ${options.kind}.`);
      targets.push(plan.timeoutMs === null ? target : { ...target, timeoutMs: plan.timeoutMs });
      chosen.plans.push(plan);
    } catch (error) {
      if (!(error instanceof AppError) || error.code === 'unavailable') throw error;
      problem ??= error;
      chosen.unusable.push({ provider: plan.credential ?? '', model: plan.model, status: null, error: error.message });
    }
  }
  const [first, ...others] = targets;
  if (first === undefined) throw problem ?? new AppError('bad_request', `The route \`${route.name}\` has no target.`);
  return { targets: [first, ...others], chosen };
}

/** What another provider or credential may do better, though the same would not. */
const othersTurn = new Set([401, 402, 403, 404, 409]);
const othersTurnKinds = new Set([
  'headers_timeout',
  'idle_timeout',
  'bad_answer',
  'truncated',
  'stream_error',
  'too_large',
  'redirects',
  'protocol',
]);

/**
 * Step 5 for a route: each target as often as the route says, with growing pauses; the next one at once. Never once the
 * caller has got a piece of an answer. What is wrong with the request itself is asked nobody else.
 */
export async function followRoute(
  { plans, unusable }: Chosen,
  options: FailOverOptions,
): Promise<{ attempt: Attempt; failed: FailedAttempt[] }> {
  const { targets, limits, budget, signal } = options;
  const failed = [...unusable];
  budget.called();
  for (let place = 0; ; place += 1) {
    const target = targets[place] ?? targets[0];
    const last = place >= targets.length - 1;
    for (let number = 0; ; number += 1) {
      const attempt = await options.run(target);
      if (signal.aborted || attempt.type === 'answered' || !mayGoOn(attempt)) return { attempt, failed };
      const pauseMs = pauseOf(attempt, number, options);
      const again =
        number < (plans[place]?.retries ?? 0) && isWorthRepeating(attempt) && pauseMs <= limits.maxRetryDelayMs && budget.take();
      if (!again && last) return { attempt, failed };
      failed.push(describe(attempt));
      options.onRetry();
      if (!again) break;
      await pause(pauseMs, signal);
      if (signal.aborted) return { attempt: goneMeanwhile(target), failed };
    }
  }
}

function mayGoOn(attempt: Attempt): boolean {
  if (isWorthRepeating(attempt)) return true;
  if (attempt.type === 'refused') return othersTurn.has(attempt.status) || attempt.status >= 500;
  return attempt.type === 'broken' && !attempt.forwarded && othersTurnKinds.has(attempt.kind);
}
