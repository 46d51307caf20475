import { promptKernel } from '@whetstone/contract';
import type { AnyObject, ChatMessage, PromptKernel, PromptLogResponse, Template, ToolChoice } from '@whetstone/contract';
import { scanTemplate } from './template-scan.ts';
import { resolveVariable, valueText } from './template.ts';
import { getOwn, sameJson, setOwn } from './text.ts';

/** From what ran to what can be run again: a logged prompt call as an editable request. */

export interface PlaygroundRequest {
  kernel: PromptKernel;
  /** Values of the template's variables, as they were. */
  inputs: AnyObject;
  /** What followed the template in the call. */
  messages: ChatMessage[];
  toolChoice: ToolChoice | null;
  /** The log that this request reruns. */
  counterfactualOf: string | null;
  path: string | null;
  fileId: string | null;
  versionId: string | null;
  environment: string | null;
  /** The kernel differs from that of `versionId`. */
  edited: boolean;
}

/** What of a log makes its request; a log as v5 answers it fits. */
export type RerunnableLog = Pick<PromptLogResponse, 'id' | 'inputs' | 'messages' | 'tool_choice' | 'environment'> & {
  prompt: Pick<PromptLogResponse['prompt'], 'id' | 'path' | 'version_id' | 'model'> & Partial<PromptLogResponse['prompt']>;
};

/**
 * The request that would make the same call: template with its variables, inputs, and only those messages that came
 * after the template (a log holds both, filled in). `populate` renders a Jinja template; without it the roles decide
 * which messages are the template's.
 */
export function logToRequest(log: RerunnableLog, populate?: (template: Template, inputs: AnyObject) => Template | null): PlaygroundRequest {
  const kernel = kernelOf(log.prompt);
  const inputs = log.inputs ?? {};
  return {
    kernel,
    inputs,
    messages: messagesAfterTemplate(kernel, inputs, log.messages ?? [], populate),
    toolChoice: log.tool_choice ?? null,
    counterfactualOf: log.id,
    path: log.prompt.path,
    fileId: log.prompt.id,
    versionId: log.prompt.version_id,
    environment: log.environment,
    edited: false,
  };
}

/** The kernel within a prompt as v5 answers it. */
export function kernelOf(prompt: RerunnableLog['prompt']): PromptKernel {
  const kernel: AnyObject = {};
  for (const field of Object.keys(promptKernel.shape)) {
    const value = getOwn(prompt, field);
    if (value !== null && value !== undefined) setOwn(kernel, field, value);
  }
  if (prompt.provider_name != null) kernel['provider'] = prompt.provider_name;
  if (prompt.linked_tools != null) kernel['linked_tools'] = prompt.linked_tools.map((tool) => tool.version_id);
  return { ...kernel, model: prompt.model };
}

function messagesAfterTemplate(
  kernel: PromptKernel,
  inputs: AnyObject,
  messages: readonly ChatMessage[],
  populate: ((template: Template, inputs: AnyObject) => Template | null) | undefined,
): ChatMessage[] {
  const { template } = kernel;
  if (template === null || template === undefined) return [...messages];
  const expected: readonly ChatMessage[] = typeof template === 'string' ? [{ role: 'user', content: template }] : template;
  if (messages.length < expected.length) return [...messages];
  const fits =
    kernel.template_language === 'jinja'
      ? fitsJinja(template, expected, inputs, messages, populate)
      : expected.every((item, i) => fitsMessage(item, messages[i], inputs));
  return messages.slice(fits ? expected.length : 0);
}

function fitsJinja(
  template: Template,
  expected: readonly ChatMessage[],
  inputs: AnyObject,
  messages: readonly ChatMessage[],
  populate: ((template: Template, inputs: AnyObject) => Template | null) | undefined,
): boolean {
  const sameRoles = expected.every((item, i) => item.role === messages[i]?.role);
  const populated = sameRoles ? (populate?.(template, inputs) ?? null) : null;
  if (populated === null) return sameRoles;
  const list = typeof populated === 'string' ? [{ role: 'user' as const, content: populated }] : populated;
  return list.every((item, i) => sameJson(item.content ?? null, messages[i]?.content ?? null));
}

function fitsMessage(expected: ChatMessage, actual: ChatMessage | undefined, inputs: AnyObject): boolean {
  if (actual === undefined || expected.role !== actual.role) return false;
  const [wanted, found] = [textsOf(expected), textsOf(actual)];
  return wanted.length === found.length && wanted.every((text, i) => fitsText(text, found[i] ?? '', inputs));
}

function textsOf({ content }: ChatMessage): string[] {
  if (typeof content === 'string') return [content];
  return (content ?? []).map((part) => (part.type === 'text' ? part.text : part.image_url.url));
}

/** Whether a text is the template filled in; what a tool or snippet gave may be anything. */
function fitsText(template: string, text: string, inputs: AnyObject): boolean {
  let at = 0;
  let free = false;
  const pieces: string[] = [''];
  for (const part of scanTemplate(template)) {
    if (part.type === 'call') pieces.push('');
    else {
      const value = part.type === 'text' ? part.text : resolveVariable(inputs, part.name);
      if (value === undefined) return false;
      pieces.push((pieces.pop() ?? '') + valueText(value));
    }
  }
  for (const [i, piece] of pieces.entries()) {
    // The last piece stands at the end, not where it is first found.
    const found = free && i === pieces.length - 1 ? text.length - piece.length : text.indexOf(piece, at);
    if (found < at || !text.startsWith(piece, found) || (!free && found !== at)) return false;
    at = found + piece.length;
    free = true;
  }
  return at === text.length;
}
