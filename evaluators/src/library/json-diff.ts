import { z } from 'zod';
import { defineEvaluator, notScored, scored, share } from '../evaluator.ts';
import { compareJson, parseJson, tellDifference } from '../json.ts';
import { bounds, numberOr, targetKey } from '../options.ts';
import { listed } from '../words.ts';

export const jsonDiff = defineEvaluator({
  name: 'json_diff',
  title: 'JSON difference',
  group: 'structure',
  description: 'How much of the expected JSON is in the output, and at which places does it differ?',
  limits: 'Every single value counts the same, and a value is right or wrong: texts are not compared by likeness.',
  cites: ['Places are JSON Pointers, RFC 6901'],
  options: z.strictObject({
    target_key: targetKey,
    list_order: z.enum(['same', 'any']).default('same').describe('Whether the order of lists matters.'),
    extra: z.enum(['wrong', 'allowed']).default('wrong').describe('What the output has beyond the target.'),
    tolerance: z.number().min(0).default(0).describe('Largest difference between two numbers that are taken as equal.'),
    ignore: z.array(z.string().startsWith('/')).max(1000).default([]).describe('Places to leave out, such as `/id` or `/items/0/at`.'),
    fences: z.boolean().default(true).describe('Take off a Markdown code block around the JSON.'),
    ...bounds,
  }),
  needs: () => ['output', 'reference'],
  returns: numberOr(share),
  prepare: (options) => {
    const rules = { listOrder: options.list_order, extra: options.extra, tolerance: options.tolerance, ignore: new Set(options.ignore) };
    return ({ output, target }) => {
      const expected = typeof target === 'string' ? parseJson(target, options) : { ok: true as const, value: target };
      if (!expected.ok) return notScored(`The target is not JSON: ${expected.problem}`);
      const actual = parseJson(output, options);
      if (!actual.ok) return scored(0, actual.problem);
      const { same, total, differences } = compareJson(expected.value, actual.value, rules);
      if (differences.length === 0) return scored(1);
      return scored(same / total, `${listed(differences, tellDifference)}.`);
    };
  },
});
