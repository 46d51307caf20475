import { AppError } from '@whetstone/contract';
import { z } from 'zod';
import { defineEvaluator, notScored, passes, scored } from '../evaluator.ts';
import { loadLanguages } from '../text/language.ts';

export const language = defineEvaluator({
  name: 'language',
  title: 'Language',
  group: 'style',
  description: 'Is the output in one of the languages you name, or in the language of the question?',
  limits: 'Sixty languages, by the first 10,000 characters; of a mixed text the main one. Texts too short to tell are not scored.',
  cites: ['Efficient Language Detector, https://github.com/nitotm/efficient-language-detector-js'],
  options: z.strictObject({
    languages: z
      .array(z.string().regex(/^[a-z]{2}$/))
      .max(60)
      .default([])
      .describe('ISO 639-1 codes, such as `en`; none: the language of the question.'),
    unsure: z.enum(['not_scored', 'best_guess']).default('not_scored').describe('What to do with a text that is too short to be sure.'),
  }),
  needs: ({ languages }) => (languages.length === 0 ? ['output', 'question'] : ['output']),
  returns: () => passes,
  prepare: async ({ languages, unsure }) => {
    const { detect, codes } = await loadLanguages();
    const unknown = languages.find((code) => !codes.has(code));
    if (unknown !== undefined) throw new AppError('invalid_input', `The language \`${unknown}\` is none that can be told.`);
    const tell = (text: string) => {
      const found = detect(text);
      return found.code !== '' && (found.reliable || unsure === 'best_guess') ? found.code : null;
    };
    return ({ output, question }) => {
      const wanted = languages.length === 0 ? [tell(question)] : languages;
      if (wanted.includes(null)) return notScored('The language of the question cannot be told with certainty.');
      const found = tell(output);
      if (found === null) return notScored('The language of the output cannot be told with certainty.');
      return scored(wanted.includes(found), `Language: ${found}${wanted.includes(found) ? '' : ` in place of ${wanted.join(' or ')}`}.`);
    };
  },
});
