import { fakeAnswer, pieces, type FakeAnswer, type FakeQuestion } from './answer.ts';
import type { Behaviour } from './behaviour.ts';
import { type Shape, words } from './shape.ts';

/* Cohere's API on the wire, v2, below the path /cohere. It refuses what it does not know. */

type Body = Record<string, unknown>;
const knownOfChat = words(
  'model messages stream tools strict_tools documents citation_options response_format safety_mode priority ' +
    'max_tokens stop_sequences temperature seed frequency_penalty presence_penalty k p logprobs tool_choice ' +
    'thinking',
);
const knownOfEmbed = words('model texts inputs images input_type embedding_types output_dimension truncate max_tokens');

export const cohereShape: Shape = {
  recognises: (path) => path.startsWith('/cohere/'),
  model: (body) => (typeof body['model'] === 'string' ? body['model'] : ''),
  streams: (_path, body) => body['stream'] === true,
  refuse(path, body) {
    const known = path.endsWith('/embed') ? knownOfEmbed : knownOfChat;
    const extra = Object.keys(body).find((name) => !known.has(name));
    if (extra !== undefined)
      return { status: 422, body: { id: 'fake0001', message: `unknown field: parameter '${extra}' is not a valid field` } };
    if (path.endsWith('/embed') && body['input_type'] === undefined) {
      return { status: 400, body: { id: 'fake0001', message: 'valid input_type must be provided with the provided model' } };
    }
    return null;
  },
  whole(path, body, behaviour) {
    if (path.endsWith('/models'))
      return { models: [{ name: 'command-a-03-2025', endpoints: ['chat'], finetuned: false, context_length: 288_000 }] };
    return path.endsWith('/embed') ? embeddings(body) : chat(body, behaviour);
  },
  events: (_path, body, behaviour) =>
    events(body, behaviour).map((event) => `event: ${String(event['type'])}\ndata: ${JSON.stringify(event)}\n\n`),
  streamType: 'text/event-stream',
  streamError:
    'event: message-end\ndata: {"type":"message-end","delta":{"error":"internal server error","finish_reason":"ERROR","usage":{"billed_units":{"input_tokens":1,"output_tokens":1}}}}\n\n',
  isEnd: (event) => event.includes('message-end'),
  error(status, model) {
    const known: Record<number, string> = {
      400: 'invalid request: temperature must be between 0 and 1.0 inclusive.',
      401: 'invalid api token',
      404: `model '${model}' not found, make sure the correct model ID was used and that you have access to the model.`,
      429: 'You are using a Trial key, which is limited to 20 API calls / minute.',
    };
    return { id: 'fake0001', message: known[status] ?? 'internal server error' };
  },
  authorised: (headers) => /^Bearer \S+$/.test(headers['authorization'] ?? ''),
};

function question(body: Body): FakeQuestion {
  const messages = (body['messages'] ?? []) as { role: string; content: unknown }[];
  const user = messages.filter(({ role }) => role === 'user').at(-1);
  const parts = Array.isArray(user?.content)
    ? (user.content as { type: string; text?: string }[])
    : [{ type: 'text', text: typeof user?.content === 'string' ? user.content : '' }];
  const format = body['response_format'] as { type?: string; json_schema?: unknown } | undefined;
  const tools = (body['tools'] ?? []) as { function: { name: string; parameters?: unknown } }[];
  return {
    lastUser: parts.map((part) => part.text ?? '').join(''),
    images: parts.filter(({ type }) => type === 'image_url').length,
    tools: body['tool_choice'] === 'NONE' ? [] : tools.map((tool) => ({ name: tool.function.name, parameters: tool.function.parameters })),
    forced: body['tool_choice'] === 'REQUIRED' ? 'any' : null,
    schema: format?.json_schema ?? null,
    json: format?.type === 'json_object',
    maxTokens: (body['max_tokens'] ?? null) as number | null,
    afterTool: messages.at(-1)?.role === 'tool',
    thinks: (body['thinking'] as { type?: string } | undefined)?.type === 'enabled',
    index: 0,
  };
}

function reasonOf({ stop }: FakeAnswer): string {
  return stop === 'tool' ? 'TOOL_CALL' : stop === 'length' ? 'MAX_TOKENS' : 'COMPLETE';
}

function usageOf(answer: FakeAnswer) {
  const billed = { input_tokens: answer.promptTokens, output_tokens: answer.outputTokens };
  // What Cohere puts around a request counts, and is not billed.
  const tokens = { input_tokens: answer.promptTokens + 487, output_tokens: answer.outputTokens + 2 };
  return { billed_units: billed, tokens, ...(answer.cachedTokens > 0 ? { cached_tokens: answer.cachedTokens } : {}) };
}

function callsOf(answer: FakeAnswer) {
  return answer.toolCalls.map((call, index) => ({
    id: `${call.name}_fake${index}`,
    type: 'function',
    function: { name: call.name, arguments: JSON.stringify(call.arguments) },
  }));
}

function chat(body: Body, behaviour: Behaviour): Body {
  const answer = fakeAnswer(question(body), behaviour);
  const calls = callsOf(answer);
  const content = [
    ...(answer.reasoning === null ? [] : [{ type: 'thinking', thinking: answer.reasoning }]),
    ...(answer.text === null ? [] : [{ type: 'text', text: answer.text }]),
  ];
  return {
    id: 'fake0001-0000-4000-8000-000000000000',
    message: {
      role: 'assistant',
      ...(content.length > 0 ? { content } : {}),
      ...(calls.length > 0 ? { tool_calls: calls, tool_plan: 'I will ask. ' } : {}),
    },
    finish_reason: reasonOf(answer),
    usage: usageOf(answer),
    ...(body['logprobs'] === true
      ? { logprobs: pieces(answer.text ?? '').map((text) => ({ text, token_ids: [1], logprobs: [-0.25] })) }
      : {}),
  };
}

function events(body: Body, behaviour: Behaviour): Body[] {
  const answer = fakeAnswer(question(body), behaviour);
  const list: Body[] = [
    {
      id: 'fake0001-0000-4000-8000-000000000000',
      type: 'message-start',
      delta: { message: { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] } },
    },
  ];
  let index = 0;
  const block = (type: 'text' | 'thinking', text: string): void => {
    const at = index;
    index += 1;
    list.push({ type: 'content-start', index: at, delta: { message: { content: { type, [type]: '' } } } });
    for (const piece of pieces(text)) {
      const logprobs = body['logprobs'] === true && type === 'text' ? { logprobs: { text: piece, token_ids: [1], logprobs: [-0.25] } } : {};
      list.push({ type: 'content-delta', index: at, delta: { message: { content: { [type]: piece } } }, ...logprobs });
    }
    list.push({ type: 'content-end', index: at });
  };
  if (answer.reasoning !== null) block('thinking', answer.reasoning);
  if (answer.text !== null) block('text', answer.text);
  const calls = callsOf(answer);
  if (calls.length > 0) list.push({ type: 'tool-plan-delta', delta: { message: { tool_plan: 'I will ask. ' } } });
  for (const [position, call] of calls.entries()) {
    const opening = { ...call, function: { name: call.function.name, arguments: '' } };
    list.push({ type: 'tool-call-start', index: position, delta: { message: { tool_calls: opening } } });
    for (const piece of call.function.arguments.match(/.{1,6}/gs) ?? []) {
      list.push({ type: 'tool-call-delta', index: position, delta: { message: { tool_calls: { function: { arguments: piece } } } } });
    }
    list.push({ type: 'tool-call-end', index: position });
  }
  list.push({ type: 'message-end', delta: { finish_reason: reasonOf(answer), usage: usageOf(answer) } });
  return list;
}

function embeddings(body: Body): Body {
  const texts = (body['texts'] ?? []) as string[];
  const float = texts.map((text) =>
    Array.from({ length: Number(body['output_dimension'] ?? 8) }, (_, i) => Math.round(Math.sin((text.length + 1) * (i + 1)) * 1e6) / 1e6),
  );
  const meta = { api_version: { version: '2' }, billed_units: { input_tokens: texts.length * 4 } };
  return { id: 'fake0001', embeddings: { float }, texts, meta, response_type: 'embeddings_by_type' };
}
