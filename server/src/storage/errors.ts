export type StoreName = 'postgres' | 'clickhouse' | 'blobs';

/**
 * A store did not answer: its process is away, restarting, or refuses connections.
 * The statement may or may not have been applied; retrying is the caller's decision.
 */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
  readonly store: StoreName;

  constructor(store: StoreName, message: string, cause?: unknown) {
    super(`${store} is not available: ${message}`, cause === undefined ? {} : { cause });
    this.store = store;
  }
}

/** The data directory cannot be opened: it is held by another process, or was written by a newer version. */
export class StorageRefusedError extends Error {
  override readonly name = 'StorageRefusedError';
}

const AWAY = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** True for an error of the socket, not of the statement that was sent over it. */
export function isConnectionLoss(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && typeof error.code === 'string' && AWAY.has(error.code)) return true;
  if (error instanceof AggregateError) return error.errors.some(isConnectionLoss);
  return error.cause !== undefined && isConnectionLoss(error.cause);
}

export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') {
    return error.errors.map(messageOf).join('; ');
  }
  return error instanceof Error ? error.message : String(error);
}
