import type { ChatMessage, PromptKernel, PromptLogResponse } from '@whetstone/contract';
import { logToRequest, type PlaygroundRequest, variables } from '@whetstone/domain';
import { pretty } from '../../parts/log/json.ts';
import { readInput } from '../../parts/prompt/kernel.ts';

/** What is edited: a request with its inputs as text. */
export interface Edited {
  kernel: PromptKernel;
  messages: ChatMessage[];
  inputs: Record<string, string>;
}

/** A log as an editable request, to begin with. */
export function begin(log: PromptLogResponse): { request: PlaygroundRequest; edited: Edited } {
  const request = logToRequest(log);
  return { request, edited: { kernel: request.kernel, messages: request.messages, inputs: textInputs(request.inputs) } };
}

function textInputs(inputs: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, typeof value === 'string' ? value : pretty(value)]));
}

/** The inputs to send. What was not touched goes as it was, with its type; what was written is read anew. */
export function inputsToSend(edited: Record<string, string>, original: Record<string, unknown>): Record<string, unknown> {
  const before = textInputs(original);
  return Object.fromEntries(Object.entries(edited).map(([name, text]) => [name, before[name] === text ? original[name] : readInput(text)]));
}

/** Variables of the template first, then what else was given. */
export function inputNames(edited: Edited): string[] {
  return [...new Set([...variables(edited.kernel.template, edited.kernel.template_language), ...Object.keys(edited.inputs)])];
}
