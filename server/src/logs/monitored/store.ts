import type { Origin } from '@whetstone/contract';
import type { LogDatabase } from '../../storage/index.ts';
import { Conditions, logConditions, moment } from '../filter/store.ts';
import type { LogFilter } from '../index.ts';
import type { Arrival, Cluster, Measure, MonitoredDay, Place, Sampled } from './monitored.ts';

/** Traffic: what people try out, evaluate and import is none. */
const production: readonly Origin[] = ['api', 'gateway', 'otel', 'agent'];
const applications: readonly Origin[] = [...production, 'demo'];
const parts = 1_000_000;
/** Bounds the memory of one chart: users with like counts are one row. */
const mostClusters = 300_000;

interface RawArrival {
  id: string;
  at_us: number;
  stored_us: number;
}

/** Tables `logs` and `judgments`, as monitors read them. */
export class MonitoredStore {
  readonly #db: LogDatabase;

  constructor(db: LogDatabase) {
    this.#db = db;
  }

  async arrivals(workspaceId: string, sampled: Sampled, after: Place, limit: number): Promise<Arrival[]> {
    const where = trafficOf(workspaceId, sampled, production);
    addAfter(where, 'stored_at', after);
    return this.#page(where, 'stored_at', limit);
  }

  async finished(workspaceId: string, sampled: Sampled, after: Place, limit: number): Promise<Arrival[]> {
    const where = trafficOf(workspaceId, sampled, applications);
    addAfter(where, 'stored_at', after);
    return this.#page(where, 'stored_at', limit);
  }

  async judged(workspaceId: string, after: Place, limit: number): Promise<Place[]> {
    const where = new Conditions(workspaceId);
    where.add(`received_at >= ${micros(where, after.at)} AND log_id != ''`);
    const [at, id, most] = [BigInt(Math.round(after.at)), after.id, limit];
    return this.#db.query<Place>(
      `SELECT log_id AS id, toUnixTimestamp64Micro(max(received_at)) AS at FROM judgments WHERE ${where.sql}
       GROUP BY log_id HAVING at > {lastAt:Int64} OR (at = {lastAt:Int64} AND id > {lastId:String}) ORDER BY at, id LIMIT {most:UInt32}`,
      { ...where.params, lastAt: at, lastId: id, most },
    );
  }

  async among(workspaceId: string, sampled: Sampled, ids: readonly string[]): Promise<string[]> {
    const asked = sampled.filter.ids;
    const wanted = asked === undefined ? [...ids] : ids.filter((id) => asked.includes(id));
    if (wanted.length === 0) return [];
    const where = trafficOf(workspaceId, { ...sampled, filter: { ...sampled.filter, ids: wanted } }, applications);
    const rows = await this.#db.query<{ id: string }>(`SELECT DISTINCT id FROM logs WHERE ${where.sql} ORDER BY id`, where.params);
    return rows.map(({ id }) => id);
  }

  async past(workspaceId: string, sampled: Sampled, after: Place, limit: number): Promise<Arrival[]> {
    const where = trafficOf(workspaceId, sampled, applications);
    addAfter(where, 'at', after);
    return this.#page(where, 'at', limit);
  }

  async #page(where: Conditions, order: 'at' | 'stored_at', limit: number): Promise<Arrival[]> {
    const rows = await this.#db.query<RawArrival>(
      `SELECT id, toUnixTimestamp64Micro(at) AS at_us, toUnixTimestamp64Micro(stored_at) AS stored_us FROM logs
       WHERE ${where.sql} ORDER BY ${order}, id LIMIT 1 BY id LIMIT {limit:UInt32}`,
      { ...where.params, limit },
    );
    return rows.map(({ id, at_us, stored_us }) => ({ id, at: at_us, storedAt: stored_us }));
  }

  async countPast(workspaceId: string, sampled: Sampled): Promise<number> {
    const where = trafficOf(workspaceId, sampled, applications);
    const [row] = await this.#db.query<{ n: number }>(`SELECT uniqExact(id) AS n FROM logs WHERE ${where.sql}`, where.params);
    return row?.n ?? 0;
  }

  async news(workspaceId: string, fileIds: readonly string[], afterMicros: number): Promise<Map<string, number>> {
    const where = new Conditions(workspaceId);
    where.add(`file_id IN ${where.bind('Array(String)', [...fileIds])}`);
    where.add(`stored_at > ${micros(where, afterMicros)}`);
    const rows = await this.#db.query<{ file: string; last: number }>(
      `SELECT file_id AS file, toUnixTimestamp64Micro(max(stored_at)) AS last FROM logs WHERE ${where.sql} GROUP BY file_id`,
      where.params,
    );
    return new Map(rows.map(({ file, last }) => [file, last]));
  }

  async since(workspaceId: string, monitorIds: readonly string[], from: Date): Promise<Map<string, MonitoredDay>> {
    if (monitorIds.length === 0) return new Map();
    const where = new Conditions(workspaceId);
    where.add(`monitor_id IN ${where.bind('Array(String)', [...monitorIds])}`);
    // A judgment stands at the time of its log; when it was made is when it was received.
    where.add(`received_at >= ${moment(where, from)}`);
    const rows = await this.#db.query<MonitoredDay & { monitor: string }>(
      `SELECT monitor_id AS monitor, countIf(value_type != '') AS judged, countIf(value_type = '' AND error = '') AS notJudged,
         countIf(error != '') AS failed, sum(JSONExtractFloat(metadata_json, 'cost_usd')) AS costUsd,
         countIf(JSONHas(metadata_json, 'calls') AND JSONType(metadata_json, 'cost_usd') != 'Double'
           AND JSONType(metadata_json, 'cost_usd') NOT IN ('Int64', 'UInt64')) AS unpriced
       FROM judgments FINAL WHERE ${where.sql} AND deleted = 0 GROUP BY monitor_id`,
      where.params,
    );
    return new Map(rows.map(({ monitor, ...day }) => [monitor, day]));
  }

  async clusters(
    workspaceId: string,
    monitorId: string,
    measure: Measure,
    range: { from: Date; to: Date; seconds: number; environmentId: string | null },
  ): Promise<Cluster[]> {
    const where = judgedBy(workspaceId, monitorId, range);
    const params = { seconds: range.seconds, from: Math.floor(range.from.getTime() / 1000), most: mostClusters };
    return this.#db.query<Cluster>(
      `SELECT bucket, versionId, environmentId, size, sum, count() AS count FROM (
         SELECT intDiv(toUnixTimestamp(log_at) - {from:Int64}, {seconds:UInt32}) AS bucket, log_version_id AS versionId,
           log_environment_id AS environmentId, ${unit} AS unit, count() AS size, round(sum(x), 6) AS sum
         FROM (SELECT *, ${valueOf(where, measure)} AS x FROM judgments FINAL WHERE ${where.sql} AND deleted = 0)
         WHERE isNotNull(x) GROUP BY bucket, versionId, environmentId, unit)
       GROUP BY bucket, versionId, environmentId, size, sum ORDER BY bucket LIMIT {most:UInt32}`,
      { ...where.params, ...params },
    );
  }

  async gaps(
    workspaceId: string,
    monitorId: string,
    range: { from: Date; to: Date; seconds: number; environmentId: string | null },
  ): Promise<{ bucket: number; notJudged: number; failed: number }[]> {
    const where = judgedBy(workspaceId, monitorId, range);
    return this.#db.query(
      `SELECT intDiv(toUnixTimestamp(log_at) - {from:Int64}, {seconds:UInt32}) AS bucket,
         countIf(error = '') AS notJudged, countIf(error != '') AS failed
       FROM judgments FINAL WHERE ${where.sql} AND deleted = 0 AND value_type = '' GROUP BY bucket`,
      { ...where.params, seconds: range.seconds, from: Math.floor(range.from.getTime() / 1000) },
    );
  }

  async newest(workspaceId: string, monitorId: string, measure: Measure, last: { logs: number } | { from: Date }): Promise<Cluster[]> {
    const where = new Conditions(workspaceId);
    where.add(`monitor_id = ${where.bind('String', monitorId)}`);
    if ('from' in last) where.add(`log_at >= ${moment(where, last.from)}`);
    const limit = 'logs' in last ? `LIMIT ${where.bind('UInt32', last.logs)}` : `LIMIT ${mostClusters}`;
    return this.#db.query<Cluster>(
      `SELECT 0 AS bucket, '' AS versionId, '' AS environmentId, size, sum, count() AS count FROM (
         SELECT ${unit} AS unit, count() AS size, round(sum(x), 6) AS sum FROM (
           SELECT log_user, log_unit, log_session, log_id, ${valueOf(where, measure)} AS x FROM judgments FINAL
           WHERE ${where.sql} AND deleted = 0 AND isNotNull(x) ORDER BY log_at DESC, id DESC ${limit})
         GROUP BY unit)
       GROUP BY size, sum`,
      where.params,
    );
  }

  async meanCost(workspaceId: string, monitorId: string): Promise<number | null> {
    const where = new Conditions(workspaceId);
    where.add(`monitor_id = ${where.bind('String', monitorId)}`);
    const [row] = await this.#db.query<{ n: number; cost: number | null; calls: number }>(
      `SELECT count() AS n, avg(JSONExtract(metadata_json, 'cost_usd', 'Nullable(Float64)')) AS cost,
         countIf(JSONHas(metadata_json, 'calls')) AS calls FROM (
         SELECT metadata_json FROM judgments FINAL WHERE ${where.sql} AND deleted = 0 ORDER BY at DESC LIMIT 1000)`,
      where.params,
    );
    if (row === undefined || row.n === 0) return null;
    return row.calls === 0 ? 0 : row.cost;
  }
}

/** Whose judgments are alike: a user's, else a session's; a log that names neither stands alone. */
const unit = `multiIf(log_user != '', concat('u', log_user), log_session != '', concat('s', log_session), concat('l', log_id))`;

function valueOf(where: Conditions, measure: Measure): string {
  if (measure.type === 'mean') return 'value_number';
  const values = where.bind('Array(String)', [...measure.values]);
  return `multiIf(value_type = 'boolean', toNullable(toFloat64(has(${values}, if(value_boolean = 1, 'true', 'false')))),
    value_type = 'labels', toFloat64(hasAny(${values}, value_labels)), value_type = 'text', toFloat64(has(${values}, value_text)), NULL)`;
}

function judgedBy(
  workspaceId: string,
  monitorId: string,
  { from, to, environmentId }: { from: Date; to: Date; environmentId: string | null },
): Conditions {
  const where = new Conditions(workspaceId);
  where.add(`monitor_id = ${where.bind('String', monitorId)}`);
  where.add(`log_at >= ${moment(where, from)} AND log_at < ${moment(where, to)}`);
  if (environmentId !== null) where.add(`log_environment_id = ${where.bind('String', environmentId)}`);
  return where;
}

/** Finished logs of traffic. What was made for a datapoint of a run is an evaluation's, though an application sent it. */
function trafficOf(workspaceId: string, { filter, rate }: Sampled, origins: readonly Origin[]): Conditions {
  const where = logConditions(workspaceId, { ...filter, origins } satisfies LogFilter);
  where.add(`deleted = 0 AND log_status != 'incomplete' AND run_id = ''`);
  if (rate < 1) where.add(`sipHash64(id) % ${parts} < ${where.bind('UInt32', Math.round(rate * parts))}`);
  return where;
}

function addAfter(where: Conditions, column: 'at' | 'stored_at', { at, id }: Place): void {
  const bound = micros(where, at);
  where.add(`${column} >= ${bound} AND (${column} > ${bound} OR id > ${where.bind('String', id)})`);
}

function micros(where: Conditions, at: number): string {
  return `fromUnixTimestamp64Micro(${where.bind('Int64', BigInt(Math.round(at)))}, 'UTC')`;
}
