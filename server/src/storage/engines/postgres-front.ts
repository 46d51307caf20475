import { createServer, type Server, type Socket } from 'node:net';
import { fatal, FrontendReader, greeting, query, readBackend, sync } from './postgres-wire.ts';

/** Runs frontend messages on the one backend and returns all it says; never interleaved by us. */
export type Backend = (messages: Buffer) => Promise<Buffer>;

export interface PostgresFrontOptions {
  path: string;
  backend: Backend;
  serverVersion: string;
  /** How long a connection may sit in a transaction while others wait for the backend. */
  idleInTransactionMs?: number;
  /** The backend threw, which leaves it in no known state. */
  onBroken(error: unknown): void;
}

const QUERY = 0x51;
const SYNC = 0x53;
const FLUSH = 0x48;
const TERMINATE = 0x58;

/**
 * Shares one PostgreSQL backend between connections, a whole turn at a time.
 *
 * `@electric-sql/pglite-socket` schedules single messages. A Bind that arrives in a later packet than
 * its Parse (any parameter over 64 KB) then meets whatever statement another connection has parsed in
 * between, so a turn here runs from the first message to the ReadyForQuery that ends it, and a
 * transaction is one turn.
 */
export class PostgresFront {
  readonly #options: PostgresFrontOptions;
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  readonly #waiting: Connection[] = [];
  #owner: Connection | undefined;
  #running = false;
  #nextId = 1;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(options: PostgresFrontOptions) {
    this.#options = options;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#options.path, resolve);
    });
  }

  async close(): Promise<void> {
    for (const connection of this.#connections) connection.socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(socket: Socket): void {
    const connection: Connection = {
      socket,
      id: this.#nextId++,
      reader: new FrontendReader(),
      unfinished: [],
      turns: [],
      closed: false,
    };
    this.#connections.add(connection);
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#receive(connection, chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#leave(connection));
  }

  #receive(connection: Connection, chunk: Buffer): void {
    let messages;
    try {
      messages = connection.reader.push(chunk);
    } catch {
      connection.socket.end(fatal('08P01', 'this is not the PostgreSQL protocol'));
      return;
    }
    for (const message of messages) {
      if (message.kind === 'startup') {
        connection.socket.write(greeting(this.#options.serverVersion, connection.id));
      } else if (message.kind === 'encryption') {
        connection.socket.write('N');
      } else if (message.kind === 'message' && message.type !== TERMINATE) {
        collect(connection, message);
      } else {
        connection.socket.end();
        return;
      }
    }
    if (connection.turns.length > 0) this.#wait(connection);
  }

  #wait(connection: Connection): void {
    if (this.#owner !== connection && !this.#waiting.includes(connection)) {
      this.#waiting.push(connection);
      this.#watchIdleOwner();
    }
    void this.#work();
  }

  async #work(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    clearTimeout(this.#idleTimer);
    this.#idleTimer = undefined;
    try {
      for (;;) {
        this.#owner ??= this.#waiting.shift();
        const owner = this.#owner;
        if (!owner) break;
        const turn = owner.closed ? undefined : owner.turns.shift();
        if (turn) await this.#run(owner, turn);
        else if (owner.closed) await this.#reset(owner);
        else break;
      }
    } catch (error) {
      this.#options.onBroken(error);
    } finally {
      this.#running = false;
    }
    this.#watchIdleOwner();
  }

  async #run(owner: Connection, turn: Buffer): Promise<void> {
    const { own, notifications, status } = readBackend(await this.#options.backend(turn));
    if (!owner.closed) owner.socket.write(own);
    for (const notification of notifications) {
      for (const connection of this.#connections) connection.socket.write(notification);
    }
    if (status === 'I') {
      this.#owner = undefined;
      if (owner.turns.length > 0) this.#waiting.push(owner);
    }
  }

  /** Ends what a connection that went away had begun. */
  async #reset(owner: Connection): Promise<void> {
    await this.#options.backend(sync());
    await this.#options.backend(query('ROLLBACK'));
    if (this.#owner === owner) this.#owner = undefined;
  }

  #leave(connection: Connection): void {
    connection.closed = true;
    this.#connections.delete(connection);
    const place = this.#waiting.indexOf(connection);
    if (place >= 0) this.#waiting.splice(place, 1);
    if (this.#owner === connection) void this.#work();
  }

  /** Whoever uses the pool inside its own transaction would wait for itself for ever. */
  #watchIdleOwner(): void {
    const owner = this.#owner;
    if (!owner || this.#running || this.#waiting.length === 0) return;
    this.#idleTimer ??= setTimeout(() => {
      this.#idleTimer = undefined;
      if (this.#owner !== owner || this.#running || this.#waiting.length === 0) return;
      owner.socket.end(fatal('25P03', 'terminating connection due to idle-in-transaction timeout'));
      owner.socket.destroySoon();
    }, this.#options.idleInTransactionMs ?? 10_000);
  }
}

function collect(connection: Connection, { type, bytes }: { type: number; bytes: Buffer }): void {
  connection.unfinished.push(bytes);
  if (type !== QUERY && type !== SYNC && type !== FLUSH) return;
  connection.turns.push(Buffer.concat(connection.unfinished));
  connection.unfinished = [];
}

interface Connection {
  socket: Socket;
  id: number;
  reader: FrontendReader;
  /** Messages of a turn whose Sync, Flush or Query is still to come. */
  unfinished: Buffer[];
  turns: Buffer[];
  closed: boolean;
}
