import { getOwn, stableJson } from '@whetstone/domain';
import { withoutCodeBlock } from './text/code-block.ts';
import { cut, quote } from './words.ts';

/** JSON read from texts, and how two values differ. */

/** Deeper values are refused before anything recurses into them; so are cycles. */
export const maxJsonDepth = 200;

export type ReadJson = { ok: true; value: unknown } | { ok: false; problem: string };

/** `fences`: a single Markdown code block around the JSON is taken off. */
export function parseJson(text: string, options: { fences: boolean }): ReadJson {
  try {
    const value: unknown = JSON.parse(options.fences ? withoutCodeBlock(text) : text);
    return isTooDeep(value) ? { ok: false, problem: `It is nested deeper than ${maxJsonDepth}.` } : { ok: true, value };
  } catch {
    return { ok: false, problem: `${quote(text, 40)} is not JSON.` };
  }
}

export function isTooDeep(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth >= maxJsonDepth || Object.values(value).some((item) => isTooDeep(item, depth + 1));
}

export interface JsonDifference {
  /** JSON Pointer, RFC 6901; empty for the whole value. */
  path: string;
  kind: 'missing' | 'extra' | 'changed';
  expected: unknown;
  actual: unknown;
}

export interface DiffOptions {
  /** `any`: a list is a bag. */
  listOrder: 'same' | 'any';
  /** Keys that only the actual value has: `wrong`, or `allowed`. */
  extra: 'wrong' | 'allowed';
  /** Largest absolute difference between equal numbers. */
  tolerance: number;
  /** Paths that are not compared, with all below. */
  ignore: ReadonlySet<string>;
}

/** Numbers of leaves: `total` over both values, `same` in both. Neither value may be deeper than `maxJsonDepth`. */
export interface JsonComparison {
  same: number;
  total: number;
  differences: JsonDifference[];
}

export const strictDiff: DiffOptions = { listOrder: 'same', extra: 'wrong', tolerance: 0, ignore: new Set() };

export function compareJson(expected: unknown, actual: unknown, options: DiffOptions): JsonComparison {
  const comparison: JsonComparison = { same: 0, total: 0, differences: [] };
  compareAt('', expected, actual, options, comparison);
  return comparison;
}

export function tellDifference({ path, kind, expected, actual }: JsonDifference): string {
  const place = path === '' ? 'the whole' : path;
  if (kind === 'missing') return `${place} is missing`;
  if (kind === 'extra') return `${place} is not expected`;
  return `${place} is ${shown(actual)} in place of ${shown(expected)}`;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? '';
  const short = cut(text, 40);
  return short === text ? text : `${short}…`;
}

function compareAt(path: string, expected: unknown, actual: unknown, options: DiffOptions, found: JsonComparison): void {
  if (options.ignore.has(path)) return;
  if (Array.isArray(expected) && Array.isArray(actual)) {
    if (expected.length + actual.length > 0) return compareLists(path, expected, actual, options, found);
  } else if (isObject(expected) && isObject(actual)) {
    const keys = [...new Set([...Object.keys(expected), ...Object.keys(actual)])];
    if (keys.length > 0) {
      for (const key of keys) comparePlace(join(path, key), getOwn(expected, key), getOwn(actual, key), options, found);
      return;
    }
  }
  if (sameLeaf(expected, actual, options.tolerance)) {
    found.same++;
    found.total++;
  } else {
    found.total += Math.max(leaves(expected), leaves(actual));
    found.differences.push({ path, kind: 'changed', expected, actual });
  }
}

/** As `compareAt`, for a place that one side may lack: there it is undefined. */
function comparePlace(path: string, expected: unknown, actual: unknown, options: DiffOptions, found: JsonComparison): void {
  if (expected !== undefined && actual !== undefined) return compareAt(path, expected, actual, options, found);
  if (options.ignore.has(path) || (expected === undefined && options.extra === 'allowed')) return;
  found.total += leaves(expected ?? actual);
  found.differences.push({ path, kind: expected === undefined ? 'extra' : 'missing', expected, actual });
}

function compareLists(path: string, expected: unknown[], actual: unknown[], options: DiffOptions, found: JsonComparison): void {
  const pairs = options.listOrder === 'same' ? pairByPlace(expected, actual) : pairByValue(expected, actual);
  for (const { at, left, right } of pairs) comparePlace(join(path, String(at)), left, right, options, found);
}

interface Pair {
  at: number;
  left: unknown;
  right: unknown;
}

function pairByPlace(expected: unknown[], actual: unknown[]): Pair[] {
  const length = Math.max(expected.length, actual.length);
  return Array.from({ length }, (_, at) => ({ at, left: expected[at], right: actual[at] }));
}

/** Equal items first, whatever their places; those that are left in their order. */
function pairByValue(expected: unknown[], actual: unknown[]): Pair[] {
  const places = new Map<string, number[]>();
  actual.forEach((item, at) => {
    const key = stableJson(item);
    places.set(key, [...(places.get(key) ?? []), at]);
  });
  const partner = expected.map((item) => places.get(stableJson(item))?.shift());
  const taken = new Set(partner);
  const free = actual.map((_, at) => at).filter((at) => !taken.has(at));
  const pairs = expected.map((left, at) => ({ at, left, right: actual[partner[at] ?? free.shift() ?? -1] }));
  return [...pairs, ...free.map((at) => ({ at, left: undefined, right: actual[at] }))];
}

function sameLeaf(expected: unknown, actual: unknown, tolerance: number): boolean {
  if (typeof expected === 'number' && typeof actual === 'number') return Math.abs(expected - actual) <= tolerance;
  if (typeof expected === 'object' && typeof actual === 'object') return stableJson(expected) === stableJson(actual);
  return expected === actual;
}

function leaves(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Math.max(
    1,
    Object.values(value).reduce<number>((sum, item) => sum + leaves(item), 0),
  );
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);
const join = (path: string, key: string): string => `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
