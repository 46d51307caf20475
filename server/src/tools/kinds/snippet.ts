import { AppError } from '@whetstone/contract';
import { renderError, renderTemplate, snippetEntries } from '@whetstone/domain';
import { invalidInput, textInput } from '../inputs.ts';
import type { ToolKind } from './kind.ts';

const keysShown = 10;

/** The text under `key`; without entries, the tool's own text with the inputs filled in. */
export const snippet: ToolKind = {
  type: 'snippet',
  runs: true,
  call: async ({ tool, kernel, setup, inputs }) => {
    const entries = snippetEntries(setup);
    if (entries.size === 0) {
      if (!kernel.source_code) throw new AppError('bad_request', `The snippet \`${tool.file.path}\` has no entries.`);
      const rendered = renderTemplate(kernel.source_code, inputs);
      if (!rendered.ok) throw renderError(rendered);
      return rendered.value;
    }
    const key = textInput(inputs, 'key');
    const text = entries.get(key);
    if (text !== undefined) return text;
    const known = [...entries.keys()].slice(0, keysShown).map((name) => `\`${name}\``);
    throw invalidInput('key', `the snippet has nothing under \`${key}\`; it has ${known.join(', ')}`);
  },
};
