import { AppError, type AnyObject } from '@whetstone/contract';
import { getOwn } from '@whetstone/domain';

/** What a tool was given and set up with, read with names in the errors. */

export function invalidInput(name: string, problem: string): AppError {
  return new AppError('invalid_input', `The input \`${name}\`: ${problem}.`, {
    details: [{ loc: ['body', 'inputs', name], msg: problem, type: 'value_error' }],
  });
}

export function textInput(inputs: AnyObject, name: string): string {
  const value = getOwn(inputs, name);
  if (value === undefined || value === null)
    throw new AppError('invalid_input', `The tool needs the input \`${name}\`.`, {
      details: [{ loc: ['body', 'inputs', name], msg: 'field required', type: 'value_error.missing' }],
    });
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** An input wins over what the tool is set up with. */
export function countOf(
  run: { inputs: AnyObject; setup: AnyObject },
  names: readonly string[],
  bounds: { usual: number; most: number },
): number {
  for (const source of [run.inputs, run.setup]) {
    for (const name of names) {
      const given = getOwn(source, name);
      if (given === undefined || given === null) continue;
      const count = Number(given);
      if (!Number.isInteger(count) || count < 1 || count > bounds.most)
        throw invalidInput(name, `must be a whole number from 1 to ${bounds.most}`);
      return count;
    }
  }
  return bounds.usual;
}

export function objectOf(run: { inputs: AnyObject; setup: AnyObject }, name: string): AnyObject | null {
  const value = getOwn(run.inputs, name) ?? getOwn(run.setup, name) ?? null;
  if (value === null) return null;
  if (typeof value !== 'object' || Array.isArray(value)) throw invalidInput(name, 'must be an object');
  return value as AnyObject;
}

/** A setting of the tool as text. Numbers count as text: people write them so. */
export function setting(setup: AnyObject, ...names: string[]): string | null {
  for (const name of names) {
    const value = getOwn(setup, name);
    if (typeof value === 'string' && value !== '') return value;
    if (typeof value === 'number') return String(value);
  }
  return null;
}

export function requiredSetting(setup: AnyObject, what: string, ...names: string[]): string {
  const value = setting(setup, ...names);
  if (value !== null) return value;
  throw new AppError('bad_request', `The tool is not set up: give it ${what} as \`setup_values.${names[0]}\`.`);
}

/** The vector to search by: the one given, or what a model makes of the text. */
export async function queryVector(run: {
  inputs: AnyObject;
  setup: AnyObject;
  embed(model: string, text: string): Promise<number[]>;
}): Promise<number[]> {
  const given = getOwn(run.inputs, 'vector');
  if (given !== undefined && given !== null) {
    if (!Array.isArray(given) || given.length === 0 || !given.every((item) => typeof item === 'number' && Number.isFinite(item)))
      throw invalidInput('vector', 'must be a list of numbers');
    return given as number[];
  }
  const query = textInput(run.inputs, 'query');
  return run.embed(requiredSetting(run.setup, 'the model that made the vectors', 'embedding_model', 'model'), query);
}
