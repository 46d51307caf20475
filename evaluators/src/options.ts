import { z } from 'zod';
import { passes } from './evaluator.ts';
import type { Returns } from './evaluator.ts';

/** Options that several evaluators share, so that each means the same everywhere. */

export const targetKey = z
  .string()
  .min(1)
  .default('output')
  .describe('Which value of the target to compare with. A target with one value needs no name.');
export const questionKey = z
  .string()
  .min(1)
  .nullable()
  .default(null)
  .describe("The input that holds the question; null: the user's last message, else the input `question`.");
export const contextKey = z
  .string()
  .min(1)
  .default('context')
  .describe('The input or metadata that holds the retrieved passages; without it, what tools returned.');

export const ignoreCase = z.boolean().default(false).describe('Capital and small letters are the same.');

/** How two texts are brought to one form before they are compared. Unicode's composed form (NFC) always. */
export const textForm = {
  ignore_case: ignoreCase,
  ignore_space: z
    .enum(['none', 'ends', 'all'])
    .default('ends')
    .describe('Spaces to overlook: none, those at both ends, or all differences in spaces and line ends.'),
};

export function formText(text: string, options: { ignore_case: boolean; ignore_space: 'none' | 'ends' | 'all' }): string {
  let form = text.normalize('NFC');
  if (options.ignore_space !== 'none') form = form.trim();
  if (options.ignore_space === 'all') form = form.replaceAll(/\s+/g, ' ');
  return options.ignore_case ? foldCase(form) : form;
}

/** Near Unicode's full case folding: by capitals first, `ß` and `SS` meet, and both forms of a small sigma. */
export const foldCase = (text: string): string => text.toUpperCase().toLowerCase();

const bound = z.number().nullable().default(null);
/** With either of these a number becomes a pass or a fail. */
export const bounds = {
  at_least: bound.describe('Pass from this number up; with a bound, the judgment is yes or no.'),
  at_most: bound.describe('Pass up to this number.'),
};
export interface Bounds {
  at_least: number | null;
  at_most: number | null;
}

export const isBounded = (options: Partial<Bounds>): boolean => options.at_least != null || options.at_most != null;

/** What a numeric evaluator returns under its bounds. */
export const numberOr =
  (returns: Returns) =>
  (options: Partial<Bounds>): Returns =>
    isBounded(options) ? passes : returns;
