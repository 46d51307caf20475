import type { Conditions } from '../filter/store.ts';
import type { TermAsked } from './experimented.ts';

/** What a term is of one log; null where nothing was measured. */
function ofLog(term: TermAsked['term']): string | null {
  if (term.type === 'judgment') return null;
  switch (term.measure) {
    case 'cost':
      return 'cost_usd';
    case 'latency':
      return 'latency_ms';
    case 'tokens':
      return 'prompt_tokens + output_tokens';
    case 'error':
      return `toNullable(toFloat64(status = 'error'))`;
    default:
      return null;
  }
}

/** What a term is of one judgment; null where it says nothing about it. */
function ofJudgment(where: Conditions, { term, evaluatorId }: TermAsked): string | null {
  if (term.type === 'measure') return term.measure === 'edited' || term.measure === 'kept' ? term.measure : null;
  if (evaluatorId === null) return null;
  const mine = `evaluator_id = ${where.bind('String', evaluatorId)} AND value_type != ''`;
  if (term.option === null) return `if(${mine}, value_number, NULL)`;
  const option = where.bind('String', term.option);
  return `if(${mine}, toNullable(toFloat64(multiIf(value_type = 'boolean', if(value_boolean = 1, 'true', 'false') = ${option},
    value_type = 'labels', has(value_labels, ${option}), value_type = 'number', toString(value_number) = ${option}, value_text = ${option}))), NULL)`;
}

/** A sum of which a part is unknown is unknown. */
function ofUnit(perUnit: TermAsked['perUnit'], value: string, whole: boolean): string {
  if (perUnit === 'any') return `max(${value})`;
  if (perUnit === 'mean') return `avg(${value})`;
  return whole ? `if(countIf(isNull(${value})) > 0, NULL, sum(${value}))` : `sum(${value})`;
}

/** One column a term, `NULL` for those that the table does not have. */
export function logColumns(asked: readonly TermAsked[]): string {
  return listOf(asked.map(({ term, perUnit }) => [ofLog(term), perUnit, true]));
}

export function judgmentColumns(where: Conditions, asked: readonly TermAsked[]): string {
  return listOf(asked.map((each) => [ofJudgment(where, each), each.perUnit, false]));
}

function listOf(columns: readonly (readonly [string | null, TermAsked['perUnit'], boolean])[]): string {
  const of = columns.map(
    ([value, perUnit, whole]) => `CAST(${value === null ? 'NULL' : ofUnit(perUnit, value, whole)}, 'Nullable(Float64)')`,
  );
  return `CAST([${of.join(', ')}], 'Array(Nullable(Float64))')`;
}
