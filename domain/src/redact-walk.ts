import { getOwn, setOwn } from './text.ts';

/** Walks through a log for redaction and copies only what changes. */

/** Fields of a log whose content can be redacted, by their names in the API. */
export const redactableFields: ReadonlySet<string> = new Set([
  'inputs',
  'messages',
  'output',
  'output_message',
  'error',
  'stdout',
  'metadata',
  'provider_request',
  'provider_response',
  'user',
  'session',
  'source',
]);

/** The first step is a field of the log; null stands for any key or index. */
export type FieldPath = readonly (string | number | null)[];

/** Keys of messages that hold the conversation together and are no text of anybody. */
const structural = new Set(['type', 'role', 'id', 'tool_call_id']);
const structured = new Set(['messages', 'output_message']);

/** The steps of a path such as `messages[*].content` or `inputs["a.b"]`; a text that says why it is none. */
export function fieldPathOf(text: string): FieldPath | string {
  const step = /\.?([A-Za-z_$][\w$-]*|\*)|\[(\d+|\*|"(?:[^"\\]|\\.)*")\]/y;
  const path: (string | number | null)[] = [];
  while (step.lastIndex < text.length) {
    const at = step.lastIndex;
    const found = step.exec(text);
    if (found === null || (found[0].startsWith('.') ? path.length === 0 : found[1] !== undefined && path.length > 0)) {
      return `\`${text}\` is no path: it is like \`inputs.email\`, \`metadata.*\` or \`messages[*].content\` (wrong at character ${at + 1}).`;
    }
    path.push(stepOf(found[1], found[2] ?? ''));
  }
  const [root] = path;
  if (typeof root === 'string' && redactableFields.has(root)) return path;
  return `A path starts with one of ${[...redactableFields].join(', ')}.`;
}

/** The name in the API of a field of a log: `outputMessage` is `output_message`. */
export function rootName(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Replaces every text and number at a path below the field `root`, and in whatever stands there. */
export function replaceAtPath(
  content: unknown,
  root: string,
  path: FieldPath,
  replace: (found: string | number | boolean) => unknown,
): unknown {
  if (path[0] !== root) return content;
  const at = (value: unknown, depth: number): unknown => {
    if (depth === path.length) return mapLeaves(value, structured.has(root), replace);
    const step = path[depth];
    return mapChildren(value, (child, key) => (step === null || step === key ? at(child, depth + 1) : child));
  };
  return at(content, 1);
}

/** Replaces texts below the field `root`; pictures and files inside data URLs stay. */
export function replaceStrings(content: unknown, root: string, replace: (text: string) => string): unknown {
  return mapLeaves(content, structured.has(root), (leaf) =>
    typeof leaf === 'string' && !/^data:[^,]*;base64,/.test(leaf) ? replace(leaf) : leaf,
  );
}

function mapLeaves(value: unknown, keepStructure: boolean, replace: (leaf: string | number | boolean) => unknown): unknown {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return replace(value);
  return mapChildren(value, (child, key) =>
    keepStructure && typeof key === 'string' && structural.has(key) && typeof child === 'string'
      ? child
      : mapLeaves(child, keepStructure, replace),
  );
}

/** The same object or list when no child changed. */
function mapChildren(value: unknown, change: (child: unknown, key: string | number) => unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item, i) => change(item, i));
    return items.every((item, i) => item === value[i]) ? value : items;
  }
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  const copy: Record<string, unknown> = {};
  let same = true;
  for (const key of Object.keys(value)) {
    const child = getOwn(value, key);
    const changed = change(child, key);
    same &&= changed === child;
    setOwn(copy, key, changed);
  }
  return same ? value : copy;
}

function stepOf(name: string | undefined, bracket: string): string | number | null {
  if (name === '*' || bracket === '*') return null;
  if (name !== undefined) return name;
  return bracket.startsWith('"') ? bracket.slice(1, -1).replace(/\\(.)/gs, '$1') : Number(bracket);
}
