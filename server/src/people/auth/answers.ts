import { AppError } from '@whetstone/contract';
import { canonicalJson } from '@whetstone/domain';
import type { z } from 'zod';

/** What every request and answer below `/api/auth` has in common. */

const MAX_BODY_BYTES = 64 * 1024;

/** T8: a browser says where a request comes from; another site's is refused, and so is one that hides it but brings a cookie. */
export function requireOwnOrigin(request: Request, url: URL, publicUrl: string): void {
  const { headers, method } = request;
  const origin = headers.get('origin');
  const site = headers.get('sec-fetch-site');
  const reads = method === 'GET' || method === 'HEAD';
  const foreign =
    origin === null
      ? (site !== null && site !== 'same-origin' && !(reads && site === 'none')) || (!reads && site === null && headers.has('cookie'))
      : !isOwn(origin, url, publicUrl);
  if (foreign) throw new AppError('forbidden', 'This request comes from another site. Open Whetstone itself and try again.');
}

function isOwn(origin: string, url: URL, publicUrl: string): boolean {
  if (!URL.canParse(origin)) return false;
  const [from, own] = [new URL(origin), new URL(publicUrl)];
  if (from.origin === own.origin) return true;
  // By another name than the public one, e.g. an address in the local network; but never plain http for a site on https.
  return from.host === url.host && from.host !== own.host;
}

/** A form of another site can send neither this type nor, without asking first, JSON. */
export async function readBody(request: Request): Promise<unknown> {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  const text = await request.text();
  if (text.length > MAX_BODY_BYTES) throw new AppError('too_large', 'The body is larger than 64 KB.');
  if (text === '' && type === undefined) return {};
  if (type !== 'application/json') throw new AppError('unsupported_media_type', 'Send JSON, with `Content-Type: application/json`.');
  try {
    return canonicalJson(JSON.parse(text === '' ? '{}' : text) as unknown).value;
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('bad_request', 'The body is not valid JSON.');
  }
}

export function parse<T extends z.ZodType>(body: unknown, schema: T): z.output<T> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue?.path.join('.') ?? '';
  throw new AppError('bad_request', `${place === '' ? 'body' : place}: ${issue?.message ?? 'is not valid'}`);
}

export function shown(user: { id: string; name: string; email: string }): { id: string; name: string; email: string } {
  return { id: user.id, name: user.name, email: user.email };
}

export function json(body: object, status = 200): Response {
  return Response.json(body, { status, headers: { 'cache-control': 'no-store' } });
}

export function failure(error: AppError): Response {
  const response = json({ detail: error.message }, error.status);
  if (error.retryAfterSeconds !== undefined) response.headers.set('retry-after', String(error.retryAfterSeconds));
  return response;
}

export function withCookies(answer: Response, from: Response): Response {
  for (const cookie of from.headers.getSetCookie()) answer.headers.append('set-cookie', cookie);
  return answer;
}

/** better-auth's errors as ours. */
export async function inPlainWords(response: Response): Promise<Response> {
  if (response.status < 400 || response.headers.get('content-type')?.startsWith('application/json') !== true) return response;
  const body = (await response.json()) as { message?: unknown; detail?: unknown };
  const detail = typeof body.detail === 'string' ? body.detail : typeof body.message === 'string' ? body.message : 'This was refused.';
  return withCookies(json({ detail }, response.status), response);
}
