import type { AppError } from '@whetstone/contract';
import { type ErrorAnswer, openaiError } from '../door/errors.ts';
import type { Attempt } from '../steps/call.ts';

/** An error in Anthropic's shape. What a provider of that shape said is handed on as it is. */
export function anthropicError(error: AppError, attempt: Attempt | null, requestId: string | null): ErrorAnswer {
  const { status, headers } = openaiError(error, attempt);
  const own = attempt?.type === 'refused' && attempt.target.provider.dialect.id === 'anthropic';
  if (own && (attempt.headers['content-type'] ?? '').includes('json')) return { status, headers, body: attempt.body };
  return { status, headers, body: JSON.stringify(anthropicErrorBody(error, attempt, status, requestId)) };
}

export function anthropicErrorBody(error: AppError, attempt: Attempt | null, status: number, requestId: string | null): object {
  const words = attempt?.type === 'refused' || attempt?.type === 'broken' ? attempt.words : null;
  return { type: 'error', error: { type: errorType(status), message: words?.message ?? error.message }, request_id: requestId };
}

const types: Record<number, string> = {
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

function errorType(status: number): string {
  return types[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error');
}
