import { seededRandom } from '@whetstone/statistics';
import { describe, expect, test } from 'vitest';
import { type Changing, stepChange, type Value } from './change.ts';
import { emptyMemory } from './memory.ts';

const rule = { type: 'change', direction: 'down', average_run_length: 1_000, tolerance: 0.02, user_minutes: 60 } as const;
const unit = [0, 1] as const;

/** Judgments one after the other, a minute apart; how many alarms, and after how many the first. */
function watch(count: number, value: (n: number) => number, from: Changing, whose: (n: number) => string | null = () => null) {
  let its = from;
  let alarms = 0;
  let first: number | null = null;
  for (let n = 0; n < count; n += 1) {
    const at = n * 60_000;
    const values: Value[] = [{ x: value(n), unit: whose(n), at }];
    const step = stepChange(rule, unit, its, values, at);
    its = { state: step.state, memory: step.memory };
    for (const { type } of step.transitions) {
      if (type !== 'opened') continue;
      alarms += 1;
      first ??= n;
      // What was told is taken for over, so that the next is counted by itself.
      its = { state: 'watching', memory: { ...its.memory, detector: null } };
    }
  }
  return { alarms, first, its };
}
const known = (baseline: number): Changing => ({ state: 'watching', memory: emptyMemory(baseline) });

describe('an alert on change', () => {
  test('cries no oftener than once in its run length while nothing changes, at the worst level that is none', () => {
    const random = seededRandom(7);
    const { alarms } = watch(60_000, () => (random() < 0.9 ? 1 : 0), known(0.9));
    // The promise is on average: at most 60 in 60,000, here within two of its standard deviations.
    expect(alarms).toBeLessThanOrEqual(60 + 2 * Math.sqrt(60));
  });

  test('sees a drop from 90 to 70 percent within a few dozen judgments', () => {
    const random = seededRandom(11);
    const first = Array.from({ length: 40 }, () => watch(2_000, () => (random() < 0.7 ? 1 : 0), known(0.9)).first ?? 2_000);
    expect(first.toSorted((a, b) => a - b)[20]).toBeLessThan(120);
  });

  test('learns what is usual, and then seldom cries of it', () => {
    const random = seededRandom(13);
    let alarms = 0;
    for (let round = 0; round < 20; round += 1)
      alarms += watch(3_000, () => (random() < 0.85 ? 1 : 0), { state: 'learning', memory: emptyMemory(null) }).alarms;
    // Twenty monitors of 2,800 judgments each after learning: 56 would be allowed; the baseline leaves room, so it is far fewer.
    expect(alarms).toBeLessThan(20);
  });

  test('counts the judgments of one user within the hour as one', () => {
    // One user alone fails fifty times within minutes: one bad value among good ones is no change.
    const its = watch(
      300,
      (n) => (n >= 100 && n < 150 ? 0 : 1),
      known(0.9),
      (n) => (n >= 100 && n < 150 ? 'angry' : null),
    );
    expect(its.alarms).toBe(0);
    expect(watch(300, (n) => (n >= 100 && n < 150 ? 0 : 1), known(0.9)).alarms).toBeGreaterThan(0);
  });

  test('goes on from what it kept as if it had not stopped', () => {
    const random = seededRandom(17);
    const values = Array.from({ length: 400 }, () => (random() < 0.8 ? 1 : 0));
    const whole = watch(400, (n) => values[n]!, known(0.9));
    const half = watch(200, (n) => values[n]!, known(0.9));
    const kept = JSON.parse(JSON.stringify(half.its)) as Changing;
    const rest = watch(200, (n) => values[200 + n]!, kept);
    expect(half.alarms + rest.alarms).toBe(whole.alarms);
    expect(rest.its.memory.detector).toEqual(whole.its.memory.detector);
  });
});
