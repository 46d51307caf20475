import { library as libraryTable } from '@whetstone/evaluators';
import { z } from 'zod';
import type { EvaluationGiven, Registered, ScoreGiven, ScoreSettings } from '../definition.ts';
import { CannotMeasure } from '../plan.ts';

/** An evaluation as YAML: one, or a list of them under `evaluations`. Keys are in snake_case. */

const settings = {
  name: z.string().min(1).optional(),
  returns: z.enum(['boolean', 'number', 'select', 'multi_select', 'text']).optional(),
  range: z.tuple([z.number(), z.number()]).optional(),
  better: z.enum(['higher', 'lower']).optional(),
  options: z.record(z.string(), z.unknown()).optional(),
};
const ofLibrary = { model: z.string().optional(), embedding_model: z.string().optional() };
const scoreLine = z.union([
  z.string(),
  z.strictObject({ code: z.string(), ...settings }),
  z.strictObject({ evaluator: z.string(), name: settings.name }),
  z.strictObject({ judge: z.record(z.string(), z.unknown()), votes: z.int().optional(), ...settings }),
  z.strictObject({ library: z.string(), ...ofLibrary, ...settings }),
]);
const rule = z.strictObject({ at_least: z.number().optional(), at_most: z.number().optional() });
const form = z.strictObject({
  name: z.string().min(1),
  data: z.union([z.string(), z.array(z.record(z.string(), z.unknown()))]),
  task: z.union([z.string(), z.record(z.string(), z.unknown())]).optional(),
  scores: z.array(z.unknown()).min(1),
  repetitions: z.int().optional(),
  primary: z.string().optional(),
  margin: z.number().optional(),
  rules: z.record(z.string(), rule).optional(),
  path: z.string().optional(),
  watch: z.array(z.string()).optional(),
});

export function givenOfYaml(value: unknown): Registered[] {
  const list = typeof value === 'object' && value !== null && 'evaluations' in value ? value.evaluations : [value];
  if (!Array.isArray(list)) throw new CannotMeasure('`evaluations` is a list');
  return list.map((one) => {
    const said = read(form, one, '');
    const given = {
      ...said,
      scores: said.scores.map((line, index) => scoreOf(line, index + 1)),
      ...(said.rules === undefined
        ? {}
        : { rules: Object.fromEntries(Object.entries(said.rules).map(([name, of]) => [name, ruleOf(of)])) }),
    };
    return { name: said.name, given: given as unknown as EvaluationGiven };
  });
}

const ruleOf = ({ at_least: atLeast, at_most: atMost }: z.infer<typeof rule>) => ({
  ...(atLeast === undefined ? {} : { atLeast }),
  ...(atMost === undefined ? {} : { atMost }),
});

/** `exact`, `{ contains: { text: Paris } }` and `{ library: contains, options: … }` all name an evaluator of the library. */
function scoreOf(line: unknown, number: number): ScoreGiven {
  if (typeof line === 'string') return { kind: 'library', library: line, with: {} };
  const short = shortForm(line);
  if (short !== null) return short;
  const said = read(scoreLine, line, `scores.${number}`);
  if (typeof said === 'string') return { kind: 'library', library: said, with: {} };
  const { options, ...rest } = { options: undefined, ...said };
  const common = { ...rest, ...(options === undefined ? {} : { options }) } as ScoreSettings;
  if ('code' in said) return { ...common, kind: 'code', file: said.code };
  if ('evaluator' in said) return { ...common, kind: 'evaluator', reference: said.evaluator };
  if ('judge' in said) return { ...common, kind: 'judge', prompt: said.judge, ...(said.votes === undefined ? {} : { votes: said.votes }) };
  const { embedding_model: embeddingModel, model, name } = said;
  return {
    kind: 'library',
    library: said.library,
    with: options ?? {},
    ...(name === undefined ? {} : { name }),
    ...(model === undefined ? {} : { model }),
    ...(embeddingModel === undefined ? {} : { embeddingModel }),
  };
}

function shortForm(line: unknown): ScoreGiven | null {
  if (typeof line !== 'object' || line === null) return null;
  const { name, model, embedding_model: embeddingModel, ...rest } = line as Record<string, unknown>;
  const [key, ...others] = Object.keys(rest);
  if (key === undefined || others.length > 0 || !libraryTable.some((evaluator) => evaluator.name === key)) return null;
  return {
    kind: 'library',
    library: key,
    with: (rest[key] ?? {}) as Record<string, unknown>,
    ...(typeof name === 'string' ? { name } : {}),
    ...(typeof model === 'string' ? { model } : {}),
    ...(typeof embeddingModel === 'string' ? { embeddingModel } : {}),
  };
}

function read<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = [where, ...(issue?.path ?? [])].filter((part) => part !== '').join('.');
  const near = where === '' ? '' : ' — a score is a name of the library, or has `code`, `evaluator`, `judge` or `library`';
  throw new CannotMeasure(`\`${place}\`: ${issue?.message}${near}`);
}
