/**
 * Puts typed values into a ClickHouse statement in place of `{name:Type}`.
 *
 * Done here and not by the server's own parameters, because chdb runs statements with parameters one
 * at a time, and because parameters travel in the URL, which ends at some kilobytes.
 */

export type LogValue = string | number | bigint | boolean | Date | null | readonly LogValue[] | ReadonlyMap<string, LogValue>;

export type LogParams = Readonly<Record<string, LogValue>>;

// Strings, quoted names and comments are skipped whole, so that a brace in them is only a brace.
const TOKENS =
  /'(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"\\]|\\[\s\S]|"")*"|`(?:[^`\\]|\\[\s\S]|``)*`|--[^\n]*|\/\*[\s\S]*?\*\/|\{(\w+)\s*:\s*([^{}]+)\}/g;

/** Hands each `{name:Type}` of a statement to `fill` and puts what it returns in its place. */
export function fillPlaceholders(sql: string, fill: (name: string, type: string) => string): string {
  return sql.replace(TOKENS, (token, name?: string, type?: string) =>
    name === undefined || type === undefined ? token : fill(name, type.trim()),
  );
}

/**
 * @throws TypeError when a placeholder has no value, a value no placeholder, or a value does not fit
 * the type that the placeholder declares
 */
export function renderStatement(sql: string, params: LogParams): string {
  const unused = new Set(Object.keys(params));
  const rendered = fillPlaceholders(sql, (name, type) => {
    const value = Object.hasOwn(params, name) ? params[name] : undefined;
    if (value === undefined) throw new TypeError(`no value for {${name}:${type}}`);
    unused.delete(name);
    return typedLiteral(name, type, value);
  });
  if (unused.size > 0) throw new TypeError(`values without a place: ${[...unused].join(', ')}`);
  return rendered;
}

function typedLiteral(name: string, type: string, value: LogValue): string {
  try {
    if (type === 'Identifier') return identifier(value);
    const plain = literal(type, value);
    return type === 'String' ? plain : `CAST(${plain}, ${quote(type)})`;
  } catch (error) {
    throw new TypeError(`{${name}:${type}}: ${error instanceof Error ? error.message : ''}`, {
      cause: error,
    });
  }
}

function identifier(value: LogValue): string {
  if (typeof value !== 'string' || !/^[A-Za-z_]\w*$/.test(value)) {
    throw new TypeError(`${show(value)} is not a name`);
  }
  return `\`${value}\``;
}

function literal(type: string, value: LogValue): string {
  const [, outer = type, inner = ''] = /^(\w+)\((.*)\)$/s.exec(type) ?? [];
  if (outer === 'LowCardinality') return literal(inner, value);
  if (outer === 'Nullable') return value === null ? 'NULL' : literal(inner, value);
  if (outer === 'Array') {
    return `[${expectArray(value)
      .map((item) => literal(inner, item))
      .join(', ')}]`;
  }
  if (outer === 'Tuple') return tuple(splitTypes(inner), expectArray(value));
  if (outer === 'Map') return map(splitTypes(inner), value);
  if (/^U?Int\d+$/.test(outer)) return integer(value);
  if (/^(Float|BFloat)\d+$/.test(outer)) return float(value);
  if (/^Decimal\d*$/.test(outer)) return quote(matching(/^-?\d+(\.\d+)?$/, value));
  if (outer === 'Bool') return boolean(value);
  if (outer === 'DateTime64' || outer === 'DateTime') return quote(instant(outer, value));
  if (typeof value === 'string') return quote(value);
  throw new TypeError(`${show(value)} does not fit`);
}

/** The one place on which safety rests: within quotes only `\` and `'` mean anything. */
export function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\0', '\\0')}'`;
}

function integer(value: LogValue): string {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  if (typeof value === 'bigint') return String(value);
  return matching(/^-?\d{1,78}$/, value);
}

function float(value: LogValue): string {
  if (typeof value !== 'number') throw new TypeError(`${show(value)} is not a number`);
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  return Object.is(value, -0) ? '-0.0' : String(value);
}

function boolean(value: LogValue): string {
  if (typeof value !== 'boolean') throw new TypeError(`${show(value)} is not a boolean`);
  return String(value);
}

/** A Date is an instant: given as seconds since 1970, no time zone can shift it. */
function instant(type: string, value: LogValue): string {
  if (!(value instanceof Date)) return matching(/^[\d\-T:. Z+]{1,40}$/, value);
  const ms = value.getTime();
  if (Number.isNaN(ms)) throw new TypeError('an invalid Date');
  return value
    .toISOString()
    .replace('T', ' ')
    .slice(0, type === 'DateTime' ? 19 : 23);
}

function matching(pattern: RegExp, value: LogValue): string {
  if (typeof value === 'string' && pattern.test(value)) return value;
  throw new TypeError(`${show(value)} does not fit`);
}

function expectArray(value: LogValue): readonly LogValue[] {
  if (Array.isArray(value)) return value as readonly LogValue[];
  throw new TypeError(`${show(value)} is not an array`);
}

function tuple(types: string[], values: readonly LogValue[]): string {
  if (types.length !== values.length) throw new TypeError('a tuple of another length');
  return `tuple(${types.map((type, at) => literal(type, values[at] ?? null)).join(', ')})`;
}

function map(types: string[], value: LogValue): string {
  const [keyType, valueType] = types;
  if (!(value instanceof Map) || keyType === undefined || valueType === undefined) {
    throw new TypeError(`${show(value)} is not a Map`);
  }
  const pairs = [...(value as ReadonlyMap<string, LogValue>)];
  const parts = pairs.flatMap(([key, item]) => [literal(keyType, key), literal(valueType, item)]);
  return `map(${parts.join(', ')})`;
}

/** Splits `String, Map(String, UInt8)` at its outer commas. */
function splitTypes(list: string): string[] {
  const types: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < list.length; at += 1) {
    if (list[at] === '(') depth += 1;
    else if (list[at] === ')') depth -= 1;
    else if (list[at] === ',' && depth === 0) {
      types.push(list.slice(from, at).trim());
      from = at + 1;
    }
  }
  types.push(list.slice(from).trim());
  return types;
}

function show(value: LogValue): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : `a value of type ${typeof value}`;
}
