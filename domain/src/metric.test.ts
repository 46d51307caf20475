import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type MetricNode, metricMeasures, parseMetric, printMetric, printTerm } from './metric-text.ts';
import { evaluateMetric, evaluatorsOf, isYesOrNo, knownRange, metricRange, metricUnit, readMetric, valueOfUnit } from './metric.ts';

interface Spec {
  missing?: 'zero' | 'drop';
  per_unit?: 'any' | 'mean' | 'sum';
  cap?: number;
}
type Case = { text: string; is?: string; terms?: string[]; unit?: string; yes_no?: boolean; fails?: string; at?: number };
const { cases, units, ranges } = parse(readFileSync(new URL('../../spec/metrics.yaml', import.meta.url), 'utf8')) as {
  cases: Case[];
  units: (Spec & { text: string; values: Record<string, number>; is: number | null })[];
  ranges: (Spec & { text: string; is: [number, number] })[];
};
const specOf = ({ missing = 'zero', per_unit = 'any', cap }: Spec) => ({ missing, per_unit, cap: cap ?? null });

describe('the language of metrics', () => {
  test.each(cases)('$text', ({ text, is, terms, unit, yes_no = false, fails, at }) => {
    const parsed = parseMetric(text);
    if (fails !== undefined) {
      if (parsed.ok) throw new Error('parsed');
      expect(parsed.error.message).toContain(fails);
      expect(parsed.error.position).toBe(at);
      return;
    }
    if (!parsed.ok) throw new Error(parsed.error.message);
    expect(printMetric(parsed.node)).toBe(is);
    expect([...parsed.terms.keys()]).toEqual(terms);
    expect(metricUnit(parsed, specOf({}))).toBe(unit);
    expect(isYesOrNo(parsed, specOf({}))).toBe(yes_no);
  });

  test('a text too long or too deep is refused with its place', () => {
    expect(parseMetric(`cost${' '.repeat(500)}`)).toMatchObject({ ok: false, error: { position: 500 } });
    expect(parseMetric(`${'('.repeat(100)}cost${')'.repeat(100)}`)).toMatchObject({ ok: false });
    expect(parseMetric(`${'-'.repeat(100)}cost`)).toMatchObject({ ok: false });
    expect(() => readMetric('cost +')).toThrow('at character 7');
  });

  test('names the evaluators it asks for', () => {
    expect(evaluatorsOf(readMetric('vote:good - vote:bad + "team/tone" + cost + edited'))).toEqual([
      'feedback/vote',
      'team/tone',
      'feedback/correction',
    ]);
  });

  test.each(units)('$text of $values is $is', ({ text, values, is, ...spec }) => {
    expect(valueOfUnit(readMetric(text), specOf(spec), (key) => values[key] ?? null)).toBe(is);
  });

  test.each(ranges)('$text lies in $is', ({ text, is, ...spec }) => {
    expect(metricRange(readMetric(text), specOf(spec), knownRange)).toEqual(is);
  });
});

const keys = ['cost', 'edited', 'vote:good', '"a b":"c d"'];
const formula = fc.letrec<{ node: MetricNode }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(...keys).map((key): MetricNode => ({ type: 'term', key })),
    fc
      .double({ min: 0, max: 100, noNaN: true })
      .map((value): MetricNode => ({ type: 'number', value: Math.abs(Number(value.toFixed(3))) })),
    tie('node').map((of): MetricNode => ({ type: 'negative', of })),
    fc
      .tuple(fc.constantFrom('+', '-', '*', '/'), tie('node'), tie('node'))
      .map(([by, left, right]): MetricNode => ({ type: 'operation', by, left, right })),
    fc
      .tuple(fc.constantFrom('min', 'max'), tie('node'), tie('node'))
      .map(([name, one, other]): MetricNode => ({ type: 'function', name, of: [one, other] })),
  ),
})).node;

const written = formula.map((node) => ({ node, text: printMetric(node) })).filter(({ text }) => text.length <= 480);
const read = (text: string) => readMetric(`${text} + 0 * cost`);

describe('any metric', () => {
  test('reads back as what was printed', () => {
    fc.assert(
      fc.property(written, ({ node, text }) => {
        expect(printMetric(read(text).node)).toBe(
          printMetric({
            type: 'operation',
            by: '+',
            left: node,
            right: { type: 'operation', by: '*', left: { type: 'number', value: 0 }, right: { type: 'term', key: 'cost' } },
          }),
        );
      }),
    );
  });

  test('has a finite value or none, within its range', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(written, share, share, ({ text }, cost, edited) => {
        const metric = read(text);
        const values: Record<string, number> = { cost, edited, 'vote:good': 1, '"a b":"c d"': 0 };
        const value = evaluateMetric(metric.node, (key) => values[key] ?? null);
        if (value === null) return;
        const [low, high] = metricRange(metric, specOf({}), (term) => (term.type === 'measure' ? [0, 1] : knownRange(term)));
        expect(Number.isFinite(value)).toBe(true);
        const slack = 1e-9 * Math.max(1, Math.abs(value));
        expect(value).toBeGreaterThanOrEqual(low - slack);
        expect(value).toBeLessThanOrEqual(high + slack);
      }),
    );
  });

  test('any text is read or refused at a place within it', () => {
    const text = fc.array(
      fc.constantFrom('vote', ':', 'good', '"', '(', ')', '+', '-', '*', '/', 'max', ',', ' ', '1', '.', '\\', 'é', ...metricMeasures),
    );
    fc.assert(
      fc.property(text, (parts) => {
        const whole = parts.join('').slice(0, 500);
        const parsed = parseMetric(whole);
        if (parsed.ok) for (const [key, term] of parsed.terms) expect(printTerm(term)).toBe(key);
        else {
          expect(parsed.error.position).toBeGreaterThanOrEqual(0);
          expect(parsed.error.position).toBeLessThanOrEqual(whole.length);
        }
      }),
    );
  });
});
