import type { Attributes, Span, Value } from './wire/span.ts';

/**
 * A span's attributes as a dialect reads them. What was asked for by name counts as understood; the rest is kept as
 * metadata, so nothing that a sender says is lost.
 */
export class Reader {
  readonly span: Span;
  readonly #taken = new Set<string>();

  constructor(span: Span) {
    this.span = span;
  }

  has(key: string): boolean {
    return this.span.attributes.has(key);
  }

  /** Whether any key begins so. */
  hasPrefix(prefix: string): boolean {
    for (const key of this.span.attributes.keys()) if (key.startsWith(prefix)) return true;
    return false;
  }

  /** Read without counting as understood. */
  peek(key: string): string | null {
    const value = this.span.attributes.get(key);
    return typeof value === 'string' && value !== '' ? value : null;
  }

  take(key: string): Value | undefined {
    const value = this.span.attributes.get(key);
    if (value !== undefined) this.#taken.add(key);
    return value;
  }

  /** The first that is there, as text; null without any, or where it is empty. */
  text(...keys: string[]): string | null {
    for (const key of keys) {
      const value = this.take(key);
      if (value === undefined || value === null || value === '') continue;
      return textOf(value);
    }
    return null;
  }

  /** The first that is a number, or text that says one: some senders make text of everything. */
  number(...keys: string[]): number | null {
    for (const key of keys) {
      const value = this.take(key);
      const number = numberOf(value);
      if (number !== null) return number;
    }
    return null;
  }

  /** A count of tokens. */
  count(...keys: string[]): number | null {
    const number = this.number(...keys);
    return number !== null && number >= 0 && number < 2 ** 32 ? Math.round(number) : null;
  }

  bool(key: string): boolean | null {
    const value = this.take(key);
    if (typeof value === 'boolean') return value;
    return typeof value === 'string' && /^(true|false)$/i.test(value) ? value.toLowerCase() === 'true' : null;
  }

  /** Texts of a list, also where a sender joined it with commas. */
  texts(key: string): string[] | null {
    const value = this.take(key);
    if (value === undefined || value === null || value === '') return null;
    if (Array.isArray(value)) return value.map(textOf);
    const parsed = jsonOf(value);
    if (Array.isArray(parsed)) return parsed.map((each) => (typeof each === 'string' ? each : JSON.stringify(each)));
    return [textOf(value)];
  }

  /** JSON inside text, or a structured value; undefined when there is none, the text itself when it is no JSON. */
  json(...keys: string[]): unknown {
    for (const key of keys) {
      const value = this.take(key);
      if (value === undefined || value === null || value === '') continue;
      const parsed = jsonOf(value);
      return parsed === undefined ? value : parsed;
    }
    return undefined;
  }

  /** The keys `PREFIX.N.REST` as one map per N, in order of N. */
  indexed(prefix: string): Attributes[] {
    const groups = new Map<number, Attributes>();
    for (const [key, value] of this.span.attributes) {
      if (!key.startsWith(prefix)) continue;
      const dot = key.indexOf('.', prefix.length);
      const index = key.slice(prefix.length, dot < 0 ? undefined : dot);
      if (!/^\d{1,6}$/.test(index)) continue;
      this.#taken.add(key);
      const at = Number(index);
      let group = groups.get(at);
      if (group === undefined) groups.set(at, (group = new Map()));
      group.set(dot < 0 ? '' : key.slice(dot + 1), value);
    }
    return [...groups].sort(([a], [b]) => a - b).map(([, group]) => group);
  }

  /** Everything below a prefix, by what follows it. */
  below(prefix: string): Attributes {
    const map: Attributes = new Map();
    for (const [key, value] of this.span.attributes) {
      if (!key.startsWith(prefix) || key.length === prefix.length) continue;
      this.#taken.add(key);
      map.set(key.slice(prefix.length), value);
    }
    return map;
  }

  /** What no dialect asked for. */
  rest(): Attributes {
    const rest: Attributes = new Map();
    for (const [key, value] of this.span.attributes) if (!this.#taken.has(key)) rest.set(key, value);
    return rest;
  }
}

export function textOf(value: Value | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(plain(value));
}

export function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'string' || value.trim() === '') return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

/** A value as JSON can say it. Objects have no prototype, so that no key of a sender's means anything. */
export function plain(value: Value): unknown {
  if (Array.isArray(value)) return value.map(plain);
  return value instanceof Map ? plainObject(value) : value;
}

export function plainObject(map: Attributes): Record<string, unknown> {
  const object = Object.create(null) as Record<string, unknown>;
  for (const [key, value] of map) object[key] = plain(value);
  return object;
}

/** A structured value, or the JSON that a text holds; undefined when it holds none. */
export function jsonOf(value: Value | undefined): unknown {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') return plain(value);
  const first = value.trimStart().charAt(0);
  if (first !== '{' && first !== '[' && first !== '"') return undefined;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return undefined;
  }
}

/**
 * Dotted keys as nested values, for senders that flattened them: `inputs.city` is `{ inputs: { city } }`, and keys that are
 * all digits are a list. Without prototypes, so `__proto__` is a key like any other.
 */
export function nested(map: Attributes): Record<string, unknown> {
  const root = Object.create(null) as Record<string, unknown>;
  for (const [key, value] of map) {
    const steps = key.split('.').slice(0, maxSteps);
    let holder = root;
    for (const step of steps.slice(0, -1)) {
      const next = holder[step];
      holder = isHolder(next) ? next : (holder[step] = Object.create(null) as Record<string, unknown>);
    }
    holder[steps.at(-1) as string] = plain(value);
  }
  return listed(root) as Record<string, unknown>;
}

const maxSteps = 32;

function isHolder(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listed(value: unknown): unknown {
  if (!isHolder(value)) return value;
  const keys = Object.keys(value);
  for (const key of keys) value[key] = listed(value[key]);
  if (keys.length === 0 || !keys.every((key) => /^\d+$/.test(key))) return value;
  return keys.sort((a, b) => Number(a) - Number(b)).map((key) => value[key]);
}
