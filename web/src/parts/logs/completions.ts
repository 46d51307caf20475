import { type FieldDescription, isLogFilterField, logFilterFields } from '@whetstone/domain';
import { formatCount } from '../../kit/format.ts';
import { judgedTerm, orderedFields, term } from './filter-text.ts';
import type { Facets } from './use-facets.ts';

/** The evaluator's path in a word that asks for its value: `judged:path=…`. */
export function evaluatorOf(word: string): string | null {
  const found = /^-?judged:(?:"((?:[^"\\]|\\.)*)"|([^\s()",=<>]+))=/.exec(word);
  return found === null ? null : (found[1]?.replace(/\\(.)/gs, '$1') ?? found[2] ?? null);
}

export interface Completion {
  insert: string;
  label: string;
  hint: string;
}

const heads: Partial<Record<FieldDescription['type'], string>> = {
  number: '>',
  money: '>',
  duration: '>',
  time: '>',
  map: '.',
  share: '>',
};

/** What may be meant by a word that is being written: fields before the colon, values that occur after it. */
export function completions(word: string, facets: Facets, limit = 12): Completion[] {
  const minus = word.startsWith('-') ? '-' : '';
  const [name = '', ...rest] = word.slice(minus.length).split(':');
  if (rest.length === 0) {
    return orderedFields
      .filter((field) => field.startsWith(name.toLowerCase()))
      .slice(0, limit)
      .map((field) => ({
        insert: `${minus}${field}${heads[logFilterFields[field].type] ?? ':'}`,
        label: field,
        hint: logFilterFields[field].help,
      }));
  }
  if (!isLogFilterField(name)) return [];
  if (name === 'judged' || name === 'feedback') return judgedCompletions(minus, rest.join(':'), word, facets).slice(0, limit);
  const start = rest.join(':').replaceAll('"', '').toLowerCase();
  const description: FieldDescription = logFilterFields[name];
  const found = facets[name] ?? (description.values ?? []).map((value) => ({ value, label: null, count: 0 }));
  return found
    .filter((one) => one.value.toLowerCase().includes(start) || (one.label ?? '').toLowerCase().includes(start))
    .slice(0, limit)
    .map((one) => ({
      insert: minus + term(name, valueOf(name, one)),
      label: one.label ?? one.value,
      hint: one.count > 0 ? formatCount(one.count) : '',
    }));
}

/** Paths of evaluators, and after `=` what the evaluator may say. Facets `judged` and `judged values` hold them. */
function judgedCompletions(minus: string, rest: string, word: string, facets: Facets): Completion[] {
  const path = evaluatorOf(word);
  const found = facets[path === null ? 'judged' : 'judged values'] ?? [];
  const start = (path === null ? rest : word.slice(word.lastIndexOf('=') + 1)).replaceAll('"', '').toLowerCase();
  return found
    .filter(({ value }) => value.toLowerCase().includes(start))
    .map(({ value, label }) => ({
      insert: minus + (path === null ? judgedTerm(value) : judgedTerm(path, value)),
      label: value,
      hint: label ?? '',
    }));
}

/** Files are filtered by their path, which people know; everything else by its value. */
export function valueOf(facet: string, one: { value: string; label: string | null }): string {
  return facet === 'file' && one.label !== null ? one.label : one.value;
}
