import { AppError, type CheckedEvaluator, type EvaluatorSpec, type NeedOfEvaluator } from '@whetstone/contract';
import { isPairwise, variables } from '@whetstone/domain';
import { readyEvaluator, specFields } from '@whetstone/evaluators';
import { needOf, startingNeeds } from './library/catalogue.ts';

/** What an evaluator has to find at a log, where it finds that, and for the library what its options make of it. */
export type Requirements = Pick<CheckedEvaluator, 'judged_by' | 'needs' | 'runs_in' | 'form' | 'option_problems'>;

const otherAnswer: NeedOfEvaluator = { name: 'pair', words: 'a second answer to the same case' };
const datapoint: NeedOfEvaluator = { name: 'reference', words: "the datapoint's target" };

export async function requirementsOf(spec: EvaluatorSpec): Promise<Requirements> {
  if (spec.evaluator_type === 'external' && spec.library != null) return ofLibrary(spec.library);
  const needs = needsOf(spec);
  const judgedBy = spec.evaluator_type === 'human' ? 'people' : spec.evaluator_type === 'external' ? 'outside' : 'server';
  return { judged_by: judgedBy, needs, runs_in: places(needs), form: null, option_problems: [] };
}

async function ofLibrary({ name, options, model, embedding_model: embedding }: NonNullable<Library['library']>): Promise<Requirements> {
  try {
    const ready = await readyEvaluator(name, options ?? {});
    const needs = ready.needs.map(needOf);
    const problems = [
      ...(ready.needs.includes('model') && model == null ? [{ option: 'model', message: 'Choose the model that judges.' }] : []),
      ...(ready.needs.includes('embedding') && embedding == null
        ? [{ option: 'embedding_model', message: 'Choose the model that makes embeddings.' }]
        : []),
    ];
    return { judged_by: 'server', needs, runs_in: places(needs), form: specFields(ready), option_problems: problems };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const details = error.details ?? [];
    const problems = details.map(({ loc, msg }) => ({ option: String(loc[1] ?? ''), message: msg }));
    const all = problems.length > 0 ? problems : [{ option: '', message: error.message }];
    const needs = startingNeeds(name);
    return { judged_by: 'server', needs, runs_in: places(needs), form: null, option_problems: all };
  }
}
type Library = Extract<EvaluatorSpec, { evaluator_type: 'external' }>;

function needsOf(spec: EvaluatorSpec): NeedOfEvaluator[] {
  const wanted = spec.arguments_type === 'target_required' || namesDatapoint(spec);
  const said: NeedOfEvaluator[] = wanted ? [datapoint] : [];
  if (readsTrace(spec)) said.push(needOf('trace'));
  if (isPairwise(spec)) said.push(otherAnswer);
  if (spec.evaluator_type === 'llm') said.push(needOf('model'));
  return said;
}

function namesDatapoint(spec: EvaluatorSpec): boolean {
  if (spec.evaluator_type !== 'llm' || spec.prompt == null) return false;
  return variables(spec.prompt.template, spec.prompt.template_language).some((name) => /^testcase\b/.test(name));
}

function readsTrace(spec: EvaluatorSpec): boolean {
  if (spec.evaluator_type === 'python') return /\btrace_children\b/.test(spec.code);
  if (spec.evaluator_type !== 'llm' || spec.prompt == null) return false;
  return JSON.stringify(spec.prompt.template ?? '').includes('trace_children');
}

/** Logs of production have no datapoint, so that what compares with a target, or with another answer to it, is for datasets. */
function places(needs: readonly NeedOfEvaluator[]): Requirements['runs_in'] {
  return { datasets: true, production: !needs.some(({ name }) => name === 'reference' || name === 'pair') };
}
