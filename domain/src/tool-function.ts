import type { ToolFunction } from '@whetstone/contract';

const longestName = 64;

/** What providers take as the name of a function: letters, digits, `_` and `-`, at most 64. */
export function functionName(text: string): string {
  const name = text.replace(/[^A-Za-z0-9_-]+/g, '_').slice(0, longestName);
  return /[A-Za-z0-9]/.test(name) ? name : 'tool';
}

/**
 * The function by which a model calls a file: the one that its kernel declares, else one made of its name, its
 * description and its inputs, each a required text.
 */
export function functionOfFile(
  file: { name: string; description: string | null },
  declared: ToolFunction | null | undefined,
  inputs: readonly string[],
): ToolFunction {
  if (declared !== null && declared !== undefined) return declared;
  return {
    name: functionName(file.name),
    description: file.description ?? '',
    parameters: {
      type: 'object',
      properties: Object.fromEntries(inputs.map((name) => [name, { type: 'string' }])),
      required: [...inputs],
    },
  };
}
