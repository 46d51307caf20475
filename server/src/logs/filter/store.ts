import { AppError } from '@whetstone/contract';
import type { FilterNode, LogFilterField } from '@whetstone/domain';
import type { LogValue } from '../../storage/index.ts';
import type { LogFilter } from '../index.ts';
import { searchSeparator } from '../record/row.ts';

/** Conditions of a statement and the values in them: text from outside is only ever a value. */
export class Conditions {
  readonly params: Record<string, LogValue>;
  readonly workspaceId: string;
  readonly #parts: string[] = [];

  /** Within a subquery the values are those of the statement around it. */
  constructor(workspaceId: string, around: Conditions | null = null) {
    this.workspaceId = workspaceId;
    this.params = around?.params ?? {};
    this.add(`workspace_id = ${this.bind('String', workspaceId)}`);
  }

  bind(type: string, value: LogValue): string {
    const name = `p${Object.keys(this.params).length}`;
    this.params[name] = value;
    return `{${name}:${type}}`;
  }

  add(condition: string): void {
    this.#parts.push(condition);
  }

  get sql(): string {
    return this.#parts.map((part) => `(${part})`).join(' AND ');
  }
}

type Expressions = Partial<Record<LogFilterField, string>>;

/** Columns of table `logs`. */
const logColumns: Expressions = {
  status: 'status',
  kind: 'kind',
  origin: 'origin',
  file: 'file_id',
  version: 'version_id',
  environment: 'environment_id',
  model: 'model',
  provider: 'provider',
  user: 'end_user',
  session: 'session',
  unit: 'unit',
  id: 'id',
  trace: 'trace_id',
  parent: 'parent_id',
  run: 'run_id',
  datapoint: 'datapoint_id',
  key: 'key_id',
  reference: 'reference_id',
  source: 'source',
  finish: 'finish_reason',
  counterfactual: 'counterfactual_of',
  experiment: 'experiment_id',
  arm: 'arm_id',
  latency: 'latency_ms',
  first_token: 'first_token_ms',
  cost: 'cost_usd',
  tokens: '(prompt_tokens + output_tokens)',
  input_tokens: 'prompt_tokens',
  output_tokens: 'output_tokens',
};

/** What a filter asks of a row of table `logs`. Throws `invalid_input` for an expression that the language does not have. */
export function logConditions(workspaceId: string, filter: LogFilter): Conditions {
  const where = new Conditions(workspaceId);
  oneOf(where, 'kind', filter.kinds);
  oneOf(where, 'file_id', filter.fileIds);
  oneOf(where, 'version_id', filter.versionIds);
  oneOf(where, 'id', filter.ids);
  oneOf(where, 'environment_id', filter.environmentIds);
  oneOf(where, 'status', filter.statuses);
  oneOf(where, 'model', filter.models);
  oneOf(where, 'end_user', filter.users);
  oneOf(where, 'session', filter.sessions);
  oneOf(where, 'origin', filter.origins);
  if (filter.traceId) where.add(`trace_id = ${where.bind('String', filter.traceId)} OR id = ${where.bind('String', filter.traceId)}`);
  if (filter.counterfactualOf) where.add(`counterfactual_of = ${where.bind('String', filter.counterfactualOf)}`);
  if (filter.inTrace === true) where.add(`parent_id != ''`);
  if (filter.inTrace === false) where.add(`parent_id = ''`);
  if (filter.from) where.add(`at >= ${moment(where, filter.from)}`);
  if (filter.to) where.add(`at < ${moment(where, filter.to)}`);
  if (filter.search) where.add(contains(where, 'search_text', filter.search.toLowerCase()));
  if (filter.metadataSearch) where.add(inJson(where, 'metadata_json', filter.metadataSearch));
  if (filter.expression) where.add(expression({ where, range: filter }, filter.expression as FilterNode, 0));
  return where;
}

/** The same of table `judgments`, as far as a judgment has it; the copied columns of the judged log stand for its own. */
export function judgmentConditions(workspaceId: string, filter: LogFilter & { evaluatorId?: string | null }): Conditions {
  const where = new Conditions(workspaceId);
  if (filter.evaluatorId) where.add(`evaluator_id = ${where.bind('String', filter.evaluatorId)}`);
  oneOf(where, 'evaluator_id', filter.fileIds);
  oneOf(where, 'evaluator_version_id', filter.versionIds);
  oneOf(where, 'id', filter.ids);
  oneOf(where, 'log_environment_id', filter.environmentIds);
  oneOf(where, 'origin', filter.origins);
  if (filter.statuses?.length) where.add(`if(error = '', 'ok', 'error') IN ${where.bind('Array(String)', [...filter.statuses])}`);
  if (filter.from) where.add(`at >= ${moment(where, filter.from)}`);
  if (filter.to) where.add(`at < ${moment(where, filter.to)}`);
  if (filter.search) where.add(contains(where, `lowerUTF8(concat(value_text, '\\n', reason, '\\n', error))`, filter.search.toLowerCase()));
  if (filter.metadataSearch) where.add(inJson(where, 'metadata_json', filter.metadataSearch));
  return where;
}

export function moment(where: Conditions, date: Date): string {
  return `fromUnixTimestamp64Micro(${where.bind('Int64', BigInt(date.getTime()) * 1000n)}, 'UTC')`;
}

function oneOf(where: Conditions, column: string, values: readonly string[] | undefined): void {
  if (values) where.add(`${column} IN ${where.bind('Array(String)', [...values])}`);
}

/** LIKE and not `position`, because only LIKE uses the index of character groups. */
function contains(where: Conditions, text: string, needle: string): string {
  return `${text} LIKE ${where.bind('String', `%${likeText(needle)}%`)}`;
}

function likeText(text: string): string {
  return text.replace(/[\\%_]/g, (character) => `\\${character}`);
}

/** Text within a JSON document is written as JSON writes it. */
function inJson(where: Conditions, column: string, needle: string): string {
  return `positionCaseInsensitiveUTF8(${column}, ${where.bind('String', JSON.stringify(needle).slice(1, -1))}) > 0`;
}

/** Where an expression stands: judgments are read for the logs of its time alone. */
interface Place {
  where: Conditions;
  range: Pick<LogFilter, 'from' | 'to' | 'ids'>;
}

function expression(place: Place, node: FilterNode, depth: number): string {
  if (depth > 60) throw invalid('The filter is nested too deep.');
  switch (node.type) {
    case 'and':
    case 'or': {
      const glue = node.type === 'and' ? ' AND ' : ' OR ';
      const parts = node.items.map((item) => `(${expression(place, item, depth + 1)})`);
      return parts.length === 0 ? 'true' : parts.join(glue);
    }
    case 'not':
      // What is unknown is not so: a log without a cost is found by `-cost>1`.
      return `NOT ifNull((${expression(place, node.item, depth + 1)}), false)`;
    case 'text':
      return contains(place.where, 'search_text', node.value.toLowerCase());
    case 'field':
      if (node.field === 'judged' || node.field === 'feedback') return judgedCondition(place, node);
      return node.field === 'edited' || node.field === 'kept' ? editedCondition(place, node) : fieldCondition(place.where, node);
    default:
      throw invalid('The filter has a term of an unknown type.');
  }
}

type FieldNode = FilterNode & { type: 'field' };

/**
 * Logs of which the newest judgment of a judge is so. A judgment that came before its log does not know when the log was.
 * What a judgment is of never changes, so that is asked before versions of rows are merged (PREWHERE): merging is what costs.
 */
function judgedCondition({ where, range }: Place, { field, key, op, value }: FieldNode): string {
  const of = judgmentsIn(where, range);
  if (key !== null) of.add(`evaluator_id = ${where.bind('String', key)}`);
  if (field === 'feedback') of.add(`source IN ('user', 'human')`);
  // Whether there is one at all is asked without putting the judgments of a judge together, which is what takes memory.
  if (op === '^' && value === '')
    return `id IN (SELECT log_id FROM judgments FINAL PREWHERE ${of.sql} WHERE deleted = 0 AND value_type != '')`;
  const so = `toUInt8(ifNull((${judgedSo(where, op, value)}), false))`;
  return newestIs(of, so);
}

function editedCondition({ where, range }: Place, { field, op, value }: FieldNode): string {
  const of = judgmentsIn(where, range);
  of.add('isNotNull(edited)');
  return newestIs(of, `toUInt8(${compare(op, `ifNull(${field}, -1)`, where.bind('Float64', Number(value)))})`);
}

/** The judgments of a workspace, as far as the time of their logs is asked for. */
function judgmentsIn(where: Conditions, range: Place['range']): Conditions {
  const of = new Conditions(where.workspaceId, where);
  if (range.from) of.add(`isNull(log_at) OR log_at >= ${moment(where, range.from)}`);
  if (range.to) of.add(`isNull(log_at) OR log_at < ${moment(where, range.to)}`);
  oneOf(of, 'log_id', range.ids);
  return of;
}

/** Few logs have the value: those that ever had it are found without merging. Whose a judgment is takes 8 bytes as a hash. */
function newestIs(of: Conditions, so: string): string {
  const ever = `log_id IN (SELECT log_id FROM judgments WHERE ${of.sql} AND ${so} = 1)`;
  return `id IN (SELECT any(log_id) FROM judgments FINAL PREWHERE ${of.sql} AND ${ever} WHERE deleted = 0
    GROUP BY sipHash64(log_id, evaluator_id, source, judge) HAVING argMax(${so}, (said_at, id)) = 1)`;
}

function judgedSo(where: Conditions, op: string, value: string | number): string {
  if (op === '^' && value === '') return `value_type != ''`;
  if (typeof value === 'number') return `value_type = 'number' AND ${compare(op, 'value_number', where.bind('Float64', value))}`;
  const text = where.bind('String', value);
  if (op === '^')
    return `multiIf(value_type = 'text', startsWith(value_text, ${text}), value_type = 'labels', arrayExists(x -> startsWith(x, ${text}), value_labels), false)`;
  if (op !== '=') throw invalid('A judgment is a number where it is compared by size.');
  const number = value.trim() === '' ? Number.NaN : Number(value);
  const same = [`value_type = 'text' AND value_text = ${text}`, `value_type = 'labels' AND has(value_labels, ${text})`];
  if (Number.isFinite(number)) same.push(`value_type = 'number' AND value_number = ${where.bind('Float64', number)}`);
  if (value === 'true' || value === 'false') same.push(`value_type = 'boolean' AND value_boolean = ${value === 'true' ? 1 : 0}`);
  if (value === 'error') same.push(`error != ''`);
  return same.map((one) => `(${one})`).join(' OR ');
}

function fieldCondition(where: Conditions, { field, key, op, value }: FieldNode): string {
  if (field === 'meta') return metaCondition(where, key ?? '', op, value);
  if (field === 'at') return compare(op, 'at', moment(where, new Date(String(value))));
  if (field === 'input' || field === 'output')
    return textCondition(where, `splitByChar('${searchSeparator}', search_text)[${field === 'input' ? 1 : 2}]`, op, value);
  if (field === 'error') return textCondition(where, `lowerUTF8(ifNull(error, ''))`, op, value);
  const column = logColumns[field];
  if (column === undefined) throw invalid(`There is no field \`${field}\`.`);
  if (typeof value === 'number') return compare(op, column, where.bind('Float64', value));
  if (op === '=') return `${column} = ${where.bind('String', value)}`;
  if (op === '^') return prefix(where, column, value);
  if (op === '~') return contains(where, `lowerUTF8(${column})`, value.toLowerCase());
  throw invalid(`\`${field}\` is not compared by size.`);
}

function textCondition(where: Conditions, text: string, op: string, value: string | number): string {
  const needle = String(value).toLowerCase();
  if (op === '^') return needle === '' ? `${text} != ''` : `startsWith(${text}, ${where.bind('String', needle)})`;
  if (op !== '~') throw invalid('Text is searched, not compared.');
  const here = contains(where, text, needle);
  // The whole text has an index.
  return text.startsWith('split') ? `${contains(where, 'search_text', needle)} AND ${here}` : here;
}

function metaCondition(where: Conditions, key: string, op: string, value: string | number): string {
  const entry = `metadata[${where.bind('String', key)}]`;
  if (typeof value === 'number' && op !== '=') return compare(op, `toFloat64OrNull(${entry})`, where.bind('Float64', value));
  if (op === '=') return `${entry} = ${where.bind('String', String(value))}`;
  if (op === '^') return prefix(where, entry, String(value));
  return contains(where, `lowerUTF8(${entry})`, String(value).toLowerCase());
}

function prefix(where: Conditions, column: string, value: string): string {
  return value === '' ? `${column} != ''` : `startsWith(${column}, ${where.bind('String', value)})`;
}

const comparisons = new Set(['=', '>', '>=', '<', '<=']);

function compare(op: string, left: string, right: string): string {
  if (!comparisons.has(op)) throw invalid(`\`${op}\` does not compare numbers.`);
  return `${left} ${op} ${right}`;
}

function invalid(message: string): AppError {
  return new AppError('invalid_input', message, { details: [{ loc: ['query', 'filter'], msg: message, type: 'value_error.filter' }] });
}
