import { fillPlaceholders, quote } from '../literals.ts';

/**
 * Binds the `param_*` values of a request as ClickHouse does: each is the text form of its type, in
 * which a value that stands alone is escaped as in a tab-separated file. ClickHouse casts no text to a
 * Map; `renderStatement`, which our own statements go through, writes one out.
 */
export function bindParameters(sql: string, parameters: ReadonlyMap<string, string>): string {
  if (parameters.size === 0) return sql;
  return fillPlaceholders(sql, (name, type) => {
    const text = parameters.get(name);
    if (text === undefined) throw new Error(`Code: 456. DB::Exception: Substitution ${name} is not set. (UNKNOWN_QUERY_PARAMETER)`);
    if (type === 'Identifier') return `\`${text.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;
    if (text === String.raw`\N`) return `CAST(NULL, ${quote(type)})`;
    const composite = /^(Array|Map|Tuple|Nested)\b/.test(type);
    return `CAST(${quote(composite ? text : unescape(text))}, ${quote(type)})`;
  });
}

const ESCAPES = new Map(Object.entries({ b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', '0': '\0' }));

function unescape(text: string): string {
  return text.replace(/\\([\s\S])/g, (_, letter: string) => ESCAPES.get(letter) ?? letter);
}
