import type { AnyObject } from '@whetstone/contract';

/** T22: fields by which a caller could turn a call elsewhere or hand in credentials, and our own. Everything else passes. */
const deniedFields = new Set([
  'api_base',
  'api_key',
  'api_type',
  'api_version',
  'azure_endpoint',
  'aws_access_key_id',
  'aws_secret_access_key',
  'aws_session_token',
  'base_url',
  'credential',
  'custom_llm_provider',
  'extra_body',
  'extra_headers',
  'extra_query',
  'fallbacks',
  'headers',
  'inputs',
  'mock_response',
  'organization',
  'proxy',
  'vertex_credentials',
  'whetstone',
]);

export function isDeniedField(name: string): boolean {
  return deniedFields.has(name.toLowerCase()) || name.startsWith('x-whetstone-') || name === '__proto__';
}

/** The body without those fields; the same object when it has none. */
export function withoutDeniedFields(body: AnyObject): AnyObject {
  const names = Object.keys(body);
  if (!names.some(isDeniedField)) return body;
  return Object.fromEntries(names.filter((name) => !isDeniedField(name)).map((name) => [name, body[name]]));
}

const requestHeaders = ['openai-beta', 'anthropic-beta', 'idempotency-key'];
const answerHeaders =
  /^(?:x-whetstone-(?:cache|cache-age|route|experiment|arm)$|x-ratelimit-|openai-|anthropic-ratelimit-|retry-after|x-request-id$|request-id$)/;

/** What of a caller's headers goes to the provider. */
export function forwardedHeaders(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const forwarded: Record<string, string> = {};
  for (const name of requestHeaders) {
    const value = headers[name];
    if (typeof value === 'string') forwarded[name] = value;
  }
  return forwarded;
}

/** Headers that only we may send: a provider that does is not believed. */
export function withoutOwnHeaders(headers: Record<string, string>): Record<string, string> {
  for (const name in headers) {
    if (name.startsWith('x-whetstone-'))
      return Object.fromEntries(Object.entries(headers).filter(([each]) => !each.startsWith('x-whetstone-')));
  }
  return headers;
}

/** What of a provider's headers goes to the caller. */
export function returnedHeaders(headers: Record<string, string>): Record<string, string> {
  const returned: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined && answerHeaders.test(name)) returned[name] = value;
  }
  return returned;
}
