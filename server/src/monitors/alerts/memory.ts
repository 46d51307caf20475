import type { Detector, Moments } from '@whetstone/statistics';

/** What an alert must remember to go on after a restart as if there had been none. Values are on the scale from 0 to 1. */
export interface AlertMemory {
  detector: Detector | null;
  /** The worst level that is no change; null while it is being learned. */
  baseline: number | null;
  learned: Moments;
  /** Judgments of users whose time is not over: they will count as one. `since` in milliseconds. */
  users: Record<string, { sum: number; n: number; since: number }>;
  /** The newest values, oldest first. */
  recent: number[];
  sinceOpened: number;
  openedAt: string | null;
  text: string | null;
  acknowledged: boolean;
}

export function emptyMemory(baseline: number | null): AlertMemory {
  return {
    detector: null,
    baseline,
    learned: { n: 0, mean: 0, squares: 0 },
    users: {},
    recent: [],
    sinceOpened: 0,
    openedAt: null,
    text: null,
    acknowledged: false,
  };
}
