import { readFileSync } from 'node:fs';
import type { AnyObject, Datapoint } from '@whetstone/contract';
import { expect, describe, test } from 'vitest';
import { parse } from 'yaml';
import type { JudgedLog } from './evaluator.ts';
import { addBleu, countBleu, judge, library, readyEvaluator, scoreBleu, specFields } from './index.ts';

interface Case {
  output?: string;
  log?: JudgedLog;
  target?: unknown;
  testcase?: Datapoint;
  options?: AnyObject;
  is?: boolean | number;
  why?: string;
  not_scored?: string;
  failed?: string;
  refused?: string;
}
interface Sentence {
  output: string;
  target: string[];
  bleu: Record<string, number>;
  chrf: number;
  'chrf++': number;
  rouge1?: number[];
  rouge2?: number[];
  rougeL?: number[];
}

const spec = (file: string): unknown => parse(readFileSync(new URL(`../../spec/${file}`, import.meta.url), 'utf8'));
const table = spec('evaluators.yaml') as Record<string, Case[]>;
const measures = spec('text-measures.yaml') as {
  sentences: Sentence[];
  corpus: { outputs: string[]; targets: string[][]; bleu: number; correct: number[]; total: number[]; lengths: number[] };
};

const subjectOf = (one: Case) => ({
  log: one.log ?? { output: one.output ?? null },
  testcase: one.testcase ?? ('target' in one ? ({ target: { output: one.target } } as Datapoint) : null),
});

describe('the library', () => {
  test('is what the truth table speaks of, each under one name', () => {
    expect(Object.keys(table).sort()).toEqual(library.map((evaluator) => evaluator.name).sort());
    expect(new Set(library.map((evaluator) => evaluator.title)).size).toBe(library.length);
  });

  test.each(library)('$name shows what happens when something is missing, or when a score is the answer', ({ name }) => {
    const cases = table[name] ?? [];
    expect(cases.some((one) => one.not_scored !== undefined)).toBe(true);
  });

  const rows = Object.entries(table).flatMap(([name, cases]) =>
    cases.map((one) => ({ name, told: JSON.stringify(one).slice(0, 140), one })),
  );
  test.each(rows)('$name $told', async ({ name, one }) => {
    const judging = judge({ name, ...(one.options && { options: one.options }), ...subjectOf(one) });
    if (one.refused !== undefined) {
      await expect(judging).rejects.toMatchObject({ code: 'invalid_input', message: expect.stringContaining(one.refused) });
      return;
    }
    const outcome = await judging;
    if (one.not_scored !== undefined)
      expect(outcome).toEqual({ outcome: 'not_scored', value: null, reason: expect.stringContaining(one.not_scored) });
    else if (one.failed !== undefined)
      expect(outcome).toEqual({ outcome: 'failed', value: null, error: expect.stringContaining(one.failed) });
    else {
      expect(outcome).toMatchObject({ outcome: 'scored', value: typeof one.is === 'number' ? expect.closeTo(one.is, 8) : one.is });
      if (one.why !== undefined) expect(outcome).toMatchObject({ reason: expect.stringContaining(one.why) });
    }
  });

  test('refuses a name that it does not have', async () => {
    await expect(readyEvaluator('vibes')).rejects.toMatchObject({ code: 'not_found' });
  });

  test('says in the words of v5 what an evaluator takes and returns', async () => {
    expect(specFields(await readyEvaluator('latency'))).toEqual({
      arguments_type: 'target_free',
      return_type: 'number',
      number_limits: { min: 0, max: null },
      number_valence: 'negative',
    });
    expect(specFields(await readyEvaluator('latency', { at_most: 100 }))).toEqual({
      arguments_type: 'target_free',
      return_type: 'boolean',
    });
    expect(specFields(await readyEvaluator('exact'))).toEqual({ arguments_type: 'target_required', return_type: 'boolean' });
  });

  test('says by its options what an evaluator needs', async () => {
    expect((await readyEvaluator('contains')).needs).toContain('reference');
    expect((await readyEvaluator('contains', { texts: ['x'] })).needs).toEqual(['output']);
    expect((await readyEvaluator('tool_calls', { where: 'trace' })).needs).toContain('trace');
  });
});

describe('published measures', () => {
  test.each(measures.sentences)('of “$output”', async ({ output, target, bleu, chrf, rouge1, rouge2, rougeL, ...rest }) => {
    const score = async (name: string, options: AnyObject) => {
      const outcome = await judge({ name, options, log: { output }, testcase: { target: { output: target } } });
      return outcome.value;
    };
    for (const [smoothing, value] of Object.entries(bleu)) expect(await score('bleu', { smoothing })).toBeCloseTo(value, 8);
    expect(await score('chrf', {})).toBeCloseTo(chrf, 8);
    expect(await score('chrf', { words: true })).toBeCloseTo(rest['chrf++'], 8);
    for (const [kind, values] of Object.entries({ rouge1, rouge2, rougeL })) {
      const [precision, recall, f1] = values ?? [];
      for (const [measure, value] of Object.entries({ precision, recall, f1 })) {
        const found = await score('rouge', { kind, measure });
        // A target too short for pairs has no ROUGE-2; rouge-score says zero.
        if (value !== undefined && found !== null) expect(found).toBeCloseTo(value, 8);
      }
    }
  });

  test('BLEU of a corpus is that of the sums, not the mean', () => {
    const { outputs, targets, bleu, correct, total, lengths } = measures.corpus;
    const sum = addBleu(outputs.map((output, i) => countBleu(output, targets[i] ?? [])));
    expect(sum).toEqual({ correct, total, outputLength: lengths[0], referenceLength: lengths[1] });
    expect(scoreBleu(sum, { smoothing: 'exp', effectiveOrder: false })).toBeCloseTo(bleu, 4);
  });
});
