import { Pool } from 'undici';
import type { Dispatcher } from 'undici';
import { freeConnector, guardedConnector, systemResolve, type Resolve } from './connector.ts';
import { OutboundError, toOutboundError } from './errors.ts';
import { fetchWhole } from './fetch.ts';
import type { Outbound, OutboundEvents, OutboundHandle, OutboundRequest } from './index.ts';
import { parseOutboundUrl } from './url.ts';

export interface OutboundOptions {
  /** Users' URLs may be private too (WHETSTONE_ALLOW_PRIVATE_URLS). */
  allowPrivate: boolean;
  resolve?: Resolve;
  /** Default 10,000. */
  connectTimeoutMs?: number;
}

const maxOrigins = 256;

export function createOutbound(options: OutboundOptions): Outbound {
  const connecting = { connectTimeoutMs: options.connectTimeoutMs ?? 10_000, resolve: options.resolve ?? systemResolve };
  // Connections that were checked and ones that were not are never mixed, not even for the same origin.
  const guarded = new Pools(guardedConnector(connecting));
  const free = new Pools(freeConnector(connecting));
  const privateAllowed = (request: { privateAllowed?: boolean }) => options.allowPrivate || request.privateAllowed === true;
  const send = (request: OutboundRequest, events: OutboundEvents): OutboundHandle =>
    sendOver((privateAllowed(request) ? free : guarded).get(request.url.origin), request, events);
  const checkUrl: Outbound['checkUrl'] = (url, given = {}) =>
    parseOutboundUrl(url, { privateAllowed: privateAllowed(given), ...(given.field === undefined ? {} : { field: given.field }) });
  return {
    send,
    checkUrl,
    fetch: (request) => fetchWhole(request, send, (url) => checkUrl(url, { privateAllowed: request.privateAllowed ?? false })),
    close: async () => {
      await Promise.all([guarded.close(), free.close()]);
    },
  };
}

/** One pool an origin; the longest unused goes when there are too many. */
class Pools {
  readonly #connect: ConstructorParameters<typeof Pool>[1];
  readonly #pools = new Map<string, Pool>();

  constructor(connect: NonNullable<Pool.Options['connect']>) {
    this.#connect = { connect, pipelining: 1, keepAliveTimeout: 10_000, maxHeaderSize: 32 * 1024, allowH2: false };
  }

  get(origin: string): Pool {
    const known = this.#pools.get(origin);
    if (known !== undefined) return known;
    const pool = new Pool(origin, this.#connect);
    this.#pools.set(origin, pool);
    if (this.#pools.size > maxOrigins) {
      for (const [name, old] of this.#pools) {
        if (old === pool || old.stats.running + old.stats.pending + old.stats.queued > 0) continue;
        this.#pools.delete(name);
        old.close().catch(() => undefined);
        break;
      }
    }
    return pool;
  }

  async close(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map((pool) => pool.destroy()));
  }
}

function sendOver(pool: Pool, request: OutboundRequest, events: OutboundEvents): OutboundHandle {
  const exchange = new Exchange(request, events);
  try {
    pool.dispatch(
      {
        path: request.url.pathname + request.url.search,
        method: request.method,
        headers: request.headers,
        body: request.body,
        headersTimeout: request.headersTimeoutMs ?? 300_000,
        bodyTimeout: request.idleTimeoutMs ?? 120_000,
      },
      exchange,
    );
  } catch (error) {
    queueMicrotask(() => exchange.fail(error));
  }
  return exchange;
}

class Exchange implements Dispatcher.DispatchHandler, OutboundHandle {
  readonly #request: OutboundRequest;
  readonly #events: OutboundEvents;
  #controller: Dispatcher.DispatchController | null = null;
  #reason: Error | null = null;
  #over = false;

  constructor(request: OutboundRequest, events: OutboundEvents) {
    this.#request = request;
    this.#events = events;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#reason !== null) controller.abort(this.#reason);
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (this.#over) return;
    const flat: Record<string, string> = {};
    for (const name in headers) {
      const value = headers[name];
      if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value;
    }
    this.#events.head(status, flat);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#over) this.#events.data(chunk);
  }

  onResponseEnd(): void {
    if (this.#over) return;
    this.#over = true;
    this.#events.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.fail(error);
  }

  fail(error: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#events.error(this.#reason ?? toOutboundError(error, this.#request.url.host));
  }

  pause(): void {
    this.#controller?.pause();
  }

  resume(): void {
    this.#controller?.resume();
  }

  /** The caller hears of it at once; the socket is closed behind it. */
  abort(reason: Error): void {
    if (this.#over) return;
    this.#reason = reason;
    const controller = this.#controller;
    this.fail(new OutboundError('aborted', reason.message));
    controller?.abort(reason);
  }
}
