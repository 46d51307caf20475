import { AppError } from '@whetstone/contract';
import type { Json } from '@whetstone/contract';

/** The one form that text has before it reaches any store: well-formed UTF-16 without NUL. */

const defaultMaxDepth = 200;
/** Recursion deeper than this could exhaust a small stack. */
const deepestMaxDepth = 1000;

/** Lone surrogates become U+FFFD and NUL becomes U+2400; `changed` says whether anything did. */
export function canonicalText(text: string): { text: string; changed: boolean } {
  if (isCanonical(text)) return { text, changed: false };
  return { text: text.toWellFormed().replaceAll('\0', '\u2400'), changed: true };
}

/**
 * The same for every key and string of a JSON value. What is already canonical is returned as it is, not copied.
 * Numbers that JSON cannot say (1e999) become null, -0 becomes 0. Keys such as `__proto__` stay plain data; two keys
 * that become equal are kept apart by a trailing U+FFFD.
 * Throws `invalid_input`, naming the place, for nesting deeper than `maxDepth` (200; at most 1000), however deep it is.
 */
export function canonicalJson<T>(value: T, options: { maxDepth?: number } = {}): { value: T; changed: boolean } {
  const maxDepth = Math.min(options.maxDepth ?? defaultMaxDepth, deepestMaxDepth);
  if (isCanonicalJson(value, maxDepth, [])) return { value, changed: false };
  return { value: copyCanonical(value) as T, changed: true };
}

/** Sets an own, enumerable property whatever its name: assigning `__proto__` would change the prototype. */
export function setOwn(target: object, key: string, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  else (target as Record<string, unknown>)[key] = value;
}

/** An own property by name, undefined when absent: never one that was inherited. */
export function getOwn(target: unknown, key: string | number): unknown {
  if (typeof target !== 'object' || target === null || !Object.hasOwn(target, key)) return undefined;
  return (target as Record<string | number, unknown>)[key];
}

/**
 * JSON with keys sorted at every level, so that equal values have equal text. Undefined properties are left out.
 * Throws `invalid_input` for nesting deeper than 1000.
 */
export function stableJson(value: unknown, depth = 0): string {
  if (depth > deepestMaxDepth) throw tooDeep(deepestMaxDepth, []);
  if (Array.isArray(value)) return `[${value.map((item) => stableJson(item ?? null, depth + 1)).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const parts: string[] = [];
    for (const key of Object.keys(value).sort()) {
      const item = getOwn(value, key);
      if (item !== undefined) parts.push(`${JSON.stringify(key)}:${stableJson(item, depth + 1)}`);
    }
    return `{${parts.join(',')}}`;
  }
  return JSON.stringify(value ?? null);
}

/** Whether two JSON values are equal but for the order of keys. */
export function sameJson(a: unknown, b: unknown): boolean {
  return a === b || stableJson(a) === stableJson(b);
}

/** A place in a JSON value as people write it: `messages[0].content`; long ones are cut in the middle. */
export function placeOf(path: readonly (string | number)[]): string {
  const shown = path.length > 12 ? [...path.slice(0, 6), '…', ...path.slice(-3)] : path;
  let text = '';
  for (const step of shown) {
    if (typeof step === 'number') text += `[${step}]`;
    else text += `${text === '' ? '' : '.'}${step.length > 60 ? `${step.slice(0, 60)}…` : step}`;
  }
  return text;
}

function isCanonical(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

function isCanonicalJson(value: unknown, depthLeft: number, path: (string | number)[]): boolean {
  if (typeof value === 'string') return isCanonical(value);
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0);
  if (typeof value !== 'object' || value === null) return true;
  if (depthLeft <= 0) throw tooDeep(path.length, path);
  // Every item is looked at even after a finding, so that too deep a value is refused, not copied.
  let canonical = true;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const item: unknown = value[i];
      path.push(i);
      canonical = isCanonicalJson(item, depthLeft - 1, path) && canonical;
      path.pop();
    }
    return canonical;
  }
  for (const key of Object.keys(value)) {
    path.push(key);
    canonical = isCanonicalJson(getOwn(value, key), depthLeft - 1, path) && isCanonical(key) && canonical;
    path.pop();
  }
  return canonical;
}

function copyCanonical(value: unknown): unknown {
  if (typeof value === 'string') return canonicalText(value).text;
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : null;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copyCanonical);
  const copy: Record<string, Json> = {};
  for (const key of Object.keys(value)) {
    let name = canonicalText(key).text;
    while (Object.hasOwn(copy, name) || (name !== key && Object.hasOwn(value, name))) name += '\uFFFD';
    setOwn(copy, name, copyCanonical(getOwn(value, key)));
  }
  return copy;
}

function tooDeep(depth: number, path: readonly (string | number)[]): AppError {
  const place = placeOf(path);
  const msg = `nested deeper than ${depth} levels${place === '' ? '' : ` at ${place}`}`;
  return new AppError('invalid_input', `The JSON is ${msg}. Send it flatter, or as a string.`, {
    details: [{ loc: ['body', ...path.slice(0, 6)], msg, type: 'value_error.depth' }],
  });
}
