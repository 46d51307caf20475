import type { Dialect, ProviderSettings } from './dialect.ts';
import { openaiDialect } from './openai.ts';

/** The last one of the API that is not a preview. */
const defaultVersion = '2024-10-21';

const paths = { chat: '/chat/completions', complete: '/completions', embeddings: '/embeddings' } as const;

/** Azure's OpenAI service: OpenAI's shape at an address of its own for each deployment, hence handed through. */
export const azureDialect: Dialect = {
  ...openaiDialect,
  encode: (call) => ({
    ...openaiDialect.encode(call),
    path: `/deployments/${encodeURIComponent(call.settings['deployment'] ?? call.model)}${paths[call.kind]}?api-version=${versionOf(call.settings)}`,
  }),
  authorise: (secret): Record<string, string> => (secret === '' ? {} : { 'api-key': secret }),
  listModels: { ...openaiDialect.listModels, path: `/models?api-version=${defaultVersion}` },
};

function versionOf(settings: ProviderSettings): string {
  return settings['api_version'] ?? defaultVersion;
}

/** The endpoint as the portal shows it, with or without the path that follows. */
export function azureBase(settings: ProviderSettings, baseUrl: string | null): string | null {
  const resource = settings['resource'];
  const given = baseUrl ?? (resource === undefined ? null : `https://${resource}.openai.azure.com`);
  return given === null ? null : `${given.replace(/\/+$/, '').replace(/\/openai(?:\/(?:v1|deployments)(?:\/.*)?)?$/, '')}/openai`;
}
