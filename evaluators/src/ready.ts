import { AppError } from '@whetstone/contract';
import type { AnyObject, EvaluatorSpec } from '@whetstone/contract';
import { failed, notScored, scored } from './evaluator.ts';
import type { Evaluator, Help, Material, Need, Outcome, Returns, Subject } from './evaluator.ts';
import { isBounded } from './options.ts';
import type { Bounds } from './options.ts';
import { isMissing, readMaterial } from './read.ts';
import { library } from './table.ts';
import { grouped } from './words.ts';

/** The door to the library: the editor, CI, monitors and the SDK all judge through it, so none can differ. */

export interface ReadyEvaluator {
  evaluator: Evaluator;
  /** With defaults filled in. */
  options: AnyObject;
  needs: readonly Need[];
  returns: Returns;
  /** Throws only when `signal` says stop. The same subject gives the same outcome, byte for byte, where neither a model nor an embedding is needed. */
  judge(subject: Subject, help?: Help): Promise<Outcome>;
}

const byName = new Map(library.map((evaluator) => [evaluator.name, evaluator]));

/** An evaluator of the library by name; undefined when there is none. */
export const findEvaluator = (name: string): Evaluator | undefined => byName.get(name);

/**
 * An evaluator with its options, compiled once for many judgments.
 * Throws `not_found` for a name that is not in the library and `invalid_input` for options that cannot work.
 */
export async function readyEvaluator(name: string, given: AnyObject = {}): Promise<ReadyEvaluator> {
  const evaluator = findEvaluator(name);
  if (evaluator === undefined) throw new AppError('not_found', `The library has no evaluator \`${name}\`.`);
  const options = parseOptions(evaluator, given);
  const needs = evaluator.needs(options);
  const score = await evaluator.prepare(options);
  return {
    evaluator,
    options,
    needs,
    returns: evaluator.returns(options),
    async judge(subject, help = {}) {
      if (needs.includes('model') && help.ask === undefined) return notScored('No model is at hand that could judge.');
      if (needs.includes('embedding') && help.embed === undefined) return notScored('No model for embeddings is at hand.');
      help.signal?.throwIfAborted();
      try {
        const material = readMaterial(subject, needs, options);
        if (isMissing(material)) return notScored(material.missing);
        const tooLong = findTooLong(material, evaluator);
        if (tooLong !== null) return notScored(tooLong);
        return settle(await score(material, help), options);
      } catch (error) {
        help.signal?.throwIfAborted();
        return failed(error instanceof Error ? error.message.slice(0, 1000) : 'The evaluator failed.');
      }
    },
  };
}

/** One judgment. For many, make the evaluator ready once. Throws as `readyEvaluator` does. */
export async function judge(request: { name: string; options?: AnyObject } & Subject & Help): Promise<Outcome> {
  const ready = await readyEvaluator(request.name, request.options);
  return ready.judge(request, request);
}

type SpecFields = Pick<EvaluatorSpec, 'arguments_type' | 'return_type' | 'number_limits' | 'number_valence'>;

/** What v5 says of an evaluator's arguments and judgments, for this one with these options. */
export function specFields({ needs, returns }: Pick<ReadyEvaluator, 'needs' | 'returns'>): SpecFields {
  const base = { arguments_type: needs.includes('reference') ? 'target_required' : 'target_free', return_type: returns.type } as const;
  if (returns.type === 'boolean') return base;
  const valence = { higher: 'positive', lower: 'negative' } as const;
  return {
    ...base,
    number_limits: { min: returns.min, max: returns.max },
    number_valence: returns.better === null ? 'neutral' : valence[returns.better],
  };
}

function parseOptions(evaluator: Evaluator, given: AnyObject): AnyObject {
  const parsed = evaluator.options.safeParse(given);
  if (parsed.success) return parsed.data;
  const details = parsed.error.issues.map((issue) => ({
    loc: ['options', ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))],
    msg: issue.message,
    type: `value_error.${issue.code}`,
  }));
  const [first] = details;
  const where = first === undefined ? '' : ` \`${first.loc.join('.')}\`: ${first.msg}`;
  throw new AppError('invalid_input', `${evaluator.title}:${where}`, { details });
}

function findTooLong({ output, references, question, contexts }: Material, { title, maxChars }: Evaluator): string | null {
  const texts = [
    { what: 'The output', length: output.length },
    { what: 'The reference', length: Math.max(0, ...references.map((text) => text.length)) },
    { what: 'The question', length: question.length },
    { what: 'The context', length: contexts.reduce((sum, text) => sum + text.length, 0) },
  ];
  const long = texts.find(({ length }) => length > maxChars);
  return long === undefined ? null : `${long.what} has ${grouped(long.length)} characters; “${title}” judges at most ${grouped(maxChars)}.`;
}

/**
 * Bounds turn a number into a pass or a fail. Numbers keep ten digits: engines differ in the last ones of exponentials
 * and logarithms, and judgments are to be the same everywhere.
 */
function settle(outcome: Outcome, options: Partial<Bounds>): Outcome {
  if (outcome.outcome !== 'scored' || typeof outcome.value === 'boolean') return outcome;
  if (!Number.isFinite(outcome.value)) return failed('The score is not a number.');
  const value = Number(outcome.value.toPrecision(10));
  if (!isBounded(options)) return { ...outcome, value };
  const { at_least: least, at_most: most } = options;
  const told = outcome.reason === null ? '' : ` ${outcome.reason}`;
  if (least != null && value < least) return scored(false, `${grouped(value)} is under ${grouped(least)}.${told}`);
  if (most != null && value > most) return scored(false, `${grouped(value)} is over ${grouped(most)}.${told}`);
  return scored(true, `${grouped(value)}.${told}`);
}
