import { createOutbound as create, type OutboundOptions } from './client.ts';

export { isDeniedAddress } from './address.ts';
export type { Resolve } from './connector.ts';
export { OutboundError, type OutboundErrorKind } from './errors.ts';

/** The one client for requests that leave this machine: providers, webhooks, identity providers. */
export interface Outbound {
  /**
   * Sends a request and hands on what comes, without a stream in between (the hot path). Exactly one of `end` and
   * `error` is called, unless the caller aborts first; then `error` gets the reason.
   */
  send(request: OutboundRequest, events: OutboundEvents): OutboundHandle;
  /** A whole answer, redirects followed: each hop is checked again and loses `authorization` at another origin. Throws OutboundError. */
  fetch(request: OutboundFetch): Promise<OutboundAnswer>;
  /** Save-time check of a user's URL; throws `invalid_input`. `privateAllowed` only for the operator's own. */
  checkUrl(url: string, options?: { privateAllowed?: boolean; field?: string }): URL;
  /** Waits for nothing: open requests are cut. */
  close(): Promise<void>;
}

export interface OutboundRequest {
  url: URL;
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  headers: Record<string, string>;
  body: string | Uint8Array | null;
  /** Whether the URL's host may be a private address: the operator gave it. */
  privateAllowed: boolean;
  /** Until the answer's headers are there. */
  headersTimeoutMs?: number;
  /** Between two pieces of the answer's body. */
  idleTimeoutMs?: number;
}
export interface OutboundEvents {
  head(status: number, headers: Record<string, string>): void;
  data(bytes: Buffer): void;
  end(): void;
  error(error: Error): void;
}
export interface OutboundHandle {
  pause(): void;
  resume(): void;
  abort(reason: Error): void;
}
export interface OutboundFetch extends Partial<Omit<OutboundRequest, 'url'>> {
  url: URL | string;
  /** Default 1 MiB; more is an error. */
  maxBytes?: number;
  /** Default 10 s in all. */
  timeoutMs?: number;
  /** Default 3. */
  maxRedirects?: number;
  signal?: AbortSignal;
}
export interface OutboundAnswer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
  /** After redirects. */
  url: URL;
}

/** @param options `allowPrivate` is WHETSTONE_ALLOW_PRIVATE_URLS; `resolve` stands in for DNS in tests */
export function createOutbound(options: OutboundOptions): Outbound {
  return create(options);
}
export type { OutboundOptions };
