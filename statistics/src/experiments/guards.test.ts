import { describe, expect, it } from 'vitest';
import { seededRandom } from '../random.ts';
import { guardConditional } from '../sequential/guard.ts';
import { armOf, noUnits } from './arm-moments.ts';
import { type GuardInput, lookAtGuard } from './guards.ts';
import { guardInWords } from './look-words.ts';

const failing = (n: number, failures: number) => armOf(Array.from({ length: n }, (_, i) => (i < failures ? 1 : 0)));
const guard = (input: Partial<GuardInput> = {}) =>
  lookAtGuard({
    bound: { ratio: 1 },
    higherIsBetter: false,
    tests: 1,
    nStar: 5000,
    range: [0, 1],
    arm: 1,
    epochs: [{ arms: [failing(1000, 20), failing(1000, 50)], shares: [0.5, 0.5] }],
    ...input,
  });

describe('a guard', () => {
  it('of yes and no is the conditional e-value', () => {
    expect(guard()).toMatchObject({ state: 'breached', threshold: 20, method: 'conditional e-value' });
    expect(guard().logEvidence).toBeCloseTo(guardConditional(50, 20, 0.5).logE, 12);
    expect(guardInWords(guard(), { arm: 'B', tolerated: "control's rate" })).toMatch(
      /^B is worse than control's rate: the evidence is [\d,]+, and 20 stops an arm\.$/,
    );
  });
  it('tolerates what it was told to, and asks more when there are many', () => {
    expect(guard({ bound: { ratio: 3 } }).state).toBe('watching');
    expect(guard({ tests: 1000 })).toMatchObject({ state: 'watching', threshold: 20_000 });
  });
  it('counts those who lack it where more is better', () => {
    const epochs = [{ arms: [failing(1000, 980), failing(1000, 950)], shares: [0.5, 0.5] }];
    expect(guard({ higherIsBetter: true, epochs }).logEvidence).toBeCloseTo(guard().logEvidence!, 12);
    expect(guard({ higherIsBetter: false, epochs }).state).toBe('watching');
  });
  it('multiplies the evidence of epochs of different shares', () => {
    const epochs = [
      { arms: [failing(500, 10), failing(500, 20)], shares: [0.5, 0.5] },
      { arms: [failing(900, 18), failing(100, 4)], shares: [0.9, 0.1] },
    ];
    const sum = guardConditional(20, 10, 0.5).logE + guardConditional(4, 18, 0.1).logE;
    expect(guard({ epochs }).logEvidence).toBeCloseTo(sum, 12);
  });
  it('knows nothing without data', () => {
    expect(guard({ epochs: [{ arms: [noUnits, noUnits], shares: [0.5, 0.5] }] })).toMatchObject({ state: 'no_data', evidence: null });
    expect(guard({ epochs: [{ arms: [failing(9, 1), noUnits], shares: [0.5, 0.5] }] }).state).toBe('no_data');
  });
  it('of values without bounds stops what is slower than tolerated and nothing else', () => {
    const random = seededRandom(1);
    const times = (mean: number) => armOf(Array.from({ length: 1000 }, () => mean + random()));
    const epochs = (mean: number) => [{ arms: [times(10), times(mean)], shares: [0.5, 0.5] }];
    const latency = { range: null, bound: { difference: 1 } };
    expect(guard({ ...latency, epochs: epochs(11.2) }).state).toBe('breached');
    expect(guard({ ...latency, epochs: epochs(10.9) }).state).toBe('watching');
    expect(guard({ range: null, bound: { ratio: 1.2 }, epochs: epochs(13) }).state).toBe('breached');
    expect(guard({ range: null, bound: { ratio: 1.2 }, epochs: epochs(12) }).state).toBe('watching');
    expect(guard({ range: null, bound: { ratio: 1.2 }, higherIsBetter: true, epochs: epochs(8) }).state).toBe('breached');
  });
  it('of bounded values in their order bets', () => {
    const y = Array.from({ length: 600 }, (_, i) => (i % 2 === 0 ? 0.2 : 0.8));
    const inB = y.map((_, i) => i % 2);
    const arms = [0, 1].map((arm) => armOf(y.filter((__, i) => i % 2 === arm)));
    const input = { epochs: [{ arms, shares: [0.5, 0.5] }], ordered: { y, inB, probB: 0.5 } };
    expect(guard({ ...input, bound: { difference: 0.1 } })).toMatchObject({ state: 'breached', method: 'betting mixture' });
    expect(guard({ ...input, bound: { difference: 0.7 } }).state).toBe('watching');
    expect(guard({ ...input, bound: { difference: 0.1 }, higherIsBetter: true }).state).toBe('watching');
  });
  it('refuses what cannot be', () => {
    expect(() => guard({ bound: { ratio: 0.5 } })).toThrow(RangeError);
    expect(() => guard({ bound: { difference: -1 } })).toThrow(RangeError);
    expect(() => guard({ tests: 0 })).toThrow(RangeError);
  });
});
