import type { LogDatabase } from '../../storage/index.ts';
import { logConditions } from '../filter/store.ts';
import type { LogFilter, LogSeries } from '../index.ts';
import { ownProvider } from '../own-provider.ts';

export type Grouping = 'none' | 'file' | 'version' | 'model' | 'environment' | 'status';

const groupColumns: Record<Grouping, string> = {
  none: `''`,
  file: 'file_id',
  version: 'version_id',
  model: 'model',
  environment: 'environment_id',
  status: 'status',
};
/** Columns that one filters by. */
const facetColumns = {
  status: 'status',
  kind: 'kind',
  origin: 'origin',
  file: 'file_id',
  version: 'version_id',
  environment: 'environment_id',
  model: 'model',
  user: 'end_user',
  session: 'session',
} as const;

/** Widths of a bucket that people read easily, in seconds. */
const widths = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 14_400, 21_600, 43_200, 86_400, 172_800, 604_800, 1_209_600,
  2_592_000,
];
const mostGroups = 20;
const mostBuckets = 1_000;

interface SeriesRow {
  bucket: number;
  key: string;
  n: number;
  errors: number;
  cost: number;
  tokens: number;
  q: [number | null, number | null];
}

/** An agent that this server ran: its cost and tokens are the sum of the prompt logs below it. */
const ofOthers = `(kind = 'agent' AND provider = '${ownProvider}')`;

/** Sums that count nothing twice: an agent counts for itself only where the logs below it are not asked for. */
function summing({ kinds, fileIds, versionIds }: LogFilter, groupBy: Grouping): (value: string) => string {
  const narrowed = [kinds, fileIds, versionIds].some((values) => (values?.length ?? 0) > 0);
  if (narrowed) return (value) => `sum(${value})`;
  const others = (value: string): string => `sumIf(${value}, NOT ${ofOthers})`;
  if (groupBy === 'file' || groupBy === 'version') return others;
  return (value) => `if(countIf(NOT ${ofOthers}) = 0, sum(${value}), ${others(value)})`;
}

/** Sums over many logs. */
export class ChartStore {
  readonly #db: LogDatabase;
  readonly #now: () => number;

  constructor(db: LogDatabase, now: () => number) {
    this.#db = db;
    this.#now = now;
  }

  /** Equal buckets from the filter's range, or from the range of what it finds; empty buckets included. */
  async series(workspaceId: string, filter: LogFilter, buckets: number, groupBy: Grouping): Promise<LogSeries> {
    const range = await this.#range(workspaceId, filter);
    const width = widthFor((range.to - range.from) / 1000, buckets);
    const first = Math.floor(range.from / 1000 / width);
    const count = Math.min(mostBuckets, Math.max(1, Math.ceil(range.to / 1000 / width) - first));
    const where = logConditions(workspaceId, { ...filter, from: new Date(range.from), to: new Date(range.to) });
    const sum = summing(filter, groupBy);
    const rows = await this.#db.query<SeriesRow>(
      `SELECT intDiv(toUnixTimestamp(at), {width:UInt32}) AS bucket, ${groupColumns[groupBy]} AS key, count() AS n,
         countIf(status = 'error') AS errors, ${sum('ifNull(cost_usd, 0)')} AS cost,
         ${sum('ifNull(prompt_tokens, 0) + ifNull(output_tokens, 0)')} AS tokens,
         quantilesTDigest(0.5, 0.95)(latency_ms) AS q
       FROM logs FINAL WHERE ${where.sql} AND deleted = 0 GROUP BY bucket, key ORDER BY bucket`,
      { ...where.params, width },
    );
    const start = first * width * 1000;
    return {
      bucketSeconds: width,
      start: new Date(start),
      end: new Date(start + count * width * 1000),
      groups: groupsOf(rows, first, count, groupBy),
    };
  }

  async #range(workspaceId: string, filter: LogFilter): Promise<{ from: number; to: number }> {
    const now = this.#now();
    const to = filter.to?.getTime() ?? now + 1;
    if (filter.from) return { from: Math.min(filter.from.getTime(), to - 1000), to };
    const where = logConditions(workspaceId, filter);
    const [found] = await this.#db.query<{ n: number; low: number; high: number }>(
      `SELECT count() AS n, toUnixTimestamp64Milli(min(at)) AS low, toUnixTimestamp64Milli(max(at)) AS high FROM logs WHERE ${where.sql}`,
      where.params,
    );
    if (!found || found.n === 0) return { from: to - 86_400_000, to };
    return { from: Math.min(found.low, to - 1000), to: filter.to ? to : Math.max(found.high + 1, found.low + 1000) };
  }

  async facets(workspaceId: string, filter: LogFilter): Promise<Record<string, { value: string; count: number }[]>> {
    const where = logConditions(workspaceId, filter);
    const names = Object.keys(facetColumns) as (keyof typeof facetColumns)[];
    const sums = names.map(
      (name) => `topKWeightedIf(${mostGroups}, 10, 'counts')(${facetColumns[name]}, 1, ${facetColumns[name]} != '') AS ${topOf(name)}`,
    );
    const [row] = await this.#db.query<Record<string, { value: string; count: number }[] | [string, number, number][]>>(
      `SELECT ${sums.join(', ')} FROM logs FINAL WHERE ${where.sql} AND deleted = 0`,
      where.params,
    );
    const facets: Record<string, { value: string; count: number }[]> = {};
    for (const name of names) facets[name] = (row?.[topOf(name)] ?? []).map(facetOf);
    return facets;
  }

  /** Logs per version, and the moment of the newest, of each file. */
  async counts(workspaceId: string, fileIds: readonly string[]): Promise<{ fileId: string; versionId: string; n: number; last: number }[]> {
    if (fileIds.length === 0) return [];
    return this.#db.query(
      `SELECT file_id AS fileId, version_id AS versionId, count() AS n, toUnixTimestamp64Milli(max(at)) AS last FROM logs FINAL
       WHERE workspace_id = {workspace:String} AND file_id IN {files:Array(String)} AND deleted = 0 GROUP BY file_id, version_id`,
      { workspace: workspaceId, files: [...fileIds] },
    );
  }
}

/** Never a column's own name: ClickHouse would take the alias for the column in WHERE. */
function topOf(name: string): string {
  return `top_${name}`;
}

function facetOf(entry: { value: string; count: number } | [string, number, number]): { value: string; count: number } {
  return Array.isArray(entry)
    ? { value: entry[0], count: entry[1] }
    : { value: String(Object.values(entry)[0]), count: Number(Object.values(entry)[1]) };
}

function widthFor(seconds: number, buckets: number): number {
  const least = seconds / buckets;
  return widths.find((width) => width >= least) ?? Math.ceil(least / 2_592_000) * 2_592_000;
}

function groupsOf(rows: readonly SeriesRow[], first: number, count: number, groupBy: Grouping): LogSeries['groups'] {
  const totals = new Map<string, number>();
  for (const row of rows) totals.set(row.key, (totals.get(row.key) ?? 0) + row.n);
  const keys = [...totals]
    .sort((a, b) => b[1] - a[1])
    .slice(0, mostGroups)
    .map(([key]) => key);
  if (groupBy === 'none' && keys.length === 0) keys.push('');
  const groups = new Map(keys.map((key) => [key, emptyGroup(key, count)]));
  for (const row of rows) {
    const group = groups.get(row.key);
    const at = row.bucket - first;
    if (!group || at < 0 || at >= count) continue;
    group.count[at] = row.n;
    group.errors[at] = row.errors;
    group.costUsd[at] = row.cost;
    group.tokens[at] = row.tokens;
    group.p50Ms[at] = finite(row.q[0]);
    group.p95Ms[at] = finite(row.q[1]);
  }
  return [...groups.values()];
}

function emptyGroup(key: string, count: number): LogSeries['groups'][number] {
  const zeros = () => Array.from({ length: count }, () => 0);
  const nulls = () => Array.from({ length: count }, () => null);
  return { key, count: zeros(), errors: zeros(), costUsd: zeros(), p50Ms: nulls(), p95Ms: nulls(), tokens: zeros() };
}

function finite(value: number | null): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
