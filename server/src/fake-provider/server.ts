import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Behaviour, readBehaviour } from './behaviour.ts';
import { anthropicShape } from './anthropic.ts';
import { azureShape } from './azure.ts';
import { bedrockShape } from './bedrock.ts';
import { cohereShape } from './cohere.ts';
import { googleShape } from './google.ts';
import { mistralShape } from './mistral.ts';
import { openaiShape } from './openai.ts';
import { responsesShape } from './responses.ts';
import { answerOfService } from './services.ts';
import type { Shape } from './shape.ts';

/** A request as the fake provider got it. */
export interface Received {
  method: string;
  path: string;
  headers: Record<string, string | undefined>;
  body: string;
  json: Record<string, unknown>;
  /** Whether the caller hung up before the answer was complete. */
  aborted: boolean;
}

export interface FakeProvider {
  /**
   * `http://127.0.0.1:PORT`: OpenAI's base URL is this with `/v1`, Anthropic's and Bedrock's this, Gemini's this with
   * `/v1beta`, Mistral's, Cohere's and Azure's this with their names.
   */
  url: string;
  received: Received[];
  /** Requests under way. */
  open(): number;
  reset(): void;
  close(): Promise<void>;
}

const shapes: readonly Shape[] = [
  anthropicShape,
  googleShape,
  mistralShape,
  cohereShape,
  azureShape,
  bedrockShape,
  responsesShape,
  openaiShape,
];

/** Speaks each provider's wire on one port of 127.0.0.1. `behave` decides before names and headers do. */
export async function startFakeProvider(
  options: { port?: number; behave?: (received: Received) => Partial<Behaviour> | null; keep?: number } = {},
): Promise<FakeProvider> {
  const received: Received[] = [];
  const counts = new Map<string, number>();
  let open = 0;
  const server: Server = createServer({ keepAliveTimeout: 30_000 }, (request, response) => {
    open += 1;
    response.once('close', () => (open -= 1));
    readAll(request, (text) => {
      const entry = note(request, text);
      received.push(entry);
      if (received.length > (options.keep ?? 10_000)) received.shift();
      response.once('close', () => {
        entry.aborted = !response.writableFinished;
      });
      void serve(entry, response, options.behave?.(entry) ?? null, counts).catch(() => refuse(entry, response));
    });
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  await new Promise<void>((resolve) => void server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    open: () => open,
    reset: () => {
      received.length = 0;
      counts.clear();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function readAll(request: IncomingMessage, then: (text: string) => void): void {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => then(Buffer.concat(parts).toString('utf8')));
}

function note(request: IncomingMessage, body: string): Received {
  let json: Record<string, unknown> = {};
  try {
    if (body !== '') json = JSON.parse(body) as Record<string, unknown>;
  } catch {
    json = {};
  }
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    headers: request.headers as Record<string, string | undefined>,
    body,
    json,
    aborted: false,
  };
}

async function serve(
  entry: Received,
  response: ServerResponse,
  given: Partial<Behaviour> | null,
  counts: Map<string, number>,
): Promise<void> {
  const url = new URL(entry.path, 'http://fake');
  const service = answerOfService(url, entry);
  if (service !== null) return json(response, service.status, service.body, service.headers);
  const shape = shapes.find((each) => each.recognises(url.pathname, entry.headers));
  if (shape === undefined)
    return json(response, 404, {
      error: { message: `Invalid URL (${entry.method} ${url.pathname})`, type: 'invalid_request_error', param: null, code: null },
    });
  const model = shape.model(entry.json, url.pathname);
  const behaviour = { ...readBehaviour(model, entry.headers['x-fake']), ...given };
  if (behaviour.delayMs > 0) await sleep(behaviour.delayMs);
  const rateLimits = {
    'x-ratelimit-limit-requests': '5000',
    'x-ratelimit-remaining-requests': '4999',
    'x-ratelimit-reset-requests': '12ms',
    'x-request-id': 'req_fake0001',
    'openai-processing-ms': '7',
    'openai-version': '2020-10-01',
  };
  const asking = { method: entry.method, url, body: entry.body };
  if (!shape.authorised(entry.headers, url, asking)) return json(response, 401, shape.error(401, model), rateLimits);
  const refused = shape.refuse?.(url.pathname, entry.json, asking) ?? null;
  if (refused !== null) return json(response, refused.status, refused.body, rateLimits);
  const seen = (counts.get(behaviour.key) ?? 0) + 1;
  counts.set(behaviour.key, seen);
  if (behaviour.status !== null && (behaviour.failures === null || seen <= behaviour.failures)) {
    const wait = behaviour.retryAfter === null ? {} : { 'retry-after': behaviour.retryAfter };
    return json(response, behaviour.status, shape.error(behaviour.status, model), { ...rateLimits, ...wait });
  }
  if (broken(behaviour, response)) return;
  if (shape.streams(url.pathname + url.search, entry.json)) return stream(shape, url.pathname, entry, behaviour, response, rateLimits);
  if (behaviour.fault === 'wrong-type') return raw(response, 200, 'text/html', '<html>Sorry</html>');
  if (behaviour.fault === 'bad-json') return raw(response, 200, 'application/json', '{"id":"chatcmpl-fake0001","choices":[{');
  if (behaviour.fault === 'cut-stream' || behaviour.fault === 'reset-after-head') {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000', ...rateLimits });
    response.write('{"id":"chatcmpl');
    await sleep(10);
    response.destroy();
    return;
  }
  if (behaviour.fault === 'endless') return endless(response, 'application/json', '"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",');
  json(response, 200, shape.whole(url.pathname, entry.json, behaviour), rateLimits);
}

/** A body that cannot be read is the sender's fault, as it is with the vendors. */
function refuse(entry: Received, response: ServerResponse): void {
  const shape = shapes.find((each) => each.recognises(new URL(entry.path, 'http://fake').pathname, entry.headers));
  if (response.headersSent || shape === undefined) response.destroy();
  else json(response, 400, shape.error(400, ''));
}

/** Faults that need no shape. */
function broken({ fault }: Behaviour, response: ServerResponse): boolean {
  if (fault === 'reset-before-head') response.destroy();
  else if (fault === 'not-http') {
    response.socket?.write('SSH-2.0-OpenSSH_9.2\r\n');
    response.destroy();
  } else if (fault === 'huge-headers') {
    response.socket?.write(`HTTP/1.1 200 OK\r\nx-big: ${'a'.repeat(100_000)}\r\n\r\n`);
  } else if (fault === 'redirect') {
    response.writeHead(302, { location: 'http://127.0.0.1:9/elsewhere' });
    response.end();
  } else return fault === 'half-open';
  return true;
}

async function stream(
  shape: Shape,
  path: string,
  entry: Received,
  behaviour: Behaviour,
  response: ServerResponse,
  headers: Record<string, string>,
): Promise<void> {
  let events = shape.events(path, entry.json, behaviour);
  const type = behaviour.fault === 'wrong-type' ? 'text/html' : shape.streamType;
  response.writeHead(200, { 'content-type': type, ...headers });
  response.flushHeaders();
  if (behaviour.fault === 'reset-after-head') {
    await sleep(10);
    response.destroy();
    return;
  }
  const half = Math.ceil(events.length / 2);
  if (behaviour.fault === 'no-done') events = events.filter((event) => !shape.isEnd(String(event)));
  if (behaviour.fault === 'bad-json') events.splice(half, 0, 'data: {"id":"chatcmpl-fake0001","choices":[{\n\n');
  if (behaviour.fault === 'stream-error') events = [...events.slice(0, half), shape.streamError];
  if (behaviour.fault === 'endless') return endless(response, null, events[1] ?? '');
  const stopAt = behaviour.fault === 'cut-stream' || behaviour.fault === 'half-open-stream' ? half : events.length;
  for (const event of events.slice(0, stopAt)) {
    if (response.destroyed) return;
    if (behaviour.dripMs > 0) await sleep(behaviour.dripMs);
    await writePieces(response, typeof event === 'string' ? Buffer.from(event) : event, behaviour);
  }
  if (behaviour.fault === 'half-open-stream') return;
  if (behaviour.fault === 'cut-stream') {
    await sleep(10);
    response.destroy();
    return;
  }
  response.end();
}

async function writePieces(response: ServerResponse, bytes: Buffer, { pieceBytes }: Behaviour): Promise<void> {
  if (pieceBytes === null) {
    response.write(bytes);
    return;
  }
  for (let from = 0; from < bytes.length; from += pieceBytes) {
    response.write(bytes.subarray(from, from + pieceBytes));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function endless(response: ServerResponse, type: string | null, given: string | Buffer): void {
  if (type !== null) response.writeHead(200, { 'content-type': type });
  const piece = typeof given === 'string' ? Buffer.from(given) : given;
  const block = Buffer.concat(Array.from({ length: Math.ceil(65_536 / piece.length) }, () => piece));
  const more = (): void => {
    while (!response.destroyed && response.write(block));
    if (!response.destroyed) response.once('drain', more);
  };
  more();
}

function json(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  raw(response, status, 'application/json', JSON.stringify(body), headers);
}

function raw(response: ServerResponse, status: number, type: string, text: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': type, 'content-length': String(Buffer.byteLength(text)), ...headers });
  response.end(text);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}
