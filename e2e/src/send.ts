import { Agent, request } from 'node:http';

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  /** The body as JSON. Throws, with the start of the body, when it is something else. */
  json<T = Record<string, unknown>>(): T;
}

export interface Send {
  method?: string;
  headers?: Record<string, string>;
  /** Text and bytes go out as they are, anything else as JSON. */
  body?: unknown;
  timeoutMs?: number;
  /** On a connection of its own, for what the server may cut off. */
  fresh?: boolean;
}

const agent = new Agent({ keepAlive: true, maxSockets: 32 });

/**
 * One request over a plain socket, so that Host, Origin, encodings and broken bytes go out as they are given.
 * Rejects when nothing comes back in time or the connection breaks.
 */
export function send(
  base: string,
  path: string,
  { method = 'GET', headers = {}, body, timeoutMs = 30_000, fresh = false }: Send = {},
): Promise<Answer> {
  const bytes =
    body === undefined ? null : Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return new Promise((done, fail) => {
    const { hostname, port } = new URL(base);
    const outgoing = request({
      hostname,
      port,
      path,
      method,
      agent: fresh ? false : agent,
      headers: {
        ...(bytes === null ? {} : { 'content-type': 'application/json', 'content-length': String(bytes.length) }),
        ...headers,
      },
    });
    const timer = setTimeout(() => outgoing.destroy(new Error(`${method} ${path} had no answer after ${timeoutMs} ms`)), timeoutMs);
    outgoing.on('error', (error) => {
      clearTimeout(timer);
      fail(error);
    });
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', fail);
      incoming.on('end', () => {
        clearTimeout(timer);
        const text = Buffer.concat(chunks).toString();
        done({ status: incoming.statusCode ?? 0, headers: incoming.headers, text, json: <T>() => parse<T>(text) });
      });
    });
    outgoing.end(bytes ?? undefined);
  });
}

function parse<T>(text: string): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new Error(`Not JSON: ${text.slice(0, 300)}`);
  }
}

/** The requests of one caller; throws when the answer is not the status that was expected. */
export function caller(base: string, own: Record<string, string>) {
  return async <T = Record<string, unknown>>(method: string, path: string, body?: unknown, expected: number | null = null): Promise<T> => {
    const answer = await send(base, path, { method, headers: own, ...(body === undefined ? {} : { body }) });
    if (expected === null ? answer.status >= 300 : answer.status !== expected)
      throw new Error(`${method} ${path}: ${answer.status} ${answer.text.slice(0, 300)}`);
    return (answer.text === '' ? null : answer.json<T>()) as T;
  };
}
export type Caller = ReturnType<typeof caller>;

export const byKey = (key: string): Record<string, string> => ({ 'x-api-key': key });

/** The Cookie header that a sign-in's answer leads to. */
export function cookieOf(answer: Answer): string {
  const set = answer.headers['set-cookie'];
  const cookies = (Array.isArray(set) ? set : [set ?? '']).map((each) => each.split(';')[0]);
  return cookies.filter((cookie) => cookie !== '' && !cookie?.endsWith('=')).join('; ');
}
