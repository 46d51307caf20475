import type { AnyObject, ChatMessage, ChatRole, ContentPart, ToolCall } from '@whetstone/contract';
import { getOwn } from '@whetstone/domain';

/** Messages in the forms in which senders write them, as ours. */

const roles: Record<string, ChatRole> = {
  user: 'user',
  human: 'user',
  assistant: 'assistant',
  ai: 'assistant',
  model: 'assistant',
  system: 'system',
  developer: 'developer',
  tool: 'tool',
  function: 'tool',
};

export function roleOf(role: unknown, otherwise: ChatRole = 'user'): ChatRole {
  return (typeof role === 'string' ? roles[role.toLowerCase()] : undefined) ?? otherwise;
}

/** Messages of a list, of one object or of plain text, which is then what `role` said. */
export function messagesOf(given: unknown, role: ChatRole = 'user'): ChatMessage[] {
  if (given === undefined || given === null || given === '') return [];
  if (typeof given === 'string') return [{ role, content: given }];
  if (!Array.isArray(given)) return messageOf(given, role);
  return given.flatMap((each: unknown) => (typeof each === 'string' ? [{ role, content: each }] : messageOf(each, role)));
}

/** One written message: the results of several tool calls in it are a message each. */
export function messageOf(given: unknown, otherwise: ChatRole = 'user'): ChatMessage[] {
  if (typeof given !== 'object' || given === null) return [];
  const gathered = gather(getOwn(given, 'parts') ?? getOwn(given, 'content'));
  const calls = [...gathered.calls, ...toolCallsOf(getOwn(given, 'tool_calls') ?? getOwn(given, 'toolCalls'))];
  const role = roleOf(getOwn(given, 'role'), otherwise);
  const callId = textOrNull(getOwn(given, 'tool_call_id') ?? getOwn(given, 'toolCallId') ?? getOwn(given, 'id'));
  const name = textOrNull(getOwn(given, 'name'));
  const content = contentOf(gathered.parts);
  if (gathered.results.length > 0) {
    return content === null ? gathered.results : [...gathered.results, { role: role === 'tool' ? 'user' : role, content }];
  }
  const message: ChatMessage = { role, content };
  if (name !== null) message.name = name;
  if (role === 'tool' && callId !== null) message.tool_call_id = callId;
  if (calls.length > 0) message.tool_calls = calls;
  if (gathered.thinking.length > 0) message.thinking = gathered.thinking;
  return [message];
}

interface Gathered {
  parts: ContentPart[];
  calls: ToolCall[];
  results: ChatMessage[];
  thinking: NonNullable<ChatMessage['thinking']>;
}

function gather(content: unknown): Gathered {
  const gathered: Gathered = { parts: [], calls: [], results: [], thinking: [] };
  const value = typeof content === 'string' ? blocksIn(content) : content;
  if (typeof value === 'string') gathered.parts.push({ type: 'text', text: value });
  else if (Array.isArray(value)) for (const part of value) addPart(gathered, part);
  else if (typeof value === 'object' && value !== null) addPart(gathered, value);
  return gathered;
}

/** Anthropic's instrumentation writes the list of blocks as JSON into the text. */
function blocksIn(text: string): unknown {
  if (!text.startsWith('[{') || !text.includes('"type"')) return text;
  try {
    const blocks = JSON.parse(text) as unknown;
    return Array.isArray(blocks) && blocks.every((block) => typeof getOwn(block, 'type') === 'string') ? blocks : text;
  } catch {
    return text;
  }
}

type Part = (part: object, gathered: Gathered) => void;

const text: Part = (part, { parts }) => parts.push({ type: 'text', text: plainText(getOwn(part, 'text') ?? getOwn(part, 'content')) });
const call: Part = (part, { calls }) => calls.push(...toolCallsOf([part]));
const thinking: Part = (part, gathered) =>
  gathered.thinking.push({
    type: 'thinking',
    thinking: plainText(getOwn(part, 'thinking') ?? getOwn(part, 'text') ?? getOwn(part, 'content')),
    signature: plainText(getOwn(part, 'signature')),
  });
const result: Part = (part, { results }) => {
  const id = textOrNull(first(part, ['tool_call_id', 'toolCallId', 'tool_use_id', 'id']));
  const answer = plainText(outputOf(first(part, ['response', 'result', 'output', 'content'])));
  results.push({ role: 'tool', content: answer, ...(id === null ? {} : { tool_call_id: id }) });
};
const image: Part = (part, gathered) => {
  const url = imageUrl(part);
  if (url === null) text({ text: JSON.stringify(part) }, gathered);
  else gathered.parts.push({ type: 'image_url', image_url: { url } });
};

const partKinds: Record<string, Part> = {
  text,
  input_text: text,
  output_text: text,
  refusal: (part, gathered) => text({ text: getOwn(part, 'refusal') ?? getOwn(part, 'text') }, gathered),
  tool_call: call,
  'tool-call': call,
  tool_use: call,
  function_call: call,
  tool_call_response: result,
  'tool-result': result,
  tool_result: result,
  function_call_output: result,
  reasoning: thinking,
  thinking,
  redacted_thinking: (part, gathered) => gathered.thinking.push({ type: 'redacted_thinking', data: plainText(getOwn(part, 'data')) }),
  image_url: image,
  input_image: image,
  image,
  file: image,
  blob: image,
  uri: image,
};

function addPart(gathered: Gathered, part: unknown): void {
  if (typeof part === 'string') gathered.parts.push({ type: 'text', text: part });
  if (typeof part !== 'object' || part === null) return;
  const kind = getOwn(part, 'type');
  const read = typeof kind === 'string' && Object.hasOwn(partKinds, kind) ? partKinds[kind] : undefined;
  if (read !== undefined) read(part, gathered);
  else if (typeof getOwn(part, 'text') === 'string') text(part, gathered);
  // A part of a kind that nobody knows is kept as it was written.
  else gathered.parts.push({ type: 'text', text: JSON.stringify(part) });
}

/** The AI SDK wraps a tool's result: `{ type: 'json', value }`. */
function outputOf(value: unknown): unknown {
  const inner = getOwn(value, 'value');
  return typeof getOwn(value, 'type') === 'string' && inner !== undefined ? inner : value;
}

function imageUrl(part: object): string | null {
  const given = first(part, ['image_url', 'url', 'uri', 'image', 'source', 'data', 'content']);
  const url = typeof given === 'object' ? (getOwn(given, 'url') ?? getOwn(given, 'data')) : given;
  if (typeof url !== 'string' || url === '') return null;
  if (/^(?:https?:|data:)/i.test(url)) return url;
  const type = textOrNull(first(part, ['mime_type', 'mediaType', 'media_type', 'mimeType']) ?? getOwn(given, 'media_type'));
  const modality = textOrNull(getOwn(part, 'modality'));
  if (type !== null && !type.startsWith('image/')) return null;
  if (modality !== null && modality !== 'image') return null;
  return /^[A-Za-z0-9+/=_-]+$/.test(url) ? `data:${type ?? 'image/png'};base64,${url}` : null;
}

export function toolCallsOf(given: unknown): ToolCall[] {
  if (!Array.isArray(given)) return [];
  return given.flatMap((each: unknown): ToolCall[] => {
    if (typeof each !== 'object' || each === null) return [];
    const made = getOwn(each, 'function');
    const name = textOrNull(getOwn(made, 'name') ?? first(each, ['name', 'toolName']));
    if (name === null) return [];
    const args = getOwn(made, 'arguments') ?? first(each, ['arguments', 'input', 'args']);
    return [
      {
        id: plainText(first(each, ['id', 'toolCallId', 'call_id'])),
        type: 'function',
        function: { name, arguments: args === undefined || args === null ? null : plainText(args) },
      },
    ];
  });
}

/** Text alone is a string, as most of the world writes it. */
function contentOf(parts: ContentPart[]): ChatMessage['content'] {
  if (parts.length === 0) return null;
  if (parts.every((part) => part.type === 'text')) return parts.map((part) => part.text).join('\n');
  return parts;
}

export function textOfMessage(message: ChatMessage | null | undefined): string | null {
  const content = message?.content;
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return null;
  return content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
}

/** What the model answered: the message, and its text as the output. */
export function answerOf(messages: readonly ChatMessage[]): { output: string | null; outputMessage: ChatMessage | null } {
  const message = messages.findLast(({ role }) => role === 'assistant') ?? messages.at(-1) ?? null;
  return { output: textOfMessage(message), outputMessage: message };
}

/** Definitions of tools, as OpenAI writes them or as the function alone. */
export function toolsOf(given: unknown): AnyObject[] {
  if (!Array.isArray(given)) return [];
  return given.flatMap((each: unknown): AnyObject[] => {
    const tool = typeof each === 'string' ? parsed(each) : each;
    const made = getOwn(tool, 'function') ?? tool;
    const name = textOrNull(getOwn(made, 'name'));
    if (name === null) return [];
    const description = textOrNull(getOwn(made, 'description'));
    const parameters = first(made, ['parameters', 'inputSchema', 'input_schema']);
    const strict = getOwn(made, 'strict');
    return [
      {
        name,
        ...(description === null ? {} : { description }),
        ...(typeof strict === 'boolean' ? { strict } : {}),
        ...(typeof parameters === 'object' && parameters !== null ? { parameters } : {}),
      },
    ];
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function first(holder: unknown, keys: readonly string[]): unknown {
  for (const key of keys) {
    const value = getOwn(holder, key);
    if (value !== undefined && value !== null) return value;
  }
  return undefined;
}

export function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

export function plainText(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const finishReasons: Record<string, string> = {
  tool_call: 'tool_calls',
  'tool-calls': 'tool_calls',
  tool_use: 'tool_calls',
  function_call: 'tool_calls',
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  'content-filter': 'content_filter',
};

export function finishReasonOf(reason: string | null): string | null {
  if (reason === null) return null;
  return Object.hasOwn(finishReasons, reason) ? (finishReasons[reason] as string) : reason;
}

/** Vendors under the names that instrumentations give them, as the gateway's. */
const vendors: readonly (readonly [RegExp, string])[] = [
  [/^azure/, 'azure'],
  [/bedrock/, 'bedrock'],
  [/^openai/, 'openai'],
  [/anthropic|claude/, 'anthropic'],
  [/^(?:gcp|google|vertex|gemini)/, 'google'],
  [/^mistral/, 'mistral'],
  [/^cohere/, 'cohere'],
];

export function providerOf(name: string | null): string | null {
  if (name === null) return null;
  const lower = name.toLowerCase();
  return vendors.find(([pattern]) => pattern.test(lower))?.[1] ?? (lower.split('.')[0] as string);
}
