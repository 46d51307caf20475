import { parsePromptFile } from '@whetstone/domain';
import { type Format, FormatError } from './format.ts';

const textOf = (kind: 'prompt' | 'agent'): Format => ({
  kind,
  extension: `.${kind}`,
  print: null,
  parse(text) {
    const parsed = parsePromptFile(kind, text);
    if (!parsed.ok) throw new FormatError(parsed.error.line, parsed.error.column, parsed.error.message);
    return parsed.kernel;
  },
});

export const promptFormat = textOf('prompt');
export const agentFormat = textOf('agent');
