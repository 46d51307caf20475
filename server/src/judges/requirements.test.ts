import type { EvaluatorSpec } from '@whetstone/contract';
import { library } from '@whetstone/evaluators';
import { expect, it } from 'vitest';
import { catalogueOf } from './library/catalogue.ts';
import { requirementsOf } from './requirements.ts';

const boolean = { arguments_type: 'target_free', return_type: 'boolean' } as const;
const model = (text: string): EvaluatorSpec => ({
  evaluator_type: 'llm',
  ...boolean,
  prompt: { model: 'demo-small', template: [{ role: 'user', content: text }] },
});
const ofLibrary = (name: string, more: object = {}): EvaluatorSpec => ({
  evaluator_type: 'external',
  ...boolean,
  library: { name, ...more },
});
const names = async (spec: EvaluatorSpec) => (await requirementsOf(spec)).needs.map(({ name }) => name);

it('says where an evaluator can run by what it needs', async () => {
  expect((await requirementsOf(ofLibrary('exact'))).runs_in).toEqual({ datasets: true, production: false });
  expect((await requirementsOf(ofLibrary('pii'))).runs_in).toEqual({ datasets: true, production: true });
  expect((await requirementsOf(model('Like {{testcase.target.output}}?'))).runs_in.production).toBe(false);
  expect((await requirementsOf(model('Polite? {{log.output}}'))).runs_in.production).toBe(true);
});

it('reads needs out of code and templates', async () => {
  const code = 'def evaluate(log):\n  return len(log["trace_children"]) > 2';
  expect(await names({ evaluator_type: 'python', ...boolean, code })).toEqual(['trace']);
  expect(await names({ evaluator_type: 'python', ...boolean, arguments_type: 'target_required', code: '' })).toEqual(['reference']);
  expect(await names(ofLibrary('faithfulness'))).toContain('context');
});

it('tells options that cannot work, a model that is missing, and what bounds make of a number', async () => {
  const problems = async (spec: EvaluatorSpec) => (await requirementsOf(spec)).option_problems;
  expect(await problems(ofLibrary('contains', { options: { texts: 3 } }))).toMatchObject([{ option: 'texts' }]);
  // What it will need can be said all the same.
  expect(await names(ofLibrary('contains', { options: { texts: 3 } }))).toContain('output');
  expect(await problems(ofLibrary('nothing'))).toMatchObject([{ option: '', message: expect.stringContaining('nothing') }]);
  expect(await problems(ofLibrary('faithfulness'))).toMatchObject([{ option: 'model' }]);
  expect(await problems(ofLibrary('faithfulness', { model: 'demo-small' }))).toEqual([]);
  expect((await requirementsOf(ofLibrary('length'))).form?.return_type).toBe('number');
  expect((await requirementsOf(ofLibrary('length', { options: { at_most: 10 } }))).form?.return_type).toBe('boolean');
});

it('people judge, and what is outside judges by itself', async () => {
  expect((await requirementsOf({ evaluator_type: 'human', ...boolean })).judged_by).toBe('people');
  expect((await requirementsOf({ evaluator_type: 'external', ...boolean })).judged_by).toBe('outside');
});

it('offers the whole library with options that a form can be made of', () => {
  const catalogue = catalogueOf();
  expect(catalogue.map(({ name }) => name)).toEqual(library.map(({ name }) => name));
  for (const { options, name } of catalogue) expect([name, options['type']]).toEqual([name, 'object']);
});
