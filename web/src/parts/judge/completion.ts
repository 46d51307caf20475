/** Completion of code that reads a log: the fields of a real one, at the place where the cursor stands. */

export type CodeLanguage = 'python' | 'javascript';

export interface FieldCompletion {
  label: string;
  /** Type and beginning of the value in the log that was chosen. */
  detail: string;
  /** What is inserted in place of the text from `from`. */
  apply: string;
}

const step = /\[(["'])((?:(?!\1).)*)\1\]|\.get\((["'])((?:(?!\3).)*)\3[^()]*\)|\??\.(\w+)|\[(-?\d+)\]/y;
const open = /(\[["']|\.get\(["']|\??\.)(\w*)$/;

/**
 * What fits where the text ends.
 *
 * @param roots the names that the code has for what it is given, each with a real example
 */
export function completeFields(
  before: string,
  roots: ReadonlyMap<string, unknown>,
  language: CodeLanguage,
): { from: number; options: FieldCompletion[] } | null {
  const line = before.slice(before.lastIndexOf('\n') + 1);
  const opened = open.exec(line);
  if (opened === null) return null;
  const [, opener = '', typed = ''] = opened;
  const path = pathBefore(line.slice(0, opened.index), roots);
  if (path === null) return null;
  const here = walk(roots.get(path.root), path.keys);
  const keys = keysOf(here).filter((key) => key.toLowerCase().startsWith(typed.toLowerCase()));
  if (keys.length === 0) return null;
  const byDot = opener.endsWith('.');
  const from = before.length - typed.length - (byDot ? opener.length : 0);
  const options = keys.map((key) => ({ label: key, detail: detailOf(walk(here, [key])), apply: textOf(key, opener, language) }));
  return { from, options };
}

/** The name and the keys that lead to what stands before: `log["inputs"]`, `log?.inputs`, `log.get("inputs")`. */
function pathBefore(text: string, roots: ReadonlyMap<string, unknown>): { root: string; keys: string[] } | null {
  for (const root of roots.keys()) {
    let at = text.lastIndexOf(root);
    while (at >= 0) {
      const keys = keysFrom(text, at + root.length);
      if (keys !== null && !/[\w.]/.test(text[at - 1] ?? '')) return { root, keys };
      at = at === 0 ? -1 : text.lastIndexOf(root, at - 1);
    }
  }
  return null;
}

function keysFrom(text: string, start: number): string[] | null {
  const keys: string[] = [];
  step.lastIndex = start;
  let at = start;
  while (at < text.length) {
    step.lastIndex = at;
    const found = step.exec(text);
    if (found === null) return null;
    keys.push(found[2] ?? found[4] ?? found[5] ?? found[6] ?? '');
    at = step.lastIndex;
  }
  return keys;
}

function walk(value: unknown, keys: readonly string[]): unknown {
  let here = value;
  for (const key of keys) {
    if (Array.isArray(here)) here = here.at(Number(key));
    else if (typeof here === 'object' && here !== null && Object.hasOwn(here, key)) here = (here as Record<string, unknown>)[key];
    else return undefined;
  }
  return here;
}

const keysOf = (value: unknown): string[] =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [];

/** After a bracket or `get` the key alone; a dot in Python becomes the brackets that it needs. */
function textOf(key: string, opener: string, language: CodeLanguage): string {
  if (!opener.endsWith('.')) return key;
  if (language === 'python') return `["${key}"]`;
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `${opener}${key}` : `${opener === '?.' ? '?.' : ''}["${key}"]`;
}

/** The type of a value and how it begins. */
export function detailOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return `list of ${value.length}`;
  if (typeof value === 'object') return `{ ${Object.keys(value).slice(0, 3).join(', ')}${Object.keys(value).length > 3 ? ', …' : ''} }`;
  const text = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? JSON.stringify(value) : '';
  return text.length > 36 ? `${text.slice(0, 35)}…` : text;
}

/** Every path of a log that a template may name: `log.output`, `log.inputs.question`. Lists are not walked into. */
export function pathsOf(name: string, value: unknown, depth = 3): string[] {
  const keys = keysOf(value).filter((key) => /^\w+$/.test(key));
  if (keys.length === 0 || depth === 0) return [name];
  return keys.flatMap((key) => pathsOf(`${name}.${key}`, walk(value, [key]), depth - 1));
}
