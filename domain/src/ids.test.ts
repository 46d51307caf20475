import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { base62, filePrefixes, hasPrefix, idPrefixes, logIdAt, makeId, makeLogId, versionPrefixes } from './ids.ts';

const bytes = (length = 21) => fc.uint8Array({ minLength: length, maxLength: length });
const micros = fc.integer({ min: Date.UTC(2000, 0, 1) * 1000, max: Date.UTC(2200, 0, 1) * 1000 - 1 });

describe('ids', () => {
  test('an id is its prefix and 21 base62 characters', () => {
    fc.assert(fc.property(bytes(), (random) => hasPrefix(makeId('pr_', random), 'pr_')));
  });

  test('no two kinds share a prefix', () => {
    const all = [...Object.values(filePrefixes), ...Object.values(versionPrefixes), ...Object.values(idPrefixes)];
    expect(new Set(all).size).toBe(all.length);
  });

  test('too few random bytes are refused rather than padded', () => {
    expect(() => makeId('pr_', new Uint8Array(20))).toThrow(/21 random bytes/);
  });

  test('a log id gives back its moment', () => {
    fc.assert(
      fc.property(micros, bytes(), (at, random) => {
        expect(logIdAt(makeLogId(at, random))).toBe(at);
      }),
    );
  });

  test('the byte order of log ids is the order of their moments', () => {
    fc.assert(
      fc.property(micros, micros, bytes(), bytes(), (a, b, randomA, randomB) => {
        fc.pre(a !== b);
        expect(makeLogId(a, randomA) < makeLogId(b, randomB)).toBe(a < b);
      }),
    );
  });

  test('a moment is taken as a bigint too, and refused outside 2000 to 2199', () => {
    expect(logIdAt(makeLogId(1_800_000_000_000_123n, new Uint8Array(21)))).toBe(1_800_000_000_000_123);
    for (const at of [0, -1, 1e300, Number.NaN, Date.UTC(2200, 0, 1) * 1000]) {
      expect(() => makeLogId(at, new Uint8Array(21))).toThrow(RangeError);
    }
  });

  test('an id that a caller chose is not read as a moment', () => {
    for (const id of [
      '',
      'log_',
      'log_abc',
      'my-own-id',
      'pr_000000000000000000000',
      'log_💥0000000000000000000',
      'log_toString0000000000000',
    ]) {
      expect(logIdAt(id)).toBeNull();
    }
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (id) => logIdAt(id) === null));
  });

  test('of arbitrary ids in the same form, almost none is read as a moment', () => {
    const ids = fc.sample(bytes(), { numRuns: 20_000, seed: 1 }).map((random) => makeId('log_', random));
    expect(ids.filter((id) => logIdAt(id) !== null).length).toBeLessThan(20);
  });

  test('one changed character makes a log id foreign', () => {
    const id = makeLogId(1_800_000_000_000_000, new Uint8Array(21).fill(9));
    for (let i = 4; i < id.length; i++) {
      const other = id.slice(0, i) + (id[i] === 'x' ? 'y' : 'x') + id.slice(i + 1);
      expect(logIdAt(other)).toBeNull();
    }
  });

  test('base62 has a fixed length for a length of input', () => {
    expect(base62(new Uint8Array(32))).toBe('0'.repeat(43));
    expect(base62(new Uint8Array(32).fill(255))).toHaveLength(43);
    expect(base62(Uint8Array.of(1, 0))).toBe('048');
  });
});
