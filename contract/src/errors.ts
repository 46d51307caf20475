/** The closed list of what can go wrong, and the status code of each. */
export const errorStatus = {
  bad_request: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  unsupported_media_type: 415,
  wrong_host: 421,
  invalid_input: 422,
  rate_limited: 429,
  cancelled: 499,
  internal: 500,
  provider_failed: 502,
  unavailable: 503,
  timeout: 504,
} as const;
export type ErrorCode = keyof typeof errorStatus;

/** One place in the input that is wrong, in the form that v5 clients read. */
export interface ErrorDetail {
  loc: (string | number)[];
  msg: string;
  type: string;
}

/** What a provider answered, so that a caller of its own shape gets it unchanged. */
export interface ProviderFailure {
  provider: string;
  status: number;
  /** The body as the provider sent it; null when it did not answer. */
  body: string | null;
  contentType: string | null;
  retryAfter: string | null;
}

export interface AppErrorOptions {
  cause?: unknown;
  details?: ErrorDetail[];
  /** Additional facts for the caller, e.g. `{ expected_version_id, current_version_id }`. */
  data?: Record<string, unknown>;
  retryAfterSeconds?: number;
  /** For the answer, beside `retry-after`. */
  headers?: Record<string, string>;
  failure?: ProviderFailure;
}

/** The only error that a room throws on purpose. The message says what was wrong and how to mend it. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetail[] | undefined;
  readonly data: Record<string, unknown> | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly headers: Record<string, string> | undefined;
  readonly failure: ProviderFailure | undefined;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.details = options.details;
    this.data = options.data;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.headers = options.headers;
    this.failure = options.failure;
  }

  get status(): number {
    return errorStatus[this.code];
  }
}

/** A 404 for a thing named by id or path. */
export function notFound(what: string, name: string): AppError {
  return new AppError('not_found', `${what} \`${name}\` does not exist.`);
}
