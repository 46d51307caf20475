import { AppError } from '@whetstone/contract';
import { ToolFailure } from '../failure.ts';
import type { ToolKind } from './kind.ts';

/**
 * Code in the sandbox: its function gets the inputs by name and returns text, or what becomes JSON. The function is the one that
 * the tool declares where the source has it, else the last one defined. There is no network, no file, and no environment variable.
 */
export const python: ToolKind = {
  type: 'python',
  runs: true,
  call: async (run) => {
    const { tool, kernel } = run;
    if (!kernel.source_code) throw new AppError('bad_request', `The tool \`${tool.file.path}\` has no code: give it \`source_code\`.`);
    const outcome = await run.runPython(kernel.source_code, kernel.function?.name ?? null);
    if (outcome.stdout !== '') run.printed(outcome.stdout);
    if (outcome.outcome === 'value') {
      const { json } = outcome.value;
      return typeof json === 'string' ? json : JSON.stringify(json);
    }
    if (outcome.outcome === 'unavailable')
      throw new AppError(
        'bad_request',
        `This server does not run Python (${outcome.message}). Run \`${tool.file.path}\` in your application and log the run with POST /v5/tools/log.`,
      );
    const place = outcome.outcome === 'error' && outcome.line !== null ? ` (line ${outcome.line})` : '';
    throw new ToolFailure(`${outcome.message}${place}`);
  },
};
