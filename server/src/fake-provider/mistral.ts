import { fakeAnswer, pieces, type FakeAnswer, type FakeQuestion } from './answer.ts';
import type { Behaviour } from './behaviour.ts';
import { type Shape, words } from './shape.ts';

/* Mistral's API on the wire, v1, below the path /mistral. It refuses what it does not know. */

type Body = Record<string, unknown>;
const created = 1_767_225_600;
const known = words(
  'model temperature top_p max_tokens stream stop random_seed messages response_format tools tool_choice ' +
    'presence_penalty frequency_penalty n prediction parallel_tool_calls prompt_mode safe_prompt reasoning_effort ' +
    'metadata guardrails input output_dimension output_dtype encoding_format',
);
const knownOfMessage = words('role content tool_calls prefix tool_call_id name');

export const mistralShape: Shape = {
  recognises: (path) => path.startsWith('/mistral/'),
  model: (body) => (typeof body['model'] === 'string' ? body['model'] : ''),
  streams: (_path, body) => body['stream'] === true,
  refuse(_path, body) {
    const extra = Object.keys(body).find((name) => !known.has(name));
    if (extra !== undefined) return unprocessable(['body', extra], body[extra]);
    const messages = (body['messages'] ?? []) as Body[];
    for (const [index, message] of messages.entries()) {
      const field = Object.keys(message).find((name) => !knownOfMessage.has(name));
      if (field !== undefined) return unprocessable(['body', 'messages', index, String(message['role']), field], message[field]);
      const ids = [message['tool_call_id'], ...((message['tool_calls'] ?? []) as Body[]).map(({ id }) => id)].filter(
        (id): id is string => typeof id === 'string',
      );
      const wrong = ids.find((id) => !/^[a-zA-Z0-9]{9}$/.test(id));
      if (wrong !== undefined) {
        const message = `Tool call id was ${wrong} but must be a-z, A-Z, 0-9, with a length of 9.`;
        return { status: 400, body: { object: 'error', message, type: 'invalid_function_call', param: null, code: '3280' } };
      }
    }
    return null;
  },
  whole(path, body, behaviour) {
    if (path.endsWith('/models')) return models();
    return path.endsWith('/embeddings') ? embeddings(body) : completion(body, behaviour);
  },
  events: (_path, body, behaviour) => [...chunks(body, behaviour).map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`), 'data: [DONE]\n\n'],
  streamType: 'text/event-stream; charset=utf-8',
  streamError: 'data: {"object":"error","message":"Service unavailable.","type":"internal_server_error","param":null,"code":"3700"}\n\n',
  isEnd: (event) => event.includes('[DONE]') || event.includes('"finish_reason":"'),
  error(status, model) {
    if (status === 401) return { detail: 'Unauthorized' };
    if (status === 429) return { object: 'error', message: 'Rate limit exceeded', type: 'rate_limited', param: null, code: '1300' };
    if (status >= 500)
      return { object: 'error', message: 'Service unavailable.', type: 'internal_server_error', param: null, code: '3700' };
    const message = status === 404 ? 'no Route matched with those values' : `Invalid model: ${model}`;
    return { object: 'error', message, type: 'invalid_model', param: null, code: '1500' };
  },
  authorised: (headers) => /^Bearer \S+$/.test(headers['authorization'] ?? ''),
};

function unprocessable(loc: (string | number)[], input: unknown) {
  const detail = [{ type: 'extra_forbidden', loc, msg: 'Extra inputs are not permitted', input }];
  return { status: 422, body: { object: 'error', message: { detail }, type: 'invalid_request_error', param: null, code: null } };
}

function question(body: Body, index: number): FakeQuestion {
  const messages = (body['messages'] ?? []) as { role: string; content: unknown }[];
  const user = messages.filter(({ role }) => role === 'user').at(-1);
  const parts = Array.isArray(user?.content)
    ? (user.content as { type: string; text?: string }[])
    : [{ type: 'text', text: typeof user?.content === 'string' ? user.content : '' }];
  const choice = body['tool_choice'] as { function?: { name?: string } } | string | undefined;
  const format = body['response_format'] as { type?: string; json_schema?: { schema?: unknown } } | undefined;
  const tools = (body['tools'] ?? []) as { function: { name: string; parameters?: unknown } }[];
  return {
    lastUser: parts.map((part) => part.text ?? '').join(''),
    images: parts.filter(({ type }) => type === 'image_url').length,
    tools: choice === 'none' ? [] : tools.map((tool) => ({ name: tool.function.name, parameters: tool.function.parameters })),
    forced: typeof choice === 'object' ? (choice.function?.name ?? null) : choice === 'any' || choice === 'required' ? 'any' : null,
    schema: format?.json_schema?.schema ?? null,
    json: format?.type === 'json_object',
    maxTokens: (body['max_tokens'] ?? null) as number | null,
    afterTool: messages.at(-1)?.role === 'tool',
    thinks: body['prompt_mode'] === 'reasoning' || (body['reasoning_effort'] !== undefined && body['reasoning_effort'] !== 'none'),
    index,
  };
}

function answers(body: Body, behaviour: Behaviour): FakeAnswer[] {
  return Array.from({ length: Number(body['n'] ?? 1) }, (_, index) => fakeAnswer(question(body, index), behaviour));
}

function reasonOf({ stop }: FakeAnswer): string {
  return stop === 'tool' ? 'tool_calls' : stop;
}

function callsOf(answer: FakeAnswer) {
  return answer.toolCalls.map((call, index) => ({
    id: `fakecall${index}`,
    function: { name: call.name, arguments: JSON.stringify(call.arguments) },
    index,
  }));
}

/** Those that think answer with a list of parts. */
function contentOf({ text, reasoning }: FakeAnswer): unknown {
  if (reasoning === null) return text ?? '';
  return [
    { type: 'thinking', thinking: [{ type: 'text', text: reasoning }], closed: true },
    ...(text === null ? [] : [{ type: 'text', text }]),
  ];
}

function usageOf(list: readonly FakeAnswer[]) {
  const prompt = list[0]?.promptTokens ?? 0;
  const completion = list.reduce((sum, { outputTokens }) => sum + outputTokens, 0);
  const cached = list[0]?.cachedTokens ?? 0;
  return {
    prompt_tokens: prompt,
    total_tokens: prompt + completion,
    completion_tokens: completion,
    ...(cached > 0 ? { prompt_tokens_details: { cached_tokens: cached }, num_cached_tokens: cached } : {}),
  };
}

function completion(body: Body, behaviour: Behaviour): Body {
  const list = answers(body, behaviour);
  return {
    id: 'fake0001',
    created,
    model: String(body['model']),
    usage: usageOf(list),
    object: 'chat.completion',
    choices: list.map((answer, index) => {
      const calls = callsOf(answer);
      return {
        index,
        finish_reason: reasonOf(answer),
        message: { role: 'assistant', tool_calls: calls.length > 0 ? calls : null, content: contentOf(answer) },
      };
    }),
  };
}

function chunks(body: Body, behaviour: Behaviour): Body[] {
  const list = answers(body, behaviour);
  const frame = { id: 'fake0001', object: 'chat.completion.chunk', created, model: String(body['model']) };
  const one = (index: number, delta: Body, reason: string | null = null): Body => ({
    ...frame,
    choices: [{ index, delta, finish_reason: reason }],
  });
  const all = list.flatMap((answer, index) => {
    const calls = callsOf(answer);
    const last = calls.length > 0 ? { content: '', tool_calls: calls } : { content: '' };
    return [
      one(index, { role: 'assistant', content: '' }),
      ...pieces(answer.reasoning ?? '').map((text) => one(index, { content: [{ type: 'thinking', thinking: [{ type: 'text', text }] }] })),
      ...pieces(answer.text ?? '').map((text) => one(index, { content: text })),
      one(index, last, reasonOf(answer)),
    ];
  });
  // Usage comes with the last piece, asked for or not.
  return all.map((chunk, index) => (index === all.length - 1 && !behaviour.noUsage ? { ...chunk, usage: usageOf(list) } : chunk));
}

function embeddings(body: Body): Body {
  const input = [body['input']].flat();
  const data = input.map((text: unknown, index) => {
    const size = Number(body['output_dimension'] ?? 8);
    const vector = Array.from({ length: size }, (_, i) => Math.round(Math.sin((String(text).length + 1) * (i + 1)) * 1e6) / 1e6);
    const embedding = body['encoding_format'] === 'base64' ? Buffer.from(Float32Array.from(vector).buffer).toString('base64') : vector;
    return { object: 'embedding', embedding, index };
  });
  const usage = { prompt_tokens: input.length * 4, total_tokens: input.length * 4, completion_tokens: 0, request_count: 1 };
  return { id: 'fake0001', object: 'list', data, model: String(body['model']), usage };
}

function models(): Body {
  const row = { id: 'mistral-small-latest', object: 'model', created, owned_by: 'mistralai', capabilities: { completion_chat: true } };
  return { object: 'list', data: [row] };
}
