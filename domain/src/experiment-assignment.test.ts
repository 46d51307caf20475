import { readFileSync } from 'node:fs';
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { assignUnit, giveSlots, isHeldOut, type Slot, standOf, weightOf } from './experiment-assignment.ts';
import { sha256Words } from './sha256-words.ts';

interface Table {
  stands: { salt: string; unit: string; participation: number; arm: number }[];
  assignments: { salt: string; traffic: number; slots: [string, number][]; units: Record<string, string | null> }[];
}
const table = parse(readFileSync(new URL('../../spec/experiment-assignment.yaml', import.meta.url), 'utf8')) as Table;

const half: Slot[] = [
  { armId: 'control', weight: 0.5 },
  { armId: 'b', weight: 0.5 },
];
const manyUnits = 20_000;
const units = Array.from({ length: manyUnits }, (_, index) => `user-${index}`);
const armOf = (salt: string, traffic: number, slots: readonly Slot[], unit: string) =>
  assignUnit({ salt, traffic, slots }, unit)?.armId ?? null;

/** Beyond which a sum of squares that is chi-square with so many degrees of freedom comes once in 10,000 times. */
const rare: Record<number, number> = { 1: 15.14, 3: 21.11, 19: 51.5 };

function chiSquare(counts: readonly number[], expected: readonly number[]): number {
  return counts.reduce((sum, count, index) => sum + (count - (expected[index] ?? 0)) ** 2 / (expected[index] ?? 1), 0);
}

describe('where a unit stands', () => {
  it('is what other implementations find', () => {
    for (const { salt, unit, participation, arm } of table.stands) expect(standOf(salt, unit), unit).toEqual({ participation, arm });
    for (const { salt, traffic, slots, units: given } of table.assignments)
      for (const [unit, arm] of Object.entries(given))
        expect(
          armOf(
            salt,
            traffic,
            slots.map(([armId, weight]) => ({ armId, weight })),
            unit,
          ),
          unit,
        ).toBe(arm);
  });

  it('has the words of SHA-256, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        const view = new DataView(sha256(utf8ToBytes(text)).buffer);
        expect([...sha256Words(text)]).toEqual([0, 4, 8, 12].map((at) => view.getUint32(at)));
      }),
    );
  });

  it('is even over the numbers from 0 to 1, for participation and for arms', () => {
    for (const of of ['participation', 'arm'] as const) {
      const counts = Array.from({ length: 20 }, () => 0);
      for (const unit of units) {
        const bin = Math.floor(standOf('exp_even', unit)[of] * 20);
        counts[bin] = (counts[bin] ?? 0) + 1;
      }
      expect(
        chiSquare(
          counts,
          counts.map(() => manyUnits / 20),
        ),
      ).toBeLessThan(rare[19] ?? 0);
    }
  });

  it('of participation tells nothing about the arm, and one experiment nothing about another', () => {
    const quarters = (first: (unit: string) => boolean, second: (unit: string) => boolean) => {
      const counts = [0, 0, 0, 0];
      for (const unit of units) {
        const at = (first(unit) ? 2 : 0) + (second(unit) ? 1 : 0);
        counts[at] = (counts[at] ?? 0) + 1;
      }
      return chiSquare(
        counts,
        counts.map(() => manyUnits / 4),
      );
    };
    const stand = (salt: string) => (unit: string) => standOf(salt, unit);
    expect(
      quarters(
        (unit) => stand('exp_a')(unit).participation < 0.5,
        (unit) => stand('exp_a')(unit).arm < 0.5,
      ),
    ).toBeLessThan(rare[3] ?? 0);
    expect(
      quarters(
        (unit) => armOf('exp_a', 1, half, unit) === 'b',
        (unit) => armOf('exp_b', 1, half, unit) === 'b',
      ),
    ).toBeLessThan(rare[3] ?? 0);
  });
});

describe('the arm of a unit', () => {
  it('stays when more traffic takes part', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.string(),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (salt, unit, a, b) => {
          const [less, more] = a < b ? [a, b] : [b, a];
          const before = armOf(salt, less, half, unit);
          if (before !== null) expect(armOf(salt, more, half, unit)).toBe(before);
        },
      ),
    );
  });

  it('comes in proportion to the weights', () => {
    const slots = [
      { armId: 'control', weight: 0.5 },
      { armId: 'b', weight: 0.3 },
      { armId: 'c', weight: 0.15 },
      { armId: 'd', weight: 0.05 },
    ];
    const counts = slots.map(({ armId }) => units.filter((unit) => armOf('exp_weights', 1, slots, unit) === armId).length);
    expect(
      chiSquare(
        counts,
        slots.map(({ weight }) => weight * manyUnits),
      ),
    ).toBeLessThan(rare[3] ?? 0);
    const part = units.filter((unit) => armOf('exp_weights', 0.1, slots, unit) !== null).length;
    expect(chiSquare([part, manyUnits - part], [manyUnits * 0.1, manyUnits * 0.9])).toBeLessThan(rare[1] ?? 0);
  });

  it('is control when its own was stopped, and nobody else moves', () => {
    const slots: Slot[] = ['control', 'b', 'c'].map((armId) => ({ armId, weight: 1 / 3 }));
    const after = giveSlots(slots, 'b', 'control');
    for (const unit of units.slice(0, 2_000)) {
      const before = armOf('exp_stop', 1, slots, unit);
      expect(armOf('exp_stop', 1, after, unit)).toBe(before === 'b' ? 'control' : before);
    }
    expect(weightOf(after, 'control')).toBeCloseTo(2 / 3);
    expect(assignUnit({ salt: 'exp_stop', traffic: 1, slots: after }, units[0] ?? '')?.propensity).toBeGreaterThan(0);
  });

  it('is there for every unit, also where weights are rounded, and never one of no weight', () => {
    const weights = fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 2, maxLength: 10 }).filter((list) => list.some((n) => n > 0));
    fc.assert(
      fc.property(weights, fc.string(), (list, unit) => {
        const sum = list.reduce((a, b) => a + b, 0);
        const slots = list.map((n, index) => ({ armId: `arm-${index}`, weight: n / sum }));
        const found = assignUnit({ salt: 's', traffic: 1, slots }, unit);
        expect(found).not.toBeNull();
        expect(weightOf(slots, found?.armId ?? '')).toBe(found?.propensity);
        expect(found?.propensity).toBeGreaterThan(0);
      }),
    );
  });

  it('of those that are held out was control before, so long as no more are held out than control had', () => {
    const held = units.filter((unit) => isHeldOut('exp_hold', 0.2, unit));
    expect(Math.abs(held.length / manyUnits - 0.2)).toBeLessThan(0.02);
    expect(new Set(held.map((unit) => armOf('exp_hold', 1, half, unit)))).toEqual(new Set(['control']));
  });
});
