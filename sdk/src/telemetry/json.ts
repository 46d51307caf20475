/** Any value as JSON that a log can hold. Never throws: what cannot be said is said to be so. */

const maxDepth = 60;
const maxString = 5_000_000;

export function toJson(value: unknown): unknown {
  try {
    return copy(value, 0, []);
  } catch (error) {
    return `[not readable: ${error instanceof Error ? error.message : 'its getter threw'}]`;
  }
}

/** The same as a JSON object: what is none becomes `{ [name]: value }`. */
export function toJsonObject(value: unknown, name: string): Record<string, unknown> {
  const json = toJson(value);
  return typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as Record<string, unknown>) : { [name]: json };
}

/** A result as the text of a log's output: text as it is, anything else as JSON. */
export function toText(value: unknown): string {
  const json = toJson(value);
  return typeof json === 'string' ? json : JSON.stringify(json);
}

function copy(value: unknown, depth: number, above: readonly object[]): unknown {
  if (typeof value === 'string') return value.length > maxString ? `${value.slice(0, maxString)}…` : value;
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object') return value === undefined ? null : `[${typeof value}]`;
  if (above.includes(value)) return '[circular]';
  if (depth >= maxDepth) return '[too deep]';
  const inside = [...above, value];
  const inner = (item: unknown) => copy(item, depth + 1, inside);
  if (Array.isArray(value)) return value.map(inner);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Error) return { name: value.name, message: value.message };
  if (value instanceof Map)
    return fields(
      [...value].map(([key, item]) => [String(key), item]),
      inner,
    );
  if (value instanceof Set) return [...value].map(inner);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  const own = (value as { toJSON?: unknown }).toJSON;
  if (typeof own === 'function') return inner((own as () => unknown).call(value));
  return fields(Object.entries(value), inner);
}

function fields(entries: [string, unknown][], inner: (item: unknown) => unknown): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [key, item] of entries) {
    if (item === undefined || typeof item === 'function' || typeof item === 'symbol') continue;
    Object.defineProperty(result, key, { value: inner(item), enumerable: true, configurable: true, writable: true });
  }
  return result;
}
