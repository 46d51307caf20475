/**
 * The language of metrics: `vote:good - 0.5 * action:regenerated`, `max(cost, 0.01)`, `"team/tone check":true`. A term is a judgment
 * (with a colon: it is that option; without: its number) or what was measured of a log. A plain word is an evaluator of the
 * workspace's feedback, unless it is one of `metricMeasures`; a path of another evaluator stands in double quotes.
 */

/** What is known of a log without a judgment. `edited` and `kept` come with corrections: 0 to 1. */
export const metricMeasures = ['cost', 'latency', 'tokens', 'error', 'edited', 'kept'] as const;
export type MetricMeasure = (typeof metricMeasures)[number];

export type MetricTerm =
  | { type: 'measure'; measure: MetricMeasure }
  /** `option` null: the number that was judged. */
  | { type: 'judgment'; path: string; option: string | null };

export type MetricNode =
  | { type: 'number'; value: number }
  | { type: 'term'; key: string }
  | { type: 'negative'; of: MetricNode }
  | { type: 'operation'; by: '+' | '-' | '*' | '/'; left: MetricNode; right: MetricNode }
  | { type: 'function'; name: 'min' | 'max'; of: MetricNode[] };

export interface MetricFormula {
  node: MetricNode;
  /** Each once, by the key that names it in the formula, in the order in which they are first named. */
  terms: ReadonlyMap<string, MetricTerm>;
}
export interface MetricProblem {
  message: string;
  /** Offset of the first wrong character, from 0. */
  position: number;
}
export type ParsedMetric = ({ ok: true } & MetricFormula) | { ok: false; error: MetricProblem };

const maxLength = 500;
const maxDepth = 30;
const maxTerms = 20;
const feedbackDirectory = 'feedback/';

const isMeasure = (word: string): word is MetricMeasure => (metricMeasures as readonly string[]).includes(word);
const plain = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The text of a term, which reads as the same term. */
export function printTerm(term: MetricTerm): string {
  if (term.type === 'measure') return term.measure;
  const word = term.path.startsWith(feedbackDirectory) ? term.path.slice(feedbackDirectory.length) : '';
  const name = plain.test(word) && !isMeasure(word) && word !== 'min' && word !== 'max' ? word : JSON.stringify(term.path);
  if (term.option === null) return name;
  return `${name}:${plain.test(term.option) ? term.option : JSON.stringify(term.option)}`;
}

export function printMetric(node: MetricNode): string {
  switch (node.type) {
    case 'number':
      return String(node.value);
    case 'term':
      return node.key;
    case 'negative':
      return `-${node.of.type === 'operation' ? `(${printMetric(node.of)})` : printMetric(node.of)}`;
    case 'function':
      return `${node.name}(${node.of.map(printMetric).join(', ')})`;
    case 'operation': {
      const side = (of: MetricNode): string => (of.type === 'operation' ? `(${printMetric(of)})` : printMetric(of));
      return `${side(node.left)} ${node.by} ${side(node.right)}`;
    }
  }
}

export function parseMetric(text: string): ParsedMetric {
  try {
    return { ok: true, ...new Parser(text).parse() };
  } catch (error) {
    if (error instanceof MetricError) return { ok: false, error: { message: error.message, position: error.position } };
    throw error;
  }
}

class MetricError extends Error {
  readonly position: number;

  constructor(message: string, position: number) {
    super(message);
    this.position = position;
  }
}

const numberAt = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const wordAt = /[A-Za-z_][A-Za-z0-9_]*/y;
const optionAt = /[\p{L}\p{N}_]+/uy;
const quotedAt = /"(?:[^"\\]|\\["\\])*"/y;

class Parser {
  readonly #text: string;
  readonly #terms = new Map<string, MetricTerm>();
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): MetricFormula {
    if (this.#text.length > maxLength) throw new MetricError(`A metric has at most ${maxLength} characters.`, maxLength);
    const node = this.#sum(0);
    this.#blanks();
    const rest = this.#text.charAt(this.#at);
    if (rest === ')') throw new MetricError('There is no `(` for this `)`.', this.#at);
    if (rest !== '') throw new MetricError(`An operator (+ - * /) is missing before \`${rest}\`, or this does not belong here.`, this.#at);
    if (this.#terms.size === 0) throw new MetricError('A metric names something that is measured, such as `vote:good` or `cost`.', 0);
    return { node, terms: this.#terms };
  }

  #sum(depth: number): MetricNode {
    if (depth > maxDepth) throw new MetricError(`Nested deeper than ${maxDepth}.`, this.#at);
    let left = this.#product(depth);
    for (;;) {
      const by = this.#operator('+', '-');
      if (by === null) return left;
      left = { type: 'operation', by, left, right: this.#product(depth) };
    }
  }

  #product(depth: number): MetricNode {
    let left = this.#unary(depth);
    for (;;) {
      const by = this.#operator('*', '/');
      if (by === null) return left;
      left = { type: 'operation', by, left, right: this.#unary(depth) };
    }
  }

  #unary(depth: number): MetricNode {
    if (depth > maxDepth) throw new MetricError(`Nested deeper than ${maxDepth}.`, this.#at);
    if (this.#take('-')) return { type: 'negative', of: this.#unary(depth + 1) };
    this.#blanks();
    const start = this.#at;
    if (this.#take('(')) {
      const inner = this.#sum(depth + 1);
      this.#close(start);
      return inner;
    }
    const number = this.#match(numberAt);
    if (number !== null) {
      const value = Number(number);
      if (!Number.isFinite(value)) throw new MetricError('This number is too large.', start);
      return { type: 'number', value };
    }
    return this.#named(start, depth);
  }

  #named(start: number, depth: number): MetricNode {
    const word = this.#match(wordAt);
    if ((word === 'min' || word === 'max') && this.#take('(')) return this.#function(word, start, depth);
    const path = word === null ? this.#quoted() : null;
    const option = this.#option();
    if (word === 'min' || word === 'max') throw new MetricError(`\`${word}\` is a function: \`${word}(…, …)\`.`, start);
    if (word !== null && isMeasure(word)) {
      if (option !== null) throw new MetricError(`\`${word}\` is a number; it has no options.`, start);
      return this.#term({ type: 'measure', measure: word }, start);
    }
    return this.#term({ type: 'judgment', path: path ?? `${feedbackDirectory}${word}`, option }, start);
  }

  #function(name: 'min' | 'max', start: number, depth: number): MetricNode {
    const of = [this.#sum(depth + 1)];
    while (this.#take(',')) of.push(this.#sum(depth + 1));
    this.#close(start);
    if (of.length < 2) throw new MetricError(`\`${name}\` compares two or more: \`${name}(…, …)\`.`, start);
    return { type: 'function', name, of };
  }

  #term(term: MetricTerm, start: number): MetricNode {
    const key = printTerm(term);
    this.#terms.set(key, term);
    if (this.#terms.size > maxTerms) throw new MetricError(`A metric has at most ${maxTerms} different terms.`, start);
    return { type: 'term', key };
  }

  #quoted(): string {
    const start = this.#at;
    const found = this.#match(quotedAt);
    if (found === null) {
      const next = this.#text.charAt(start);
      if (next === '') throw new MetricError('A term is missing here.', start);
      if (next === '"') throw new MetricError('This quote is not closed.', start);
      throw new MetricError(`A term is missing before \`${next}\`: a name, a number, a path in double quotes or \`(\`.`, start);
    }
    const path = unquote(found);
    if (path.trim() === '') throw new MetricError('The path in these quotes is empty.', start);
    return path;
  }

  #option(): string | null {
    if (this.#text.charAt(this.#at) !== ':') return null;
    this.#at += 1;
    const start = this.#at;
    const word = this.#match(optionAt);
    if (word !== null) return word;
    const found = this.#match(quotedAt);
    if (found === null || found === '""')
      throw new MetricError('An option follows the colon at once: `vote:good`, or in double quotes.', start);
    return unquote(found);
  }

  #close(start: number): void {
    if (this.#take(')')) return;
    this.#blanks();
    if (this.#at < this.#text.length && this.#text.charAt(this.#at) !== ')')
      throw new MetricError(`An operator (+ - * /) or \`)\` is missing before \`${this.#text.charAt(this.#at)}\`.`, this.#at);
    throw new MetricError('This `(` is not closed.', this.#text.indexOf('(', start));
  }

  #operator<T extends '+' | '-' | '*' | '/'>(...which: T[]): T | null {
    for (const each of which) if (this.#take(each)) return each;
    return null;
  }

  #take(character: string): boolean {
    this.#blanks();
    if (this.#text.charAt(this.#at) !== character) return false;
    this.#at += 1;
    return true;
  }

  #blanks(): void {
    while (/\s/.test(this.#text.charAt(this.#at))) this.#at += 1;
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) return null;
    this.#at = pattern.lastIndex;
    return found[0];
  }
}

const unquote = (text: string): string => text.slice(1, -1).replaceAll(/\\(.)/g, '$1');
