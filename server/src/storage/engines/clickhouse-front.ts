import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { randomBytes } from 'node:crypto';
import { createGunzip } from 'node:zlib';
import { bindParameters } from './bound-parameters.ts';
import type { LogEngine, RawFormat, Statement } from './log-engine.ts';

/**
 * As much of ClickHouse's HTTP interface as `@clickhouse/client` uses, over chdb: queries (streamed),
 * inserts, commands, ping, settings and parameters in the URL, errors with their code.
 */
export class ClickHouseFront {
  readonly #engine: LogEngine;
  readonly #server: Server;
  readonly #path: string;

  constructor(engine: LogEngine, path: string) {
    this.#engine = engine;
    this.#path = path;
    this.#server = createServer(
      { keepAliveTimeout: 60_000, maxHeaderSize: 1 << 20, requestTimeout: 0 },
      (request, response) => void this.#answer(request, response),
    );
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#path, resolve);
    });
  }

  /** Refuses new requests; those that run go on. */
  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeIdleConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.on('close', () => {
      if (!response.writableFinished) gone.abort(new Error('the client went away'));
    });
    try {
      const url = new URL(request.url ?? '/', 'http://front');
      if (url.pathname === '/ping') {
        response.end('Ok.\n');
        return;
      }
      const call = readCall(url.searchParams);
      response.setHeader('X-ClickHouse-Query-Id', call.queryId);
      await this.#run(call, await readBody(request), response, gone.signal);
    } catch (error) {
      refuse(response, error);
    }
  }

  async #run(call: Call, body: Buffer, response: ServerResponse, signal: AbortSignal): Promise<void> {
    const insert = call.query === undefined ? undefined : readInsert(call.query);
    if (insert) {
      const rows = body.length === 0 ? 0 : await this.#engine.insert(call, insert, body, signal);
      response.setHeader('X-ClickHouse-Summary', JSON.stringify({ written_rows: `${rows}` }));
      response.end();
      return;
    }
    const text = body.toString('utf8');
    const whole = call.query === undefined ? text : text === '' ? call.query : `${call.query}\n${text}`;
    const sql = bindParameters(whole, call.parameters);
    const streamed = call.waitForEnd ? undefined : readStreamed(sql);
    if (streamed) {
      await this.#stream({ ...call, sql: streamed.sql }, streamed.format, response, signal);
      return;
    }
    response.end(await this.#engine.run({ ...call, sql }, signal));
  }

  async #stream(statement: Statement, format: string, response: ServerResponse, signal: AbortSignal): Promise<void> {
    response.setHeader('X-ClickHouse-Format', format);
    response.setHeader(EXCEPTION_TAG, randomBytes(8).toString('hex'));
    await this.#engine.stream(statement, format, signal, async (block) => {
      if (response.write(block) || signal.aborted) return;
      await new Promise<void>((resolve) => {
        const go = (): void => {
          response.off('drain', go).off('close', go);
          resolve();
        };
        response.on('drain', go).on('close', go);
      });
    });
    response.end();
  }
}

interface Call extends Omit<Statement, 'sql'> {
  queryId: string;
  query: string | undefined;
  parameters: ReadonlyMap<string, string>;
  /** The answer starts when the statement is over, so that an error has its status. */
  waitForEnd: boolean;
}

const EXCEPTION_TAG = 'X-ClickHouse-Exception-Tag';

/** Parameters of the interface itself; every other one names a setting. */
const OWN_PARAMETERS = new Set([
  'query',
  'query_id',
  'database',
  'session_id',
  'session_timeout',
  'role',
  'user',
  'password',
  'default_format',
  'enable_http_compression',
  'wait_end_of_query',
  'send_progress_in_http_headers',
  'http_headers_progress_interval_ms',
  'cancel_http_readonly_queries_on_client_close',
]);

function readCall(search: URLSearchParams): Call {
  const settings = new Map<string, string>();
  const parameters = new Map<string, string>();
  for (const [name, value] of search) {
    if (name.startsWith('param_')) parameters.set(name.slice('param_'.length), value);
    else if (!OWN_PARAMETERS.has(name)) settings.set(identifier(name), value);
  }
  return {
    queryId: search.get('query_id') ?? randomBytes(16).toString('hex'),
    query: search.get('query') ?? undefined,
    database: identifier(search.get('database') ?? 'default'),
    settings,
    parameters,
    waitForEnd: search.get('wait_end_of_query') === '1',
  };
}

function identifier(name: string): string {
  if (!/^\w+$/.test(name)) throw new Error(`Code: 36. DB::Exception: bad name ${name}. (BAD_ARGUMENTS)`);
  return name;
}

const INSERT = /^\s*INSERT\s+INTO\s+([\w.]+)\s*(?:\(([\w\s,`]+)\)\s*)?FORMAT\s+(\w+)\s*$/i;
const RAW_FORMATS = new Set(['JSONEachRow', 'JSONCompactEachRow', 'TabSeparated', 'CSV']);

function isRawFormat(name: string): name is RawFormat {
  return RAW_FORMATS.has(name);
}

function readInsert(query: string): { table: string; columns: string[] | undefined; format: RawFormat } | undefined {
  const [, table, columns, format] = INSERT.exec(query) ?? [];
  if (table === undefined || format === undefined || !isRawFormat(format)) return undefined;
  const names = columns?.split(',').map((name) => name.replaceAll('`', '').trim());
  return { table, columns: names, format };
}

const STREAMED = /^\s*(?:SELECT|WITH)\b[\s\S]*\s(FORMAT\s+(JSON\w*EachRow\w*)\s*;?\s*)$/i;

/** Formats that chdb can hand over in blocks; the others have a head and a tail around the rows. */
function readStreamed(sql: string): { sql: string; format: string } | undefined {
  const [, clause, format] = STREAMED.exec(sql) ?? [];
  if (clause === undefined || format === undefined) return undefined;
  return { sql: sql.slice(0, sql.length - clause.length), format };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const encoding = request.headers['content-encoding'];
  const source = encoding === 'gzip' ? request.pipe(createGunzip()) : request;
  const chunks: Buffer[] = [];
  for await (const chunk of source as AsyncIterable<Buffer>) chunks.push(chunk);
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}

function refuse(response: ServerResponse, error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error);
  const message = reason.startsWith('Code: ') ? reason : `Code: 1002. DB::Exception: ${reason}. (UNKNOWN)`;
  if (response.headersSent) {
    response.end(trailingException(message, String(response.getHeader(EXCEPTION_TAG))));
    return;
  }
  const code = /^Code: (\d+)/.exec(message)?.[1] ?? '1002';
  response.removeHeader(EXCEPTION_TAG);
  response.statusCode = STATUS.get(code) ?? 500;
  response.setHeader('X-ClickHouse-Exception-Code', code);
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.end(message);
}

/** How ClickHouse since 25.11 says behind some rows that no more will come, and why. */
function trailingException(message: string, tag: string): string {
  const line = `${message}\n`;
  return `\r\n__exception__\r\n${tag}\n${line}${Buffer.byteLength(line)} ${tag}\r\n__exception__\r\n`;
}

/** As ClickHouse maps its codes: what cannot be read is 400, what is not there 404, all else 500. */
const STATUS = new Map<string, number>([
  ...['6', '27', '36', '43', '53', '62', '70', '72', '117', '456'].map((code) => [code, 400] as const),
  ...['46', '47', '50', '56', '60', '63', '73', '81', '115'].map((code) => [code, 404] as const),
]);
