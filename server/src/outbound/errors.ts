import { errors } from 'undici';
import { AddressDeniedError } from './connector.ts';

export type OutboundErrorKind =
  /** The address is not allowed. */
  | 'denied'
  /** No connection: refused, no such name, TLS. */
  | 'connect'
  | 'connect_timeout'
  | 'headers_timeout'
  | 'idle_timeout'
  | 'total_timeout'
  /** The connection broke while a request was under way. */
  | 'reset'
  /** Not HTTP, or headers too large. */
  | 'protocol'
  | 'too_large'
  | 'redirects'
  | 'aborted';

export class OutboundError extends Error {
  readonly kind: OutboundErrorKind;
  constructor(kind: OutboundErrorKind, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'OutboundError';
    this.kind = kind;
  }
}

const connectCodes = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'EACCES', 'EPERM']);

/** What undici or the socket said, as one of a closed list. */
export function toOutboundError(error: unknown, host: string): OutboundError {
  if (error instanceof OutboundError) return error;
  if (error instanceof AddressDeniedError) return new OutboundError('denied', error.message, error);
  if (error instanceof errors.ConnectTimeoutError)
    return new OutboundError('connect_timeout', `${host} did not accept a connection in time.`, error);
  if (error instanceof errors.HeadersTimeoutError)
    return new OutboundError('headers_timeout', `${host} did not begin to answer in time.`, error);
  if (error instanceof errors.BodyTimeoutError)
    return new OutboundError('idle_timeout', `${host} went silent in the middle of its answer.`, error);
  if (error instanceof errors.HeadersOverflowError) return new OutboundError('protocol', `${host} sent headers that are too large.`, error);
  if (error instanceof errors.HTTPParserError) return new OutboundError('protocol', `${host} did not answer in HTTP.`, error);
  if (error instanceof AggregateError && error.errors.length > 0) return toOutboundError(error.errors[0], host);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const message = error instanceof Error ? error.message : String(error);
  if (connectCodes.has(code)) return new OutboundError('connect', `${host} cannot be reached (${code}).`, error);
  if (/^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|EPROTO)/.test(code)) {
    return new OutboundError('connect', `${host} cannot be trusted or does not speak TLS (${code}).`, error);
  }
  return new OutboundError('reset', `The connection to ${host} broke: ${message.slice(0, 200)}.`, error);
}
