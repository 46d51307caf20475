/** One place of the input that the server did not accept. */
export interface FieldError {
  loc: (string | number)[];
  msg: string;
}

/** Why a call failed. `status` 0: there was no answer. The message is fit to be shown. */
export class ApiError extends Error {
  readonly status: number;
  readonly fields: FieldError[];
  /** Additional facts, e.g. `{ expected_version_id, current_version_id }` of a 409. */
  readonly data: Record<string, unknown>;

  constructor(status: number, message: string, options: { fields?: FieldError[]; data?: Record<string, unknown>; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ApiError';
    this.status = status;
    this.fields = options.fields ?? [];
    this.data = options.data ?? {};
  }
}

/** Reads the API's error body: `detail` is a text, a list of places, or an object with `description`, `msg` or `message`. */
export async function readError(response: Response): Promise<ApiError> {
  const text = await response.text().catch(() => '');
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return new ApiError(response.status, text.trim().slice(0, 300) || fallback(response.status));
  }
  return errorOf(response.status, body);
}

export function errorOf(status: number, body: unknown): ApiError {
  const object = isObject(body) ? body : {};
  const detail = object.detail ?? object.message;
  if (typeof detail === 'string') return new ApiError(status, detail, { data: object });
  if (Array.isArray(detail)) {
    const fields = detail.filter(isFieldError);
    const message = fields.map((f) => `${f.loc.filter((part) => part !== 'body').join('.')}: ${f.msg}`).join('; ');
    return new ApiError(status, message || fallback(status), { fields, data: object });
  }
  if (isObject(detail)) {
    const message = [detail.description, detail.msg, detail.message].find((m) => typeof m === 'string');
    return new ApiError(status, message ?? fallback(status), { data: detail });
  }
  return new ApiError(status, fallback(status), { data: object });
}

/** What a person reads when anything failed. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'Something went wrong that left no message. Try again.';
}

function fallback(status: number): string {
  if (status === 401) return 'You are signed out. Sign in and try again.';
  if (status === 403) return 'Your role does not allow this. Ask an admin of the workspace.';
  if (status === 404) return 'This does not exist, or not any more.';
  if (status === 429) return 'Too many requests. Wait a moment and try again.';
  if (status >= 500) return `The server failed (${status}). Its log says why; try again.`;
  return `The server refused the request (${status}).`;
}
function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
function isFieldError(value: unknown): value is FieldError {
  return isObject(value) && Array.isArray(value.loc) && typeof value.msg === 'string';
}
