import { type LogDatabase } from '../../storage/index.ts';
import { Conditions, moment } from '../filter/store.ts';
import type { JudgmentRow } from '../record/judgment.ts';
import { keysOf, type RowKey, secondsText } from '../store.ts';
import type { Counted, CountedKind, FeedbackArrived, FeedbackRange, JudgedLog } from './feedback.ts';

export type BaseRow = Pick<
  JudgmentRow,
  'id' | 'row_version' | 'deleted' | 'received_at' | 'value_type' | 'value_boolean' | 'value_number' | 'value_labels' | 'value_text'
>;

const logColumns = `id, toUnixTimestamp64Micro(at) AS at_us, deleted, kind, file_id, version_id, environment_id, unit, end_user,
  experiment_id, arm_id, session, reference_id`;
const at = "at IN {at:Array(DateTime64(6, 'UTC'))} AND id IN {ids:Array(String)}";
/** What people try out, evaluate and import is no traffic. */
const traffic = `origin IN ('api', 'gateway', 'otel', 'agent', 'demo') AND run_id = ''`;
/** Whose logs are alike: a user's, else a session's; a log that names neither stands alone. */
const unitOf = (user: string, session: string, id: string): string =>
  `multiIf(${user} != '', concat('u', ${user}), ${session} != '', concat('s', ${session}), concat('l', ${id}))`;

type RawLog = Omit<JudgedLog, 'at'> & { at_us: number };

/** Tables `logs` and `judgments`, as feedback writes and counts them. */
export class FeedbackStore {
  readonly #db: LogDatabase;

  constructor(db: LogDatabase) {
    this.#db = db;
  }

  async logs(workspaceId: string, wanted: readonly { id: string; at: number | null }[]): Promise<Map<string, JudgedLog>> {
    const found = new Map<string, JudgedLog>();
    const read = async (keys: readonly RowKey[]): Promise<void> => {
      if (keys.length === 0) return;
      const rows = await this.#db.query<RawLog>(
        `SELECT ${logColumns} FROM logs WHERE workspace_id = {workspace:String} AND ${at} ORDER BY row_version DESC LIMIT 1 BY id`,
        paramsOf(workspaceId, keys),
      );
      for (const row of rows) found.set(row.id, logOf(row));
    };
    await read(wanted.flatMap(({ id, at: says }) => (says === null ? [] : [{ id, at: says }])));
    const rest = wanted.filter(({ id }) => !found.has(id)).map(({ id }) => id);
    await read(await keysOf(this.#db, workspaceId, rest));
    return found;
  }

  async byReference(workspaceId: string, references: readonly string[]): Promise<JudgedLog[]> {
    if (references.length === 0) return [];
    const rows = await this.#db.query<RawLog>(
      `SELECT * FROM (
         SELECT ${logColumns}, row_version FROM logs WHERE workspace_id = {workspace:String} AND reference_id IN {references:Array(String)}
         ORDER BY row_version DESC LIMIT 1 BY at_us, id)
       WHERE deleted = 0 ORDER BY at_us DESC LIMIT 1 BY reference_id`,
      { workspace: workspaceId, references: [...references] },
    );
    return rows.map(logOf);
  }

  /** Judgments whose id names their moment. */
  async bases(workspaceId: string, wanted: readonly { id: string; at: number | null }[]): Promise<Map<string, BaseRow>> {
    const keys = wanted.flatMap(({ id, at: says }) => (says === null ? [] : [{ id, at: says }]));
    if (keys.length === 0) return new Map();
    const rows = await this.#db.query<Omit<BaseRow, 'received_at'> & { received_us: number }>(
      `SELECT id, row_version, deleted, toUnixTimestamp64Micro(received_at) AS received_us, value_type, value_boolean, value_number,
         value_labels, value_text FROM judgments WHERE workspace_id = {workspace:String} AND ${at} ORDER BY row_version DESC LIMIT 1 BY id`,
      paramsOf(workspaceId, keys),
    );
    return new Map(rows.map(({ received_us, ...row }) => [row.id, { ...row, received_at: received_us }]));
  }

  async counted(
    workspaceId: string,
    range: FeedbackRange,
    kinds: readonly CountedKind[],
  ): Promise<{ logs: number; rates: Counted[]; values: Counted[]; options: { evaluatorId: string; name: string; logs: number }[] }> {
    const [logs, rates, values, options] = await Promise.all([
      this.#logs(workspaceId, range),
      this.#rates(workspaceId, range, kinds),
      this.#values(workspaceId, range, kinds),
      this.#options(workspaceId, range, kinds),
    ]);
    return { logs, rates, values, options };
  }

  async #logs(workspaceId: string, range: FeedbackRange): Promise<number> {
    const where = logsOf(workspaceId, range);
    const [row] = await this.#db.query<{ n: number }>(
      `SELECT count() AS n FROM logs FINAL WHERE ${where.sql} AND deleted = 0${range.fileId === null ? ` AND parent_id = ''` : ''}`,
      where.params,
    );
    return row?.n ?? 0;
  }

  /** By units: how many logs they have, and how many of those have feedback of each kind. Without a file, logs inside a trace count where they have some. */
  async #rates(workspaceId: string, range: FeedbackRange, kinds: readonly CountedKind[]): Promise<Counted[]> {
    const where = logsOf(workspaceId, range);
    const judged = judgedOf(workspaceId, where, range, kinds);
    const ids = where.bind(
      'Array(String)',
      kinds.map(({ evaluatorId }) => evaluatorId),
    );
    const rows = await this.#db.query<Grouped & { sums: number[] }>(
      `SELECT level, bucket, version, environment, size, sums, count() AS count FROM (
         SELECT grouping(bucket) AS nb, grouping(version) AS nv, grouping(environment) AS ne,
           multiIf(nb = 0, 'bucket', nv = 0, 'version', ne = 0, 'environment', 'whole') AS level,
           bucket, version, environment, unit, count() AS size, sumForEach(flags) AS sums
         FROM (
           SELECT ${unitOf('l.end_user', 'l.session', 'l.id')} AS unit, l.version_id AS version, l.environment_id AS environment,
             ${bucketOf(where, range, 'l.at')} AS bucket, j.flags AS flags
           FROM (SELECT id, at, end_user, session, version_id, environment_id, parent_id FROM logs FINAL WHERE ${where.sql} AND deleted = 0) AS l
           LEFT JOIN (
             SELECT log_id, arrayMap(e -> toUInt32(has(groupUniqArray(evaluator_id), e)), ${ids}) AS flags
             FROM judgments FINAL WHERE ${judged.sql} AND deleted = 0 GROUP BY log_id) AS j ON l.id = j.log_id
           ${range.fileId === null ? `WHERE l.parent_id = '' OR notEmpty(j.flags)` : ''})
         GROUP BY GROUPING SETS ((unit), (unit, bucket), (unit, version), (unit, environment)))
       GROUP BY level, bucket, version, environment, size, sums`,
      where.params,
    );
    return kinds.flatMap(({ evaluatorId }, index) =>
      rows.map((row) => ({ ...placeOf(row), evaluatorId, size: row.size, sum: row.sums[index] ?? 0, count: row.count })),
    );
  }

  /** By units: the sum of the values of their judged logs. A log that several judge counts as their mean. */
  async #values(workspaceId: string, range: FeedbackRange, kinds: readonly CountedKind[]): Promise<Counted[]> {
    const where = judgedOf(workspaceId, null, range, kinds);
    const rows = await this.#db.query<Grouped & { evaluatorId: string; sum: number }>(
      `SELECT evaluatorId, level, bucket, version, environment, size, sum, count() AS count FROM (
         SELECT grouping(bucket) AS nb, grouping(version) AS nv, grouping(environment) AS ne,
           multiIf(nb = 0, 'bucket', nv = 0, 'version', ne = 0, 'environment', 'whole') AS level,
           evaluatorId, bucket, version, environment, unit, count() AS size, round(sum(x), 6) AS sum
         FROM (
           SELECT evaluator_id AS evaluatorId, log_id, any(u) AS unit, any(v) AS version, any(e) AS environment,
             any(b) AS bucket, avg(y) AS x
           FROM (
             SELECT evaluator_id, log_id, any(${unitOf('log_user', 'log_session', 'log_id')}) AS u, any(log_version_id) AS v,
               any(log_environment_id) AS e, any(${bucketOf(where, range, 'log_at')}) AS b,
               argMax(tuple(${valueOf(where, kinds)}), (said_at, id)).1 AS y
             FROM judgments FINAL WHERE ${where.sql} AND deleted = 0 GROUP BY evaluator_id, log_id, source, judge)
           WHERE isNotNull(y) GROUP BY evaluator_id, log_id)
         GROUP BY GROUPING SETS ((evaluatorId, unit), (evaluatorId, unit, bucket), (evaluatorId, unit, version), (evaluatorId, unit, environment)))
       GROUP BY evaluatorId, level, bucket, version, environment, size, sum`,
      where.params,
    );
    return rows.map((row) => ({ ...placeOf(row), evaluatorId: row.evaluatorId, size: row.size, sum: row.sum, count: row.count }));
  }

  async #options(
    workspaceId: string,
    range: FeedbackRange,
    kinds: readonly CountedKind[],
  ): Promise<{ evaluatorId: string; name: string; logs: number }[]> {
    const chosen = kinds.filter(({ returnType }) => returnType !== 'text');
    const where = judgedOf(workspaceId, null, range, chosen);
    return this.#db.query(
      `SELECT evaluatorId, name, uniqExact(log_id) AS logs FROM (
         SELECT evaluator_id AS evaluatorId, log_id, arrayJoin(argMax(multiIf(value_type = 'labels', value_labels,
           value_type = 'boolean', [if(value_boolean = 1, 'true', 'false')], value_type = 'number', [toString(value_number)],
           value_type = 'text', [value_text], []), (said_at, id))) AS name
         FROM judgments FINAL WHERE ${where.sql} AND deleted = 0 GROUP BY evaluator_id, log_id, source, judge)
       GROUP BY evaluatorId, name ORDER BY logs DESC, name LIMIT 50 BY evaluatorId`,
      where.params,
    );
  }

  async arrived(workspaceId: string, fileId: string | null, evaluatorIds: readonly string[], now: Date): Promise<FeedbackArrived> {
    const day = 86_400_000;
    const where = new Conditions(workspaceId);
    where.add(`at >= ${moment(where, new Date(now.getTime() - 7 * day))} AND ${traffic}`);
    if (fileId !== null) where.add(`file_id = ${where.bind('String', fileId)}`);
    const judged = new Conditions(workspaceId);
    judged.add(`evaluator_id IN ${judged.bind('Array(String)', [...evaluatorIds])}`);
    if (fileId !== null) judged.add(`log_file_id = ${judged.bind('String', fileId)}`);
    const since = (ms: number) => `countDistinctIf(id, received_at >= ${moment(judged, new Date(now.getTime() - ms))})`;
    const [[logs], kinds] = await Promise.all([
      this.#db.query<{ logs: number; withUser: number; withReference: number }>(
        `SELECT uniq(id) AS logs, uniqIf(id, end_user != '' OR unit != '') AS withUser, uniqIf(id, reference_id != '') AS withReference
         FROM logs WHERE ${where.sql} AND deleted = 0`,
        where.params,
      ),
      this.#db.query<{ evaluatorId: string; last_us: number; day: number; week: number }>(
        `SELECT evaluator_id AS evaluatorId, toUnixTimestamp64Micro(max(received_at)) AS last_us, ${since(day)} AS day, ${since(7 * day)} AS week
         FROM judgments WHERE ${judged.sql} AND deleted = 0 GROUP BY evaluator_id`,
        judged.params,
      ),
    ]);
    return {
      ...(logs ?? { logs: 0, withUser: 0, withReference: 0 }),
      evaluators: kinds.map(({ last_us, ...kind }) => ({ ...kind, lastAt: new Date(last_us / 1000) })),
    };
  }
}

interface Grouped {
  level: 'whole' | 'bucket' | 'version' | 'environment';
  bucket: number;
  version: string;
  environment: string;
  size: number;
  count: number;
}

function placeOf(row: Grouped): Pick<Counted, 'bucket' | 'versionId' | 'environmentId'> {
  return {
    bucket: row.level === 'bucket' ? row.bucket : null,
    versionId: row.level === 'version' ? row.version : null,
    environmentId: row.level === 'environment' ? row.environment : null,
  };
}

function paramsOf(workspaceId: string, keys: readonly RowKey[]) {
  return { workspace: workspaceId, at: [...new Set(keys.map((key) => secondsText(key.at)))], ids: keys.map(({ id }) => id) };
}

function logOf({ at_us, ...row }: RawLog): JudgedLog {
  return { ...row, at: at_us };
}

function logsOf(workspaceId: string, range: FeedbackRange): Conditions {
  const where = new Conditions(workspaceId);
  where.add(`at >= ${moment(where, range.from)} AND at < ${moment(where, range.to)} AND ${traffic}`);
  if (range.fileId !== null) where.add(`file_id = ${where.bind('String', range.fileId)}`);
  if (range.environmentId !== null) where.add(`environment_id = ${where.bind('String', range.environmentId)}`);
  return where;
}

/** The judgments of the kinds on logs of the range. What was not said by a user of an application counts too: one form, one number. */
function judgedOf(workspaceId: string, around: Conditions | null, range: FeedbackRange, kinds: readonly CountedKind[]): Conditions {
  const where = new Conditions(workspaceId, around);
  where.add(
    `evaluator_id IN ${where.bind(
      'Array(String)',
      kinds.map(({ evaluatorId }) => evaluatorId),
    )}`,
  );
  where.add(`log_at >= ${moment(where, range.from)} AND log_at < ${moment(where, range.to)}`);
  if (range.fileId !== null) where.add(`log_file_id = ${where.bind('String', range.fileId)}`);
  if (range.environmentId !== null) where.add(`log_environment_id = ${where.bind('String', range.environmentId)}`);
  return where;
}

function bucketOf(where: Conditions, { from, seconds }: FeedbackRange, column: string): string {
  const start = where.bind('Int64', BigInt(Math.floor(from.getTime() / 1000)));
  return `intDiv(toUnixTimestamp(${column}) - ${start}, ${where.bind('UInt32', seconds)})`;
}

/** A judgment as a number, null where it says nothing: of options that hold together, a good one decides before a bad one. */
function valueOf(where: Conditions, kinds: readonly CountedKind[]): string {
  const cases = kinds.flatMap(({ evaluatorId, measure, positive, negative }) => {
    const is = `evaluator_id = ${where.bind('String', evaluatorId)}`;
    if (measure === 'mean') return [is, 'value_number'];
    if (measure === 'edited') return [is, 'edited'];
    if (measure === 'none') return [is, 'CAST(NULL AS Nullable(Float64))'];
    const [good, bad] = [where.bind('Array(String)', [...positive]), where.bind('Array(String)', [...negative])];
    const labels = `multiIf(value_type = 'labels', value_labels, value_type = 'boolean', [if(value_boolean = 1, 'true', 'false')], value_type = 'text', [value_text], [])`;
    return [is, `multiIf(hasAny(${good}, ${labels}), toNullable(1.), hasAny(${bad}, ${labels}), toNullable(0.), NULL)`];
  });
  return cases.length === 0 ? 'CAST(NULL AS Nullable(Float64))' : `multiIf(${cases.join(', ')}, NULL)`;
}
