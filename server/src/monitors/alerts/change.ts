import type { AlertRule } from '@whetstone/contract';
import { addMoment, detect, newDetector, wilson, type Watch } from '@whetstone/statistics';
import type { AlertMemory } from './memory.ts';

type ChangeRule = Extract<AlertRule, { type: 'change' }>;

/** Values of this many users or single logs say what is usual, and whether it is usual again. */
export const toLearn = 200;
const recentKept = 100;
const mostUsers = 5_000;

/** One value, and whose it is; null: nobody says. */
export interface Value {
  x: number;
  unit: string | null;
  /** Milliseconds since 1970. */
  at: number;
}
export interface Transition {
  type: 'opened' | 'recovered';
  /** Of the newest values: on the scale from 0 to 1. */
  recent: { n: number; estimate: number; lower: number; upper: number };
  baseline: number;
}
export interface Changing {
  state: 'learning' | 'watching' | 'open';
  memory: AlertMemory;
}

/**
 * Goes on with what came: learns, watches, opens, and recovers. Values of one user within `user_minutes` are averaged first, for they
 * are alike, and the detector's promise is about values that are not.
 * @param now when the step is made, milliseconds since 1970: users whose time is over are counted
 */
export function stepChange(rule: ChangeRule, range: readonly [number, number], from: Changing, values: readonly Value[], now: number) {
  const memory: AlertMemory = { ...from.memory, users: { ...from.memory.users }, recent: [...from.memory.recent] };
  const its = { state: from.state, memory, transitions: [] as Transition[] };
  const windowMs = rule.user_minutes * 60_000;
  for (const { x, unit, at } of values) {
    const scaled = Math.min(1, Math.max(0, (x - range[0]) / (range[1] - range[0])));
    if (unit === null) feed(rule, range, its, scaled);
    else {
      const user = memory.users[unit];
      if (user !== undefined && at - user.since >= windowMs) take(rule, range, its, unit);
      const open = (memory.users[unit] ??= { sum: 0, n: 0, since: at });
      open.sum += scaled;
      open.n += 1;
    }
  }
  const users = Object.entries(memory.users).toSorted(([, a], [, b]) => a.since - b.since);
  for (const [index, [unit, { since }]] of users.entries())
    if (now - since >= windowMs || users.length - index > mostUsers) take(rule, range, its, unit);
  return its;
}

type Stepping = Changing & { transitions: Transition[] };

/** A user's time is over: the mean of what is there counts once. */
function take(rule: ChangeRule, range: readonly [number, number], its: Stepping, unit: string): void {
  const user = its.memory.users[unit];
  delete its.memory.users[unit];
  if (user !== undefined) feed(rule, range, its, user.sum / user.n);
}

function feed(rule: ChangeRule, range: readonly [number, number], its: Stepping, x: number): void {
  const { memory } = its;
  memory.recent = [...memory.recent, x].slice(-recentKept);
  if (memory.baseline === null) return learn(rule, range, its, x);
  const watch: Watch = { baseline: memory.baseline, direction: rule.direction, averageRunLength: rule.average_run_length };
  if (its.state === 'open') {
    memory.sinceOpened += 1;
    if (memory.sinceOpened < recentKept) return;
    const recent = recentOf(memory);
    const fine = rule.direction === 'down' ? recent.estimate >= memory.baseline : recent.estimate <= memory.baseline;
    if (!fine) return;
    Object.assign(memory, { detector: newDetector(watch), openedAt: null, acknowledged: false, sinceOpened: 0 });
    its.state = 'watching';
    its.transitions.push({ type: 'recovered', recent, baseline: memory.baseline });
    return;
  }
  const { detector, alarm } = detect(watch, memory.detector ?? newDetector(watch), x);
  memory.detector = detector;
  its.state = 'watching';
  if (!alarm) return;
  Object.assign(memory, { detector: newDetector(watch), sinceOpened: 0 });
  its.state = 'open';
  its.transitions.push({ type: 'opened', recent: recentOf(memory), baseline: memory.baseline });
}

/** The baseline is where the truth may be at worst, and the tolerance beyond it: below the truth the detector would cry. */
function learn(rule: ChangeRule, range: readonly [number, number], its: Stepping, x: number): void {
  const { memory } = its;
  memory.learned = addMoment(memory.learned, x);
  its.state = 'learning';
  if (memory.learned.n < toLearn) return;
  memory.baseline = baselineOf(rule, range, memory.learned);
  its.state = 'watching';
}

export function baselineOf(rule: ChangeRule, [low, high]: readonly [number, number], { n, mean }: { n: number; mean: number }): number {
  // Of values between 0 and 1 none spreads more than yes and no.
  const { lower, upper } = wilson(mean * n, n);
  const tolerance = rule.tolerance / (high - low);
  const at = rule.direction === 'down' ? (lower ?? 0) - tolerance : (upper ?? 1) + tolerance;
  return inside(at);
}

/** A baseline that leaves room to cross it. */
export function inside(baseline: number): number {
  return Math.min(0.999, Math.max(0.001, baseline));
}

function recentOf({ recent }: AlertMemory): Transition['recent'] {
  const n = recent.length;
  const mean = recent.reduce((sum, x) => sum + x, 0) / n;
  const { lower, upper } = wilson(mean * n, n);
  return { n, estimate: mean, lower: lower ?? 0, upper: upper ?? 1 };
}
