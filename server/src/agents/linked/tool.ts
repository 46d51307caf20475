import { AppError, type JsonObject } from '@whetstone/contract';
import { functionOfFile } from '@whetstone/domain';
import type { LinkedKind } from './kind.ts';

export const linkedTool: LinkedKind<'tool'> = {
  kind: 'tool',
  functionOf: ({ file, version, inputs }) => functionOfFile(file, version.kernel.function, inputs),
  runs: (room, snapshot) => room.tools.runs(snapshot),
  async run(room, { scope, snapshot, environmentId, arguments: given, log, signal }) {
    const call = { tool: snapshot, environmentId, inputs: given as JsonObject, log, refusals: 'log' as const };
    const { output, error, status, logId } = await room.tools.call(scope, call, signal);
    if (status === 'cancelled') throw new AppError('cancelled', 'The caller went away.', { data: { log_id: logId } });
    return { content: error === null ? (output ?? '') : `Error: ${error}`, logId, usage: null };
  },
};
