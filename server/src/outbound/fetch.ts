import { OutboundError } from './errors.ts';
import type { OutboundAnswer, OutboundEvents, OutboundFetch, OutboundHandle, OutboundRequest } from './index.ts';

type Send = (request: OutboundRequest, events: OutboundEvents) => OutboundHandle;
const redirects = new Set([301, 302, 303, 307, 308]);
const bound = new Set(['authorization', 'cookie', 'x-api-key', 'api-key', 'x-goog-api-key', 'proxy-authorization']);

export async function fetchWhole(request: OutboundFetch, send: Send, check: (url: string) => URL): Promise<OutboundAnswer> {
  const deadline = AbortSignal.timeout(request.timeoutMs ?? 10_000);
  let next: OutboundRequest = {
    url: check(String(request.url)),
    method: request.method ?? 'GET',
    headers: lowerCased(request.headers ?? {}),
    body: request.body ?? null,
    privateAllowed: request.privateAllowed ?? false,
    ...(request.headersTimeoutMs === undefined ? {} : { headersTimeoutMs: request.headersTimeoutMs }),
    ...(request.idleTimeoutMs === undefined ? {} : { idleTimeoutMs: request.idleTimeoutMs }),
  };
  for (let hop = 0; ; hop += 1) {
    const answer = await once(next, send, { maxBytes: request.maxBytes ?? 1 << 20, deadline, signal: request.signal });
    const location = answer.headers['location'];
    if (!redirects.has(answer.status) || location === undefined) return answer;
    if (hop >= (request.maxRedirects ?? 3)) throw new OutboundError('redirects', `${next.url.host} redirects too often.`);
    if (!URL.canParse(location, next.url.href))
      throw new OutboundError('redirects', `${next.url.host} redirects to something that is no URL.`);
    next = redirected(next, check(new URL(location, next.url.href).href), answer.status);
  }
}

/** As browsers do it: 301 to 303 turn a POST into a GET; what was meant for one origin stays there. */
function redirected(from: OutboundRequest, url: URL, status: number): OutboundRequest {
  const becomesGet = status === 303 || (status < 303 && from.method === 'POST');
  const sameOrigin = url.origin === from.url.origin;
  const headers = Object.fromEntries(
    Object.entries(from.headers).filter(
      ([name]) => (sameOrigin || !bound.has(name)) && !(becomesGet && (name === 'content-type' || name === 'content-length')),
    ),
  );
  return { ...from, url, headers, method: becomesGet ? 'GET' : from.method, body: becomesGet ? null : from.body };
}

function once(
  request: OutboundRequest,
  send: Send,
  limits: { maxBytes: number; deadline: AbortSignal; signal: AbortSignal | undefined },
): Promise<OutboundAnswer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let size = 0;
    let status = 0;
    let headers: Record<string, string> = {};
    const finish = (): void => {
      limits.deadline.removeEventListener('abort', late);
      limits.signal?.removeEventListener('abort', gone);
    };
    const handle = send(request, {
      head(code, fields) {
        status = code;
        headers = fields;
      },
      data(bytes) {
        size += bytes.length;
        if (size > limits.maxBytes)
          handle.abort(new OutboundError('too_large', `${request.url.host} answered more than ${limits.maxBytes} bytes.`));
        else parts.push(bytes);
      },
      end() {
        finish();
        resolve({ status, headers, body: Buffer.concat(parts, size), url: request.url });
      },
      error(error) {
        finish();
        reject(error);
      },
    });
    const late = (): void => handle.abort(new OutboundError('total_timeout', `${request.url.host} took too long to answer.`));
    const gone = (): void => handle.abort(new OutboundError('aborted', 'The request was given up.'));
    if (limits.deadline.aborted) late();
    else limits.deadline.addEventListener('abort', late, { once: true });
    if (limits.signal?.aborted === true) gone();
    else limits.signal?.addEventListener('abort', gone, { once: true });
  });
}

function lowerCased(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
