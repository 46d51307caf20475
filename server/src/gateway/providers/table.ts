import type { OperatorVariables } from '../../config.ts';
import { anthropicDialect } from './anthropic.ts';
import { azureBase, azureDialect } from './azure.ts';
import { bedrockBase, bedrockDialect } from './bedrock.ts';
import { cohereDialect } from './cohere.ts';
import type { Dialect, ProviderSettings } from './dialect.ts';
import { googleDialect } from './google.ts';
import { mistralDialect } from './mistral.ts';
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
  /** Where the vendor's SDK reads other variables than those: these in their place. */
  variables?: readonly OperatorVariables[];
  /** The base URL by a credential's settings, from the one it has or null; null when that does not tell. */
  address?(settings: ProviderSettings, baseUrl: string | null): string | null;
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

const bedrockEndpoint = ['AWS_ENDPOINT_URL_BEDROCK_RUNTIME'] as const;

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
  {
    id: 'mistral',
    name: 'Mistral',
    dialect: mistralDialect,
    baseUrl: 'https://api.mistral.ai',
    environment: 'MISTRAL',
    prefixes: ['mistral-', 'codestral-', 'ministral-', 'magistral-', 'pixtral-'],
  },
  {
    id: 'cohere',
    name: 'Cohere',
    dialect: cohereDialect,
    baseUrl: 'https://api.cohere.com',
    environment: 'COHERE',
    variables: [
      { secret: 'COHERE_API_KEY', baseUrl: ['COHERE_BASE_URL', 'CO_API_URL'] },
      { secret: 'CO_API_KEY', baseUrl: ['CO_API_URL', 'COHERE_BASE_URL'] },
    ],
    prefixes: ['command-'],
  },
  {
    id: 'azure',
    name: 'Azure OpenAI',
    dialect: azureDialect,
    baseUrl: null,
    environment: 'AZURE_OPENAI',
    variables: ['AZURE_OPENAI_API_KEY', 'AZURE_API_KEY'].map((secret) => ({
      secret,
      baseUrl: ['AZURE_OPENAI_ENDPOINT'],
      settings: {
        resource: ['AZURE_RESOURCE_NAME'],
        deployment: ['AZURE_OPENAI_DEPLOYMENT'],
        api_version: ['OPENAI_API_VERSION'],
      },
    })),
    address: azureBase,
    aliases: ['azure-openai'],
    streamUsage: true,
  },
  {
    id: 'bedrock',
    name: 'Amazon Bedrock',
    dialect: bedrockDialect,
    baseUrl: null,
    environment: 'AWS',
    variables: [
      { secret: 'AWS_BEARER_TOKEN_BEDROCK', baseUrl: bedrockEndpoint, settings: { region: ['AWS_REGION', 'AWS_DEFAULT_REGION'] } },
      {
        secret: 'AWS_SECRET_ACCESS_KEY',
        baseUrl: bedrockEndpoint,
        settings: { region: ['AWS_REGION', 'AWS_DEFAULT_REGION'], access_key_id: ['AWS_ACCESS_KEY_ID'] },
        sessionToken: 'AWS_SESSION_TOKEN',
      },
    ],
    address: bedrockBase,
    aliases: ['aws', 'amazon-bedrock'],
    prefixes: [
      'anthropic.',
      'amazon.',
      'meta.',
      ...['us', 'eu', 'apac', 'global'].flatMap((area) => [`${area}.anthropic.`, `${area}.amazon.`, `${area}.meta.`]),
    ],
  },
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

/** For the operator's credentials: the variables of each. */
export const operatorProviders: readonly { id: string; name: string; variables: readonly OperatorVariables[] }[] = providers
  .filter((provider) => provider.simulated !== true)
  .map((provider) => ({ id: provider.id, name: provider.name, variables: variablesOf(provider) }));

export function variablesOf({ environment, variables }: Provider): readonly OperatorVariables[] {
  return variables ?? [{ secret: `${environment}_API_KEY`, baseUrl: [`${environment}_BASE_URL`] }];
}
