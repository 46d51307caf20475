import { getOwn, stableJson } from '@whetstone/domain';
import type { parse as Parse } from 'pgsql-ast-parser';

/**
 * SQL brought to a normal form by rewritings that keep its meaning, nulls included: queries of one form are equivalent, queries
 * of two forms may be so all the same (equivalence of SQL is undecidable). Rewritten are: letters and spaces; order
 * of AND, OR, =, <>, IN lists and GROUP BY; > and < turned round; BETWEEN; inner joins and their conditions; aliases of tables
 * that occur once; names of the only table; places and aliases in ORDER BY; synonyms of types.
 */

type Node = Record<string, unknown>;
/** By the name that a table is called by in a query: its name in the normal form; `only`: its columns need no name before them. */
type Tables = ReadonlyMap<string, { name: string; only: boolean }>;

export interface SqlOptions {
  /** Names that the query gives its columns do not matter. */
  ignoreColumnNames: boolean;
}

export type NormalSql = { ok: true; form: string } | { ok: false; line: number | null };

/** The package's parser, read when it is first needed: its grammar takes time. */
export async function loadSqlParser(): Promise<(sql: string, options: SqlOptions) => NormalSql> {
  const { parse } = await import('pgsql-ast-parser');
  return (sql, options) => normalSql(parse, sql, options);
}

function normalSql(parse: typeof Parse, sql: string, options: SqlOptions): NormalSql {
  try {
    return { ok: true, form: stableJson(parse(sql).map((statement) => normal(statement, new Map(), options))) };
  } catch (error) {
    const line = /line (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
    return { ok: false, line: line === undefined ? null : Number(line) };
  }
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);
const nodes = (value: unknown): Node[] => (Array.isArray(value) ? value.filter(isNode) : []);

function normal(value: unknown, tables: Tables, options: SqlOptions): unknown {
  if (Array.isArray(value)) return value.map((item) => normal(item, tables, options));
  if (!isNode(value)) return value;
  if (value['type'] === 'select' && 'columns' in value) return normalSelect(value, tables, options);
  const copy = eachField(value, (field) => normal(field, tables, options));
  const rewrite = rewritings[String(value['type'])];
  return rewrite === undefined ? copy : rewrite(copy, tables);
}

const eachField = (node: Node, change: (field: unknown) => unknown): Node =>
  Object.fromEntries(Object.entries(node).map(([key, field]) => [key, change(field)]));

const rewritings: Record<string, (node: Node, tables: Tables) => unknown> = {
  ref: normalRef,
  binary: normalBinary,
  ternary: normalBetween,
  unary: normalNot,
  cast: (node) => ({ ...node, to: normalType(node['to']) }),
  union: (node) => ({ ...node, ...sortedSides(node) }),
  'union all': (node) => ({ ...node, ...sortedSides(node) }),
};

function normalRef(node: Node, tables: Tables): Node {
  const table = getOwn(node['table'], 'name');
  if (typeof table !== 'string') return node;
  const known = tables.get(table);
  const { table: _, ...bare } = node;
  return known?.only === true ? bare : { ...node, table: { name: known?.name ?? table } };
}

const turned: Record<string, string> = { '>': '<', '>=': '<=' };
const commutes = new Set(['=', '!=', '+', '*']);

function normalBinary(node: Node): Node {
  const op = String(node['op']);
  if (op === 'AND' || op === 'OR') return joined(op, [node['left'], node['right']]);
  if (op === 'IN' || op === 'NOT IN') return normalIn(node, op);
  if (op in turned) return { ...node, op: turned[op], left: node['right'], right: node['left'] };
  return commutes.has(op) ? { ...node, ...sortedSides(node) } : node;
}

function sortedSides(node: Node): Node {
  const [left, right] = sorted([node['left'], node['right']]);
  return { left, right };
}

const sorted = (items: readonly unknown[]): unknown[] =>
  items
    .map((item) => ({ item, key: stableJson(item) }))
    .sort((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)))
    .map(({ item }) => item);

/** A flat list of what AND or OR joins, in one order, each once. */
function joined(op: string, sides: readonly unknown[]): Node {
  const parts = sides.flatMap((side) => (isNode(side) && side['type'] === op ? (side['parts'] as unknown[]) : [side]));
  const once = new Map(parts.map((part) => [stableJson(part), part]));
  const [only] = once.values();
  return once.size === 1 && isNode(only) ? only : { type: op, parts: sorted([...once.values()]) };
}

function normalIn(node: Node, op: string): Node {
  const items = getOwn(node['right'], 'expressions');
  if (!Array.isArray(items) || getOwn(node['right'], 'type') !== 'list') return node;
  const once = [...new Map(items.map((item) => [stableJson(item), item])).values()];
  if (once.length === 1) return normalBinary({ ...node, op: op === 'IN' ? '=' : '!=', right: once[0] });
  return { ...node, right: { type: 'list', expressions: sorted(once) } };
}

function normalBetween(node: Node): Node {
  const { value, lo, hi } = node;
  const compare = (op: string, right: unknown) => normalBinary({ type: 'binary', op, left: value, right });
  if (node['op'] === 'BETWEEN') return joined('AND', [compare('>=', lo), compare('<=', hi)]);
  return node['op'] === 'NOT BETWEEN' ? joined('OR', [compare('<', lo), compare('>', hi)]) : node;
}

const opposite: Record<string, string> = { '=': '!=', '!=': '=', IN: 'NOT IN', 'NOT IN': 'IN' };

function normalNot(node: Node): unknown {
  const { op, operand } = node;
  if (op !== 'NOT' || !isNode(operand)) return node;
  if (operand['type'] === 'unary' && operand['op'] === 'NOT') return operand['operand'];
  const other = operand['type'] === 'binary' ? opposite[String(operand['op'])] : undefined;
  return other === undefined ? node : { ...operand, op: other };
}

const typeNames: Record<string, string> = {
  int: 'integer',
  int4: 'integer',
  int8: 'bigint',
  int2: 'smallint',
  bool: 'boolean',
  float8: 'double precision',
  float4: 'real',
  decimal: 'numeric',
};
function normalType(type: unknown): unknown {
  const name = getOwn(type, 'name');
  return isNode(type) && typeof name === 'string' ? { ...type, name: typeNames[name] ?? name } : type;
}

function normalSelect(select: Node, outer: Tables, options: SqlOptions): Node {
  const from = nodes(select['from']);
  const tables = tablesOf(from, outer);
  const ready = eachField({ ...select, from: from.map((item) => withoutAlias(item, tables)) }, (field) => normal(field, tables, options));
  const columns = nodes(ready['columns']);
  const aliases = new Map(columns.map(({ alias, expr }) => [getOwn(alias, 'name'), expr]));
  const pick = (by: unknown) => chosenColumn(by, columns) ?? byAlias(by, aliases) ?? by;
  const { from: joinedFrom, where } = withoutJoins(nodes(ready['from']), ready['where'], columns.some(isStar));
  const nothing = { from: undefined, where: undefined, columns: undefined, groupBy: undefined, orderBy: undefined };
  return {
    ...ready,
    ...nothing,
    from: joinedFrom,
    where,
    columns: options.ignoreColumnNames ? columns.map((column) => ({ ...column, alias: undefined })) : columns,
    groupBy: Array.isArray(ready['groupBy']) ? sorted(ready['groupBy'].map((by) => chosenColumn(by, columns) ?? by)) : undefined,
    orderBy: Array.isArray(ready['orderBy']) ? nodes(ready['orderBy']).map((order) => normalOrder(order, pick)) : undefined,
  };
}

const isStar = (column: Node): boolean => getOwn(column['expr'], 'name') === '*';

/** `ORDER BY 2` means the second column, unless a star stands before it. */
function chosenColumn(by: unknown, columns: readonly Node[]): unknown {
  const place = getOwn(by, 'type') === 'integer' ? Number(getOwn(by, 'value')) : 0;
  return columns.slice(0, place).some(isStar) ? undefined : columns[place - 1]?.['expr'];
}

const byAlias = (by: unknown, aliases: ReadonlyMap<unknown, unknown>): unknown =>
  getOwn(by, 'type') === 'ref' && getOwn(by, 'table') === undefined ? aliases.get(getOwn(by, 'name') ?? null) : undefined;

function normalOrder(order: Node, pick: (by: unknown) => unknown): Node {
  const { order: way, ...rest } = order;
  return { ...rest, by: pick(order['by']), ...(way === 'DESC' ? { order: way } : {}) };
}

/** A table that occurs once goes by its own name; others keep their alias. */
function tablesOf(from: readonly Node[], outer: Tables): Tables {
  const own = from.filter((item) => item['type'] === 'table').map((item) => item['name'] as Node);
  const times = (name: unknown) => own.filter((table) => table['name'] === name).length;
  // Inside a query the outer one's only table has to be named again.
  const tables = new Map([...outer].map(([called, { name }]) => [called, { name, only: false }]));
  const taken = new Set([...tables.values()].map(({ name }) => name));
  for (const { name, alias, columnNames } of own) {
    const called = String(alias ?? name);
    const plain = columnNames === undefined && times(name) === 1 && !taken.has(String(name));
    tables.set(called, { name: plain ? String(name) : called, only: from.length === 1 });
  }
  return tables;
}

function withoutAlias(item: Node, tables: Tables): Node {
  if (item['type'] !== 'table' || !isNode(item['name'])) return item;
  const { alias, ...name } = item['name'];
  return tables.get(String(alias ?? name['name']))?.name === name['name'] ? { ...item, name } : item;
}

/** Where all joins are inner or crossed, a set of tables and one condition; with a star their order is that of its columns. */
function withoutJoins(from: readonly Node[], where: unknown, star: boolean): { from: unknown; where: unknown } {
  const plain = from.every(
    (item) => plainJoins.has(getOwn(item['join'], 'type')) && getOwn(item['join'], 'using') === undefined && item['lateral'] !== true,
  );
  if (!plain || from.length === 0) return { from: from.length === 0 ? undefined : from, where };
  const conditions = [where, ...from.map((item) => getOwn(item['join'], 'on'))].filter((condition) => condition !== undefined);
  const tables = from.map((item) => ({ ...item, join: undefined }));
  return { from: star ? tables : sorted(tables), where: conditions.length === 0 ? undefined : joined('AND', conditions) };
}
const plainJoins: ReadonlySet<unknown> = new Set([undefined, 'CROSS JOIN', 'INNER JOIN']);
