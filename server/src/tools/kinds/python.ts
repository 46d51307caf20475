import { AppError } from '@whetstone/contract';
import type { ToolKind } from './kind.ts';

export const python: ToolKind = {
  type: 'python',
  runs: false,
  call: async ({ tool }) => {
    throw new AppError(
      'bad_request',
      `This server stores and versions Python tools but does not run their code yet. Run \`${tool.file.path}\` in your application and log the run with POST /v5/tools/log.`,
    );
  },
};
