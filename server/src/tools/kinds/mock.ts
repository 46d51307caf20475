import { AppError } from '@whetstone/contract';
import { renderError, renderTemplate } from '@whetstone/domain';
import { ToolFailure } from '../failure.ts';
import type { ToolKind } from './kind.ts';

/** Stands in for a tool: `setup_values.output` (text with `{{inputs}}`, or any JSON), or `setup_values.error`. */
export const mock: ToolKind = {
  type: 'mock',
  runs: true,
  call: async ({ tool, kernel, setup, inputs }) => {
    const error = setup['error'];
    if (typeof error === 'string' && error !== '') throw new ToolFailure(fill(error, inputs));
    const output = setup['output'] ?? setup['response'] ?? kernel.source_code;
    if (output === undefined || output === null)
      throw new AppError('bad_request', `The mock \`${tool.file.path}\` has nothing to answer: give it \`setup_values.output\`.`);
    return typeof output === 'string' ? fill(output, inputs) : JSON.stringify(output);
  },
};

function fill(text: string, inputs: Record<string, unknown>): string {
  const rendered = renderTemplate(text, inputs);
  if (!rendered.ok) throw renderError(rendered);
  return rendered.value;
}
