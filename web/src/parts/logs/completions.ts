import { type FieldDescription, isLogFilterField, logFilterFields } from '@whetstone/domain';
import { formatCount } from '../../kit/format.ts';
import { orderedFields, term } from './filter-text.ts';
import type { Facets } from './use-facets.ts';

export interface Completion {
  insert: string;
  label: string;
  hint: string;
}

const heads: Partial<Record<FieldDescription['type'], string>> = { number: '>', money: '>', duration: '>', time: '>', map: '.' };

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

/** Files are filtered by their path, which people know; everything else by its value. */
export function valueOf(facet: string, one: { value: string; label: string | null }): string {
  return facet === 'file' && one.label !== null ? one.label : one.value;
}
