import { AppError, type ErrorDetail } from '@whetstone/contract';
import type { FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import type { z } from 'zod';
import { StoreUnavailableError } from '../storage/index.ts';

/** Anything thrown, as one of ours. Unknown ones become `internal` and are logged with their stack. */
export function toAppError(error: unknown, log: Logger): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof StoreUnavailableError) {
    return new AppError('unavailable', `${error.message} Try again shortly; /readyz tells when it is back.`, {
      cause: error,
      retryAfterSeconds: 2,
    });
  }
  const fastify = fastifyError(error);
  if (fastify !== null) return fastify;
  log.error({ err: error }, 'unexpected error');
  return new AppError('internal', 'Something went wrong in Whetstone itself. The server log has the details.', { cause: error });
}

/** Fastify's own refusals: too large, bad JSON, unknown media type. */
function fastifyError(error: unknown): AppError | null {
  if (!(error instanceof Error) || !('statusCode' in error) || typeof error.statusCode !== 'number') return null;
  const { statusCode } = error;
  if (statusCode === 413) return new AppError('too_large', 'The request body is larger than this server accepts (WHETSTONE_MAX_BODY_MB).');
  if (statusCode === 415) return new AppError('unsupported_media_type', 'Send the body as JSON with `content-type: application/json`.');
  if (statusCode === 404) return new AppError('not_found', 'There is nothing at this path.');
  if (statusCode >= 400 && statusCode < 500) return new AppError('bad_request', error.message);
  return null;
}

/** v5's error body: a list for 422, else text, or an object when there is more to say. */
export function v5Body(error: AppError): { detail: unknown } {
  if (error.details !== undefined) return { detail: error.details };
  if (error.code === 'invalid_input') return { detail: [{ loc: ['body'], msg: error.message, type: 'value_error' }] };
  if (error.failure !== undefined) {
    return {
      detail: {
        type: 'provider_error',
        message: error.message,
        code: error.failure.status,
        origin: error.failure.provider,
        description: error.message,
        ...error.data,
      },
    };
  }
  if (error.data !== undefined) return { detail: { msg: error.message, description: error.message, ...error.data } };
  return { detail: error.message };
}

export function sendV5Error(reply: FastifyReply, error: AppError): FastifyReply {
  if (error.headers !== undefined) void reply.headers(error.headers);
  if (error.retryAfterSeconds !== undefined) void reply.header('retry-after', String(Math.ceil(error.retryAfterSeconds)));
  return reply.code(error.status === 499 ? 400 : error.status).send(v5Body(error));
}

/** Zod's findings in the form that v5 clients read. */
export function invalidInput(error: z.ZodError, where: 'body' | 'query' | 'path'): AppError {
  const details = error.issues.slice(0, 20).flatMap((issue) => flatten(issue, [where]));
  const [first] = details;
  const place = first === undefined ? where : first.loc.join('.');
  return new AppError('invalid_input', `${place}: ${first?.msg ?? 'not valid'}`, { details });
}

function flatten(issue: z.core.$ZodIssue, prefix: (string | number)[]): ErrorDetail[] {
  const loc = [...prefix, ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))];
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    // The branch that got furthest tells the caller most; of those the one that knows the fields that were given.
    const [best = []] = issue.errors.toSorted((a, b) => depth(b) - depth(a) || unknownKeys(a) - unknownKeys(b));
    return best.slice(0, 5).flatMap((inner) => flatten(inner, loc));
  }
  const missing = issue.code === 'invalid_type' && issue.input === undefined;
  return [
    {
      loc,
      msg: missing ? 'field required' : issue.message,
      type: missing ? 'value_error.missing' : issue.code === 'invalid_type' ? `type_error.${issue.expected}` : `value_error.${issue.code}`,
    },
  ];
}

function depth(issues: z.core.$ZodIssue[]): number {
  return Math.max(0, ...issues.map((issue) => issue.path.length));
}

function unknownKeys(issues: z.core.$ZodIssue[]): number {
  return issues.reduce((count, issue) => count + (issue.code === 'unrecognized_keys' ? issue.keys.length : 0), 0);
}
