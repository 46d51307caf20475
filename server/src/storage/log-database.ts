import { Agent, type AgentOptions } from 'node:http';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { ClickHouseError, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import type { ClickHouseClient, ClickHouseSettings } from '@clickhouse/client';
import { isConnectionLoss, messageOf, StoreUnavailableError } from './errors.ts';
import { renderStatement, type LogParams } from './literals.ts';

export interface LogQueryOptions {
  signal?: AbortSignal;
  /** Default 30. */
  maxSeconds?: number;
  /** Default 1 GiB. */
  maxMemoryBytes?: number;
}

/** The ClickHouse dialect; see `Storage.logDatabase`. */
export interface LogDatabase {
  query<Row>(sql: string, params?: LogParams, options?: LogQueryOptions): Promise<Row[]>;
  stream<Row>(sql: string, params?: LogParams, options?: LogQueryOptions): AsyncIterable<Row>;
  insert(table: string, lines: readonly Uint8Array[], token: string, options?: LogQueryOptions): Promise<void>;
  command(sql: string, params?: LogParams, options?: LogQueryOptions): Promise<void>;
}

export interface LogDatabaseConfig {
  url: string;
  database: string;
  /** A unix socket that `url`'s host stands for. */
  socketPath?: string;
}

const MAX_SECONDS = 30;
const MAX_MEMORY_BYTES = 1 << 30;
// A server that does not keep its own limit is given up on.
const GRACE_MS = 5_000;

export class ClickHouse implements LogDatabase {
  readonly #client: ClickHouseClient;
  readonly #agent: Agent | undefined;

  constructor(config: LogDatabaseConfig) {
    this.#agent = config.socketPath ? socketAgent(config.socketPath) : undefined;
    this.#client = createClient({
      url: config.url,
      database: config.database,
      application: 'whetstone',
      max_open_connections: 16,
      request_timeout: 3_600_000,
      keep_alive: { enabled: true, idle_socket_ttl: 2_500 },
      log: { level: ClickHouseLogLevel.OFF },
      ...(this.#agent ? { http_agent: this.#agent } : {}),
    });
  }

  async query<Row>(sql: string, params: LogParams = {}, options: LogQueryOptions = {}): Promise<Row[]> {
    const signal = deadline(options);
    const query = renderStatement(sql, params);
    try {
      // The rows are wanted whole, so an error behind the first of them may as well have its status.
      const result = await this.#client.query({
        query,
        format: 'JSONEachRow',
        abort_signal: signal,
        clickhouse_settings: { ...limits(options), wait_end_of_query: 1 },
      });
      return await result.json<Row>();
    } catch (error) {
      throw translate(error, signal, options.signal);
    }
  }

  async *stream<Row>(sql: string, params: LogParams = {}, options: LogQueryOptions = {}): AsyncGenerator<Row, void, undefined> {
    const signal = deadline(options);
    const query = renderStatement(sql, params);
    try {
      const result = await this.#client.query({
        query,
        format: 'JSONEachRow',
        abort_signal: signal,
        clickhouse_settings: limits(options),
      });
      for await (const rows of result.stream<Row>()) {
        for (const row of rows) yield row.json<Row>();
      }
    } catch (error) {
      throw translate(error, signal, options.signal);
    }
  }

  async insert(table: string, lines: readonly Uint8Array[], token: string, options: LogQueryOptions = {}): Promise<void> {
    const signal = deadline(options);
    try {
      // `insert` of the client would serialise each row again; `exec` sends bytes as they are.
      const { stream } = await this.#client.exec({
        query: `INSERT INTO ${tableName(table)} FORMAT JSONEachRow`,
        values: Readable.from(blocks(lines), { objectMode: false }),
        abort_signal: signal,
        clickhouse_settings: {
          ...limits(options),
          insert_deduplication_token: token,
          date_time_input_format: 'best_effort',
        },
      });
      await finished(stream.resume());
    } catch (error) {
      throw translate(error, signal, options.signal);
    }
  }

  async command(sql: string, params: LogParams = {}, options: LogQueryOptions = {}): Promise<void> {
    const signal = deadline(options);
    const query = renderStatement(sql, params);
    try {
      await this.#client.command({
        query,
        abort_signal: signal,
        clickhouse_settings: limits(options),
      });
    } catch (error) {
      throw translate(error, signal, options.signal);
    }
  }

  async close(): Promise<void> {
    await this.#client.close();
    this.#agent?.destroy();
  }
}

/** Node passes an agent's options on to `net.connect`, though its types do not say so. */
function socketAgent(socketPath: string): Agent {
  const options: AgentOptions & { socketPath: string } = { keepAlive: true, maxSockets: 16, socketPath };
  return new Agent(options);
}

function limits(options: LogQueryOptions): ClickHouseSettings {
  return {
    max_execution_time: options.maxSeconds ?? MAX_SECONDS,
    max_memory_usage: String(options.maxMemoryBytes ?? MAX_MEMORY_BYTES),
    max_query_size: String(64 << 20),
    // Versions of a row are in one partition, for what partitions are made of never changes.
    do_not_merge_across_partitions_select_final: 1,
    output_format_json_quote_64bit_integers: 0,
    output_format_json_quote_decimals: 1,
    date_time_output_format: 'iso',
    session_timezone: 'UTC',
  };
}

function deadline(options: LogQueryOptions): AbortSignal {
  const limit = AbortSignal.timeout((options.maxSeconds ?? MAX_SECONDS) * 1000 + GRACE_MS);
  return options.signal ? AbortSignal.any([options.signal, limit]) : limit;
}

function tableName(table: string): string {
  if (!/^\w+(\.\w+)?$/.test(table)) throw new TypeError(`${table} is not a table`);
  return table;
}

const BLOCK_BYTES = 256 * 1024;
const NEWLINE = Buffer.from('\n');

/** Joins small lines into blocks worth a write each. */
function* blocks(lines: readonly Uint8Array[]): Generator<Buffer> {
  let parts: Uint8Array[] = [];
  let size = 0;
  for (const line of lines) {
    parts.push(line, NEWLINE);
    size += line.length + 1;
    if (size < BLOCK_BYTES) continue;
    yield Buffer.concat(parts, size);
    parts = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(parts, size);
}

function translate(error: unknown, signal: AbortSignal, callers: AbortSignal | undefined): unknown {
  if (callers?.aborted) return callers.reason;
  if (error instanceof ClickHouseError) return error;
  if (signal.aborted) {
    return new StoreUnavailableError('clickhouse', 'no answer within the time limit', error);
  }
  const away = isConnectionLoss(error) || /socket hang up|aborted|premature close/i.test(messageOf(error));
  return away ? new StoreUnavailableError('clickhouse', messageOf(error), error) : error;
}
