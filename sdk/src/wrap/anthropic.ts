import {
  type Answer,
  type Dialect,
  type Fields,
  gatewayHeaders,
  recordedCreate,
  text,
  type Recording,
  withHeaders,
  type WrapOptions,
} from './record-call.ts';

interface Resource {
  create: (body: Fields, options?: { headers?: unknown }) => unknown;
}

const wrapped = new WeakSet<object>();

/** Logs the calls of a client of the package `@anthropic-ai/sdk`: messages, streams and the `stream` helper too. */
export function wrapAnthropic<T extends object>(recording: Recording, client: T, options: WrapOptions): T {
  const { baseURL, messages } = client as { baseURL?: unknown; messages?: Resource };
  if (messages === undefined || typeof messages.create !== 'function' || wrapped.has(messages)) return client;
  wrapped.add(messages);
  const headers = gatewayHeaders(recording, baseURL);
  const create = messages.create.bind(messages);
  messages.create =
    headers === null ? recordedCreate(recording, 'anthropic', messagesDialect, create, options) : withHeaders(create, headers);
  return client;
}

const messagesDialect: Dialect = {
  request: (body) => ({
    model: String(body['model']),
    messages: [...systemOf(body['system']), ...(body['messages'] as Fields[]).flatMap(messagesOf)],
    kernel: kernelOf(body),
  }),
  answer: (value): Answer => {
    const blocks = blocksOf(value['content']);
    const usage = (value['usage'] ?? {}) as Record<string, number | null | undefined>;
    const cached = (usage['cache_read_input_tokens'] ?? 0) + (usage['cache_creation_input_tokens'] ?? 0);
    return {
      ...(blocks.length === 0 ? {} : { output_message: assistantOf(blocks) }),
      finish_reason: (value['stop_reason'] as string | null | undefined) ?? null,
      ...(usage['input_tokens'] == null ? {} : { prompt_tokens: usage['input_tokens'] + cached }),
      ...(usage['output_tokens'] == null ? {} : { output_tokens: usage['output_tokens'] }),
    };
  },
  collect,
};

function collect(): ReturnType<Dialect['collect']> {
  let whole: Fields = {};
  const blocks: Fields[] = [];
  const inputs = new Map<number, string>();
  return {
    add(event) {
      const index = Number(event['index'] ?? 0);
      if (event['type'] === 'message_start') whole = { ...(event['message'] as Fields) };
      if (event['type'] === 'content_block_start') blocks[index] = { ...(event['content_block'] as Fields) };
      if (event['type'] === 'content_block_delta') addDelta(blocks, inputs, index, event['delta'] as Fields);
      if (event['type'] === 'message_delta') {
        Object.assign(whole, event['delta']);
        whole['usage'] = { ...(whole['usage'] as Fields), ...(event['usage'] as Fields) };
      }
    },
    whole() {
      for (const [index, json] of inputs) blocks[index] = { ...blocks[index], input: parsed(json) };
      return { ...whole, content: blocks.filter((block) => block !== undefined) };
    },
  };
}

function addDelta(blocks: Fields[], inputs: Map<number, string>, index: number, delta: Fields): void {
  const block = (blocks[index] ??= {});
  for (const [type, field] of [
    ['text_delta', 'text'],
    ['thinking_delta', 'thinking'],
    ['signature_delta', 'signature'],
  ] as const)
    if (delta['type'] === type) block[field] = text(block[field]) + text(delta[field]);
  if (delta['type'] === 'input_json_delta') inputs.set(index, (inputs.get(index) ?? '') + String(delta['partial_json']));
}

function parsed(json: string): unknown {
  try {
    return json === '' ? {} : JSON.parse(json);
  } catch {
    // The stream ended within it.
    return json;
  }
}

function blocksOf(content: unknown): Fields[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return Array.isArray(content) ? (content as Fields[]) : [];
}

function systemOf(system: unknown): Fields[] {
  const joined = blocksOf(system)
    .map((block) => text(block['text']))
    .join('\n');
  return joined === '' ? [] : [{ role: 'system', content: joined }];
}

/** Results of tools are messages of their own in a log. */
function messagesOf(message: Fields): Fields[] {
  const blocks = blocksOf(message['content']);
  if (message['role'] === 'assistant') return [assistantOf(blocks)];
  const results = blocks.filter((block) => block['type'] === 'tool_result');
  const rest = blocks.filter((block) => block['type'] !== 'tool_result');
  const parts = rest.map(partOf);
  const texts = parts.every((part) => part['type'] === 'text');
  return [
    ...results.map((block) => ({
      role: 'tool',
      tool_call_id: String(block['tool_use_id']),
      content: blocksOf(block['content'])
        .map((part) => text(partOf(part)['text']))
        .join(''),
    })),
    ...(rest.length === 0 ? [] : [{ role: 'user', content: texts ? parts.map((part) => part['text']).join('\n') : parts }]),
  ];
}

function partOf(block: Fields): Fields {
  if (block['type'] === 'text') return { type: 'text', text: String(block['text']) };
  const source = block['source'] as { type?: string; url?: string; media_type?: string; data?: string } | undefined;
  if (block['type'] === 'image' && source !== undefined) {
    const url = source.type === 'url' ? source.url : `data:${source.media_type};base64,${source.data}`;
    return { type: 'image_url', image_url: { url } };
  }
  return { type: 'text', text: `[${String(block['type'])}]` };
}

function assistantOf(blocks: Fields[]): Fields {
  const said = blocks.flatMap((block) => (block['type'] === 'text' ? [text(block['text'])] : [])).join('');
  const calls = blocks.flatMap((block) =>
    block['type'] === 'tool_use'
      ? [
          {
            id: String(block['id']),
            type: 'function',
            function: { name: String(block['name']), arguments: JSON.stringify(block['input'] ?? {}) },
          },
        ]
      : [],
  );
  const thinking = blocks.filter(
    (block) => (block['type'] === 'thinking' && typeof block['signature'] === 'string') || block['type'] === 'redacted_thinking',
  );
  return {
    role: 'assistant',
    content: said === '' && calls.length > 0 ? null : said,
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
    ...(thinking.length > 0 ? { thinking } : {}),
  };
}

function kernelOf(body: Fields): Fields {
  const kernel: Fields = { model: String(body['model']), endpoint: 'chat', provider: 'anthropic' };
  for (const field of ['temperature', 'top_p', 'max_tokens']) if (body[field] != null) kernel[field] = body[field];
  if (body['stop_sequences'] != null) kernel['stop'] = body['stop_sequences'];
  const other = Object.fromEntries(['thinking', 'top_k'].flatMap((key) => (body[key] == null ? [] : [[key, body[key]]])));
  if (Object.keys(other).length > 0) kernel['other'] = other;
  const tools = ((body['tools'] ?? []) as Fields[]).flatMap(({ name, description, input_schema: parameters }) =>
    parameters === undefined ? [] : [{ name, description, parameters }],
  );
  if (tools.length > 0) kernel['tools'] = tools;
  return kernel;
}
