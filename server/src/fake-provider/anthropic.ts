import { fakeAnswer, pieces, type FakeAnswer, type FakeQuestion } from './answer.ts';
import type { Behaviour } from './behaviour.ts';
import type { Shape } from './shape.ts';

/* Anthropic's Messages API on the wire, version 2023-06-01. */

type Body = Record<string, unknown>;

export const anthropicShape: Shape = {
  recognises: (path, headers) => /\/v1\/messages(?:\/|$)/.test(path) || headers['anthropic-version'] !== undefined,
  model: (body) => (typeof body['model'] === 'string' ? body['model'] : ''),
  streams: (_path, body) => body['stream'] === true,
  whole(path, body, behaviour) {
    if (path.endsWith('/models')) return models();
    if (path.endsWith('/count_tokens')) return { input_tokens: fakeAnswer(question(body), behaviour).promptTokens };
    return message(body, behaviour);
  },
  events: (_path, body, behaviour) => events(body, behaviour),
  streamType: 'text/event-stream; charset=utf-8',
  streamError: 'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n',
  isEnd: (event) => event.startsWith('event: message_stop') || event.startsWith('event: message_delta'),
  error(status, model) {
    const types: Record<number, [string, string]> = {
      400: ['invalid_request_error', 'max_tokens: Field required'],
      401: ['authentication_error', 'invalid x-api-key'],
      404: ['not_found_error', `model: ${model}`],
      429: ['rate_limit_error', "This request would exceed your account's rate limit."],
      529: ['overloaded_error', 'Overloaded'],
    };
    const [type, text] = types[status] ?? ['api_error', 'Internal server error'];
    return { type: 'error', error: { type, message: text }, request_id: 'req_fake0001' };
  },
  // Clients up to 0.x send the key in its own header, later ones as a bearer token with a newer version.
  authorised: (headers) =>
    ((headers['x-api-key'] ?? '') !== '' || /^Bearer \S+$/.test(headers['authorization'] ?? '')) &&
    /^\d{4}-\d{2}-\d{2}$/.test(headers['anthropic-version'] ?? ''),
};

function question(body: Body): FakeQuestion {
  const messages = (body['messages'] ?? []) as { role: string; content: string | { type: string; text?: string }[] }[];
  const last = messages.at(-1);
  const blocksOf = (content: string | { type: string; text?: string }[] | undefined) =>
    typeof content === 'string' ? [{ type: 'text', text: content }] : (content ?? []);
  const user = messages
    .filter(({ role, content }) => role === 'user' && blocksOf(content).some(({ type }) => type !== 'tool_result'))
    .at(-1);
  const blocks = blocksOf(user?.content);
  const choice = body['tool_choice'] as { type: string; name?: string } | undefined;
  const tools = (body['tools'] ?? []) as { name: string; input_schema: unknown }[];
  return {
    lastUser: blocks.map(({ text }) => text ?? '').join(''),
    images: blocks.filter(({ type }) => type === 'image').length,
    tools: choice?.type === 'none' ? [] : tools.map((tool) => ({ name: tool.name, parameters: tool.input_schema })),
    forced: choice?.type === 'tool' ? (choice.name ?? null) : choice?.type === 'any' ? 'any' : null,
    schema: (body['output_config'] as { format?: { schema?: unknown } } | undefined)?.format?.schema ?? null,
    json: false,
    maxTokens: (body['max_tokens'] ?? null) as number | null,
    afterTool: blocksOf(last?.content).some(({ type }) => type === 'tool_result'),
    thinks: ['enabled', 'adaptive'].includes((body['thinking'] as { type?: string } | undefined)?.type ?? ''),
    index: 0,
  };
}

function stopReason({ stop }: FakeAnswer): string {
  return stop === 'tool' ? 'tool_use' : stop === 'length' ? 'max_tokens' : 'end_turn';
}

function usageOf(answer: FakeAnswer): Body {
  return {
    input_tokens: answer.promptTokens - answer.cachedTokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: answer.cachedTokens,
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
    output_tokens: answer.outputTokens,
    service_tier: 'standard',
  };
}

function message(body: Body, behaviour: Behaviour): Body {
  const answer = fakeAnswer(question(body), behaviour);
  return {
    model: String(body['model']),
    id: 'msg_fake0001',
    type: 'message',
    role: 'assistant',
    content: [
      ...(answer.reasoning === null ? [] : [{ type: 'thinking', thinking: answer.reasoning, signature: 'EqFake==' }]),
      ...(answer.text === null ? [] : [{ type: 'text', text: answer.text }]),
      ...answer.toolCalls.map((call, index) => ({ type: 'tool_use', id: `toolu_fake${index}`, name: call.name, input: call.arguments })),
    ],
    stop_reason: stopReason(answer),
    stop_sequence: null,
    usage: usageOf(answer),
  };
}

function events(body: Body, behaviour: Behaviour): string[] {
  const answer = fakeAnswer(question(body), behaviour);
  const list: Body[] = [
    {
      type: 'message_start',
      message: {
        model: String(body['model']),
        id: 'msg_fake0001',
        type: 'message',
        role: 'assistant',
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { ...usageOf(answer), output_tokens: 1 },
      },
    },
  ];
  let index = 0;
  const block = (start: Body, deltas: Body[]): void => {
    list.push({ type: 'content_block_start', index, content_block: start });
    if (index === 0) list.push({ type: 'ping' });
    for (const delta of deltas) list.push({ type: 'content_block_delta', index, delta });
    list.push({ type: 'content_block_stop', index });
    index += 1;
  };
  if (answer.reasoning !== null) {
    block({ type: 'thinking', thinking: '', signature: '' }, [
      ...pieces(answer.reasoning).map((text) => ({ type: 'thinking_delta', thinking: text })),
      { type: 'signature_delta', signature: 'EqFake==' },
    ]);
  }
  if (answer.text !== null)
    block(
      { type: 'text', text: '' },
      pieces(answer.text).map((text) => ({ type: 'text_delta', text })),
    );
  answer.toolCalls.forEach((call, position) => {
    const json = Object.keys(call.arguments).length === 0 ? '' : JSON.stringify(call.arguments);
    block({ type: 'tool_use', id: `toolu_fake${position}`, name: call.name, input: {} }, [
      { type: 'input_json_delta', partial_json: '' },
      ...(json.match(/.{1,6}/gs) ?? []).map((text) => ({ type: 'input_json_delta', partial_json: text })),
    ]);
  });
  list.push({
    type: 'message_delta',
    delta: { stop_reason: stopReason(answer), stop_sequence: null },
    usage: {
      input_tokens: answer.promptTokens - answer.cachedTokens,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: answer.cachedTokens,
      output_tokens: answer.outputTokens,
    },
  });
  list.push({ type: 'message_stop' });
  return list.map((event) => `event: ${String(event['type'])}\ndata: ${JSON.stringify(event)}\n\n`);
}

function models(): Body {
  const row = { type: 'model', id: 'claude-sonnet-4-5', display_name: 'Claude Sonnet 4.5', created_at: '2025-09-29T00:00:00Z' };
  return { data: [row], has_more: false, first_id: row.id, last_id: row.id };
}
