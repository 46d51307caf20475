/** What server and engine process say to each other beside the two databases' own protocols. */

export interface EngineConfig {
  dataDir: string;
  /** Holds the sockets; short, because a socket's path has 107 bytes on Linux, 103 on macOS. */
  socketDir: string;
  control: boolean;
  logs: boolean;
  /** What a first start copies; it may not exist. */
  template: string;
  /** Whom a refused second process is told to look for. */
  holderPid: number;
  logMemoryBytes: number;
}

export type ToEngine = { type: 'ping'; id: number } | { type: 'close' };

export type FromEngine =
  | { type: 'ready' }
  | { type: 'failed'; reason: string; refused: boolean }
  | { type: 'pong'; id: number; syncs: number; residentBytes: number }
  | { type: 'closed' };

/** `pg` derives this name from a directory and a port. */
export const POSTGRES_SOCKET = '.s.PGSQL.5432';
export const POSTGRES_PORT = 5432;
export const CLICKHOUSE_SOCKET = 'clickhouse';
