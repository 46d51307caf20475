import { z } from 'zod';
import { defineEvaluator, passes, scored } from '../evaluator.ts';
import { foldCase, ignoreCase, targetKey } from '../options.ts';
import { listed, quote } from '../words.ts';

export const contains = defineEvaluator({
  name: 'contains',
  title: 'Contains',
  group: 'text',
  description: 'Does the output contain the words you name, or the target?',
  options: z.strictObject({
    texts: z.array(z.string().min(1)).max(1000).default([]).describe('The texts to look for; none: the target, or each text of its list.'),
    mode: z.enum(['all', 'any', 'none']).default('all').describe('How many of the texts have to be there.'),
    ignore_case: ignoreCase,
    target_key: targetKey,
  }),
  needs: ({ texts }) => (texts.length === 0 ? ['output', 'reference'] : ['output']),
  returns: () => passes,
  prepare: (options) => {
    const form = (text: string) => (options.ignore_case ? foldCase(text.normalize('NFC')) : text.normalize('NFC'));
    return ({ output, references }) => {
      const texts = options.texts.length === 0 ? references : options.texts;
      const whole = form(output);
      const found = texts.filter((text) => whole.includes(form(text)));
      const names = (list: readonly string[]) => listed(list, quote);
      if (options.mode === 'none') return found.length === 0 ? scored(true) : scored(false, `Contains ${names(found)}.`);
      if (options.mode === 'any') return found.length > 0 ? scored(true) : scored(false, `Contains none of ${names(texts)}.`);
      const lacking = texts.filter((text) => !found.includes(text));
      return lacking.length === 0 ? scored(true) : scored(false, `Lacks ${names(lacking)}.`);
    };
  },
});
