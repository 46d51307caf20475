import type { Logs } from '../logs/index.ts';

/** Long enough for a balancer to look twice. */
const believedMs = 15_000;

/**
 * Whether the intake queue refuses writes, as far as is known. Only a write tells that a disk has room again, and who is
 * out of a balancer gets none: so a refusal is believed for some seconds after the last, and then the next write decides.
 */
export function watchRefusals(now: () => number = () => performance.now()): (backlog: ReturnType<Logs['backlog']>) => boolean {
  let last = { dropped: 0, at: Number.NEGATIVE_INFINITY };
  return ({ refuses, dropped }) => {
    if (dropped !== last.dropped) last = { dropped, at: now() };
    return refuses !== null && now() - last.at < believedMs;
  };
}
