import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { AppError, type EvaluatorSpec, evaluatorSpec } from '@whetstone/contract';
import type { ScoreGiven, ScoreSettings } from '../definition.ts';
import { CannotMeasure, type Scorer } from '../plan.ts';
import { referenceOf } from './data.ts';

interface At {
  directory: string;
}

/** @throws CannotMeasure for a score that cannot work: told before anything is run */
export async function scorersOf(given: readonly ScoreGiven[], at: At): Promise<{ scorers: Scorer[]; files: string[] }> {
  if (!Array.isArray(given) || given.length === 0) throw new CannotMeasure('`scores` is a list of at least one score');
  const scorers: Scorer[] = [];
  const files: string[] = [];
  for (const [index, one] of given.entries()) {
    const scorer = await scorerOf(one as ScoreGiven, index + 1, at);
    if (scorers.some(({ name }) => name === scorer.name))
      throw new CannotMeasure(`two scores are called \`${scorer.name}\`; give one of them a \`name\``);
    scorers.push(scorer);
    if (typeof one === 'object' && 'file' in one) files.push(resolve(at.directory, one.file));
  }
  return { scorers, files };
}

async function scorerOf(given: ScoreGiven, number: number, at: At): Promise<Scorer> {
  if (typeof given === 'function') return { name: given.name || `score ${number}`, spec: null, how: { kind: 'function', fn: given } };
  const name = (fallback: string): string => given.name ?? fallback;
  switch (given.kind) {
    case 'function':
      return {
        name: name(given.fn.name || `score ${number}`),
        spec: given.returns === undefined ? null : checked({ evaluator_type: 'external', ...returnsOf(given) }, name('')),
        how: { kind: 'function', fn: given.fn },
      };
    case 'library':
      return { name: name(given.library), spec: await librarySpec(given), how: { kind: 'spec' } };
    case 'code':
      return { name: name(given.file.replace(/^.*[\\/]|\.\w+$/g, '')), spec: codeSpec(given, at), how: { kind: 'spec' } };
    case 'judge':
      return { name: name('judge'), spec: judgeSpec(given), how: { kind: 'spec' } };
    case 'evaluator': {
      const reference = referenceOf(given.reference);
      return { name: name(reference.path.replace(/^.*\//, '')), spec: null, how: { kind: 'evaluator', ...reference } };
    }
    default:
      throw new CannotMeasure(`score ${number} is neither a function nor made by library(), code(), judge(), evaluator() or score()`);
  }
}

type Of<K extends string> = Extract<ScoreGiven, { kind: K }>;

async function librarySpec({ library: name, with: options, model, embeddingModel }: Of<'library'>): Promise<EvaluatorSpec> {
  const { readyEvaluator, specFields } = await import('@whetstone/evaluators');
  try {
    const ready = await readyEvaluator(name, options);
    if (ready.needs.includes('model') && model === undefined)
      throw new CannotMeasure(`\`${name}\` asks a model: name one, \`model: gpt-4o-mini\` for example`);
    if (ready.needs.includes('embedding') && embeddingModel === undefined)
      throw new CannotMeasure(`\`${name}\` compares embeddings: name a model for them, \`embedding_model\``);
    const more = {
      ...(model === undefined ? {} : { model }),
      ...(embeddingModel === undefined ? {} : { embedding_model: embeddingModel }),
    };
    return checked({ evaluator_type: 'external', ...specFields(ready), library: { name, options, ...more } }, name);
  } catch (error) {
    if (error instanceof AppError) throw new CannotMeasure(error.message);
    throw error;
  }
}

function codeSpec(given: Of<'code'>, { directory }: At): EvaluatorSpec {
  const file = resolve(directory, given.file);
  if (!existsSync(file)) throw new CannotMeasure(`There is no file ${given.file}.`);
  const language = file.endsWith('.py') ? 'python' : /\.[mc]?[jt]s$/.test(file) ? 'javascript' : null;
  if (language === null) throw new CannotMeasure(`${given.file}: code is a file .py, .js or .ts`);
  const spec = { evaluator_type: 'python', language, code: readFileSync(file, 'utf8').replaceAll('\r\n', '\n'), ...returnsOf(given) };
  return checked(spec, given.file);
}

function judgeSpec({ prompt, votes, ...given }: Of<'judge'>): EvaluatorSpec {
  return checked({ evaluator_type: 'llm', prompt, ...(votes === undefined ? {} : { votes }), ...returnsOf(given) }, 'judge');
}

export function returnsOf({ returns = 'boolean', range, better, options }: ScoreSettings): Record<string, unknown> {
  const number = returns !== 'number' ? {} : { number_valence: better === 'lower' ? 'negative' : 'positive' };
  return {
    arguments_type: 'target_free',
    return_type: returns,
    ...number,
    ...(range === undefined ? {} : { number_limits: { min: range[0], max: range[1] } }),
    ...(options === undefined ? {} : { options: Object.entries(options).map(([name, valence]) => ({ name, valence })) }),
  };
}

function checked(spec: unknown, what: string): EvaluatorSpec {
  const parsed = evaluatorSpec.safeParse(spec);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new CannotMeasure(`the score \`${what}\`: ${issue?.path.join('.')}: ${issue?.message}`);
}
