import type { AnyObject, Datapoint } from '@whetstone/contract';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judge, library, readyEvaluator } from './index.ts';
import type { JudgedLog, Outcome } from './index.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc.lorem({ maxCount: 20 }),
  fc.array(fc.constantFrom('a', 'b', ' ', '.', '😀', 'é', '你', '1', '\n', '-', '&amp;', '"')).map((signs) => signs.join('')),
);
const withWords = fc.lorem({ maxCount: 30 });

const compare = (name: string, output: string, target: unknown, options: AnyObject = {}): Promise<Outcome> =>
  judge({ name, options, log: { output }, testcase: { target: { output: target } } as Datapoint });

/** What each of the pure ones takes as options beside the defaults. */
const variants: Record<string, AnyObject[]> = {
  regex: [{ pattern: '[a-c]+' }],
  length: [{ unit: 'characters' }, { unit: 'words' }, { unit: 'lines' }, { unit: 'tokens' }],
  rouge: [{ kind: 'rougeL', measure: 'precision' }, { kind: 'rouge2', measure: 'recall' }, { kind: 'rouge1' }],
  bleu: [{ smoothing: 'exp' }, { smoothing: 'floor' }, { smoothing: 'add-k' }, { smoothing: 'none' }],
  chrf: [{ words: true }, {}],
  language: [{ languages: ['en'] }, { unsure: 'best_guess' }],
  readability: [{ formula: 'flesch' }, { formula: 'flesch_kincaid' }, { formula: 'lix' }],
  toxicity: [{ method: 'words' }],
  json_diff: [{}, { list_order: 'any', extra: 'allowed' }],
};
const pure = library.filter(
  ({ name }) => !['embedding_similarity', 'faithfulness', 'answer_relevance', 'context_precision', 'context_recall'].includes(name),
);
const rows = pure.flatMap(({ name }) => (variants[name] ?? [{}]).map((options) => ({ name, options })));

describe('of any log whatever', () => {
  const anyLog = fc.record<JudgedLog>(
    {
      output: fc.oneof(text, fc.constant(null), fc.json()),
      error: fc.option(fc.string()),
      latency_ms: fc.option(fc.double()),
      cost_usd: fc.option(fc.double()),
      inputs: fc.option(fc.dictionary(fc.string(), fc.jsonValue() as fc.Arbitrary<unknown>)),
      messages: fc.option(fc.array(fc.record({ role: fc.constantFrom('user', 'assistant', 'tool'), content: text }))),
      output_message: fc.option(
        fc.record({
          role: fc.constant('assistant' as const),
          content: fc.option(text),
          tool_calls: fc.array(
            fc.record({
              id: fc.string(),
              type: fc.constant('function' as const),
              function: fc.record({ name: fc.string(), arguments: text }),
            }),
          ),
        }),
      ),
    },
    { requiredKeys: [] },
  );
  const anyTarget = fc.option(fc.dictionary(fc.constantFrom('output', 'tool_calls', 'x'), fc.jsonValue()));

  test.each(rows)('$name $options answers in its range, the same each time, and never throws', async ({ name, options }) => {
    const ready = await readyEvaluator(name, options);
    const again = await readyEvaluator(name, options);
    const { min, max, type } = ready.returns;
    await fc.assert(
      fc.asyncProperty(anyLog, anyTarget, async (log, target) => {
        const subject = { log, testcase: target === null ? null : ({ target } as Datapoint) };
        const outcome = await ready.judge(subject);
        expect(JSON.stringify(await again.judge(structuredClone(subject)))).toBe(JSON.stringify(outcome));
        if (outcome.outcome !== 'scored') {
          expect(outcome.value).toBeNull();
          // Only what comes in as no number may fail; all else is judged or left.
          if (outcome.outcome === 'failed') expect(outcome.error).toBe('The score is not a number.');
          return;
        }
        expect(typeof outcome.value).toBe(type);
        // A measured time or price is passed on as it is.
        if (type === 'number' && !['latency', 'cost'].includes(name)) {
          expect(outcome.value).toBeGreaterThanOrEqual(min ?? -Infinity);
          expect(outcome.value).toBeLessThanOrEqual(max ?? Infinity);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('the same text', () => {
  test.each([
    ['exact', {}],
    ['contains', {}],
    ['edit_distance', {}],
  ] as const)('gives %s its best, whatever the text', async (name, options) => {
    await fc.assert(
      fc.asyncProperty(text, async (same) => {
        const { value } = await compare(name, same, same, options);
        expect(Number(value)).toBe(1);
      }),
    );
  });

  test.each([
    ['bleu', {}],
    ['bleu', { smoothing: 'none' }],
    ['rouge', { kind: 'rouge1' }],
    ['rouge', { kind: 'rougeL' }],
    ['chrf', {}],
    ['chrf', { words: true }],
  ] as const)('gives %s %o its best where there are words', async (name, options) => {
    await fc.assert(
      fc.asyncProperty(withWords, async (same) => {
        expect(await compare(name, same, same, options)).toMatchObject({ value: 1 });
      }),
    );
  });

  test.each([{}, { list_order: 'any' }])('of JSON, with keys in any order, gives json_diff %o its best', async (options) => {
    const shuffled = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(shuffled);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, item]) => [key, shuffled(item)]),
      );
    };
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        fc.pre(value !== null && typeof value !== 'string');
        expect(await compare('json_diff', JSON.stringify(shuffled(value)), value, options)).toMatchObject({ value: 1 });
      }),
    );
  });

  test('of JSON with lists in any order is the same for a reader to whom order does not matter', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue(), { minLength: 1, maxLength: 8 }), async (list) => {
        fc.pre(list.some((item) => typeof item !== 'string'));
        expect(await compare('json_diff', JSON.stringify([...list].reverse()), list, { list_order: 'any' })).toMatchObject({ value: 1 });
      }),
    );
  });
});

describe('the two sides changed about', () => {
  test.each([
    ['edit_distance', {}],
    ['chrf', { beta: 1 }],
    ['rouge', { kind: 'rouge2' }],
    ['rouge', { kind: 'rougeL' }],
  ] as const)('score the same by %s %o', async (name, options) => {
    await fc.assert(
      fc.asyncProperty(fc.lorem({ maxCount: 12 }), fc.lorem({ maxCount: 12 }), async (a, b) => {
        const [left, right] = [await compare(name, a, b, options), await compare(name, b, a, options)];
        fc.pre(left.outcome === 'scored' && right.outcome === 'scored');
        expect(left.value).toBeCloseTo(Number(right.value), 9);
      }),
    );
  });

  test('turn precision into recall', async () => {
    await fc.assert(
      fc.asyncProperty(withWords, withWords, async (a, b) => {
        const precision = await compare('rouge', a, b, { kind: 'rouge1', measure: 'precision' });
        expect(precision.value).toBeCloseTo(Number((await compare('rouge', b, a, { kind: 'rouge1', measure: 'recall' })).value), 9);
      }),
    );
  });
});

describe('SQL', () => {
  const condition = fc.constantFrom('a = 1', 'b > 2', 'c in (1, 2)', "d like 'x%'", 'e is null', 'f between 1 and 3');
  test('means the same with its conditions in any order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(condition, { minLength: 1 }), fc.constantFrom(' and ', ' or '), async (conditions, word) => {
        const query = (list: string[]) => `select x from t where ${list.join(word)}`;
        expect(await compare('sql_equivalence', query([...conditions].reverse()), query(conditions))).toMatchObject({ value: true });
      }),
    );
  });

  test('is never said to mean the same with other conditions', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(condition, { minLength: 1 }), fc.uniqueArray(condition, { minLength: 1 }), async (some, others) => {
        fc.pre([...some].sort().join() !== [...others].sort().join());
        const query = (list: string[]) => `select x from t where ${list.join(' and ')}`;
        expect(await compare('sql_equivalence', query(some), query(others))).toMatchObject({ value: false });
      }),
    );
  });
});

describe('of a megabyte', () => {
  const mebibyte = 1024 * 1024;
  const longs = ['a', 'a ', '1', '+1 ', 'a@a.', 'A1 ', ':', '. ', "I'm sorry, but ", '\n', '(', '[', '😀', '{"a":', '-\n', '```\n'].map(
    (piece) => piece.repeat(Math.ceil(1e6 / piece.length)).slice(0, 1e6),
  );

  // One way of each: the others cost the same.
  const oneEach = rows.filter(({ name }, i) => rows.findIndex((row) => row.name === name) === i);
  test.each(oneEach)('$name $options judges in seconds what it judges at all', { timeout: 120_000 }, async ({ name, options }) => {
    const ready = await readyEvaluator(name, options);
    for (const long of longs) {
      const { maxChars } = ready.evaluator;
      for (const output of [long, long.slice(0, maxChars)]) {
        const start = performance.now();
        const outcome = await ready.judge({ log: { output }, testcase: { target: { output: long.slice(0, maxChars - 7) } } });
        expect(performance.now() - start).toBeLessThan(10_000);
        expect(outcome.outcome).not.toBe('failed');
        if (ready.needs.includes('output') && output.length > maxChars) expect(outcome.outcome).toBe('not_scored');
      }
    }
  });

  test('says so when a text is too long', async () => {
    const outcome = await compare('exact', 'a'.repeat(mebibyte), 'a');
    expect(outcome).toEqual({
      outcome: 'not_scored',
      value: null,
      reason: 'The output has 1,048,576 characters; “Exact match” judges at most 1,000,000.',
    });
  });
});
