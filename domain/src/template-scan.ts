/** Reads the default template dialect: text in, parts out. Never fails: what is no expression is text. */

export type CallArgument = { type: 'value'; value: string | number | boolean | null } | { type: 'variable'; name: string };
export type TemplatePart = { type: 'text'; text: string } | TemplateExpression;
/** Offsets are those of the braces in the text that was scanned. */
export type TemplateExpression =
  | { type: 'variable'; name: string; start: number; end: number }
  | { type: 'call'; name: string; args: CallArgument[]; start: number; end: number };

const variable = /\{\{\s*([A-Za-z_\d.[\]]+)\s*\}\}/y;
const literal = /\{\{\s*("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')\s*\}\}/y;
const callStart = /\{\{\s*([A-Za-z_][\w./-]*)\s*\(/y;
const callEnd = /\s*\)\s*\}\}/y;
const separator = /\s*,/y;
const argument = /\s*(?:("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(-?\d+(?:\.\d+)?(?![\w.[]))|([A-Za-z_\d.[\]]+))/y;
/** A literal or a call reaches no further than this, so that hostile text costs a bounded look ahead. */
const longestExpression = 4096;

/** The parts of a template text in order; neighbouring texts are one. */
export function scanTemplate(text: string): TemplatePart[] {
  const parts: TemplatePart[] = [];
  let from = 0;
  let pending = '';
  for (let at = text.indexOf('{{'); at >= 0; at = text.indexOf('{{', at)) {
    const found = expressionAt(text, at);
    if (found === null) {
      at += 1;
      continue;
    }
    pending += text.slice(from, at);
    if (found.type === 'text') pending += found.text;
    else {
      if (pending !== '') parts.push({ type: 'text', text: pending });
      pending = '';
      parts.push(found.expression);
    }
    at = found.end;
    from = at;
  }
  pending += text.slice(from);
  if (pending !== '') parts.push({ type: 'text', text: pending });
  return parts;
}

type Found = { type: 'text'; text: string; end: number } | { type: 'expression'; expression: TemplateExpression; end: number };

function expressionAt(text: string, start: number): Found | null {
  const name = matchAt(variable, text, start);
  if (name !== null) {
    const end = start + name[0].length;
    return { type: 'expression', expression: { type: 'variable', name: name[1] ?? '', start, end }, end };
  }
  const window = text.slice(start, start + longestExpression);
  const quoted = matchAt(literal, window, 0);
  if (quoted !== null) {
    const value = unquote(quoted[1] ?? '');
    return value === null ? null : { type: 'text', text: value, end: start + quoted[0].length };
  }
  return callAt(window, start);
}

function callAt(window: string, start: number): Found | null {
  const head = matchAt(callStart, window, 0);
  if (head === null) return null;
  const args: CallArgument[] = [];
  let at = head[0].length;
  let tail = matchAt(callEnd, window, at);
  while (tail === null) {
    if (args.length > 0) {
      const comma = matchAt(separator, window, at);
      if (comma === null) return null;
      at += comma[0].length;
    }
    const next = matchAt(argument, window, at);
    const read = next === null ? null : readArgument(next);
    if (next === null || read === null) return null;
    args.push(read);
    at += next[0].length;
    tail = matchAt(callEnd, window, at);
  }
  const end = start + at + tail[0].length;
  return { type: 'expression', expression: { type: 'call', name: head[1] ?? '', args, start, end }, end };
}

function readArgument([, quoted, number, name]: RegExpExecArray): CallArgument | null {
  if (quoted !== undefined) {
    const value = unquote(quoted);
    return value === null ? null : { type: 'value', value };
  }
  if (number !== undefined) return { type: 'value', value: Number(number) };
  if (name === undefined) return null;
  const constants = new Map<string, boolean | null>([
    ['true', true],
    ['false', false],
    ['null', null],
  ]);
  const constant = constants.get(name);
  return constant === undefined ? { type: 'variable', name } : { type: 'value', value: constant };
}

/** The text of a string in double quotes (JSON's escapes) or single ones; null when an escape is wrong. */
function unquote(quoted: string): string | null {
  const inner = quoted.slice(1, -1);
  const json = quoted.startsWith('"')
    ? inner
    : inner.replace(/\\.|"/gs, (found) => (found === "\\'" ? "'" : found === '"' ? '\\"' : found));
  try {
    return String(JSON.parse(`"${json.replaceAll('\t', '\\t')}"`));
  } catch {
    return null;
  }
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
