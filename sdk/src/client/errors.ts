/** The server refused, or could not be reached (`status` 0). The message says what was wrong and how to mend it. */
export class WhetstoneError extends Error {
  readonly status: number;
  /** The `detail` of the answer: text, an object with more facts, or the places of the input that are wrong. */
  readonly detail: unknown;
  readonly retryAfterMs: number | null;

  constructor(status: number, message: string, options: { detail?: unknown; retryAfterMs?: number | null; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'WhetstoneError';
    this.status = status;
    this.detail = options.detail ?? null;
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}

export async function errorOf(response: Response): Promise<WhetstoneError> {
  const text = await response.text().catch(() => '');
  let detail: unknown = text;
  try {
    detail = (JSON.parse(text) as { detail?: unknown }).detail ?? text;
  } catch {
    // A proxy's page: its text is all there is.
  }
  return new WhetstoneError(response.status, messageOf(detail, response.status), { detail, retryAfterMs: retryAfter(response) });
}

function messageOf(detail: unknown, status: number): string {
  if (typeof detail === 'string' && detail !== '') return detail.slice(0, 1000);
  if (Array.isArray(detail)) {
    const places = detail.map((place: { loc?: unknown[]; msg?: string }) => `${(place.loc ?? []).join('.')}: ${place.msg ?? ''}`);
    return places.join('; ').slice(0, 1000);
  }
  if (typeof detail === 'object' && detail !== null) {
    const { msg, message } = detail as { msg?: unknown; message?: unknown };
    const text = msg ?? message;
    if (typeof text === 'string') return text;
  }
  return `The server answered with status ${status}.`;
}

function retryAfter(response: Response): number | null {
  const seconds = Number(response.headers.get('retry-after'));
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : null;
}

/** Any thrown thing as an error. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
