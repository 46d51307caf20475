import { type Answer, type Dialect, type Fields, text } from './record-call.ts';

/** Chat completions of OpenAI's, which many others speak. */
export const chatDialect: Dialect = {
  request: (body) => ({
    model: String(body['model']),
    messages: (body['messages'] as Fields[]).map(messageOf),
    kernel: kernelOf(body),
    toolChoice: toolChoiceOf(body['tool_choice']),
  }),
  answer: (value): Answer => {
    const [choice] = (value['choices'] ?? []) as { message?: Fields; finish_reason?: string | null }[];
    return {
      ...(choice?.message === undefined ? {} : { output_message: messageOf(choice.message) }),
      finish_reason: choice?.finish_reason ?? null,
      ...usageOf(value['usage']),
    };
  },
  collect: () => {
    const whole: Fields = { choices: [] };
    return {
      add: (chunk) => addChunk(whole, chunk),
      whole: () => whole,
    };
  },
};

interface ToolCallDelta {
  index?: number;
  id?: string;
  function?: { name?: string; arguments?: string };
}
interface Choice {
  index: number;
  message: {
    role: string;
    content: string | null;
    refusal?: string;
    tool_calls?: { id: string; type: string; function: { name: string; arguments: string } }[];
  };
  finish_reason: string | null;
}

function addChunk(whole: Fields, chunk: Fields): void {
  for (const key of ['id', 'model', 'created', 'system_fingerprint', 'usage']) if (chunk[key] != null) whole[key] = chunk[key];
  const choices = whole['choices'] as Choice[];
  for (const { index, delta, finish_reason: reason } of (chunk['choices'] ?? []) as {
    index: number;
    delta?: Fields;
    finish_reason?: string | null;
  }[]) {
    const choice = (choices[index] ??= { index, message: { role: 'assistant', content: null }, finish_reason: null });
    if (typeof delta?.['content'] === 'string') choice.message.content = (choice.message.content ?? '') + delta['content'];
    if (typeof delta?.['refusal'] === 'string') choice.message.refusal = (choice.message.refusal ?? '') + delta['refusal'];
    for (const call of (delta?.['tool_calls'] ?? []) as ToolCallDelta[]) addToolCall(choice, call);
    if (reason != null) choice.finish_reason = reason;
  }
}

function addToolCall({ message }: Choice, { index = 0, id, function: called }: ToolCallDelta): void {
  const calls = (message.tool_calls ??= []);
  const call = (calls[index] ??= { id: '', type: 'function', function: { name: '', arguments: '' } });
  call.id ||= id ?? '';
  call.function.name += called?.name ?? '';
  call.function.arguments += called?.arguments ?? '';
}

/** A message in the form that logs have: text and images, calls of functions; other parts are named. */
export function messageOf(message: Fields): Fields {
  const { role, content, name, tool_call_id: callId, tool_calls: calls, refusal } = message;
  return {
    role: role === 'function' ? 'tool' : role,
    content: contentOf(content) ?? (typeof refusal === 'string' ? refusal : null),
    ...(typeof name === 'string' ? { name } : {}),
    ...(typeof callId === 'string' ? { tool_call_id: callId } : {}),
    ...(Array.isArray(calls) && calls.length > 0 ? { tool_calls: calls.map(toolCallOf) } : {}),
  };
}

function contentOf(content: unknown): unknown {
  if (!Array.isArray(content)) return typeof content === 'string' ? content : null;
  return content.map((part: Fields) => {
    if (part['type'] === 'text' || part['type'] === 'image_url') return part;
    return { type: 'text', text: typeof part['refusal'] === 'string' ? part['refusal'] : `[${String(part['type'])}]` };
  });
}

function toolCallOf(call: Fields): Fields {
  const called = (call['function'] ?? call['custom'] ?? {}) as Fields;
  return {
    id: String(call['id']),
    type: 'function',
    function: { name: String(called['name']), arguments: text(called['arguments'] ?? called['input']) },
  };
}

/** Fields of a kernel that OpenAI calls the same. */
const same = ['temperature', 'top_p', 'stop', 'presence_penalty', 'frequency_penalty', 'seed'] as const;
/** What names the caller or how the answer travels, and decides nothing about it. */
const passing = new Set([
  'messages',
  'model',
  'stream',
  'stream_options',
  'user',
  'safety_identifier',
  'prompt_cache_key',
  'metadata',
  'store',
  'tool_choice',
  'tools',
  'max_tokens',
  'max_completion_tokens',
  'response_format',
  'reasoning_effort',
  'n',
  ...same,
]);

function kernelOf(body: Fields): Fields {
  const kernel: Fields = { model: String(body['model']), endpoint: 'chat' };
  for (const field of same) if (body[field] != null) kernel[field] = body[field];
  const limit = body['max_completion_tokens'] ?? body['max_tokens'];
  if (limit != null) kernel['max_tokens'] = limit;
  for (const field of ['response_format', 'reasoning_effort']) if (body[field] != null) kernel[field] = body[field];
  const tools = ((body['tools'] ?? []) as Fields[]).flatMap((tool) => (tool['type'] === 'function' ? [tool['function']] : []));
  if (tools.length > 0) kernel['tools'] = tools;
  const other = Object.entries(body).filter(([key, value]) => !passing.has(key) && value !== undefined);
  if (other.length > 0) kernel['other'] = Object.fromEntries(other);
  return kernel;
}

function toolChoiceOf(choice: unknown): unknown {
  if (typeof choice === 'string') return choice;
  return typeof choice === 'object' && choice !== null && 'function' in choice ? choice : undefined;
}

function usageOf(given: unknown): Answer {
  const usage = (given ?? {}) as {
    prompt_tokens?: number;
    completion_tokens?: number;
    completion_tokens_details?: { reasoning_tokens?: number } | null;
  };
  return {
    ...(usage.prompt_tokens === undefined ? {} : { prompt_tokens: usage.prompt_tokens }),
    ...(usage.completion_tokens === undefined ? {} : { output_tokens: usage.completion_tokens }),
    ...(usage.completion_tokens_details?.reasoning_tokens === undefined
      ? {}
      : { reasoning_tokens: usage.completion_tokens_details.reasoning_tokens }),
  };
}
