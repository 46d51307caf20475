import { CannotMeasure } from '../plan.ts';
import type { EvaluationResult } from '../results.ts';
import type { Broken, Concluded } from './junit.ts';

/** Results as a file: for other programs, and as a baseline of a later run. */

const format = 'whetstone-eval-1';

export function jsonText(concluded: readonly Concluded[], broken: readonly Broken[], exit: number): string {
  const evaluations = concluded.map(({ result, conclusion }) => ({
    ...result,
    conclusion: {
      status: conclusion.status,
      because: conclusion.because,
      warnings: conclusion.warnings,
      counts: conclusion.counts,
      scores: conclusion.scores,
    },
  }));
  return `${JSON.stringify({ format, exit, evaluations, broken }, null, 1)}\n`;
}

/** The evaluation of that name in a file that `--json` wrote. @throws CannotMeasure */
export function baselineIn(text: string, file: string, name: string): EvaluationResult {
  let read: { format?: unknown; evaluations?: EvaluationResult[] };
  try {
    read = JSON.parse(text) as typeof read;
  } catch {
    throw new CannotMeasure(`The baseline ${file} is not valid JSON.`);
  }
  if (read.format !== format || !Array.isArray(read.evaluations))
    throw new CannotMeasure(`The baseline ${file} was not written by \`whetstone eval --json\`.`);
  const found = read.evaluations.find((one) => one.name === name);
  if (found === undefined) throw new CannotMeasure(`The baseline ${file} has no evaluation “${name}”.`);
  return found;
}
