import { AppError } from '@whetstone/contract';
import type { ToolKind } from './kind.ts';

export const jsonSchema: ToolKind = {
  type: 'json_schema',
  runs: false,
  call: async ({ tool }) => {
    throw new AppError(
      'bad_request',
      `\`${tool.file.path}\` only declares a function: your application runs it, and logs the run with POST /v5/tools/log.`,
    );
  },
};
