import type { EvaluatorSpec, Scope } from '@whetstone/contract';
import { judgeByModel, type ModelSpec } from '@whetstone/evaluators';
import { Calls } from '../calls.ts';
import type { Judge, Judged, Subject } from '../index.ts';
import { mapLimited, type Kind, type Room } from '../room.ts';

const askingAtOnce = 8;

/** A prompt over `log` and `testcase` that a model answers with its reasoning and a judgment. */
export const model: Kind = {
  recognises: isModelSpec,
  judge: (room, scope, judge, subjects, signal) =>
    mapLimited(subjects, askingAtOnce, (subject) => judgeOne(room, scope, judge, subject, signal)),
};

function isModelSpec(spec: EvaluatorSpec): spec is ModelSpec {
  return spec.evaluator_type === 'llm' && spec.prompt != null;
}

async function judgeOne(room: Room, scope: Scope, { path, spec }: Judge, subject: Subject, signal: AbortSignal): Promise<Judged> {
  if (!isModelSpec(spec)) throw new Error('This is no model that judges.');
  const calls = new Calls(room, scope);
  const judged = await judgeByModel(spec, subject, (kernel, inputs) => calls.ofKernel(path, kernel, inputs, [], signal), signal);
  return { ...judged, stdout: null, ...calls.told };
}
