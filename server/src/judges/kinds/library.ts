import type { EvaluatorSpec, PromptKernel, Scope } from '@whetstone/contract';
import { specOutcome } from '@whetstone/evaluators';
import { Calls } from '../calls.ts';
import type { Judge, Judged, Subject } from '../index.ts';
import type { LibraryJob } from '../library/thread.ts';
import { mapLimited, type Kind, type Room } from '../room.ts';

const askingAtOnce = 8;

/** The evaluators that come with the product. */
export const library: Kind = {
  recognises: (spec) => spec.evaluator_type === 'external' && spec.library != null,
  judge: (room, scope, judge, subjects, signal) =>
    mapLimited(subjects, askingAtOnce, (subject) => judgeOne(room, scope, judge, subject, signal)),
};

type Named = NonNullable<Extract<EvaluatorSpec, { evaluator_type: 'external' }>['library']>;

async function judgeOne(room: Room, scope: Scope, judge: Judge, { log, testcase }: Subject, signal: AbortSignal): Promise<Judged> {
  const named = libraryOf(judge.spec);
  const calls = new Calls(room, scope);
  // As domain makes them: v5's shapes, whose fields nobody checked one by one.
  const subject = { log, testcase } as unknown as LibraryJob['subject'];
  const job: LibraryJob = { name: named.name, options: named.options ?? {}, subject, signal, ...helpOf(named, judge, calls, signal) };
  const judged = specOutcome(judge.spec, await room.library.judge(job));
  return { ...judged, stdout: null, ...calls.told };
}

function libraryOf(spec: EvaluatorSpec): Named {
  if (spec.evaluator_type !== 'external' || spec.library == null) throw new Error('This is no evaluator of the library.');
  return spec.library;
}

function helpOf(named: Named, { path }: Judge, calls: Calls, signal: AbortSignal): Pick<LibraryJob, 'ask' | 'embed'> {
  const { model, embedding_model: embedding } = named;
  return {
    ...(model == null
      ? {}
      : {
          ask: ({ messages, response_format }) => {
            const kernel: PromptKernel = { model, response_format, temperature: 0 };
            return calls.ofKernel(path, kernel, {}, messages, signal);
          },
        }),
    ...(embedding == null ? {} : { embed: (texts) => calls.embed(embedding, texts, signal) }),
  };
}
