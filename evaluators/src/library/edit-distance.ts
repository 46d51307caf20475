import { distance } from 'fastest-levenshtein';
import { z } from 'zod';
import { defineEvaluator, scored, share } from '../evaluator.ts';
import { bounds, formText, numberOr, targetKey, textForm } from '../options.ts';
import { counted, grouped } from '../words.ts';

export const editDistance = defineEvaluator({
  name: 'edit_distance',
  title: 'Edit distance',
  group: 'similarity',
  description: 'How few letters would have to change to turn the output into the target?',
  limits: 'From 0 to 1: one less the edits as a share of the longer text. Moved passages count as removed and added.',
  cites: ['Levenshtein 1966', 'Myers 1999, bit-parallel, https://doi.org/10.1145/316542.316550'],
  maxChars: 30_000,
  options: z.strictObject({ target_key: targetKey, ...textForm, ...bounds }),
  needs: () => ['output', 'reference'],
  returns: numberOr(share),
  prepare: (options) => (material) => {
    const output = formText(material.output, options);
    const likenesses = material.references.map((text) => likeness(output, formText(text, options)));
    const [best = { share: 0, edits: 0, length: 0 }] = likenesses.sort((a, b) => b.share - a.share);
    return scored(best.share, `${counted(best.edits, 'edit')} in ${grouped(best.length)} characters.`);
  },
});

function likeness(a: string, b: string): { share: number; edits: number; length: number } {
  const [left, right] = oneUnitEach(a, b);
  const length = Math.max(left.length, right.length);
  const edits = distance(left, right);
  return { share: length === 0 ? 1 : 1 - edits / length, edits, length };
}

/** The package counts UTF-16 units. Here each code point becomes one unit: two texts of the cap have fewer than 65,536 different ones. */
function oneUnitEach(a: string, b: string): [string, string] {
  if (!/[\uD800-\uDFFF]/.test(a + b)) return [a, b];
  const units = new Map<string, string>();
  const map = (text: string) =>
    Array.from(text, (sign) => units.get(sign) ?? (units.set(sign, String.fromCharCode(units.size)), units.get(sign))).join('');
  return [map(a), map(b)];
}
