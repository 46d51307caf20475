import { type Answer, type Dialect, type Fields, text } from './record-call.ts';

/** OpenAI's responses: items in and out instead of messages. */
export const responsesDialect: Dialect = {
  request: (body) => ({
    model: String(body['model']),
    messages: [
      ...(typeof body['instructions'] === 'string' ? [{ role: 'developer', content: body['instructions'] }] : []),
      ...(typeof body['input'] === 'string' ? [{ role: 'user', content: body['input'] }] : itemsOf(body['input']).flatMap(messagesOf)),
    ],
    kernel: kernelOf(body),
  }),
  answer: (value): Answer => {
    const output = itemsOf(value['output']);
    const said = output.flatMap((item) => (item['type'] === 'message' ? [textOf(item['content'])] : [])).join('');
    const calls = output.flatMap((item) => (item['type'] === 'function_call' ? [toolCallOf(item)] : []));
    const usage = (value['usage'] ?? {}) as {
      input_tokens?: number;
      output_tokens?: number;
      output_tokens_details?: { reasoning_tokens?: number };
    };
    const message = {
      role: 'assistant',
      content: said === '' && calls.length > 0 ? null : said,
      ...(calls.length > 0 ? { tool_calls: calls } : {}),
    };
    return {
      ...(output.length === 0 ? {} : { output_message: message }),
      finish_reason: calls.length > 0 ? 'tool_calls' : ((value['incomplete_details'] as { reason?: string } | null)?.reason ?? 'stop'),
      ...(usage.input_tokens === undefined ? {} : { prompt_tokens: usage.input_tokens }),
      ...(usage.output_tokens === undefined ? {} : { output_tokens: usage.output_tokens }),
      ...(usage.output_tokens_details?.reasoning_tokens === undefined
        ? {}
        : { reasoning_tokens: usage.output_tokens_details.reasoning_tokens }),
    };
  },
  collect: () => {
    let whole: Fields = {};
    let heard = '';
    return {
      add(event) {
        // The event that ends a stream carries the whole response.
        if (typeof event['response'] === 'object' && event['response'] !== null) whole = event['response'] as Fields;
        if (event['type'] === 'response.output_text.delta') heard += text(event['delta']);
      },
      whole() {
        if (itemsOf(whole['output']).length > 0 || heard === '') return whole;
        return { ...whole, output: [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: heard }] }] };
      },
    };
  },
};

function itemsOf(given: unknown): Fields[] {
  return Array.isArray(given) ? (given as Fields[]) : [];
}

function messagesOf(item: Fields): Fields[] {
  if (item['type'] === 'function_call') return [{ role: 'assistant', content: null, tool_calls: [toolCallOf(item)] }];
  if (item['type'] === 'function_call_output')
    return [
      {
        role: 'tool',
        tool_call_id: String(item['call_id']),
        content: typeof item['output'] === 'string' ? item['output'] : JSON.stringify(item['output']),
      },
    ];
  if (typeof item['role'] === 'string') return [{ role: item['role'], content: textOf(item['content']) }];
  return [];
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  return itemsOf(content)
    .map((part) =>
      typeof part['text'] === 'string' ? part['text'] : typeof part['refusal'] === 'string' ? part['refusal'] : `[${String(part['type'])}]`,
    )
    .join('');
}

function toolCallOf(item: Fields): Fields {
  return {
    id: String(item['call_id'] ?? item['id']),
    type: 'function',
    function: { name: String(item['name']), arguments: text(item['arguments']) },
  };
}

function kernelOf(body: Fields): Fields {
  const kernel: Fields = { model: String(body['model']), endpoint: 'chat' };
  for (const field of ['temperature', 'top_p']) if (body[field] != null) kernel[field] = body[field];
  if (body['max_output_tokens'] != null) kernel['max_tokens'] = body['max_output_tokens'];
  const effort = (body['reasoning'] as { effort?: unknown } | undefined)?.effort;
  if (effort != null) kernel['reasoning_effort'] = effort;
  const tools = itemsOf(body['tools']).flatMap(({ type, name, description, parameters, strict }) =>
    type === 'function' ? [{ name, description, parameters, strict }] : [],
  );
  if (tools.length > 0) kernel['tools'] = tools;
  return kernel;
}
