import type { Price } from '../index.ts';

/**
 * Public list prices in USD per million tokens as known on 2026-01-15: input, output, cached input. The first row that
 * fits decides; `*` ends a prefix. Workspaces correct and extend them.
 */
type Row = [model: string, input: number, output: number, cached?: number];
const rows: Record<string, Row[]> = {
  openai: [
    ['gpt-5-pro*', 15, 120],
    ['gpt-5-mini*', 0.25, 2, 0.025],
    ['gpt-5-nano*', 0.05, 0.4, 0.005],
    ['gpt-5*', 1.25, 10, 0.125],
    ['gpt-4.1-mini*', 0.4, 1.6, 0.1],
    ['gpt-4.1-nano*', 0.1, 0.4, 0.025],
    ['gpt-4.1*', 2, 8, 0.5],
    ['gpt-4o-mini*', 0.15, 0.6, 0.075],
    ['gpt-4o*', 2.5, 10, 1.25],
    ['chatgpt-4o-latest', 5, 15],
    ['o4-mini*', 1.1, 4.4, 0.275],
    ['o3-pro*', 20, 80],
    ['o3-mini*', 1.1, 4.4, 0.55],
    ['o3*', 2, 8, 0.5],
    ['o1-mini*', 1.1, 4.4, 0.55],
    ['o1-pro*', 150, 600],
    ['o1*', 15, 60, 7.5],
    ['gpt-4-turbo*', 10, 30],
    ['gpt-4-32k*', 60, 120],
    ['gpt-4', 30, 60],
    ['gpt-4-0*', 30, 60],
    ['gpt-3.5-turbo-instruct*', 1.5, 2],
    ['gpt-3.5-turbo*', 0.5, 1.5],
    ['text-embedding-3-small', 0.02, 0],
    ['text-embedding-3-large', 0.13, 0],
    ['text-embedding-ada-002', 0.1, 0],
  ],
  anthropic: [
    ['claude-opus-4-5*', 5, 25, 0.5],
    ['claude-opus-4*', 15, 75, 1.5],
    ['claude-sonnet-4*', 3, 15, 0.3],
    ['claude-haiku-4*', 1, 5, 0.1],
    ['claude-3-7-sonnet*', 3, 15, 0.3],
    ['claude-3-5-sonnet*', 3, 15, 0.3],
    ['claude-3-5-haiku*', 0.8, 4, 0.08],
    ['claude-3-opus*', 15, 75, 1.5],
    ['claude-3-haiku*', 0.25, 1.25, 0.03],
  ],
  google: [
    ['gemini-3-pro*', 2, 12, 0.2],
    ['gemini-2.5-pro*', 1.25, 10, 0.125],
    ['gemini-2.5-flash-lite*', 0.1, 0.4, 0.01],
    ['gemini-2.5-flash*', 0.3, 2.5, 0.03],
    ['gemini-2.0-flash-lite*', 0.075, 0.3],
    ['gemini-2.0-flash*', 0.1, 0.4, 0.025],
    ['gemini-1.5-pro*', 1.25, 5],
    ['gemini-1.5-flash*', 0.075, 0.3],
    ['gemini-embedding-001', 0.15, 0],
  ],
  mistral: [
    ['mistral-large*', 2, 6],
    ['magistral-medium*', 2, 5],
    ['magistral-small*', 0.5, 1.5],
    ['pixtral-large*', 2, 6],
    ['mistral-medium*', 0.4, 2],
    ['mistral-small*', 0.1, 0.3],
    ['codestral*', 0.3, 0.9],
    ['ministral-8b*', 0.1, 0.1],
    ['ministral-3b*', 0.04, 0.04],
    ['mistral-embed', 0.1, 0],
  ],
  cohere: [
    ['command-a*', 2.5, 10],
    ['command-r-plus*', 2.5, 10],
    ['command-r7b*', 0.0375, 0.15],
    ['command-r*', 0.15, 0.6],
    ['embed-v4.0', 0.12, 0],
    ['embed-*', 0.1, 0],
  ],
  deepseek: [
    ['deepseek-chat', 0.28, 0.42, 0.028],
    ['deepseek-reasoner', 0.28, 0.42, 0.028],
  ],
  xai: [
    ['grok-4-fast*', 0.2, 0.5, 0.05],
    ['grok-4*', 3, 15, 0.75],
    ['grok-3-mini*', 0.3, 0.5],
    ['grok-3*', 3, 15],
  ],
  groq: [
    ['llama-3.3-70b-versatile', 0.59, 0.79],
    ['llama-3.1-8b-instant', 0.05, 0.08],
    ['openai/gpt-oss-120b', 0.15, 0.75],
    ['openai/gpt-oss-20b', 0.1, 0.5],
  ],
  together: [
    ['meta-llama/Llama-3.3-70B-Instruct-Turbo', 0.88, 0.88],
    ['meta-llama/Meta-Llama-3.1-8B-Instruct-Turbo', 0.18, 0.18],
    ['deepseek-ai/DeepSeek-V3*', 1.25, 1.25],
  ],
  fireworks: [['accounts/fireworks/models/llama-v3p3-70b-instruct', 0.9, 0.9]],
  demo: [
    ['demo-large', 2.5, 10, 1.25],
    ['demo-small', 0.3, 1.2],
    ['demo-fast', 0.05, 0.2],
    ['demo-flaky', 0.2, 0.8],
    ['demo-embed', 0.02, 0],
  ],
};

/** On demand, in US regions. An inference profile puts the area before the model. */
const bedrock: Row[] = [
  ['anthropic.claude-opus-4-5*', 5, 25, 0.5],
  ['anthropic.claude-opus-4*', 15, 75, 1.5],
  ['anthropic.claude-sonnet-4*', 3, 15, 0.3],
  ['anthropic.claude-haiku-4*', 1, 5, 0.1],
  ['anthropic.claude-3-7-sonnet*', 3, 15, 0.3],
  ['anthropic.claude-3-5-sonnet*', 3, 15],
  ['anthropic.claude-3-5-haiku*', 0.8, 4],
  ['anthropic.claude-3-haiku*', 0.25, 1.25],
  ['amazon.nova-premier*', 2.5, 12.5],
  ['amazon.nova-pro*', 0.8, 3.2, 0.2],
  ['amazon.nova-lite*', 0.06, 0.24, 0.015],
  ['amazon.nova-micro*', 0.035, 0.14, 0.00875],
  ['meta.llama3-3-70b*', 0.72, 0.72],
];
rows['bedrock'] = [
  ...bedrock,
  ...['us', 'eu', 'apac', 'global'].flatMap((area) => bedrock.map(([model, ...prices]): Row => [`${area}.${model}`, ...prices])),
  ['amazon.titan-embed-text-v2*', 0.02, 0],
  ['cohere.embed-*', 0.1, 0],
];
// Azure asks OpenAI's list prices.
rows['azure'] = rows['openai'] ?? [];

export const builtInPrices: readonly Price[] = Object.entries(rows).flatMap(([provider, list]) =>
  list.map(([model, input, output, cached]) => ({
    model,
    provider,
    inputPerMillion: input,
    outputPerMillion: output,
    cachedInputPerMillion: cached ?? null,
    source: 'built-in' as const,
  })),
);
