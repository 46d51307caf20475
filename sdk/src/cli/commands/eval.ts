import type { Output } from '../report.ts';

/** Loaded when it is asked for: the library of evaluators and the sandbox come with it. */
export async function evaluateFiles(
  args: readonly string[],
  environment: Record<string, string | undefined>,
  output: Output,
): Promise<number> {
  const { runEval } = await import('../../eval/command.ts');
  return runEval(args, environment, output);
}
