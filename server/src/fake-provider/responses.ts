import { createHash } from 'node:crypto';
import { fakeAnswer, type FakeAnswer, type FakeQuestion, pieces } from './answer.ts';
import type { Behaviour } from './behaviour.ts';
import { openaiShape } from './openai.ts';
import type { Shape } from './shape.ts';

/* OpenAI's Responses API on the wire: typed events with sequence numbers, items with ids of their own. */

type Body = Record<string, unknown>;
const created = 1_767_225_600;

export const responsesShape: Shape = {
  recognises: (path, headers) => /\/responses(?:\/|$)/.test(path) && headers['anthropic-version'] === undefined,
  model: (body) => (typeof body['model'] === 'string' ? body['model'] : ''),
  streams: (_path, body) => body['stream'] === true,
  whole(path, body, behaviour) {
    const id = /\/responses\/([^/]+)$/.exec(path)?.[1];
    if (id !== undefined) return { id, object: 'response', deleted: true };
    const answer = fakeAnswer(question(body), behaviour);
    return responseOf(body, answer, itemsOf(body, answer), behaviour);
  },
  events: (_path, body, behaviour) => events(body, fakeAnswer(question(body), behaviour), behaviour),
  streamType: 'text/event-stream; charset=utf-8',
  streamError: [
    'event: error',
    'data: {"type":"error","sequence_number":7,"error":{"type":"server_error","code":"server_error","message":"The server had an error while processing your request. Sorry about that!","param":null}}',
    '',
    '',
  ].join('\n'),
  isEnd: (event) => event.startsWith('event: response.completed') || event.startsWith('event: response.incomplete'),
  error: (status, model) => openaiShape.error(status, model),
  authorised: (headers, url, asking) => openaiShape.authorised(headers, url, asking),
};

interface Item extends Body {
  type?: string;
  role?: string;
  content?: string | { type: string; text?: string }[];
}

function question(body: Body): FakeQuestion {
  const input = typeof body['input'] === 'string' ? [{ role: 'user', content: body['input'] } as Item] : ((body['input'] ?? []) as Item[]);
  const user = input.filter(({ role }) => role === 'user').at(-1);
  const parts = typeof user?.content === 'string' ? [{ type: 'input_text', text: user.content }] : (user?.content ?? []);
  const choice = body['tool_choice'] as { type?: string; name?: string } | string | undefined;
  const format = (body['text'] as { format?: { type?: string; schema?: unknown } } | undefined)?.format;
  const tools = (body['tools'] ?? []) as { type: string; name: string; parameters: unknown }[];
  const effort = (body['reasoning'] as { effort?: string } | undefined)?.effort;
  return {
    lastUser: parts.map((part) => part.text ?? '').join(''),
    images: parts.filter(({ type }) => type === 'input_image').length,
    tools: choice === 'none' ? [] : tools.filter(({ type }) => type === 'function'),
    forced: typeof choice === 'object' ? (choice.name ?? null) : choice === 'required' ? 'any' : null,
    schema: format?.schema ?? null,
    json: format?.type === 'json_object',
    maxTokens: (body['max_output_tokens'] ?? null) as number | null,
    afterTool: input.at(-1)?.type === 'function_call_output',
    thinks: effort !== undefined && effort !== 'none',
    index: 0,
  };
}

/** Made of the request, so that equal requests have equal answers. */
function idOf(prefix: string, body: Body, place = 0): string {
  return (
    prefix +
    createHash('sha256')
      .update(`${place}${JSON.stringify(body)}`)
      .digest('hex')
      .slice(0, 50)
  );
}

function itemsOf(body: Body, answer: FakeAnswer): Body[] {
  const include = (body['include'] ?? []) as string[];
  const summary = (body['reasoning'] as { summary?: string } | undefined)?.summary === undefined ? null : answer.reasoning;
  const items: Body[] = [];
  if (answer.reasoning !== null) {
    items.push({
      id: idOf('rs_', body),
      type: 'reasoning',
      ...(include.includes('reasoning.encrypted_content') ? { encrypted_content: 'gAAAAFake==' } : {}),
      summary: summary === null ? [] : [{ type: 'summary_text', text: summary }],
    });
  }
  if (answer.text !== null) {
    const logprobs = include.includes('message.output_text.logprobs') ? logprobsOf(answer.text) : [];
    items.push({
      id: idOf('msg_', body),
      type: 'message',
      status: answer.stop === 'length' ? 'incomplete' : 'completed',
      content: [{ type: 'output_text', annotations: [], logprobs, text: answer.text }],
      role: 'assistant',
    });
  }
  answer.toolCalls.forEach((call, place) =>
    items.push({
      id: idOf('fc_', body, place),
      type: 'function_call',
      status: 'completed',
      arguments: JSON.stringify(call.arguments),
      call_id: `call_fake${place}`,
      name: call.name,
    }),
  );
  return items;
}

function logprobsOf(text: string): Body[] {
  return pieces(text).map((token) => ({ token, bytes: [...Buffer.from(token)], logprob: -0.1, top_logprobs: [] }));
}

function responseOf(body: Body, answer: FakeAnswer, output: Body[], behaviour: Behaviour): Body {
  const incomplete = answer.stop === 'length';
  return {
    ...frame(body),
    status: incomplete ? 'incomplete' : 'completed',
    completed_at: created + 1,
    incomplete_details: incomplete ? { reason: 'max_output_tokens' } : null,
    output,
    usage: behaviour.noUsage
      ? null
      : {
          input_tokens: answer.promptTokens,
          input_tokens_details: { cached_tokens: answer.cachedTokens },
          output_tokens: answer.outputTokens,
          output_tokens_details: { reasoning_tokens: answer.reasoningTokens },
          total_tokens: answer.promptTokens + answer.outputTokens,
        },
  };
}

function frame(body: Body): Body {
  const reasoning = (body['reasoning'] ?? {}) as { effort?: string; summary?: string };
  return {
    id: idOf('resp_', body),
    object: 'response',
    created_at: created,
    status: 'in_progress',
    background: false,
    completed_at: null,
    error: null,
    incomplete_details: null,
    instructions: body['instructions'] ?? null,
    max_output_tokens: body['max_output_tokens'] ?? null,
    max_tool_calls: null,
    model: String(body['model']),
    output: [],
    parallel_tool_calls: body['parallel_tool_calls'] ?? true,
    previous_response_id: body['previous_response_id'] ?? null,
    prompt_cache_key: null,
    reasoning: { effort: reasoning.effort ?? null, summary: reasoning.summary ?? null },
    safety_identifier: null,
    service_tier: 'default',
    store: body['store'] ?? true,
    temperature: body['temperature'] ?? 1,
    text: body['text'] ?? { format: { type: 'text' }, verbosity: 'medium' },
    tool_choice: body['tool_choice'] ?? 'auto',
    tools: body['tools'] ?? [],
    top_logprobs: body['top_logprobs'] ?? 0,
    top_p: body['top_p'] ?? 1,
    truncation: 'disabled',
    usage: null,
    user: null,
    metadata: body['metadata'] ?? {},
  };
}

function events(body: Body, answer: FakeAnswer, behaviour: Behaviour): string[] {
  const list: Body[] = [
    { type: 'response.created', response: frame(body) },
    { type: 'response.in_progress', response: frame(body) },
  ];
  const items = itemsOf(body, answer);
  items.forEach((item, output_index) => {
    list.push({ type: 'response.output_item.added', output_index, item: begun(item) });
    list.push(...within(item, output_index));
    list.push({ type: 'response.output_item.done', output_index, item });
  });
  const response = responseOf(body, answer, items, behaviour);
  list.push({ type: answer.stop === 'length' ? 'response.incomplete' : 'response.completed', response });
  return list.map((event, sequence_number) => {
    const { type, ...rest } = event;
    return `event: ${String(type)}\ndata: ${JSON.stringify({ type, sequence_number, ...rest })}\n\n`;
  });
}

function begun(item: Body): Body {
  if (item['type'] === 'reasoning') return { ...item, summary: [] };
  if (item['type'] === 'message') return { ...item, status: 'in_progress', content: [] };
  return { ...item, status: 'in_progress', arguments: '' };
}

function within(item: Body, output_index: number): Body[] {
  const place = { item_id: item['id'], output_index };
  if (item['type'] === 'function_call') {
    const given = String(item['arguments']);
    return [
      ...(given.match(/.{1,6}/gs) ?? []).map((delta) => ({
        type: 'response.function_call_arguments.delta',
        ...place,
        delta,
        obfuscation: 'x7Qp',
      })),
      { type: 'response.function_call_arguments.done', ...place, arguments: given },
    ];
  }
  if (item['type'] === 'reasoning') {
    return (item['summary'] as { text: string }[]).flatMap(({ text }, summary_index) => {
      const part = { ...place, summary_index };
      return [
        { type: 'response.reasoning_summary_part.added', ...part, part: { type: 'summary_text', text: '' } },
        ...pieces(text).map((delta) => ({ type: 'response.reasoning_summary_text.delta', ...part, delta, obfuscation: 'k2' })),
        { type: 'response.reasoning_summary_text.done', ...part, text },
        { type: 'response.reasoning_summary_part.done', ...part, part: { type: 'summary_text', text } },
      ];
    });
  }
  const [content] = item['content'] as { text: string; logprobs: Body[] }[];
  const { text, logprobs } = content ?? { text: '', logprobs: [] };
  const part = { ...place, content_index: 0 };
  return [
    { type: 'response.content_part.added', ...part, part: { type: 'output_text', annotations: [], logprobs: [], text: '' } },
    ...pieces(text).map((delta, index) => ({
      type: 'response.output_text.delta',
      ...part,
      delta,
      logprobs: logprobs.slice(index, index + 1),
      obfuscation: 'aB3',
    })),
    { type: 'response.output_text.done', ...part, text, logprobs },
    { type: 'response.content_part.done', ...part, part: content },
  ];
}
