import { syllable } from 'syllable';
import { z } from 'zod';
import { defineEvaluator, notScored, passes, scored } from '../evaluator.ts';
import { bounds, isBounded } from '../options.ts';
import { loadLanguages } from '../text/language.ts';
import { counted } from '../words.ts';

/** Under so many words a formula made for passages says nothing. */
const fewestWords = 10;
/** Läsbarhetsindex counts words of more letters as long. */
const longWord = 6;

export const readability = defineEvaluator({
  name: 'readability',
  title: 'Readability',
  group: 'style',
  description: 'How easy is the output to read, by the length of its words and sentences?',
  limits: 'Flesch’s formulas are for English: other languages are not scored. LIX is for European languages. None knows what is said.',
  cites: [
    'Flesch 1948, reading ease: 206.835 − 1.015 words/sentences − 84.6 syllables/words',
    'Kincaid et al. 1975, grade: 0.39 words/sentences + 11.8 syllables/words − 15.59',
    'Björnsson 1968, LIX: words/sentences + 100 words over 6 letters/words',
  ],
  options: z.strictObject({
    formula: z
      .enum(['flesch', 'flesch_kincaid', 'lix'])
      .default('flesch')
      .describe('Reading ease (0 hard, 100 easy), US school grade (the lower the easier), or LIX (20 easy, 60 hard).'),
    ...bounds,
  }),
  needs: () => ['output'],
  returns: (options) =>
    isBounded(options) ? passes : { type: 'number', min: null, max: null, better: options.formula === 'flesch' ? 'higher' : 'lower' },
  prepare: async ({ formula }) => {
    const detect = formula === 'lix' ? null : (await loadLanguages()).detect;
    return ({ output }) => {
      const { words, sentences } = measure(output);
      if (words.length < fewestWords) return notScored(`The output has fewer than ${fewestWords} words.`);
      const found = detect?.(output);
      if (found?.reliable === true && found.code !== 'en')
        return notScored(`The formula is for English; the output is in \`${found.code}\`.`);
      const perSentence = words.length / sentences;
      const told = `${counted(words.length, 'word')} in ${counted(sentences, 'sentence')}.`;
      if (formula === 'lix')
        return scored(perSentence + (100 * words.filter((word) => Array.from(word).length > longWord).length) / words.length, told);
      const perWord = countSyllables(words) / words.length;
      return scored(
        formula === 'flesch' ? 206.835 - 1.015 * perSentence - 84.6 * perWord : 0.39 * perSentence + 11.8 * perWord - 15.59,
        told,
      );
    };
  },
});

/** A sentence ends at a stop before a space or the end, or with a paragraph; abbreviations end one too many. */
function measure(text: string): { words: string[]; sentences: number } {
  const words = text.match(/[\p{L}\p{M}\p{N}]+(?:['’-][\p{L}\p{M}]+)*/gu) ?? [];
  const sentences = text.split(/[.!?…]+["'”’)\]]*(?=\s|$)|\n\s*\n/u).filter((sentence) => /[\p{L}\p{N}]/u.test(sentence)).length;
  return { words, sentences: Math.max(1, sentences) };
}

function countSyllables(words: readonly string[]): number {
  const known = new Map<string, number>();
  return words.reduce((sum, word) => {
    const count = known.get(word) ?? Math.max(1, syllable(word.slice(0, 100)));
    known.set(word, count);
    return sum + count;
  }, 0);
}
