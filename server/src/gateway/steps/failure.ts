import { AppError, type ErrorCode } from '@whetstone/contract';
import type { Attempt } from './call.ts';

/** The error of an attempt, null when it was answered. Carries the provider's status and body where it had any. */
export function failureOf(attempt: Attempt): AppError | null {
  if (attempt.type === 'answered') return null;
  const provider = attempt.target.provider.name;
  if (attempt.type === 'refused') {
    return new AppError(attempt.status === 429 ? 'rate_limited' : 'provider_failed', attempt.words.message, {
      failure: {
        provider,
        status: attempt.status,
        body: attempt.body,
        contentType: attempt.headers['content-type'] ?? null,
        retryAfter: attempt.headers['retry-after'] ?? null,
      },
    });
  }
  const code = brokenCodes[attempt.kind];
  if (code === 'cancelled') return new AppError('cancelled', 'The caller went away before the answer was complete.');
  const status = code === 'timeout' ? 504 : 502;
  return new AppError(
    code,
    attempt.message,
    code === 'bad_request' ? {} : { failure: { provider, status, body: null, contentType: null, retryAfter: null } },
  );
}

const brokenCodes: Record<Extract<Attempt, { type: 'broken' }>['kind'], ErrorCode> = {
  denied: 'bad_request',
  unsupported: 'bad_request',
  aborted: 'cancelled',
  connect: 'provider_failed',
  connect_timeout: 'timeout',
  headers_timeout: 'timeout',
  idle_timeout: 'timeout',
  total_timeout: 'timeout',
  reset: 'provider_failed',
  protocol: 'provider_failed',
  too_large: 'provider_failed',
  redirects: 'provider_failed',
  bad_answer: 'provider_failed',
  truncated: 'provider_failed',
  stream_error: 'provider_failed',
};
