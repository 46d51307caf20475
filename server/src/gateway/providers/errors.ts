import { asObject, asText, parseJson } from '../wire/read.ts';
import type { ErrorWords } from './dialect.ts';

/** OpenAI's error type for a status. */
export function errorType(status: number): string {
  if (status === 401) return 'authentication_error';
  if (status === 403) return 'permission_error';
  if (status === 429) return 'rate_limit_error';
  if (status >= 500) return 'server_error';
  return 'invalid_request_error';
}

/** The common form `{ error: { message, type, code, param } }`, and what comes near it; other text is quoted, shortened. */
export function readCommonError(status: number, body: string): ErrorWords {
  const parsed = parseJson(body);
  // Gemini's OpenAI endpoint wraps it into a list.
  const object = asObject(Array.isArray(parsed) ? parsed[0] : parsed);
  const error = asObject(object?.['error']);
  const code = error?.['code'];
  const message =
    asText(error?.['message']) ??
    asText(object?.['error']) ??
    asText(object?.['message']) ??
    asText(object?.['detail']) ??
    (body.trim() === ''
      ? `The provider answered ${status} without a word.`
      : `The provider answered ${status}: ${body.trim().slice(0, 300)}`);
  return {
    message,
    type: asText(error?.['type']) ?? asText(error?.['status']) ?? errorType(status),
    param: asText(error?.['param']),
    code: typeof code === 'string' ? code : null,
  };
}
