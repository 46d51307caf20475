import { AppError, type AnyObject, type ChatMessage, type PromptKernel, type Scope } from '@whetstone/contract';
import { renderError, renderTemplate } from '@whetstone/domain';
import { isDeniedField } from '../deny-list.ts';
import type { Asked, Found, Ready, Room } from '../room.ts';
import { lengthParameter } from './length-parameter.ts';
import { linkedTools, snippetResults } from './template-tools.ts';

/** Step 3: the request as the provider gets it. Throws 422 that names the variables without a value. */
export async function render(room: Room, scope: Scope, found: Found, asked: Asked): Promise<Ready> {
  if (found.kernel === null) return { ...found, scope, body: asked.body, raw: asked.raw, messages: asked.messages };
  const { kernel } = found;
  const populated = await populate(room, scope, kernel, asked.inputs);
  const body: AnyObject = { ...asked.body, ...(await parametersOf(room, scope, kernel)) };
  if (asked.stream) body['stream'] = true;
  if (found.kind === 'complete') {
    const messages = [...(populated === null ? [] : [userMessage(textOfTemplate(populated))]), ...asked.messages];
    return { ...found, scope, body: { ...body, prompt: textOfTemplate(populated ?? messages) }, raw: null, messages };
  }
  const messages = [...(typeof populated === 'string' ? [userMessage(populated)] : (populated ?? [])), ...asked.messages];
  if (messages.length === 0) {
    throw new AppError('invalid_input', 'There is nothing to send: the prompt has no template and no messages came with the call.', {
      details: [{ loc: ['body', 'messages'], msg: 'needs at least one message', type: 'value_error.missing' }],
    });
  }
  return { ...found, scope, body: { ...body, messages: messages.map(wireMessage) }, raw: null, messages };
}

export async function populate(room: Room, scope: Scope, kernel: PromptKernel, inputs: AnyObject): Promise<string | ChatMessage[] | null> {
  const { template } = kernel;
  if (template === null || template === undefined) return null;
  const results = await snippetResults(room, scope, kernel, inputs);
  const rendered =
    kernel.template_language === 'jinja'
      ? await room.renderJinja(template, inputs, results)
      : renderTemplate(template, inputs, { results });
  if (!rendered.ok) throw renderError(rendered);
  return rendered.value;
}

const named = ['temperature', 'top_p', 'stop', 'presence_penalty', 'frequency_penalty', 'seed', 'reasoning_effort'] as const;

/** The version's parameters in OpenAI's shape. They win over what a caller sends beside them. */
async function parametersOf(room: Room, scope: Scope, kernel: PromptKernel): Promise<AnyObject> {
  const body: AnyObject = {};
  for (const [name, value] of Object.entries(kernel.other ?? {})) if (!isDeniedField(name) && value != null) body[name] = value;
  body['model'] = kernel.model;
  for (const name of named) if (kernel[name] != null) body[name] = kernel[name];
  if (kernel.max_tokens != null && kernel.max_tokens > 0) body[lengthParameter(kernel.model)] = kernel.max_tokens;
  if (kernel.response_format != null && kernel.response_format.type !== 'text') body['response_format'] = kernel.response_format;
  const tools = [...(kernel.tools ?? []), ...(await linkedTools(room, scope, kernel))];
  if (tools.length > 0) {
    body['tools'] = tools.map((tool) => ({
      type: 'function',
      function: withoutNulls({ ...tool, parameters: tool.parameters ?? { type: 'object', properties: {} } }),
    }));
  }
  return body;
}

function userMessage(content: string): ChatMessage {
  return { role: 'user', content };
}

function textOfTemplate(template: string | ChatMessage[]): string {
  if (typeof template === 'string') return template;
  return template
    .map(({ content }) =>
      typeof content === 'string' ? content : (content ?? []).map((part) => (part.type === 'text' ? part.text : '')).join('\n'),
    )
    .join('\n\n');
}

/** A message without nulls: some servers refuse `name: null`. Thinking stays for the dialects that can return it. */
function wireMessage(message: ChatMessage): AnyObject {
  const wire = withoutNulls(message);
  if (message.role === 'assistant' && message.content == null) wire['content'] = null;
  return wire;
}

function withoutNulls(value: object): AnyObject {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== null && item !== undefined));
}
