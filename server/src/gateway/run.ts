import type { AppError, Scope } from '@whetstone/contract';
import { assign } from './steps/assign.ts';
import { type Attempt, call } from './steps/call.ts';
import { admit, equip, type Instead, performWith } from './steps/extras.ts';
import { failOver, type FailOverOptions, goneMeanwhile } from './steps/fail-over.ts';
import { failureOf } from './steps/failure.ts';
import type { Sample } from './index.ts';
import { OutboundError } from '../outbound/index.ts';
import { record } from './steps/record.ts';
import { render } from './steps/render.ts';
import { aim, resolve } from './steps/resolve.ts';
import { followRoute } from './steps/route.ts';
import type { Asked, Listener, Ready, Room } from './room.ts';

/*
 * One call, from wherever it comes: playground, v5, gateway. The seven steps, each a file in steps/:
 *   resolve -> assign -> render      `prepare`, once a call
 *   call, fail over, tee -> record   `perform`, once a sample
 */

/** Throws what is wrong with the request; nothing has been sent and nothing is logged. */
export async function prepare(room: Room, scope: Scope, asked: Asked): Promise<Ready> {
  const admitted = admit(room, scope, asked);
  const admission = admitted instanceof Promise ? await admitted : admitted;
  const named = await resolve(room, scope, asked);
  const chosen = assign(room, scope, named, asked);
  const { prompt, assigned } = chosen instanceof Promise ? await chosen : chosen;
  const found = await aim(room, scope, prompt, asked);
  const ready = await render(room, scope, assigned === null ? found : { ...found, assigned }, asked);
  return equip(ready, asked, admission);
}

export interface Performed {
  attempt: Attempt;
  sample: Sample;
  error: AppError | null;
  /** The log could not be written. */
  dropped: boolean;
}

interface PerformOptions {
  asked: Asked;
  listener: Listener;
  logId: string;
  index: number;
  startedAt: Date;
}

/** Never throws: whatever happens leaves one log, which is durable when this resolves. */
export async function perform(room: Room, ready: Ready, options: PerformOptions): Promise<Performed> {
  const { extras } = ready;
  const running =
    extras === undefined
      ? performOnce(room, ready, options, null)
      : performWith(room, ready, extras, options, (its, instead) => performOnce(room, ready, its, instead));
  room.running.add(running);
  try {
    return await running;
  } finally {
    room.running.delete(running);
  }
}

async function performOnce(room: Room, ready: Ready, options: PerformOptions, instead: Instead | null): Promise<Performed> {
  const { asked, listener, logId, index, startedAt } = options;
  let running: { abort(error: OutboundError): void } | null = null;
  const gone = (): void => running?.abort(new OutboundError('aborted', 'The caller went away.'));
  const tooLong = () => new OutboundError('total_timeout', `The provider took longer than ${room.limits.totalTimeoutMs / 1000} s in all.`);
  let expired = false;
  const late = setTimeout(() => {
    expired = true;
    running?.abort(tooLong());
  }, room.limits.totalTimeoutMs);
  listener.signal.addEventListener('abort', gone, { once: true });
  const trying: FailOverOptions = {
    targets: ready.targets,
    limits: room.limits,
    budget: room.budget,
    random: room.random,
    now: () => room.clock().getTime(),
    signal: listener.signal,
    onRetry: () => (room.counters.retries += 1),
    run: (target) =>
      call(room, target, {
        ready,
        asked,
        listener,
        sample: index,
        logId,
        running: (handle) => {
          running = handle;
          if (listener.signal.aborted) gone();
          else if (expired) handle.abort(tooLong());
        },
      }),
  };
  const tried = instead === null ? await (ready.chosen === undefined ? failOver(trying) : followRoute(ready.chosen, trying)) : null;
  const { attempt, failed } = tried ?? { attempt: instead?.attempt ?? goneMeanwhile(ready.targets[0]), failed: [] };
  clearTimeout(late);
  listener.signal.removeEventListener('abort', gone);
  if (failureOf(attempt) === null) listener.answered?.();
  const endedAt = asked.instant ? startedAt : room.clock();
  const ran = { ready, asked, attempt, failed, logId, index, startedAt, endedAt, replayed: instead?.replayed ?? null };
  const { sample, dropped } = await record(room, ran);
  return { attempt, sample, error: failureOf(attempt), dropped };
}
