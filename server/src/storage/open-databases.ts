import { join } from 'node:path';
import type { PoolConfig } from 'pg';
import manifest from '../../package.json' with { type: 'json' };
import { FileBlobs } from './blobs.ts';
import { CLICKHOUSE_SOCKET, POSTGRES_PORT } from './engines/messages.ts';
import type { Engines } from './engines/supervisor.ts';
import { probe } from './health.ts';
import type { Storage, StorageOptions } from './index.ts';
import { ClickHouse } from './log-database.ts';
import { migrate, type MigrationSet } from './migrations.ts';
import { Notifications } from './notifications.ts';
import { openPostgres, type Postgres } from './postgres.ts';

const HEALTH_MS = 2_000;

export interface Opening {
  dataDir: string;
  /** Undefined when both stores are servers. */
  engines: Engines | undefined;
  migrations: MigrationSet;
  options: StorageOptions;
  /** Grows by what is to be closed, last first. */
  opened: Array<() => Promise<void>>;
  close: () => Promise<void>;
}

/** Both databases, brought to this version's schema. */
export async function openDatabases({ dataDir, engines, migrations, options, opened, close }: Opening): Promise<Storage> {
  const pgConfig = postgresConfig(options, engines);
  // The embedded engine serves one statement after another, so there a probe would wait as well.
  const probe = engines === undefined || Boolean(options.databaseUrl);
  const postgres = openPostgres({ ...pgConfig, probe }, (error) => options.log.warn({ err: error }, 'a connection to PostgreSQL was lost'));
  opened.push(() => postgres.close());
  const { clickhouse, cluster } = openClickHouse(options, engines);
  opened.push(() => clickhouse.close());
  await migrate({
    postgres,
    logDatabase: clickhouse,
    migrations,
    appVersion: manifest.version,
    clickhouseCluster: cluster,
  });
  const reconnected = new Set<() => void>();
  const notifications = new Notifications(pgConfig, postgres, () => {
    for (const listener of reconnected) listener();
  });
  opened.push(() => notifications.close());
  return assemble({ dataDir, engines, postgres, clickhouse, notifications, reconnected, close });
}

function postgresConfig(options: StorageOptions, engines: Engines | undefined): PoolConfig {
  if (options.databaseUrl) {
    return {
      connectionString: options.databaseUrl,
      application_name: 'whetstone',
      max: 16,
      connectionTimeoutMillis: 5_000,
      statement_timeout: 60_000,
      idle_in_transaction_session_timeout: 30_000,
      keepAlive: true,
    };
  }
  if (!engines) throw new Error('neither DATABASE_URL nor an engine process');
  return {
    host: engines.socketDir,
    port: POSTGRES_PORT,
    user: 'postgres',
    database: 'postgres',
    // One backend serves them in turns: more only help what waits between statements.
    max: 8,
    connectionTimeoutMillis: 5_000,
  };
}

function openClickHouse(options: StorageOptions, engines: Engines | undefined): { clickhouse: ClickHouse; cluster: string | undefined } {
  if (options.clickhouseUrl) {
    const url = new URL(options.clickhouseUrl);
    const cluster = url.searchParams.get('cluster') ?? undefined;
    const database = url.pathname.slice(1) || 'default';
    url.searchParams.delete('cluster');
    url.pathname = '/';
    return { clickhouse: new ClickHouse({ url: url.href, database }), cluster };
  }
  if (!engines) throw new Error('neither CLICKHOUSE_URL nor an engine process');
  const socketPath = join(engines.socketDir, CLICKHOUSE_SOCKET);
  const clickhouse = new ClickHouse({ url: 'http://engine', database: 'default', socketPath });
  return { clickhouse, cluster: undefined };
}

interface Parts {
  dataDir: string;
  engines: Engines | undefined;
  postgres: Postgres;
  clickhouse: ClickHouse;
  notifications: Notifications;
  reconnected: Set<() => void>;
  close(): Promise<void>;
}

function assemble(parts: Parts): Storage {
  const { dataDir, engines, postgres, clickhouse, notifications, reconnected } = parts;
  return {
    dataDir,
    engines,
    pool: postgres.pool,
    database: () => postgres.database(),
    executeSql: (text, values) => postgres.executeSql(text, values),
    logDatabase: clickhouse,
    blobs: new FileBlobs(join(dataDir, 'blobs')),
    listen: (channel, listener) => notifications.listen(channel, listener),
    notify: (channel, payload) => notifications.notify(channel, payload),
    onReconnect: (listener) => {
      reconnected.add(listener);
      return () => void reconnected.delete(listener);
    },
    health: async () => {
      const [control, logs] = await Promise.all([
        probe(() => postgres.executeSql('SELECT 1'), HEALTH_MS),
        probe(() => clickhouse.query('SELECT 1 AS one', {}, { maxSeconds: 2 }), HEALTH_MS),
      ]);
      return { postgres: control, clickhouse: logs };
    },
    close: () => parts.close(),
  };
}
