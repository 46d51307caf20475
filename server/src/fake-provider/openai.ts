import { fakeAnswer, pieces, type FakeAnswer, type FakeQuestion } from './answer.ts';
import type { Behaviour } from './behaviour.ts';
import type { Shape } from './shape.ts';

/* OpenAI's wire shapes, key for key as the API sends them (recorded forms of `gpt-4o-mini-2024-07-18`). */

type Body = Record<string, unknown>;
const created = 1_767_225_600;

export const openaiShape: Shape = {
  recognises: (path) => /\/(?:chat\/completions|completions|embeddings|models)(?:\/|$)/.test(path) && !/v1beta/.test(path),
  model: (body) => (typeof body['model'] === 'string' ? body['model'] : ''),
  streams: (_path, body) => body['stream'] === true,
  whole(path, body, behaviour) {
    if (path.endsWith('/models')) return models();
    if (path.includes('/models/')) return { id: path.split('/models/')[1], object: 'model', created, owned_by: 'openai' };
    if (path.endsWith('/embeddings')) return embeddings(body, behaviour);
    return path.endsWith('/chat/completions') ? completion(body, behaviour) : legacy(body, behaviour);
  },
  events(path, body, behaviour) {
    const list = path.endsWith('/chat/completions') ? chunks(body, behaviour) : legacyChunks(body, behaviour);
    return [...list.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`), 'data: [DONE]\n\n'];
  },
  streamType: 'text/event-stream; charset=utf-8',
  streamError:
    'data: {"error":{"message":"The server had an error while processing your request. Sorry about that!","type":"server_error","param":null,"code":null}}\n\n',
  isEnd: (event) => event.startsWith('data: [DONE]'),
  error(status, model) {
    const known: Record<number, Body> = {
      400: { message: "Invalid value for 'temperature'.", type: 'invalid_request_error', param: 'temperature', code: null },
      401: {
        message: 'Incorrect API key provided: sk-wrong. You can find your API key at https://platform.openai.com/account/api-keys.',
        type: 'invalid_request_error',
        param: null,
        code: 'invalid_api_key',
      },
      404: {
        message: `The model \`${model}\` does not exist or you do not have access to it.`,
        type: 'invalid_request_error',
        param: null,
        code: 'model_not_found',
      },
      429: { message: 'Rate limit reached for requests', type: 'requests', param: null, code: 'rate_limit_exceeded' },
    };
    return {
      error: known[status] ?? {
        message: 'The server had an error while processing your request. Sorry about that!',
        type: 'server_error',
        param: null,
        code: null,
      },
    };
  },
  authorised: (headers) => /^Bearer \S+$/.test(headers['authorization'] ?? ''),
};

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
    forced: typeof choice === 'object' ? (choice.function?.name ?? null) : choice === 'required' ? 'any' : null,
    schema: format?.json_schema?.schema ?? null,
    json: format?.type === 'json_object',
    maxTokens: (body['max_completion_tokens'] ?? body['max_tokens'] ?? null) as number | null,
    afterTool: messages.at(-1)?.role === 'tool',
    thinks: body['reasoning_effort'] !== undefined && body['reasoning_effort'] !== 'none',
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
    id: `call_fake${index}`,
    type: 'function',
    function: { name: call.name, arguments: JSON.stringify(call.arguments) },
  }));
}

function usageOf(list: readonly FakeAnswer[]) {
  const prompt = list[0]?.promptTokens ?? 0;
  const completion = list.reduce((sum, { outputTokens }) => sum + outputTokens, 0);
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: list[0]?.cachedTokens ?? 0, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: list.reduce((sum, { reasoningTokens }) => sum + reasoningTokens, 0),
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

/** A token is a word with the space before it; the others that might have stood there, when asked. */
function logprobsOf(body: Body, text: unknown): Body | null {
  if (body['logprobs'] !== true || typeof text !== 'string' || text === '') return null;
  const one = (token: string, logprob: number): Body => ({ token, logprob, bytes: [...Buffer.from(token)] });
  const others = Array.from(
    { length: Number(body['top_logprobs'] ?? 0) },
    (_, rank) => (token: string) => one(`${token}${rank || ''}`, -0.1 - rank),
  );
  return { content: pieces(text).map((token) => ({ ...one(token, -0.1), top_logprobs: others.map((of) => of(token)) })), refusal: null };
}

function completion(body: Body, behaviour: Behaviour): Body {
  const list = answers(body, behaviour);
  return {
    id: 'chatcmpl-fake0001',
    object: 'chat.completion',
    created,
    model: String(body['model']),
    choices: list.map((answer, index) => {
      const calls = callsOf(answer);
      return {
        index,
        message: {
          role: 'assistant',
          content: answer.text,
          ...(calls.length > 0 ? { tool_calls: calls } : {}),
          refusal: null,
          annotations: [],
        },
        logprobs: logprobsOf(body, answer.text),
        finish_reason: reasonOf(answer),
      };
    }),
    ...(behaviour.noUsage ? {} : { usage: usageOf(list) }),
    service_tier: 'default',
    system_fingerprint: 'fp_fake',
  };
}

function chunks(body: Body, behaviour: Behaviour): Body[] {
  const list = answers(body, behaviour);
  const asked = (body['stream_options'] as { include_usage?: boolean } | undefined)?.include_usage === true && !behaviour.noUsage;
  const frame = {
    id: 'chatcmpl-fake0001',
    object: 'chat.completion.chunk',
    created,
    model: String(body['model']),
    service_tier: 'default',
    system_fingerprint: 'fp_fake',
  };
  const one = (index: number, delta: Body, reason: string | null): Body => ({
    ...frame,
    choices: [{ index, delta, logprobs: logprobsOf(body, delta['content']), finish_reason: reason }],
    ...(asked ? { usage: null } : {}),
  });
  const perChoice = list.map((answer, index) => {
    const calls = callsOf(answer);
    return [
      one(index, { role: 'assistant', content: calls.length > 0 ? null : '', refusal: null }, null),
      ...pieces(answer.text ?? '').map((text) => one(index, { content: text }, null)),
      ...calls.flatMap((call, position) => [
        one(index, { tool_calls: [{ index: position, ...call, function: { name: call.function.name, arguments: '' } }] }, null),
        ...(call.function.arguments.match(/.{1,6}/gs) ?? []).map((text) =>
          one(index, { tool_calls: [{ index: position, function: { arguments: text } }] }, null),
        ),
      ]),
      one(index, {}, reasonOf(answer)),
    ];
  });
  // Choices come interleaved.
  const longest = Math.max(...perChoice.map(({ length }) => length));
  const mixed = Array.from({ length: longest }, (_, step) => perChoice.flatMap((own) => own.slice(step, step + 1))).flat();
  return asked ? [...mixed, { ...frame, choices: [], usage: usageOf(list) }] : mixed;
}

function legacyQuestion(body: Body): Body {
  return { ...body, messages: [{ role: 'user', content: body['prompt'] }] };
}

function legacy(body: Body, behaviour: Behaviour): Body {
  const list = answers(legacyQuestion(body), behaviour);
  return {
    id: 'cmpl-fake0001',
    object: 'text_completion',
    created,
    model: String(body['model']),
    choices: list.map((answer, index) => ({ text: answer.text, index, logprobs: null, finish_reason: reasonOf(answer) })),
    usage: usageOf(list),
  };
}

function legacyChunks(body: Body, behaviour: Behaviour): Body[] {
  const [answer] = answers(legacyQuestion(body), behaviour);
  const frame = { id: 'cmpl-fake0001', object: 'text_completion', created, model: String(body['model']) };
  return [
    ...pieces(answer?.text ?? '').map((text) => ({ ...frame, choices: [{ text, index: 0, logprobs: null, finish_reason: null }] })),
    { ...frame, choices: [{ text: '', index: 0, logprobs: null, finish_reason: answer === undefined ? 'stop' : reasonOf(answer) }] },
  ];
}

function embeddings(body: Body, _behaviour: Behaviour): Body {
  const input = body['input'];
  const texts = Array.isArray(input) ? input : [input];
  const size = Number(body['dimensions'] ?? 8);
  const data = texts.map((text: unknown, index) => {
    const vector = Array.from({ length: size }, (_, i) => Math.round(Math.sin((String(text).length + 1) * (i + 1)) * 1e6) / 1e6);
    const embedding = body['encoding_format'] === 'base64' ? Buffer.from(Float32Array.from(vector).buffer).toString('base64') : vector;
    return { object: 'embedding', index, embedding };
  });
  return { object: 'list', data, model: String(body['model']), usage: { prompt_tokens: texts.length * 4, total_tokens: texts.length * 4 } };
}

function models(): Body {
  return {
    object: 'list',
    data: ['gpt-4o-mini', 'gpt-4o', 'text-embedding-3-small'].map((id) => ({ id, object: 'model', created, owned_by: 'system' })),
  };
}
