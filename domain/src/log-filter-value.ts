import type { FieldDescription, FilterOperator } from './log-filter-fields.ts';

/** Reads the value of a field in a filter, with its unit. */

interface Given {
  name: string;
  operator: string;
  value: string;
  /** Not in quotes. */
  bare: boolean;
  /** A star followed it. */
  prefix: boolean;
}
export type FilterValue = { op: FilterOperator; value: string | number };
export type FilterValueProblem = { problem: string; atOperator: boolean };

export function parseFilterValue(field: FieldDescription, given: Given): FilterValue | FilterValueProblem {
  switch (field.type) {
    case 'number':
      return measure(given, /^(-?[\d.]+(?:e[+-]?\d+)?)([kKM]?)$/, { '': 1, k: 1e3, K: 1e3, M: 1e6 }, 'a number, as in `1000` or `10k`');
    case 'money':
      return measure(given, /^\$?(-?[\d.]+(?:e[+-]?\d+)?)()$/, { '': 1 }, 'an amount of USD, as in `0.01`');
    case 'duration':
      return measure(
        given,
        /^(-?[\d.]+(?:e[+-]?\d+)?)(ms|s|m)$/,
        { ms: 1, s: 1000, m: 60_000 },
        'a time with its unit, as in `2s` or `500ms`',
      );
    case 'share':
      return measure(given, /^(-?[\d.]+(?:e[+-]?\d+)?)(%?)$/, { '': 1, '%': 0.01 }, 'a share, as in `30%` or `0.3`');
    case 'time':
      return moment(given);
    case 'map':
      return given.operator === ':' ? named(given) : measure(given, /^(-?[\d.]+(?:e[+-]?\d+)?)()$/, { '': 1 }, 'a number');
    case 'judged':
      return given.operator === '=' ? named(given) : measure(given, /^(-?[\d.]+(?:e[+-]?\d+)?)()$/, { '': 1 }, 'a number');
    case 'enum':
      return oneOf(given, field.values ?? []);
    case 'text':
      return given.operator === ':' ? contained(given) : notComparable(given);
    case 'name':
      return given.operator === ':' ? named(given) : notComparable(given);
  }
}

function named({ value, prefix }: Given): FilterValue {
  return { op: prefix ? '^' : '=', value };
}

function contained({ value, prefix }: Given): FilterValue {
  return { op: prefix ? '^' : '~', value };
}

function oneOf(given: Given, values: readonly string[]): FilterValue | FilterValueProblem {
  if (given.operator !== ':') return notComparable(given);
  if (!given.prefix && values.includes(given.value)) return { op: '=', value: given.value };
  return { problem: `\`${given.name}\` is one of ${values.join(', ')}.`, atOperator: false };
}

function measure(given: Given, form: RegExp, units: Readonly<Record<string, number>>, expected: string): FilterValue | FilterValueProblem {
  const found = given.prefix ? null : form.exec(given.value);
  const amount = Number(found?.[1] ?? Number.NaN);
  const factor = units[found?.[2] ?? ''];
  if (factor === undefined || !Number.isFinite(amount)) return { problem: `\`${given.name}\` takes ${expected}.`, atOperator: false };
  const exact = amount * factor;
  // 1.1 s is 1100 ms, not 1100.0000000000002.
  return { op: operatorOf(given), value: (factor === 1 || Number.isSafeInteger(exact) ? exact : Number(exact.toPrecision(15))) + 0 };
}

function moment(given: Given): FilterValue | FilterValueProblem {
  const form = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)?)?$/;
  const zoned = /T.*(?:Z|[+-]\d\d:\d\d)$|^[^T]*$/.test(given.value) ? given.value : `${given.value}Z`;
  const at = given.prefix || !form.test(given.value) ? Number.NaN : Date.parse(zoned);
  if (Number.isNaN(at))
    return { problem: `\`${given.name}\` takes a day or a moment, as in \`2026-11-23\` or \`2026-11-23T10:00Z\`.`, atOperator: false };
  if (given.operator === ':') return { problem: `\`${given.name}\` is compared by \`>\`, \`>=\`, \`<\` or \`<=\`.`, atOperator: true };
  return { op: operatorOf(given), value: new Date(at).toISOString() };
}

function operatorOf({ operator }: Given): FilterOperator {
  return operator === '>' || operator === '>=' || operator === '<' || operator === '<=' ? operator : '=';
}

function notComparable({ name }: Given): FilterValueProblem {
  return { problem: `\`${name}\` is not compared by size; write \`${name}:…\`.`, atOperator: true };
}
