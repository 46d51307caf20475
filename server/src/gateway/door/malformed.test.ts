import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type House, openHouse } from '../test/house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const anything = fc.oneof(
  fc.constantFrom<unknown>(null, true, 0, -1, 1e308, '', 'x', '\u0000', [], {}, [[]], [null], [{}], { type: 'x' }),
  fc.jsonValue({ maxDepth: 3 }),
);
const block = fc.oneof(
  anything,
  fc.record({
    type: fc.constantFrom(
      'text',
      'image',
      'input_text',
      'input_image',
      'tool_use',
      'tool_result',
      'thinking',
      'document',
      'reasoning',
      'function_call',
      'function_call_output',
      'message',
    ),
    text: anything,
    source: anything,
    image_url: anything,
    content: anything,
    input: anything,
    output: anything,
    call_id: anything,
    encrypted_content: fc.oneof(anything, fc.constant('whetstone:bm90IGpzb24='), fc.constant('whetstone:W3siYSI6MX1d')),
    summary: anything,
    role: fc.constantFrom<unknown>('user', 'assistant', 'system', 'nobody', 7),
  }),
);
const message = fc.record({
  role: fc.constantFrom<unknown>('user', 'assistant', 'system', 'developer', null),
  content: fc.oneof(anything, fc.array(block, { maxLength: 3 })),
});
const tool = fc.oneof(
  anything,
  fc.record({ type: fc.constantFrom('function', 'custom', 'web_search'), name: anything, parameters: anything, input_schema: anything }),
);
const responses = fc.record(
  {
    input: fc.oneof(anything, fc.array(fc.oneof(block, message), { maxLength: 3 })),
    instructions: anything,
    tools: fc.oneof(anything, fc.array(tool, { maxLength: 2 })),
    tool_choice: anything,
    text: fc.oneof(anything, fc.record({ format: anything })),
    reasoning: fc.oneof(anything, fc.record({ effort: anything })),
    metadata: anything,
    include: anything,
    previous_response_id: anything,
    store: anything,
    temperature: anything,
    max_output_tokens: anything,
    user: anything,
  },
  { requiredKeys: [] },
);
const messages = fc.record(
  {
    messages: fc.oneof(anything, fc.array(message, { maxLength: 3 })),
    system: fc.oneof(anything, fc.array(block, { maxLength: 2 })),
    tools: fc.oneof(anything, fc.array(tool, { maxLength: 2 })),
    tool_choice: anything,
    thinking: anything,
    output_config: fc.oneof(anything, fc.record({ format: anything, effort: anything })),
    metadata: anything,
    stop_sequences: anything,
    max_tokens: anything,
    top_k: anything,
  },
  { requiredKeys: [] },
);

it.each([
  ['/v1/responses', responses],
  ['/v1/messages', messages],
] as const)(
  '%s: whatever the body, an answer in 2xx or 4xx, and a log for each that was sent',
  async (path, shape) => {
    const models = fc.constantFrom('gpt-4o-mini', 'claude-sonnet-4-5', 'gemini-2.5-flash', 'demo-small');
    await fc.assert(
      fc.asyncProperty(shape, models, fc.boolean(), async (body, model, stream) => {
        house.fake.reset();
        const response = await house.request(path, { ...body, model, stream });
        const text = await response.text();
        expect(response.status, text).toBeLessThan(500);
        const id = response.headers.get('x-whetstone-log-id');
        if (house.fake.received.length > 0 || response.status === 200) expect(await house.logs.find(house.scope, id ?? '')).not.toBeNull();
      }),
      { numRuns: 120 },
    );
  },
  120_000,
);
