import { AppError, type AnyObject, type ChatMessage, type JsonObject } from '@whetstone/contract';
import { functionOfFile } from '@whetstone/domain';
import type { PromptCall, Sample } from '../../gateway/index.ts';
import { outcomeOfError } from './failure.ts';
import type { LinkedKind, Outcome, Use } from './kind.ts';

/** Stands in for inputs where a prompt has none: what the model wants to say to it. */
export const messageInput = 'message';

/** A prompt's inputs are its parameters; its answer is the result. */
export const linkedPrompt: LinkedKind<'prompt'> = {
  kind: 'prompt',
  functionOf: ({ file, inputs }) => functionOfFile(file, null, inputs.length > 0 ? inputs : [messageInput]),
  runs: () => true,
  async run(room, use) {
    const call = callOf(use);
    try {
      if (use.onUpdate === null) {
        const { samples } = await room.gateway.callPrompt(use.scope, call, use.signal);
        return outcomeOf(samples[0]);
      }
      let last: Sample | undefined;
      for await (const event of room.gateway.streamPrompt(use.scope, call, use.signal)) {
        if (event.type === 'end') last = event.sample;
        else if (event.type === 'delta' && event.text !== '')
          await use.onUpdate({
            kind: 'prompt',
            logId: event.logId,
            promptId: use.snapshot.file.id,
            versionId: use.snapshot.version.id,
            text: event.text,
          });
      }
      if (use.signal.aborted) throw new AppError('cancelled', 'The caller went away.');
      return outcomeOf(last);
    } catch (error) {
      return outcomeOfError(error);
    }
  },
};

function callOf({ snapshot, environment, arguments: given, log, providerApiKeys }: Use<'prompt'>): PromptCall {
  return {
    ref: { id: snapshot.file.id },
    at: { versionId: snapshot.version.id },
    kernel: null,
    draft: false,
    messages: messagesOf(snapshot.inputs, given),
    inputs: given as JsonObject,
    toolChoice: null,
    samples: 1,
    providerApiKeys,
    suffix: null,
    environment,
    log,
  };
}

export function messagesOf(inputs: readonly string[], given: AnyObject): ChatMessage[] {
  const said = given[messageInput];
  return inputs.length === 0 && typeof said === 'string' && said !== '' ? [{ role: 'user', content: said }] : [];
}

function outcomeOf(sample: Sample | undefined): Outcome {
  if (sample === undefined) return { content: 'Error: the prompt gave no answer.', logId: null, usage: null };
  const { output, outputMessage, error, logId } = sample;
  if (error !== null) return { content: `Error: ${error}`, logId, usage: sample.promptTokens === null ? null : sample };
  // A prompt that calls a function of its own says so: its arguments are the answer.
  const calls = outputMessage?.tool_calls ?? [];
  const content =
    calls.length > 0 ? JSON.stringify(calls.map(({ function: { name, arguments: text } }) => ({ name, arguments: text ?? '' }))) : '';
  return { content: output || content, logId, usage: sample };
}
