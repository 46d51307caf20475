import { isUtf8 } from 'node:buffer';
import { AppError, type AnyObject } from '@whetstone/contract';
import { type Outbound, OutboundError } from '../outbound/index.ts';
import { ToolFailure } from './failure.ts';
import type { Secrets } from './secrets.ts';

export interface Request {
  url: string;
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  headers?: Record<string, string>;
  /** An object goes as JSON. */
  body?: string | AnyObject | null;
  /** The address may be private: the operator gave it with the credential. */
  privateAllowed?: boolean;
  timeoutMs?: number;
}
export interface Response {
  status: number;
  text: string;
  /** Throws a ToolFailure for what is no JSON object. */
  object(): AnyObject;
}
/** What the log keeps of a run: its last request, and what its code printed. */
export interface Exchange {
  request: AnyObject | null;
  response: AnyObject | null;
  stdout: string | null;
}

export const longestTimeoutMs = 60_000;
const usualTimeoutMs = 30_000;
const maxBytes = 4 << 20;
const errorChars = 500;
const maxRedirects = 3;

/**
 * Sends through `outbound`, which keeps private addresses out. A request that carries a secret follows no redirect. An
 * answer that is no success is a failure in the words of whoever answered.
 */
export async function sendRequest(
  parts: { outbound: Pick<Outbound, 'fetch' | 'checkUrl'>; secrets: Secrets; signal: AbortSignal; exchange: Exchange },
  request: Request,
): Promise<Response> {
  const { outbound, secrets, signal, exchange } = parts;
  const privateAllowed = request.privateAllowed ?? false;
  const url = outbound.checkUrl(request.url, { privateAllowed, field: 'setup_values' });
  const method = request.method ?? 'GET';
  const body = typeof request.body === 'string' ? request.body : request.body == null ? null : JSON.stringify(request.body);
  const headers: Record<string, string> = {
    accept: 'application/json',
    'user-agent': 'whetstone',
    ...(typeof request.body === 'object' && request.body !== null ? { 'content-type': 'application/json' } : {}),
    ...request.headers,
  };
  exchange.request = secrets.hideIn({ method, url: url.href, headers, ...(body === null ? {} : { body }) });
  exchange.response = null;
  try {
    const answer = await outbound.fetch({
      url,
      method,
      headers,
      body,
      privateAllowed,
      maxBytes,
      timeoutMs: request.timeoutMs ?? usualTimeoutMs,
      maxRedirects: secrets.used() ? 0 : maxRedirects,
      signal,
    });
    exchange.response = { status: answer.status, content_type: answer.headers['content-type'] ?? null };
    return read(url.host, answer.status, answer.body, secrets);
  } catch (error) {
    // `outbound` checks each address that a redirect names; the first was checked above.
    if (error instanceof OutboundError || error instanceof AppError) throw new ToolFailure(secrets.hide(error.message), { cause: error });
    throw error;
  }
}

function read(host: string, status: number, bytes: Buffer, secrets: Secrets): Response {
  const text = isUtf8(bytes) ? secrets.hide(bytes.toString('utf8')) : null;
  if (status < 200 || status > 299) {
    const said = (text ?? '').trim().slice(0, errorChars);
    throw new ToolFailure(`${host} answered ${status}${said === '' ? '' : `: ${said}`}`);
  }
  if (text === null) throw new ToolFailure(`${host} answered with something that is no text.`);
  return {
    status,
    text,
    object: () => {
      const value = parse(text);
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as AnyObject;
      throw new ToolFailure(`${host} answered with something that is no JSON object.`);
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
