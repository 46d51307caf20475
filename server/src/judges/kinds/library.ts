import { readyEvaluator, type Help, type Outcome, type ReadyEvaluator } from '@whetstone/evaluators';
import { judgmentMismatch } from '@whetstone/domain';
import { AppError, type EvaluatorSpec, type PromptKernel } from '@whetstone/contract';
import { Calls } from '../calls.ts';
import type { Judge, Judged } from '../index.ts';
import { mapLimited, type Kind } from '../room.ts';

const askingAtOnce = 8;

/** The evaluators that come with the product. */
export const library: Kind = {
  recognises: (spec) => spec.evaluator_type === 'external' && spec.library != null,
  judge: async (room, scope, judge, subjects, signal) => {
    const named = libraryOf(judge.spec);
    let ready: ReadyEvaluator;
    try {
      ready = await readyEvaluator(named.name, named.options ?? {});
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return subjects.map(() => ({ outcome: 'failed', error: error.message, stdout: null, costUsd: null, calls: [] }));
    }
    return mapLimited(subjects, askingAtOnce, async (subject) => {
      const calls = new Calls(room, scope);
      const outcome = await ready.judge(subject, helpOf(named, judge, calls, signal));
      return told(judge.spec, outcome, calls);
    });
  },
};

type Named = NonNullable<Extract<EvaluatorSpec, { evaluator_type: 'external' }>['library']>;

function libraryOf(spec: EvaluatorSpec): Named {
  if (spec.evaluator_type !== 'external' || spec.library == null) throw new Error('This is no evaluator of the library.');
  return spec.library;
}

function helpOf({ model, embedding_model: embedding }: Named, { path }: Judge, calls: Calls, signal: AbortSignal): Help {
  return {
    signal,
    ...(model == null
      ? {}
      : {
          ask: ({ messages, response_format }, its) => {
            const kernel = { model, response_format, temperature: 0 } as PromptKernel;
            return calls.ofKernel(path, kernel, {}, messages, its ?? signal);
          },
        }),
    ...(embedding == null ? {} : { embed: (texts, its) => calls.embed(embedding, [...texts], its ?? signal) }),
  };
}

function told(spec: EvaluatorSpec, outcome: Outcome, { costUsd, logIds }: Calls): Judged {
  const said = { stdout: null, costUsd, calls: logIds };
  if (outcome.outcome === 'failed') return { outcome: 'failed', error: outcome.error, ...said };
  if (outcome.outcome === 'not_scored') return { outcome: 'not_judged', reason: outcome.reason, ...said };
  const wrong = judgmentMismatch(spec, outcome.value);
  return wrong === null
    ? { outcome: 'judged', value: outcome.value, reason: outcome.reason, ...said }
    : { outcome: 'failed', error: wrong, ...said };
}
