import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Session } from 'chdb';

const chdb = createRequire(import.meta.url)('chdb') as typeof import('chdb');

export interface Statement {
  sql: string;
  /** Default database for names without one. */
  database: string;
  /** Settings of this statement alone. */
  settings: ReadonlyMap<string, string>;
}

export interface LogEngineOptions {
  directory: string;
  maxServerMemoryBytes: number;
  /** Statements that run side by side; each holds a thread of libuv's pool. */
  parallel: number;
  /** A statement outlived its limit by far: the engine no longer answers for itself. */
  onStuck(statement: string): void;
}

// What a statement has that says nothing else: a client need not be ours.
const DEFAULT_SETTINGS = [
  ['max_execution_time', '60'],
  ['max_memory_usage', String(1 << 30)],
  ['max_query_size', String(64 << 20)],
  ['session_timezone', 'UTC'],
] as const;
const STUCK_GRACE_MS = 30_000;
const KILL_AGAIN_MS = 500;
/** Most statements end sooner by themselves, and each KILL is a risk. */
const KILL_AFTER_MS = 500;
/**
 * Of statements that are killed one in a hundred ends in the engine, but its session waits for it for ever (chdb 26.7). When
 * a killed statement has not come back by then, its session is given up, and with it a thread.
 */
const GIVE_UP_AFTER_MS = 5_000;
/** Of libuv's 24 threads; with one more given up the engine is reported as stuck, and restarted. */
const MOST_GIVEN_UP = 8;

/**
 * chdb behind a fixed set of its sessions. A session runs one statement at a time and remembers each
 * `SET`, so what it remembers is written down here and corrected before every statement.
 */
export class LogEngine {
  readonly #options: LogEngineOptions;
  readonly #idle: Lane[] = [];
  readonly #lanes: Lane[] = [];
  readonly #waiting: Array<(lane: Lane) => void> = [];
  #nextTag = 1;
  #givenUp = 0;

  constructor(options: LogEngineOptions) {
    this.#options = options;
    // Opened one at a time: the first binds the directory for the process.
    for (let count = 0; count < options.parallel; count += 1) {
      this.#lanes.push({ session: this.#open(), settings: new Map(), database: 'default' });
    }
    this.#idle.push(...this.#lanes);
  }

  #open(): Session {
    return new chdb.Session(this.#options.directory, {
      connectionArgs: [
        `--max_server_memory_usage=${this.#options.maxServerMemoryBytes}`,
        '--mark_cache_size=67108864',
        '--uncompressed_cache_size=0',
      ],
    });
  }

  /** Runs a statement to its end. `signal` kills it in the engine. */
  async run(statement: Statement, signal: AbortSignal): Promise<Uint8Array> {
    return this.#use(statement, signal, async (lane) => {
      // Comments stay in system.processes: the only handle on a running statement that chdb leaves us.
      const tag = `whetstone:${process.pid}:${this.#nextTag++}`;
      const running = lane.session.queryAsync(`/* ${tag} */ ${statement.sql}`, { format: 'TabSeparated' });
      const killed = this.#killing(tag, running, signal);
      const result = await Promise.race([running, killed]);
      if (result !== null) return result.bytes();
      running.catch(() => undefined);
      this.#giveUp(lane, statement);
      throw signal.reason;
    });
  }

  /** Resolves, to null, only when the statement was killed and does not come back. */
  async #killing(tag: string, running: Promise<unknown>, signal: AbortSignal): Promise<null> {
    const since = performance.now();
    const aborted = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    let over = false;
    const done = running.then(
      () => (over = true),
      () => (over = true),
    );
    await Promise.race([done, aborted]);
    await Promise.race([done, sleep(over ? 0 : Math.max(0, KILL_AFTER_MS - (performance.now() - since)))]);
    // Again until it ends: a KILL that comes before the engine has listed the statement finds nothing.
    const until = performance.now() + GIVE_UP_AFTER_MS;
    while (!over && performance.now() < until) {
      await this.#kill(tag);
      await Promise.race([done, sleep(KILL_AGAIN_MS)]);
    }
    return over ? new Promise<null>(() => undefined) : null;
  }

  #giveUp(lane: Lane, statement: Statement): void {
    this.#givenUp += 1;
    Object.assign(lane, { session: this.#open(), settings: new Map(), database: 'default' });
    if (this.#givenUp > MOST_GIVEN_UP) this.#options.onStuck(statement.sql.slice(0, 200));
  }

  /** Inserts `rows` without copying them into a statement. */
  async insert(
    statement: Omit<Statement, 'sql'>,
    target: { table: string; columns: string[] | undefined; format: RawFormat },
    rows: Uint8Array,
    signal: AbortSignal,
  ): Promise<number> {
    const whole = { ...statement, sql: `INSERT INTO ${target.table}` };
    return this.#use(whole, signal, async (lane) => {
      const summary = await lane.session.insert({
        table: target.table,
        values: rows,
        format: target.format,
        ...(target.columns ? { columns: target.columns } : {}),
      });
      return summary.rowsWritten;
    });
  }

  /**
   * Hands the result over in blocks as the engine makes them, waiting for `write` each time. `signal`
   * ends it between two blocks: a KILL makes a fetch that is under way wait for ever (chdb 26.7).
   */
  async stream(statement: Statement, format: string, signal: AbortSignal, write: (block: Uint8Array) => Promise<void>): Promise<void> {
    await this.#use(statement, signal, async (lane) => {
      for await (const block of lane.session.queryStream(statement.sql, { format })) {
        await write(block.raw());
        if (signal.aborted) break;
      }
    });
  }

  /** Waits for what runs (at most `maxMs`), then lets go of the directory. */
  async close(maxMs: number): Promise<void> {
    await Promise.race([chdb.drainPending(), sleep(maxMs)]);
    for (const lane of this.#lanes) lane.session.close();
    await Promise.race([chdb.drainPending(), sleep(maxMs)]);
  }

  async #use<Result>(statement: Statement, signal: AbortSignal, work: (lane: Lane) => Promise<Result>): Promise<Result> {
    const whole = { ...statement, settings: new Map([...DEFAULT_SETTINGS, ...statement.settings]) };
    const lane = await this.#lease(signal);
    const limit = Number(whole.settings.get('max_execution_time'));
    const stuck = setTimeout(() => this.#options.onStuck(statement.sql.slice(0, 200)), (limit > 0 ? limit : 3600) * 1000 + STUCK_GRACE_MS);
    try {
      await this.#prepare(lane, whole);
      signal.throwIfAborted();
      return await work(lane);
    } finally {
      clearTimeout(stuck);
      this.#free(lane);
    }
  }

  async #kill(tag: string): Promise<void> {
    // Without SYNC, which has been seen to hang.
    const sql = `KILL QUERY WHERE query LIKE '/* ${tag} */%'`;
    // All lanes may be taken by what is to be killed.
    const lane = this.#idle.pop();
    const session = lane?.session ?? this.#open();
    try {
      await session.queryAsync(sql);
    } catch {
      // It may have ended by itself.
    } finally {
      if (lane) this.#free(lane);
      else session.close();
    }
  }

  /** Brings a session's remembered settings and database to exactly those of the statement. */
  async #prepare(lane: Lane, statement: Statement): Promise<void> {
    const changes: string[] = [];
    for (const [name, value] of statement.settings) {
      if (lane.settings.get(name) !== value) changes.push(`${name} = ${literal(value)}`);
    }
    for (const name of lane.settings.keys()) {
      if (!statement.settings.has(name)) changes.push(`${name} = DEFAULT`);
    }
    try {
      if (changes.length > 0) await lane.session.queryAsync(`SET ${changes.join(', ')}`);
      lane.settings = new Map(statement.settings);
      if (lane.database !== statement.database) {
        await lane.session.queryAsync(`USE \`${statement.database}\``);
        lane.database = statement.database;
      }
    } catch (error) {
      // What a failed SET left behind is unknown; a new session costs a millisecond.
      lane.session.close();
      Object.assign(lane, { session: this.#open(), settings: new Map(), database: 'default' });
      throw error;
    }
  }

  async #lease(signal: AbortSignal): Promise<Lane> {
    signal.throwIfAborted();
    const lane = this.#idle.pop();
    if (lane) return lane;
    return new Promise((resolve, reject) => {
      const take = (free: Lane): void => {
        signal.removeEventListener('abort', leave);
        resolve(free);
      };
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(take), 1);
        reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#waiting.push(take);
    });
  }

  #free(lane: Lane): void {
    const next = this.#waiting.shift();
    if (next) next(lane);
    else this.#idle.push(lane);
  }
}

export type RawFormat = 'JSONEachRow' | 'JSONCompactEachRow' | 'TabSeparated' | 'CSV';

interface Lane {
  session: Session;
  settings: Map<string, string>;
  database: string;
}

function literal(value: string): string {
  if (/^-?\d{1,18}(\.\d{1,9})?$/.test(value)) return value;
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
