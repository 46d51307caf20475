import { AppError } from '@whetstone/contract';
import { compilePattern } from '@whetstone/domain';
import type { ValidateFunction } from 'ajv';
import { z } from 'zod';
import { defineEvaluator, passes, scored } from '../evaluator.ts';
import { isTooDeep, parseJson } from '../json.ts';
import { quote } from '../words.ts';

const maxSchemaChars = 200_000;

export const jsonSchema = defineEvaluator({
  name: 'json_schema',
  title: 'JSON schema',
  group: 'structure',
  description: 'Is the output JSON of the form that your program expects?',
  limits: 'References to other documents are not fetched. Patterns inside the schema are RE2’s.',
  cites: ['JSON Schema 2020-12, https://json-schema.org/draft/2020-12', 'Ajv 8, https://ajv.js.org'],
  options: z.strictObject({
    schema: z
      .union([z.record(z.string(), z.unknown()), z.boolean()])
      .default({})
      .describe('The schema: 2020-12, or the draft that its `$schema` names (2019-09, 07). Empty: any JSON.'),
    fences: z.boolean().default(false).describe('Take off a Markdown code block around the JSON.'),
  }),
  needs: () => ['output'],
  returns: () => passes,
  prepare: async (options) => {
    const validate = await compileSchema(options.schema);
    return ({ output }) => {
      const read = parseJson(output, options);
      if (!read.ok) return scored(false, read.problem);
      if (runs(validate, read.value)) return scored(true);
      const [first] = validate.errors ?? [];
      if (first === undefined) return scored(false, 'The schema refers to itself without end.');
      return scored(false, `${first.instancePath === '' ? 'The whole' : quote(first.instancePath)} ${first.message ?? 'does not fit'}.`);
    };
  },
});

/** A schema that is its own `$ref` recurses until the stack ends: then nothing fits it. */
function runs(validate: ValidateFunction, value: unknown): boolean {
  try {
    return validate(value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    validate.errors = null;
    return false;
  }
}

async function compileSchema(schema: object | boolean): Promise<ValidateFunction> {
  const refuse = (problem: string) =>
    new AppError('invalid_input', problem, { details: [{ loc: ['options', 'schema'], msg: problem, type: 'value_error.schema' }] });
  if (isTooDeep(schema)) throw refuse('The schema is nested too deeply, or in a circle.');
  if (JSON.stringify(schema).length > maxSchemaChars) throw refuse(`The schema is longer than ${maxSchemaChars} characters.`);
  const ajv = await validatorFor(schema);
  try {
    return ajv.compile(schema);
  } catch (error) {
    if (error instanceof RangeError) throw refuse('The schema refers to itself without end.');
    throw refuse(`The schema cannot be used: ${error instanceof Error ? error.message.slice(0, 300) : 'unknown error'}.`);
  }
}

async function validatorFor(schema: object | boolean) {
  const draft = typeof schema === 'object' && '$schema' in schema ? String(schema.$schema) : '';
  // One error is enough: collecting all is how a hostile document makes a validator spend memory.
  const settings = { strict: false, allErrors: false, code: { regExp: linearRegExp }, logger: false } as const;
  const ajv = await makeValidator(draft, settings);
  const { default: addFormats } = await import('ajv-formats');
  addFormats.default(ajv);
  return ajv;
}

async function makeValidator(draft: string, settings: object) {
  if (draft.includes('draft-07')) return new (await import('ajv')).Ajv(settings);
  if (draft.includes('2019-09')) return new (await import('ajv/dist/2019.js')).Ajv2019(settings);
  return new (await import('ajv/dist/2020.js')).Ajv2020(settings);
}

/** In place of the engine's own, which a pattern such as `(a+)+$` can hang. */
function linearRegExp(source: string) {
  const pattern = compilePattern(source);
  if (typeof pattern === 'string') throw new Error(pattern);
  // Ajv keeps patterns apart by their text.
  return { test: (text: string) => pattern.matcher(text).find(), toString: () => source };
}
linearRegExp.code = 'linearRegExp';
