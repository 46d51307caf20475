import { isLogFilterField, logFilterFields } from './log-filter-fields.ts';
import type { FilterOperator, LogFilterField } from './log-filter-fields.ts';
import { parseFilterValue } from './log-filter-value.ts';

/**
 * The filter language of the logs page, shared by the URL and the API:
 * `status:error model:gpt-4o,o3* latency>2s cost>0.01 -user:u_1 meta.plan:pro ("refund" OR input:"money back")`.
 * Terms stand side by side for "and"; `OR`, parentheses and a leading minus do the rest. `user:*` means "has a user".
 * `judged:PATH` asks for a judgment of the evaluator, `judged:PATH=bad` and `judged:PATH<0.5` for its value.
 */

export type FilterNode =
  | { type: 'and'; items: FilterNode[] }
  | { type: 'or'; items: FilterNode[] }
  | { type: 'not'; item: FilterNode }
  /** Text anywhere in input or output. */
  | { type: 'text'; value: string }
  /**
   * Durations are milliseconds, money USD, times ISO 8601 in UTC; `key` is the key of `meta`, and the evaluator
   * of `judged`: null for any; there `^` with an empty value asks for a value of any kind.
   * A number only where the field's type is one, or where `meta` is compared by size.
   */
  | { type: 'field'; field: LogFilterField; key: string | null; op: FilterOperator; value: string | number };

export type ParsedFilter = { ok: true; filter: FilterNode | null } | { ok: false; error: FilterProblem };
export interface FilterProblem {
  message: string;
  /** Offset of the first wrong character, from 0. */
  position: number;
}

const maxLength = 4000;
const maxTerms = 100;
const maxDepth = 20;

/** The filter that a text says; null for an empty text. */
export function parseFilter(text: string): ParsedFilter {
  const parser = new Parser(text);
  try {
    return { ok: true, filter: parser.parse() };
  } catch (error) {
    if (error instanceof FilterError) return { ok: false, error: { message: error.message, position: error.position } };
    throw error;
  }
}

/** The text of a filter: `parseFilter` gives the same filter back when its groups are flat and hold two items or more. */
export function printFilter(filter: FilterNode | null): string {
  if (filter === null) return '';
  switch (filter.type) {
    case 'text':
      return /^[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u.test(filter.value) && !isKeyword(filter.value) ? filter.value : quote(filter.value);
    case 'field':
      return printField(filter);
    case 'not':
      return `-${filter.item.type === 'and' || filter.item.type === 'or' ? `(${printFilter(filter.item)})` : printFilter(filter.item)}`;
    case 'and':
      return filter.items.map((item) => (item.type === 'or' ? `(${printFilter(item)})` : printFilter(item))).join(' ');
    case 'or':
      return filter.items.map(printFilter).join(' OR ');
  }
}

class FilterError extends Error {
  readonly position: number;

  constructor(message: string, position: number) {
    super(message);
    this.position = position;
  }
}

const fieldHead = /([A-Za-z_]+)(?:\.([\w$.-]+|"(?:[^"\\]|\\.)*"))?(:|>=|<=|>|<)/y;
const bareWord = /[^\s()",]+/y;
const barePath = /[^\s()",=<>]+/y;
const judgedOperator = /[<>]=?|=/y;
const quoted = /"(?:[^"\\]|\\.)*"/sy;

class Parser {
  readonly #text: string;
  #at = 0;
  #terms = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): FilterNode | null {
    if (this.#text.length > maxLength) throw new FilterError(`A filter has at most ${maxLength} characters.`, maxLength);
    this.#skipBlanks();
    if (this.#at === this.#text.length) return null;
    const filter = this.#or(0);
    if (this.#at < this.#text.length) throw new FilterError('There is no `(` for this `)`.', this.#at);
    return filter;
  }

  #or(depth: number): FilterNode {
    if (depth > maxDepth) throw new FilterError(`Parentheses are nested deeper than ${maxDepth}.`, this.#at);
    const items = [this.#and(depth)];
    while (this.#keyword('OR')) items.push(this.#and(depth));
    return group('or', items);
  }

  #and(depth: number): FilterNode {
    const items: FilterNode[] = [];
    for (;;) {
      while (this.#keyword('AND'));
      this.#skipBlanks();
      const next = this.#text.charAt(this.#at);
      if (next === '' || next === ')' || this.#keyword('OR', true)) break;
      items.push(this.#unary(depth));
    }
    if (items.length === 0) throw new FilterError('A term is missing here.', this.#at);
    return group('and', items);
  }

  #unary(depth: number): FilterNode {
    const start = this.#at;
    if (this.#take('-')) {
      if (/^[\s)]?$/.test(this.#text.charAt(this.#at))) throw new FilterError('A term follows the minus at once: `-status:error`.', start);
      if (depth >= maxDepth) throw new FilterError(`Negations are nested deeper than ${maxDepth}.`, start);
      const item = this.#unary(depth + 1);
      return item.type === 'not' ? item.item : { type: 'not', item };
    }
    if (this.#take('(')) {
      const inner = this.#or(depth + 1);
      this.#skipBlanks();
      if (!this.#take(')')) throw new FilterError('This `(` is not closed.', start);
      return inner;
    }
    this.#terms += 1;
    if (this.#terms > maxTerms) throw new FilterError(`A filter has at most ${maxTerms} terms.`, start);
    return this.#field() ?? { type: 'text', value: this.#word().value };
  }

  #field(): FilterNode | null {
    const start = this.#at;
    const head = this.#match(fieldHead);
    if (head === null) return null;
    const [, name = '', rawKey, operator = ':'] = head;
    if (!isLogFilterField(name)) throw new FilterError(`There is no field \`${name}\`. To search for this text, put it in quotes.`, start);
    const { type } = logFilterFields[name];
    const map = type === 'map';
    if (map && rawKey === undefined) throw new FilterError(`Name the key: \`${name}.plan:pro\`.`, start);
    if (!map && rawKey !== undefined) throw new FilterError(`\`${name}\` has no keys.`, start + name.length);
    if (type === 'judged') {
      if (operator !== ':') throw new FilterError(`Name the evaluator: \`${name}:quality/vote${operator}0.5\`.`, start);
      return this.#judged(name);
    }
    const key = rawKey === undefined ? null : rawKey.startsWith('"') ? unquote(rawKey) : rawKey;
    const items: FilterNode[] = [];
    do {
      const position = this.#at;
      const { value, bare, prefix } = this.#word();
      const parsed = parseFilterValue(logFilterFields[name], { name, operator, value, bare, prefix });
      if ('problem' in parsed) throw new FilterError(parsed.problem, parsed.atOperator ? position - operator.length : position);
      items.push({ type: 'field', field: name, key, ...parsed });
    } while (operator === ':' && this.#take(','));
    return group('or', items);
  }

  /** Evaluators, and what is asked of each: a comma after a value stands before another value, else before another evaluator. */
  #judged(field: LogFilterField): FilterNode {
    const items: FilterNode[] = [];
    do {
      const key = this.#evaluator();
      const operator = this.#match(judgedOperator)?.[0];
      if (operator === undefined) {
        items.push({ type: 'field', field, key, op: '^', value: '' });
        continue;
      }
      do {
        const position = this.#at;
        const parsed = parseFilterValue(logFilterFields[field], { name: field, operator, ...this.#word() });
        if ('problem' in parsed) throw new FilterError(parsed.problem, position);
        items.push({ type: 'field', field, key, ...parsed });
      } while (operator === '=' && this.#take(','));
    } while (this.#take(','));
    return group('or', items);
  }

  /** The path of an evaluator; null for a star, which is any. */
  #evaluator(): string | null {
    const start = this.#at;
    if (this.#text.charAt(start) === '"') {
      const found = this.#match(quoted);
      if (found === null) throw new FilterError('This quote is not closed.', start);
      return unquote(found[0]);
    }
    const path = this.#match(barePath)?.[0];
    if (path === undefined) throw new FilterError('The path of an evaluator is missing here.', start);
    if (path === '*') return null;
    if (path.endsWith('*')) throw new FilterError('An evaluator is named by its whole path; `judged:*` means any.', start);
    return path;
  }

  /** A word or quoted text; `prefix` when a star ends it. */
  #word(): { value: string; bare: boolean; prefix: boolean } {
    const start = this.#at;
    if (this.#text.charAt(this.#at) === '"') {
      const found = this.#match(quoted);
      if (found === null) throw new FilterError('This quote is not closed.', start);
      return { value: unquote(found[0]), bare: false, prefix: this.#take('*') };
    }
    const found = this.#match(bareWord);
    if (found === null) throw new FilterError('A value is missing here.', start);
    const prefix = found[0].endsWith('*');
    return { value: prefix ? found[0].slice(0, -1) : found[0], bare: true, prefix };
  }

  #keyword(word: string, peek = false): boolean {
    this.#skipBlanks();
    const end = this.#at + word.length;
    if (!this.#text.startsWith(word, this.#at) || !/^[\s()]?$/.test(this.#text.charAt(end))) return false;
    if (!peek) this.#at = end;
    return true;
  }

  #take(character: string): boolean {
    if (this.#text.charAt(this.#at) !== character) return false;
    this.#at += 1;
    return true;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found !== null) this.#at = pattern.lastIndex;
    return found;
  }

  #skipBlanks(): void {
    while (/^\s$/.test(this.#text.charAt(this.#at))) this.#at += 1;
  }
}

function group(type: 'and' | 'or', items: readonly FilterNode[]): FilterNode {
  const flat = items.flatMap((item) => (item.type === type ? item.items : [item]));
  const [only] = flat;
  return flat.length === 1 && only !== undefined ? only : { type, items: flat };
}

type FieldNode = FilterNode & { type: 'field' };

function printField(node: FieldNode): string {
  const { field, key, op, value } = node;
  if (logFilterFields[field].type === 'judged') return printJudged(node);
  const name = key === null ? field : `${field}.${/^[\w$-]+(?:\.[\w$-]+)*$/.test(key) ? key : quote(key)}`;
  const operator = op === '=' || op === '~' || op === '^' ? ':' : op;
  if (typeof value === 'number')
    return `${name}${operator}${logFilterFields[field].type === 'duration' ? printDuration(value) : String(value)}`;
  return `${name}${operator}${printWord(value, op)}`;
}

function printJudged({ field, key, op, value }: FieldNode): string {
  const path = key === null ? '*' : /^[\p{L}\p{N}_.:@/+#$%&~-]+$/u.test(key) ? key : quote(key);
  if (typeof value === 'number') return `${field}:${path}${op}${value}`;
  return `${field}:${path}${op === '^' && value === '' ? '' : `=${printWord(value, op)}`}`;
}

function printWord(value: string, op: FilterOperator): string {
  const bare = /^[\p{L}\p{N}_.:@/+#$%&=~-]*$/u.test(value) && (value !== '' || op === '^');
  return `${bare ? value : quote(value)}${op === '^' ? '*' : ''}`;
}

function printDuration(ms: number): string {
  return ms !== 0 && ms % 1000 === 0 && Number.isSafeInteger(ms) ? `${ms / 1000}s` : `${ms}ms`;
}

function isKeyword(word: string): boolean {
  return word === 'OR' || word === 'AND';
}

const escapes = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['"', '\\"'],
  ['\\', '\\\\'],
]);

function quote(text: string): string {
  return `"${text.replace(/[\n\r\t"\\]/g, (character) => escapes.get(character) ?? character)}"`;
}

function unquote(text: string): string {
  return text.slice(1, -1).replace(/\\(.)/gs, (found, character: string) => {
    for (const [plain, escaped] of escapes) if (escaped === found) return plain;
    return character;
  });
}
