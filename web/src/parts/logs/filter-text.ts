/** Small edits of the text in the filter bar: the language itself is read by `domain`. */
import { isLogFilterField, type LogFilterField, logFilterFields, parseFilter, printFilter } from '@whetstone/domain';

/** One term of the language: `key:value`, with quotes where they are needed. */
export function term(field: LogFilterField, value: string): string {
  return printFilter({ type: 'field', field, key: null, op: '=', value });
}

/** What an evaluator said of a log: `judged:path`, with a value `judged:path=value`. */
export function judgedTerm(path: string, value = ''): string {
  return printFilter({ type: 'field', field: 'judged', key: path, op: value === '' ? '^' : '=', value });
}

/** Why the text is no filter; null when it is one. */
export function filterProblem(text: string): string | null {
  const parsed = parseFilter(text);
  return parsed.ok ? null : parsed.error.message;
}

/** Terms at the top level, quotes and parentheses kept together. */
export function splitTerms(text: string): string[] {
  return text.match(/(?:\((?:"(?:[^"\\]|\\.)*"|[^)"])*\)|"(?:[^"\\]|\\.)*"|[^\s"(])+/g) ?? [];
}

export function hasTerm(text: string, one: string): boolean {
  return splitTerms(text).includes(one);
}

/** Adds the term, or takes it out when it is there. */
export function toggleTerm(text: string, one: string): string {
  const terms = splitTerms(text);
  return (terms.includes(one) ? terms.filter((other) => other !== one) : [...terms, one]).join(' ');
}

/** Whether every term of a ready filter is there. */
export function hasTerms(text: string, filter: string): boolean {
  return splitTerms(filter).every((one) => hasTerm(text, one));
}

/** Adds what is missing of a ready filter, or takes all of it out when it is there. */
export function toggleTerms(text: string, filter: string): string {
  const wanted = splitTerms(filter);
  const terms = splitTerms(text).filter((one) => !wanted.includes(one));
  return (hasTerms(text, filter) ? terms : [...terms, ...wanted]).join(' ');
}

/** The word that the cursor stands in, for completion. */
export function wordAt(text: string, cursor: number): { start: number; end: number; word: string } {
  const start = startOf(text.slice(0, cursor));
  const after = text.slice(cursor).search(/[\s)]/);
  const end = after < 0 ? text.length : cursor + after;
  return { start, end, word: text.slice(start, cursor) };
}

/** Where the last word begins; blanks within quotes belong to it. */
function startOf(text: string): number {
  let start = 0;
  for (const { index, 0: part } of text.matchAll(/"(?:[^"\\]|\\.)*(?:"|$)|[\s(]/g)) if (!part.startsWith('"')) start = index + 1;
  return start;
}

/** Fields that people filter by often come first. */
const usual: LogFilterField[] = [
  'status',
  'file',
  'version',
  'environment',
  'model',
  'user',
  'session',
  'latency',
  'cost',
  'tokens',
  'output',
  'input',
  'error',
  'judged',
  'meta',
  'origin',
  'kind',
];
export const orderedFields: LogFilterField[] = [
  ...usual,
  ...Object.keys(logFilterFields).filter((name): name is LogFilterField => isLogFilterField(name) && !usual.includes(name)),
];
