import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { isLogFilterField, logFilterFields } from './log-filter-fields.ts';
import type { LogFilterField } from './log-filter-fields.ts';
import { parseFilter, printFilter } from './log-filter.ts';
import type { FilterNode } from './log-filter.ts';

type Short = null | string | [string, string, string | number] | { and: Short[] } | { or: Short[] } | { not: Short };
const { cases } = parse(readFileSync(new URL('../../spec/log-filters.yaml', import.meta.url), 'utf8')) as {
  cases: { text: string; is?: Short; prints?: string; fails?: string }[];
};

function shorten(filter: FilterNode | null): Short {
  if (filter === null) return null;
  if (filter.type === 'text') return filter.value;
  if (filter.type === 'not') return { not: shorten(filter.item) };
  if (filter.type === 'and' || filter.type === 'or') {
    const items = filter.items.map(shorten);
    return filter.type === 'and' ? { and: items } : { or: items };
  }
  return [filter.key === null ? filter.field : `${filter.field}.${filter.key}`, filter.op, filter.value];
}

describe('the filter language', () => {
  test.each(cases)('$text', ({ text, is, prints, fails }) => {
    const parsed = parseFilter(text);
    if (fails !== undefined) {
      if (parsed.ok) throw new Error('parsed');
      expect(`${parsed.error.position} ${parsed.error.message}`).toContain(fails);
    } else {
      if (!parsed.ok) throw new Error(parsed.error.message);
      expect(shorten(parsed.filter)).toEqual(is);
      expect(printFilter(parsed.filter)).toBe(prints ?? text);
    }
  });

  test('length, number of terms and nesting are bounded', () => {
    expect(parseFilter('a'.repeat(4001))).toMatchObject({ ok: false });
    expect(parseFilter('a '.repeat(100))).toMatchObject({ ok: true });
    expect(parseFilter('a '.repeat(101))).toMatchObject({ ok: false, error: { message: expect.stringContaining('100 terms') as string } });
    expect(parseFilter(`${'('.repeat(2000)}a`)).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('nested') as string },
    });
    expect(parseFilter(`${'-'.repeat(3999)}a`)).toMatchObject({ ok: false });
  });

  test('any text is parsed or refused with a place inside it, and what parses prints to the same filter', () => {
    const unit = fc.oneof(
      fc.constantFrom(
        ' ',
        '(',
        ')',
        '-',
        '"',
        ':',
        ',',
        '*',
        '>',
        '=',
        'OR',
        'a',
        'meta.x',
        'judged:',
        'status:error',
        'latency>',
        '2s',
        '\\',
      ),
      fc.string({ unit: 'grapheme', maxLength: 1 }),
    );
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 12 }), (text) => {
        const parsed = parseFilter(text);
        if (!parsed.ok) {
          expect(parsed.error.position).toBeGreaterThanOrEqual(0);
          expect(parsed.error.position).toBeLessThanOrEqual(text.length);
        } else expect(parseFilter(printFilter(parsed.filter))).toEqual(parsed);
      }),
      { numRuns: 3000 },
    );
  });
});

const fieldNames = Object.keys(logFilterFields).filter(isLogFilterField);
const anyText = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom('"', '\\', '*', ' ', '\n', '-', 'OR', ':', 'a', '(', '$') }),
);
const anyNumber = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })).map((value) => value + 0);
const sizes = fc.constantFrom('>' as const, '>=' as const, '<' as const, '<=' as const);

function leafOf(field: LogFilterField): fc.Arbitrary<FilterNode> {
  const description = logFilterFields[field];
  const make = (op: (FilterNode & { type: 'field' })['op'], value: string | number, key: string | null = null): FilterNode => ({
    type: 'field',
    field,
    op,
    value,
    key,
  });
  switch (description.type) {
    case 'enum':
      return fc.constantFrom(...description.values).map((value) => make('=', value));
    case 'name':
      return fc.tuple(fc.constantFrom('=' as const, '^' as const), anyText).map(([op, value]) => make(op, value));
    case 'text':
      return fc.tuple(fc.constantFrom('~' as const, '^' as const), anyText).map(([op, value]) => make(op, value));
    case 'time':
      return fc
        .tuple(sizes, fc.date({ min: new Date(0), max: new Date('2200-01-01'), noInvalidDate: true }))
        .map(([op, value]) => make(op, value.toISOString()));
    case 'map':
      return fc.oneof(
        fc.tuple(fc.constantFrom('=' as const, '^' as const), anyText, anyText).map(([op, value, key]) => make(op, value, key)),
        fc.tuple(sizes, anyNumber, anyText).map(([op, value, key]) => make(op, value, key)),
      );
    case 'judged':
      return fc.oneof(
        fc.tuple(fc.constantFrom('=' as const, '^' as const), anyText, fc.option(anyText)).map(([op, value, key]) => make(op, value, key)),
        fc.tuple(sizes, anyNumber, anyText).map(([op, value, key]) => make(op, value, key)),
      );
    default:
      return fc.tuple(fc.oneof(sizes, fc.constant('=' as const)), anyNumber).map(([op, value]) => make(op, value));
  }
}

const leaf: fc.Arbitrary<FilterNode> = fc.oneof(
  fc.constantFrom(...fieldNames).chain(leafOf),
  anyText.map((value): FilterNode => ({ type: 'text', value })),
);
const { tree } = fc.letrec<{ tree: FilterNode }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc
      .tuple(fc.constantFrom('and' as const, 'or' as const), fc.array(tie('tree'), { minLength: 2, maxLength: 3 }))
      .map(([type, items]): FilterNode => ({ type, items: items.flatMap((item) => (item.type === type ? item.items : [item])) })),
    tie('tree').map((item): FilterNode => (item.type === 'not' ? item.item : { type: 'not', item })),
  ),
}));

test('parse(print(filter)) is the filter, for any filter', () => {
  fc.assert(
    fc.property(tree, (filter) => {
      const text = printFilter(filter);
      fc.pre(text.length <= 4000);
      expect(parseFilter(text)).toEqual({ ok: true, filter });
    }),
    { numRuns: 1000 },
  );
});
