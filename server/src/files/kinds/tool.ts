import type { AnyObject, ToolType } from '@whetstone/contract';
import { filePrefixes, variables, versionPrefixes } from '@whetstone/domain';
import type { Kind } from './kind.ts';

/** Of what the tool is set up with, and what a search takes. Variables of the environment are nobody's input. */
function inputsByType(type: ToolType, setup: AnyObject): string[] {
  if (type === 'google' || type === 'pinecone_search' || type === 'chroma_search') return ['query'];
  if (type === 'snippet') return ['key'];
  if (type !== 'get_api_call' && type !== 'mock') return [];
  const names = textsOf(setup).flatMap((text) => variables(text));
  return [...new Set(names.filter((name) => !name.startsWith('env.')))];
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

export const tool: Kind<'tool'> = {
  kind: 'tool',
  prefix: filePrefixes.tool,
  versionPrefix: versionPrefixes.tool,
  inputs: (kernel) => {
    if (kernel.tool_type === 'snippet' && kernel.source_code) return variables(kernel.source_code);
    const properties = kernel.function?.parameters?.['properties'];
    if (typeof properties === 'object' && properties !== null) return Object.keys(properties);
    return kernel.tool_type == null || kernel.function ? [] : inputsByType(kernel.tool_type, kernel.setup_values ?? {});
  },
  validate: (kernel) =>
    kernel.tool_type === 'json_schema' && !kernel.function
      ? [{ loc: ['body', 'function'], msg: 'a tool of type json_schema needs its function', type: 'value_error.missing' }]
      : [],
};
