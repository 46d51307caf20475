import { createServer } from 'node:http';

/** One canned answer in each of three shapes, so that a difference between them is the gateway's. */
const text = 'You can return any unridden bike within 30 days. '.repeat(8);
const completion = JSON.stringify({
  id: 'chatcmpl-bench',
  object: 'chat.completion',
  created: 1_700_000_000,
  model: 'gpt-4o-mini',
  choices: [{ index: 0, message: { role: 'assistant', content: text, refusal: null }, logprobs: null, finish_reason: 'stop' }],
  usage: { prompt_tokens: 120, completion_tokens: 90, total_tokens: 210 },
});
const response = JSON.stringify({
  id: `resp_${'b'.repeat(50)}`,
  object: 'response',
  created_at: 1_700_000_000,
  status: 'completed',
  background: false,
  error: null,
  incomplete_details: null,
  instructions: null,
  max_output_tokens: null,
  model: 'gpt-4o-mini',
  output: [
    {
      id: `msg_${'b'.repeat(50)}`,
      type: 'message',
      status: 'completed',
      content: [{ type: 'output_text', annotations: [], logprobs: [], text }],
      role: 'assistant',
    },
  ],
  parallel_tool_calls: true,
  previous_response_id: null,
  reasoning: { effort: null, summary: null },
  service_tier: 'default',
  store: true,
  temperature: 0.2,
  text: { format: { type: 'text' }, verbosity: 'medium' },
  tool_choice: 'auto',
  tools: [],
  top_logprobs: 0,
  top_p: 1,
  truncation: 'disabled',
  usage: {
    input_tokens: 120,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 90,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 210,
  },
  user: null,
  metadata: {},
});
const message = JSON.stringify({
  id: 'msg_bench',
  type: 'message',
  role: 'assistant',
  model: 'claude-sonnet-4-5',
  content: [{ type: 'text', text }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 120, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 90, service_tier: 'standard' },
});

const server = createServer((request, reply) => {
  request.resume();
  request.on('end', () => {
    const path = request.url ?? '';
    const answer = path.endsWith('/responses') ? response : path.endsWith('/messages') ? message : completion;
    reply.writeHead(200, { 'content-type': 'application/json' }).end(answer);
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) process.stdout.write(`ready on http://127.0.0.1:${address.port}\n`);
});
process.on('SIGTERM', () => process.exit(0));
