import { z } from 'zod';
import { defineEvaluator, passes, scored } from '../evaluator.ts';
import { formText, targetKey, textForm } from '../options.ts';
import { quote } from '../words.ts';

export const exact = defineEvaluator({
  name: 'exact',
  title: 'Exact match',
  group: 'text',
  description: 'Is the output the same text as the target?',
  options: z.strictObject({ target_key: targetKey, ...textForm }),
  needs: () => ['output', 'reference'],
  returns: () => passes,
  prepare: (options) => (material) => {
    const output = formText(material.output, options);
    const references = material.references.map((text) => formText(text, options));
    return references.includes(output) ? scored(true) : scored(false, difference(output, references[0] ?? ''));
  },
});

/** Where two texts part, with a little of both. */
function difference(output: string, reference: string): string {
  let at = 0;
  while (at < output.length && at < reference.length && output[at] === reference[at]) at++;
  // Not in the middle of a surrogate pair.
  if (/[\uDC00-\uDFFF]/.test(output[at] ?? reference[at] ?? '')) at = Math.max(0, at - 1);
  const sign = Array.from(output.slice(0, at)).length + 1;
  return `Differs from character ${sign}: ${quote(output.slice(at), 40)} in place of ${quote(reference.slice(at), 40)}.`;
}
