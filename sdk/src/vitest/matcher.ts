import { judgedDatapoint, judgedLog } from '@whetstone/domain';
import { readyEvaluator } from '@whetstone/evaluators';
import { callProvider, providerOf } from '../eval/local/provider.ts';
import { toCases } from '../eval/load/data.ts';
import { toText } from '../telemetry/json.ts';
import type { ScoreLimits, ScoreSubject } from './limits.ts';

export interface Match {
  pass: boolean;
  message: () => string;
}

/** The judgment as Vitest wants to hear it. What cannot be judged is an error, not a failed expectation: `.not` must not pass by it. */
export async function toScore(
  received: string | ScoreSubject,
  name: string,
  given: Record<string, unknown> = {},
  { atLeast, atMost }: ScoreLimits = {},
): Promise<Match> {
  const { model, ...options } = given;
  const subject = subjectOf(received);
  const ready = await readyEvaluator(name, options);
  const outcome = await ready.judge(subject, typeof model === 'string' ? { ask: asker(model) } : {});
  if (outcome.outcome === 'failed') throw new Error(`${name} failed: ${outcome.error}`);
  if (outcome.outcome === 'not_scored') throw new Error(`${name} could not judge: ${outcome.reason}${needsModel(outcome.reason)}`);
  const { value, reason } = outcome;
  if (typeof value === 'number' && atLeast === undefined && atMost === undefined)
    throw new Error(`${name} gives a number, here ${value}: say what passes, .toScore('${name}', {…}, { atLeast: … }).`);
  const pass = typeof value === 'boolean' ? value : value >= (atLeast ?? -Infinity) && value <= (atMost ?? Infinity);
  const wanted =
    typeof value === 'boolean'
      ? 'true'
      : [atLeast === undefined ? '' : `at least ${atLeast}`, atMost === undefined ? '' : `at most ${atMost}`]
          .filter((part) => part !== '')
          .join(' and ');
  return {
    pass,
    message: () =>
      [
        `${ready.evaluator.title} (${name}) judged ${String(value)}, expected ${pass ? 'not ' : ''}${wanted}.`,
        ...(reason === null || reason === '' ? [] : [`Why: ${reason}`]),
        `Output: ${subject.log['output'] === null ? 'none' : JSON.stringify(subject.log['output']).slice(0, 500)}`,
      ].join('\n'),
  };
}

const needsModel = (reason: string): string => (reason.startsWith('No model is at hand') ? " Name one: { model: 'gpt-4o-mini' }." : '');

function subjectOf(received: string | ScoreSubject) {
  const whole: ScoreSubject = typeof received === 'object' && received !== null && 'output' in received ? received : { output: received };
  const [one] = toCases([{ inputs: whole.inputs ?? null, messages: whole.messages ?? null, target: whole.target }]);
  const datapoint = one?.datapoint ?? { inputs: null, messages: null, target: null };
  const log = { ...datapoint, output: whole.output == null ? null : toText(whole.output), payload: 'full' };
  return { log: judgedLog(log), testcase: whole.target === undefined ? null : judgedDatapoint({ id: 'case', ...datapoint }) };
}

function asker(model: string) {
  return async ({ messages, response_format }: { messages: unknown; response_format: unknown }): Promise<string> => {
    const kernel = { model, temperature: 0, template: messages as never, response_format: response_format as never };
    const signal = new AbortController().signal;
    return (await callProvider(providerOf(process.env), { kernel, inputs: {}, messages: [], price: null, signal })).output;
  };
}
