import type { PromptKernel, ToolKernel } from '@whetstone/contract';

/** The demo application's files, oldest version first, with the day (of fourteen) on which each was made and deployed. */

export interface DemoVersion {
  day: number;
  kernel: PromptKernel;
  name: string;
  description: string;
  /** Environments it was deployed to that day. */
  deploy: readonly ('production' | 'staging')[];
}

const question = '{{question}}';

export const answerVersions: readonly DemoVersion[] = [
  {
    day: 0,
    name: 'first try',
    description: 'Answers from what the model knows.',
    deploy: ['production', 'staging'],
    kernel: {
      model: 'demo-small',
      provider: 'demo',
      endpoint: 'chat',
      temperature: 0.7,
      max_tokens: 300,
      template: [
        { role: 'system', content: 'You are the support assistant of Larkspur Cycles. Answer the customer.' },
        { role: 'user', content: question },
      ],
    },
  },
  {
    day: 1,
    name: 'with articles',
    description: 'Gives the model the articles that we found, so that it stops inventing prices.',
    // By the end of its experiment.
    deploy: [],
    kernel: {
      model: 'demo-small',
      provider: 'demo',
      endpoint: 'chat',
      temperature: 0.7,
      max_tokens: 300,
      template: [
        {
          role: 'system',
          content:
            'You are the support assistant of Larkspur Cycles. Answer the customer with the help of these articles.\n\nContext:\n{{context}}',
        },
        { role: 'user', content: question },
      ],
    },
  },
  {
    day: 9,
    name: 'larger model',
    description: 'Larger model, lower temperature, says when it does not know.',
    deploy: ['production'],
    kernel: {
      model: 'demo-large',
      provider: 'demo',
      endpoint: 'chat',
      temperature: 0.2,
      max_tokens: 400,
      template: [
        {
          role: 'system',
          content:
            '{{ support/house_style("answers") }}\n\nAnswer only from the articles below. When they do not hold the answer, say so and offer to pass the question to a colleague.\n\nContext:\n{{context}}',
        },
        { role: 'user', content: question },
      ],
    },
  },
  {
    day: 12,
    name: 'fast and short',
    description: 'Candidate: a third of the latency. Are the answers still good?',
    deploy: ['staging'],
    kernel: {
      model: 'demo-fast',
      provider: 'demo',
      endpoint: 'chat',
      temperature: 0.2,
      max_tokens: 200,
      template: [
        {
          role: 'system',
          content:
            '{{ support/house_style("answers") }}\n\nAnswer in at most three sentences, only from the articles below. When they do not hold the answer, say so.\n\nContext:\n{{context}}',
        },
        { role: 'user', content: question },
      ],
    },
  },
];

export const classifyVersion: DemoVersion = {
  day: 0,
  name: 'topics',
  description: 'Sorts a question into a topic before we search.',
  deploy: ['production', 'staging'],
  kernel: {
    model: 'demo-fast',
    provider: 'demo',
    endpoint: 'chat',
    temperature: 0,
    max_tokens: 60,
    template: [
      { role: 'system', content: 'Sort the question of a bicycle shop’s customer into one topic and say how urgent it sounds.' },
      { role: 'user', content: question },
    ],
    response_format: {
      type: 'json_schema',
      json_schema: {
        name: 'topic',
        schema: {
          type: 'object',
          properties: {
            topic: { type: 'string', enum: ['delivery', 'returns', 'warranty', 'e-bike', 'workshop', 'payment', 'other'] },
            urgent: { type: 'boolean' },
          },
          required: ['topic', 'urgent'],
          additionalProperties: false,
        },
      },
    },
  },
};

export const summaryVersion: DemoVersion = {
  day: 1,
  name: 'for colleagues',
  description: 'What a colleague needs to know when the assistant hands over.',
  deploy: ['production', 'staging'],
  kernel: {
    model: 'demo-flaky',
    provider: 'demo',
    endpoint: 'chat',
    temperature: 0.3,
    max_tokens: 120,
    template: [
      { role: 'system', content: 'Sum up for a colleague in two sentences what the customer wants and what we answered.' },
      { role: 'user', content: 'Customer: {{question}}\n\nAssistant: {{answer}}' },
    ],
  },
};

export const houseStyle: ToolKernel = {
  tool_type: 'snippet',
  function: {
    name: 'house_style',
    description: 'How Larkspur Cycles talks to customers',
    parameters: { type: 'object', properties: { key: { type: 'string' } } },
  },
  setup_values: {
    snippets: [
      {
        key: 'answers',
        value:
          'You are the support assistant of Larkspur Cycles, a bicycle shop in Ghent. Be friendly and brief, use plain words and give exact figures where the articles have them.',
      },
      { key: 'signature', value: 'Your team at Larkspur Cycles' },
    ],
  },
};

export const retrieveTool: ToolKernel = {
  tool_type: 'json_schema',
  function: {
    name: 'search_articles',
    description: 'Searches the help centre for articles that match a question',
    parameters: {
      type: 'object',
      properties: { query: { type: 'string' }, count: { type: 'integer', minimum: 1, maximum: 5 } },
      required: ['query'],
    },
  },
};
