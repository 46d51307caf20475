import { Client, type ClientConfig } from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import { translatePostgres, type Postgres } from './postgres.ts';

export type Listener = (payload: string) => void;

/** LISTEN and NOTIFY over one connection of their own, made at the first listener and remade when lost. */
export class Notifications {
  readonly #config: ClientConfig;
  readonly #postgres: Postgres;
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #onReconnect: () => void;
  #client: Client | undefined;
  #connecting: Promise<void> | undefined;
  #closed = false;

  /** @param onReconnect what was sent while the connection was away is lost: look again */
  constructor(config: ClientConfig, postgres: Postgres, onReconnect: () => void) {
    this.#config = config;
    this.#postgres = postgres;
    this.#onReconnect = onReconnect;
  }

  async listen(channel: string, listener: Listener): Promise<() => void> {
    const name = channelName(channel);
    const listeners = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, listeners.add(listener));
    try {
      await this.#connect();
      await this.#client?.query(`LISTEN ${name}`);
    } catch (error) {
      listeners.delete(listener);
      throw translatePostgres(error);
    }
    return () => void listeners.delete(listener);
  }

  async notify(channel: string, payload: string): Promise<void> {
    await this.#postgres.executeSql('SELECT pg_notify($1, $2)', [channel, payload]);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#client?.end().catch(() => undefined);
  }

  #connect(): Promise<void> {
    this.#connecting ??= this.#open().catch((error: unknown) => {
      this.#connecting = undefined;
      throw error;
    });
    return this.#connecting;
  }

  async #open(): Promise<void> {
    const client = new Client(this.#config);
    client.on('notification', ({ channel, payload }) => {
      for (const listener of this.#listeners.get(channel) ?? []) listener(payload ?? '');
    });
    client.on('error', () => undefined);
    client.on('end', () => {
      if (this.#client === client) void this.#reopen();
    });
    await client.connect();
    this.#client = client;
    for (const channel of this.#listeners.keys()) await client.query(`LISTEN ${channelName(channel)}`);
  }

  async #reopen(): Promise<void> {
    this.#client = undefined;
    this.#connecting = undefined;
    for (let waitMs = 50; !this.#closed; waitMs = Math.min(waitMs * 2, 2_000)) {
      await sleep(waitMs, undefined, { ref: false });
      if (this.#closed) return;
      try {
        await this.#connect();
        this.#onReconnect();
        return;
      } catch {
        // The server is still away.
      }
    }
  }
}

function channelName(channel: string): string {
  if (!/^[a-z_][a-z0-9_]*$/.test(channel)) throw new TypeError(`${channel} is not a channel`);
  return `"${channel}"`;
}
