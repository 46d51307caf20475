import type { EvaluatorSpec, Json, JsonObject, Scope } from '@whetstone/contract';
import { judgedByCode, type Outcome, type Program } from '@whetstone/sandbox';
import { z } from 'zod';
import { chatMessage } from '@whetstone/contract';
import { Calls } from '../calls.ts';
import type { Judge, Judged, Subject } from '../index.ts';
import type { Kind } from '../room.ts';
import { mapLimited } from '../room.ts';

/** Python and JavaScript, in the sandbox. */
export const code: Kind = {
  recognises: (spec) => spec.evaluator_type === 'python',
  judge: async (room, scope, judge, subjects, signal) => {
    const program = programOf(scope, judge.spec);
    if (!program.source.includes('ask')) {
      const outcomes = await room.sandbox.judgeMany(program, subjects.map(itemOf), { signal });
      return outcomes.map((outcome) => told(judge.spec, outcome, new Calls(room, scope)));
    }
    // Calls are counted a judgment, so those that may make some run one by one.
    return mapLimited(subjects, 4, async (subject) => {
      const calls = new Calls(room, scope);
      const ask = (request: Json, its: AbortSignal): Promise<Json> => answer(calls, judge, request, its);
      return told(judge.spec, await room.sandbox.judge(program, itemOf(subject), { signal, ask }), calls);
    });
  },
};

export function programOf({ workspaceId }: Scope, spec: EvaluatorSpec): Program {
  if (spec.evaluator_type !== 'python') throw new Error('There is no code in this evaluator.');
  // JavaScript is TypeScript without types.
  return { tenant: workspaceId, language: spec.language === 'javascript' ? 'typescript' : 'python', source: spec.code };
}

function itemOf({ log, testcase }: Subject): { log: JsonObject; testcase: JsonObject | null } {
  return { log, testcase };
}

function told(spec: EvaluatorSpec, outcome: Outcome, calls: Calls): Judged {
  return { ...judgedByCode(spec, outcome), stdout: outcome.stdout === '' ? null : outcome.stdout, ...calls.told };
}

/** What code may ask for: a prompt of the workspace, or a model. */
const question = z.union([
  z.object({
    prompt: z.string().min(1),
    environment: z.string().nullish(),
    inputs: z.record(z.string(), z.json()).nullish(),
    messages: z.array(chatMessage).nullish(),
  }),
  z.object({
    model: z.string().min(1),
    messages: z.array(chatMessage).min(1),
    temperature: z.number().nullish(),
    max_tokens: z.int().nullish(),
    seed: z.int().nullish(),
    response_format: z.record(z.string(), z.json()).nullish(),
  }),
]);

async function answer(calls: Calls, { path }: Judge, request: Json, signal: AbortSignal): Promise<Json> {
  const asked = question.safeParse(request);
  if (!asked.success)
    throw new Error('ask() takes { prompt, inputs, messages } with the path of a prompt, or { model, messages }; it answers with text.');
  const given = asked.data;
  if ('prompt' in given)
    return calls.ofPrompt({ path: given.prompt }, given.environment ?? null, given.inputs ?? {}, given.messages ?? [], signal);
  const { messages, ...kernel } = given;
  return calls.ofKernel(path, kernel as Parameters<Calls['ofKernel']>[1], {}, messages, signal);
}
