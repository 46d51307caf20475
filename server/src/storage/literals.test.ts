import { describe, expect, test } from 'vitest';
import { renderStatement } from './literals.ts';

describe('values in a statement', () => {
  test('a placeholder in a string, a name or a comment is text', () => {
    const sql = `SELECT '{a:String}', "{a:String}", \`{a:String}\`, 'it''s {a:String} \\' {a:String}' -- {a:String}\n/* {a:String} */`;
    expect(renderStatement(sql, {})).toBe(sql);
  });

  test('types are kept, and large integers stay exact', () => {
    expect(
      renderStatement('{a:UInt64} {b:Nullable(String)} {c:Array(Int8)} {d:Bool}', { a: 2n ** 64n - 1n, b: null, c: [], d: true }),
    ).toBe(`CAST(18446744073709551615, 'UInt64') CAST(NULL, 'Nullable(String)') CAST([], 'Array(Int8)') CAST(true, 'Bool')`);
  });

  test.each([
    ['{a:String}', {}, /no value/],
    ['SELECT 1', { a: 1 }, /without a place: a/],
    ['{constructor:String}', {}, /no value/],
    ['{a:UInt8}', { a: '1; DROP TABLE x' }, /does not fit/],
    ['{a:UInt8}', { a: 1.5 }, /does not fit/],
    ['{a:UInt8}', { a: 2 ** 60 }, /does not fit/],
    ['{a:Float64}', { a: '1' }, /is not a number/],
    ['{a:Decimal(10,2)}', { a: '1)' }, /does not fit/],
    ['{a:DateTime64(3)}', { a: "2026') --" }, /does not fit/],
    ['{a:DateTime64(3)}', { a: new Date(Number.NaN) }, /invalid Date/],
    ['{a:Identifier}', { a: 'a`; DROP' }, /is not a name/],
    ['{a:String}', { a: 5 }, /does not fit/],
    ['{a:Array(String)}', { a: 'x' }, /is not an array/],
    ['{a:Map(String,String)}', { a: 'x' }, /is not a Map/],
    ['{a:Tuple(String,UInt8)}', { a: ['x'] }, /another length/],
  ] as const)('%s with %o is refused', (sql, params, reason) => {
    expect(() => renderStatement(sql, params)).toThrow(reason);
  });
});
