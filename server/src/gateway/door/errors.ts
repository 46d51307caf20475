import type { AppError } from '@whetstone/contract';
import type { Attempt } from '../steps/call.ts';
import { errorType } from '../providers/errors.ts';

export interface ErrorAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** An error in OpenAI's shape. What a provider of that shape said is handed on as it is. */
export function openaiError(error: AppError, attempt: Attempt | null): ErrorAnswer {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (attempt?.type === 'refused') {
    const { dialect } = attempt.target.provider;
    if (dialect.id === 'openai' && (attempt.headers['content-type'] ?? '').includes('json')) {
      return { status: attempt.status, headers, body: attempt.body };
    }
    const { message, type, param, code } = attempt.words;
    return { status: attempt.status, headers, body: JSON.stringify({ error: { message, type, param, code } }) };
  }
  Object.assign(headers, error.headers);
  if (error.retryAfterSeconds !== undefined) headers['retry-after'] = String(Math.ceil(error.retryAfterSeconds));
  return { status: statusOf(error), headers, body: errorBody(error, attempt) };
}

export function errorBody(error: AppError, attempt: Attempt | null): string {
  const words = attempt?.type === 'broken' ? attempt.words : null;
  if (words !== null) return JSON.stringify({ error: { message: words.message, type: words.type, param: words.param, code: words.code } });
  const [detail] = error.details ?? [];
  const param = detail === undefined ? null : detail.loc.slice(1).join('.') || null;
  return JSON.stringify({ error: { message: error.message, type: errorType(statusOf(error)), param, code: codeOf(error) } });
}

/** OpenAI says 400 where v5 says 422. */
function statusOf(error: AppError): number {
  if (error.failure !== undefined) return error.failure.status;
  if (error.code === 'invalid_input') return 400;
  return error.status === 499 ? 400 : error.status;
}

function codeOf(error: AppError): string | null {
  const given = error.data?.['code'];
  if (typeof given === 'string') return given;
  if (error.code === 'unauthenticated') return 'invalid_api_key';
  if (error.code === 'rate_limited') return 'rate_limit_exceeded';
  if (error.code === 'internal' || error.code === 'bad_request') return null;
  return error.code;
}
