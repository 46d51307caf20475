import { anthropicDialect } from './anthropic.ts';
import type { Dialect } from './dialect.ts';
import { googleDialect } from './google.ts';
import { openaiDialect } from './openai.ts';

/** Shapes of whole doors beside chat completions. */
export type Shape = 'responses' | 'messages';

/** One provider: a row. A new one that speaks a known dialect needs nothing else. */
export interface Provider {
  id: string;
  /** As shown to people. */
  name: string;
  dialect: Dialect;
  /** Shapes that it speaks beside its dialect's chat: such calls are passed through. */
  shapes?: readonly Shape[];
  /** Means what it means in the vendor's SDK; null: must be given. */
  baseUrl: string | null;
  /** `PREFIX_API_KEY` and `PREFIX_BASE_URL` are the operator's credential. */
  environment: string;
  /** Other names under which clients know it. */
  aliases?: readonly string[];
  /** Beginnings of model names that are this vendor's. */
  prefixes?: readonly string[];
  /** Works without a secret. */
  keyless?: boolean;
  /** Answers are made up by us. */
  simulated?: boolean;
  /** Whether `stream_options.include_usage` is understood. */
  streamUsage?: boolean;
}

const shaped = (id: string, name: string, baseUrl: string | null, more: Partial<Provider> = {}): Provider => ({
  id,
  name,
  dialect: openaiDialect,
  baseUrl,
  environment: id.toUpperCase(),
  streamUsage: true,
  ...more,
});

export const providers: readonly Provider[] = [
  shaped('openai', 'OpenAI', 'https://api.openai.com/v1', { shapes: ['responses'] }),
  {
    id: 'anthropic',
    name: 'Anthropic',
    dialect: anthropicDialect,
    shapes: ['messages'],
    baseUrl: 'https://api.anthropic.com',
    environment: 'ANTHROPIC',
    prefixes: ['claude-'],
  },
  {
    id: 'google',
    name: 'Google Gemini',
    dialect: googleDialect,
    baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
    environment: 'GEMINI',
    aliases: ['gemini'],
    prefixes: ['gemini-'],
  },
  shaped('mistral', 'Mistral', 'https://api.mistral.ai/v1', {
    prefixes: ['mistral-', 'codestral-', 'ministral-', 'magistral-', 'pixtral-'],
    streamUsage: false,
  }),
  shaped('cohere', 'Cohere', 'https://api.cohere.ai/compatibility/v1', { prefixes: ['command-'] }),
  shaped('groq', 'Groq', 'https://api.groq.com/openai/v1'),
  shaped('together', 'Together', 'https://api.together.xyz/v1'),
  shaped('fireworks', 'Fireworks', 'https://api.fireworks.ai/inference/v1'),
  shaped('openrouter', 'OpenRouter', 'https://openrouter.ai/api/v1'),
  shaped('deepseek', 'DeepSeek', 'https://api.deepseek.com'),
  shaped('xai', 'xAI', 'https://api.x.ai/v1', { shapes: ['responses'] }),
  shaped('ollama', 'Ollama', 'http://127.0.0.1:11434/v1', { keyless: true }),
  shaped('vllm', 'vLLM', 'http://127.0.0.1:8000/v1', { keyless: true }),
  shaped('custom', 'OpenAI-compatible', null, { keyless: true, streamUsage: false }),
  shaped('demo', 'Demo (simulated)', 'http://demo.invalid/v1', {
    aliases: ['mock'],
    prefixes: ['demo-'],
    keyless: true,
    simulated: true,
  }),
];

const byName = new Map<string, Provider>();
for (const provider of providers) for (const name of [provider.id, ...(provider.aliases ?? [])]) byName.set(name, provider);

export function findProvider(name: string): Provider | null {
  return byName.get(name.toLowerCase()) ?? null;
}

/** The vendor whose model names begin so. */
export function providerByPrefix(model: string): Provider | null {
  return providers.find((provider) => provider.prefixes?.some((prefix) => model.startsWith(prefix)) === true) ?? null;
}

/** For the operator's credentials: `PREFIX_API_KEY`, `PREFIX_BASE_URL`. */
export const operatorProviders: readonly { id: string; name: string; environment: string; baseUrl: string | null }[] = providers
  .filter((provider) => provider.simulated !== true)
  .map(({ id, name, environment, baseUrl }) => ({ id, name, environment, baseUrl }));
