import { filePrefixes, variables, versionPrefixes } from '@whetstone/domain';
import type { Kind } from './kind.ts';

export const tool: Kind<'tool'> = {
  kind: 'tool',
  prefix: filePrefixes.tool,
  versionPrefix: versionPrefixes.tool,
  inputs: (kernel) => {
    if (kernel.tool_type === 'snippet') return variables(kernel.source_code);
    const properties = kernel.function?.parameters?.['properties'];
    return typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
  },
  validate: (kernel) =>
    kernel.tool_type === 'json_schema' && !kernel.function
      ? [{ loc: ['body', 'function'], msg: 'a tool of type json_schema needs its function', type: 'value_error.missing' }]
      : [],
};
