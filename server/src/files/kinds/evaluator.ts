import type { ErrorDetail, EvaluatorSpec } from '@whetstone/contract';
import { filePrefixes, variables, versionPrefixes } from '@whetstone/domain';
import type { Kind } from './kind.ts';

export const evaluator: Kind<'evaluator'> = {
  kind: 'evaluator',
  prefix: filePrefixes.evaluator,
  versionPrefix: versionPrefixes.evaluator,
  inputs: ({ spec }) =>
    spec.evaluator_type === 'llm' && spec.prompt ? variables(spec.prompt.template, spec.prompt.template_language) : [],
  validate: ({ spec }) => [...optionProblems(spec), ...limitProblems(spec)],
};

function optionProblems(spec: EvaluatorSpec): ErrorDetail[] {
  const seen = new Set<string>();
  return (spec.options ?? []).flatMap(({ name }, index) => {
    if (seen.has(name))
      return [{ loc: ['body', 'spec', 'options', index, 'name'], msg: `is \`${name}\` again`, type: 'value_error.duplicate' }];
    seen.add(name);
    return [];
  });
}

function limitProblems({ number_limits: limits }: EvaluatorSpec): ErrorDetail[] {
  if (limits?.min === undefined || limits.min === null || limits.max === undefined || limits.max === null) return [];
  if (limits.min <= limits.max) return [];
  return [{ loc: ['body', 'spec', 'number_limits', 'max'], msg: 'is smaller than min', type: 'value_error.range' }];
}
