import { Kysely, PostgresDialect, type PostgresPoolClient } from 'kysely';
import { Client, DatabaseError, Pool, types, type PoolClient, type PoolConfig, type QueryConfig } from 'pg';
import { isConnectionLoss, messageOf, StoreUnavailableError } from './errors.ts';

const INT8 = 20;
const NUMERIC = 1700;
const INTERVAL = 1186;

/** One level of values in both editions: see the docstring of `Storage.database`. */
const parsers: PoolConfig['types'] = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    if (oid === INT8) return parseInt8;
    if (oid === NUMERIC || oid === INTERVAL) return (value: string) => value;
    return types.getTypeParser(oid, format);
  }) as typeof types.getTypeParser,
};

function parseInt8(value: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`bigint ${value} is beyond 2^53`);
  return number;
}

/**
 * A server that is there but says nothing (a network that swallows packets, a disk that hangs) counts as away: at once
 * when a statement waits and a new connection is not answered either, and in any case after `statementMs`. Raw
 * statements may be a whole backup; migrations have no limit.
 */
const patienceMs = 2_000;
const probeMs = 3_000;
const statementMs = 15_000;
const rawStatementMs = 120_000;

/** As pg takes it; its types leave the time limit out. */
function limited(text: string, values: readonly unknown[] | undefined, timeoutMs: number): QueryConfig {
  const config: QueryConfig & { query_timeout: number } = { text, query_timeout: timeoutMs };
  if (values !== undefined) config.values = [...values];
  return config;
}

export interface Postgres {
  readonly pool: Pool;
  database<Tables>(): Kysely<Tables>;
  executeSql<Row>(text: string, values?: readonly unknown[]): Promise<{ rows: Row[] }>;
  close(): Promise<void>;
}

/** @param config with `probe`, a server that is silent is told apart from a statement that takes long */
export function openPostgres(
  { probe = false, ...config }: PoolConfig & { probe?: boolean },
  onIdleError: (error: Error) => void,
): Postgres {
  const pool = new Pool({ ...config, types: parsers, allowExitOnIdle: true });
  // Without a listener the loss of an idle connection ends the process.
  pool.on('error', onIdleError);
  // The same holds for one that is in use: its statement fails by itself.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const silent = probe ? watchSilence(config) : () => never;
  const connect = async (): Promise<PoolClient> => {
    try {
      return await pool.connect();
    } catch (error) {
      throw translatePostgres(error);
    }
  };
  const dialect = new PostgresDialect({
    pool: {
      connect: async () => translating(await connect(), silent),
      end: async () => undefined,
      options: pool.options,
    },
  });
  const database = new Kysely<unknown>({ dialect });
  return {
    pool,
    database: <Tables>() => database as Kysely<Tables>,
    executeSql: async <Row>(text: string, values?: readonly unknown[]) => {
      const client = await connect();
      try {
        const result = await unless(silent, client.query(limited(text, values, rawStatementMs)));
        client.release();
        // Several statements in one text give an array of results.
        const results = Array.isArray(result) ? result : [result];
        return { rows: results.flatMap((each: { rows: Row[] }) => each.rows) };
      } catch (error) {
        const translated = translatePostgres(error);
        if (translated instanceof StoreUnavailableError) client.release(true);
        else await endBrokenTransaction(client);
        throw translated;
      }
    },
    close: async () => {
      await database.destroy();
      await pool.end();
    },
  };
}

/** A text like `BEGIN; …` that fails leaves its connection in an aborted transaction. */
async function endBrokenTransaction(client: PoolClient): Promise<void> {
  try {
    await client.query('ROLLBACK');
    client.release();
  } catch (error) {
    client.release(error instanceof Error ? error : true);
  }
}

/** What Kysely sees of a pooled client, with the loss of the server told apart from a bad statement. */
function translating(client: PoolClient, silent: () => Promise<never>): PostgresPoolClient {
  let broken = false;
  const query = async (sql: string, values: readonly unknown[]): Promise<unknown> => {
    // What follows would wait behind the statement that has no answer. The connection goes, and with it the transaction.
    if (broken && /^rollback$/i.test(sql)) return { command: 'ROLLBACK', rowCount: 0, rows: [] };
    if (broken) throw new StoreUnavailableError('postgres', 'the connection was lost');
    try {
      return await unless(silent, client.query(limited(sql, values, statementMs)));
    } catch (error) {
      const translated = translatePostgres(error);
      broken ||= translated instanceof StoreUnavailableError;
      throw translated;
    }
  };
  return {
    query: query as PostgresPoolClient['query'],
    release: (destroy) => client.release(broken || destroy === true),
  };
}

const never = new Promise<never>(() => undefined);

/** The answer, or what `silent` rejects with when it takes long. */
async function unless<T>(silent: () => Promise<never>, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => void silent().catch(reject), patienceMs);
  });
  try {
    return await Promise.race([answer, silence]);
  } finally {
    clearTimeout(timer);
  }
}

/** Asks on a connection of its own, one for all who wait; rejects when nothing answers, and else never settles. */
function watchSilence(config: PoolConfig): () => Promise<never> {
  let asking: Promise<boolean> | null = null;
  const ask = async (): Promise<boolean> => {
    const client = new Client({ ...config, connectionTimeoutMillis: probeMs, query_timeout: probeMs });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query('SELECT 1');
      return true;
    } catch (error) {
      // A server that refuses us, for it has no room, is there.
      return error instanceof DatabaseError;
    } finally {
      void client.end().catch(() => undefined);
      asking = null;
    }
  };
  return async () => {
    if (await (asking ??= ask())) return never;
    throw new StoreUnavailableError('postgres', 'it does not answer');
  };
}

/** Operator intervention, resources, and connection exceptions, as PostgreSQL classes them. */
const AWAY_CODES = /^(08|57P0|53300|25P03)/;
const AWAY_MESSAGES = /Connection terminated|timeout exceeded when trying to connect|not queryable|Query read timeout/;

/** The error itself, or StoreUnavailableError where it says that the server is away. */
export function translatePostgres(error: unknown): unknown {
  const away =
    error instanceof DatabaseError ? AWAY_CODES.test(error.code ?? '') : isConnectionLoss(error) || AWAY_MESSAGES.test(messageOf(error));
  return away ? new StoreUnavailableError('postgres', messageOf(error), error) : error;
}
