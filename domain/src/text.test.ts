import { AppError } from '@whetstone/contract';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson, canonicalText, placeOf, sameJson, stableJson } from './text.ts';

describe('canonical text', () => {
  test('a lone surrogate becomes U+FFFD and NUL becomes U+2400, and it says so', () => {
    expect(canonicalText('a\uD800b\0c')).toEqual({ text: 'a\uFFFDb\u2400c', changed: true });
  });

  test('any other text stays as it is', () => {
    for (const text of ['', 'plain', '👩‍👩‍👧', '\r\n\t\u0001\u007F\uFEFF\u2028']) expect(canonicalText(text)).toEqual({ text, changed: false });
  });

  test('any string becomes well-formed and free of NUL, and a second time changes nothing', () => {
    const anyText = fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units));
    fc.assert(
      fc.property(anyText, (text) => {
        const once = canonicalText(text).text;
        expect(once.isWellFormed() && !once.includes('\0')).toBe(true);
        expect(canonicalText(once)).toEqual({ text: once, changed: false });
      }),
    );
  });
});

describe('canonical JSON', () => {
  test('keys and strings are mended at every depth', () => {
    const { value, changed } = canonicalJson({ 'k\0': [{ a: 'x\uDC00' }], n: 1, t: true, z: null });
    expect(changed).toBe(true);
    expect(value).toEqual({ 'k\u2400': [{ a: 'x\uFFFD' }], n: 1, t: true, z: null });
  });

  test('a value that needs nothing is returned itself', () => {
    const value = JSON.parse('{"__proto__":{"x":1},"a":[1,"b"]}') as unknown;
    expect(canonicalJson(value).value).toBe(value);
  });

  test('__proto__ and its kin stay data and pollute nothing', () => {
    const { value } = canonicalJson(
      JSON.parse('{"__proto__":{"polluted":"\\u0000"},"constructor":{"prototype":{"polluted":1}},"toString":"x"}') as object,
    );
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor', 'toString']);
    expect(JSON.stringify(value)).toBe('{"__proto__":{"polluted":"␀"},"constructor":{"prototype":{"polluted":1}},"toString":"x"}');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  test('two keys that would become one are both kept', () => {
    expect(canonicalJson({ 'a\0': 1, 'a\u2400': 2 }).value).toEqual({ 'a\u2400\uFFFD': 1, 'a\u2400': 2 });
  });

  test('numbers that JSON cannot say become null, and minus zero becomes zero', () => {
    expect(canonicalJson(JSON.parse('{"a":1e999,"b":-0,"c":1.5}') as unknown)).toEqual({ value: { a: null, b: 0, c: 1.5 }, changed: true });
  });

  test('five million levels are refused with their place, without a crash', () => {
    const depth = 5_000_000;
    const deep = JSON.parse(`{"inputs":{"a":${'['.repeat(depth)}${']'.repeat(depth)}}}`) as unknown;
    const error = thrownBy(() => canonicalJson(deep));
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code: 'invalid_input', details: [{ loc: ['body', 'inputs', 'a', 0, 0, 0, 0] }] });
    expect((error as Error).message).toContain('200 levels at inputs.a[0]');
  });

  test('nesting up to the bound passes, one more does not', () => {
    const nested = (depth: number) => JSON.parse('['.repeat(depth) + ']'.repeat(depth)) as unknown;
    expect(canonicalJson(nested(200)).changed).toBe(false);
    expect(() => canonicalJson(nested(201))).toThrow(/200 levels/);
    expect(() => canonicalJson(nested(4), { maxDepth: 3 })).toThrow(/3 levels/);
  });

  test('a mended value survives a round trip through JSON text', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        const once = canonicalJson(value).value;
        expect(stableJson(JSON.parse(JSON.stringify(once)))).toBe(stableJson(once));
      }),
    );
  });
});

describe('stable JSON', () => {
  test('the order of keys does not matter, the order of items does', () => {
    expect(stableJson({ b: [1, { d: 1, c: 2 }], a: undefined })).toBe('{"b":[1,{"c":2,"d":1}]}');
    expect(sameJson({ a: 1, b: 2 }, { b: 2, a: 1 })).toBe(true);
    expect(sameJson([1, 2], [2, 1])).toBe(false);
  });
});

test('a place is written as people write it', () => {
  expect(placeOf(['messages', 0, 'content'])).toBe('messages[0].content');
  expect(placeOf(Array.from({ length: 40 }, () => 0))).toBe('[0][0][0][0][0][0].…[0][0][0]');
});

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}
