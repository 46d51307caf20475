import type { Origin } from '@whetstone/contract';
import type { LogDatabase } from '../../storage/index.ts';
import { Conditions } from '../filter/store.ts';
import type { Baseline, DueUnit, ExperimentCounts, OutcomeTrack, TermAsked, TermSource, UnitTerms } from './experimented.ts';
import { judgmentColumns, logColumns } from './terms.ts';
import { unitKey } from './unit-key.ts';

const dayUs = 86_400_000_000;
/** How far back what was known before is looked for. */
export const beforeDays = 28;
/** Clocks of replicas differ. */
const clocksUs = 120_000_000;
/** Units of which a plan knows the values; of more a share stands for all. */
const mostBaselineUnits = 100_000;

const traffic: readonly Origin[] = ['api', 'gateway', 'otel', 'agent', 'demo'];

interface RawTerms {
  unit: string;
  past: 0 | 1;
  logs: number;
  terms: (number | null)[];
  evaluators: string[];
}

/** Tables `experiment_units`, `logs` and `judgments`, as experiments read them. */
export class ExperimentedStore {
  readonly #db: LogDatabase;

  constructor(db: LogDatabase) {
    this.#db = db;
  }

  async due(workspaceId: string, { experimentId, key, windowMs }: OutcomeTrack, before: Date, limit: number): Promise<DueUnit[]> {
    const where = ofExperiment(workspaceId, experimentId);
    const window = where.bind('Int64', BigInt(Math.round(windowMs * 1000)));
    const cutoff = where.bind('Int64', BigInt(before.getTime() * 1000));
    const rows = await this.#db.query<{ unit: string; first_us: number; arm: string; seen: [string, number][] }>(
      `SELECT unit, min(us) AS first_us, argMin(arm_id, us) AS arm, groupArray((arm_id, us)) AS seen FROM (
         SELECT unit, arm_id, toUnixTimestamp64Micro(min(first_at)) AS us FROM experiment_units
         WHERE ${where.sql} AND ${unitKey} NOT IN (${settledOf(where, key)})
         GROUP BY unit, arm_id)
       GROUP BY unit HAVING first_us + ${window} <= ${cutoff} ORDER BY first_us, unit LIMIT ${where.bind('UInt32', limit)}`,
      where.params,
    );
    return rows.map(({ unit, first_us, arm, seen }) => {
      const within = seen.filter(([, us]) => us < first_us + windowMs * 1000);
      return { unit, firstAt: first_us, armId: arm, arms: within.map(([each]) => each) };
    });
  }

  async nextDue(workspaceId: string, { experimentId, key, windowMs }: OutcomeTrack): Promise<Date | null> {
    const where = ofExperiment(workspaceId, experimentId);
    const [row] = await this.#db.query<{ n: number; us: number }>(
      `SELECT count() AS n, min(us) AS us FROM (
         SELECT unit, toUnixTimestamp64Micro(min(first_at)) AS us FROM experiment_units
         WHERE ${where.sql} AND ${unitKey} NOT IN (${settledOf(where, key)}) GROUP BY unit)`,
      where.params,
    );
    return row === undefined || row.n === 0 ? null : new Date(row.us / 1000 + windowMs);
  }

  async terms(
    workspaceId: string,
    source: TermSource,
    units: readonly DueUnit[],
    asked: readonly TermAsked[],
  ): Promise<Map<string, UnitTerms>> {
    const found = new Map<string, UnitTerms>(
      units.map(({ unit }) => [unit, { logs: 0, values: asked.map(() => null), before: asked.map(() => null), evaluatorIds: [] }]),
    );
    if (units.length === 0) return found;
    const [logs, judgments] = await Promise.all([
      this.#ofLogs(workspaceId, source, units, asked),
      this.#ofJudgments(workspaceId, source, units, asked),
    ]);
    for (const { unit, past, logs: count, terms, evaluators } of [...logs, ...judgments]) {
      const known = found.get(unit);
      if (known === undefined) continue;
      const values = past === 1 ? known.before : known.values;
      for (const [index, value] of terms.entries()) if (value !== null) values[index] = value;
      if (past === 1) continue;
      known.logs += count;
      known.evaluatorIds.push(...evaluators);
    }
    return found;
  }

  #ofLogs(workspaceId: string, source: TermSource, units: readonly DueUnit[], asked: readonly TermAsked[]): Promise<RawTerms[]> {
    const where = new Conditions(workspaceId);
    const { experiment, file, environment, since, first, arm, close } = bindUnits(where, source, units);
    where.add(`unit IN ${unitList(where, units)}`);
    where.add(`stored_at >= ${since} OR received_at >= ${since}`);
    const graves = `SELECT at, id FROM logs WHERE workspace_id = ${where.bind('String', workspaceId)} AND deleted = 1`;
    return this.#db.query<RawTerms>(
      `SELECT unit, past, toUInt32(count()) AS logs, ${logColumns(asked)} AS terms, CAST([], 'Array(String)') AS evaluators FROM (
         SELECT *, toUnixTimestamp64Micro(received_at) AS got, ${first('unit')} AS first_us,
           if(experiment_id = ${experiment} AND arm_id = ${arm('unit')}, 0, 1) AS past
         FROM (SELECT unit, at, id, row_version, received_at, experiment_id, arm_id, file_id, environment_id, origin, run_id, deleted, status,
             cost_usd, latency_ms, prompt_tokens, output_tokens
           FROM logs WHERE ${where.sql} ORDER BY at, id, row_version DESC LIMIT 1 BY at, id)
         WHERE deleted = 0)
       WHERE (at, id) NOT IN (${graves}) AND if(past = 0, got >= first_us AND got < first_us + ${close},
         got < first_us AND got >= first_us - ${beforeDays * dayUs} AND file_id = ${file} AND environment_id = ${environment}
           AND run_id = '' AND has(${where.bind('Array(String)', [...traffic])}, origin))
       GROUP BY unit, past`,
      where.params,
    );
  }

  /** Of a judgment that was changed, what it was when the window closed; of several by one judge of a log, the newest then. */
  #ofJudgments(workspaceId: string, source: TermSource, units: readonly DueUnit[], asked: readonly TermAsked[]): Promise<RawTerms[]> {
    const where = new Conditions(workspaceId);
    const { experiment, file, environment, since, first, arm, close } = bindUnits(where, source, units);
    where.add(`log_unit IN ${unitList(where, units)}`);
    where.add(`received_at >= ${since}`);
    return this.#db.query<RawTerms>(
      `SELECT log_unit AS unit, past, toUInt32(0) AS logs, ${judgmentColumns(where, asked)} AS terms,
         groupUniqArrayIf(toString(evaluator_id), value_type != '') AS evaluators
       FROM (SELECT * FROM (
         SELECT *, toUnixTimestamp64Micro(received_at) AS got, ${first('log_unit')} AS first_us,
           if(log_experiment_id = ${experiment} AND log_arm_id = ${arm('log_unit')}, 0, 1) AS past
         FROM judgments WHERE ${where.sql}
           AND if(past = 0, got < first_us + ${close}, got < first_us AND got >= first_us - ${beforeDays * dayUs}
             AND log_file_id = ${file} AND log_environment_id = ${environment})
         ORDER BY id, row_version DESC LIMIT 1 BY id)
         WHERE deleted = 0 ORDER BY got DESC, id DESC LIMIT 1 BY log_id, evaluator_id, source, judge)
       GROUP BY unit, past`,
      where.params,
    );
  }

  async exposed(
    workspaceId: string,
    experimentId: string,
    spans: readonly Date[],
  ): Promise<{ armId: string; span: number; units: number }[]> {
    const where = ofExperiment(workspaceId, experimentId);
    return this.#db.query(
      `SELECT armId, span, count() AS units FROM (
         SELECT argMin(arm_id, first_at) AS armId, ${spanOf(where, 'toUnixTimestamp64Micro(min(first_at))', spans)} AS span
         FROM experiment_units WHERE ${where.sql} GROUP BY unit)
       GROUP BY armId, span`,
      where.params,
    );
  }

  async counts(
    workspaceId: string,
    { experimentId, windowMs }: OutcomeTrack,
    evaluatorIds: readonly string[],
    since: Date,
  ): Promise<ExperimentCounts> {
    const where = ofExperiment(workspaceId, experimentId);
    const judged = new Conditions(workspaceId, where);
    const from = `fromUnixTimestamp64Micro(${where.bind('Int64', BigInt(since.getTime() * 1000 - clocksUs))}, 'UTC')`;
    judged.add(`deleted = 0 AND received_at >= ${from} AND has(${where.bind('Array(String)', [...evaluatorIds])}, evaluator_id)`);
    const window = where.bind('Int64', BigInt(Math.round(windowMs * 1000)));
    const rows = await this.#db.query<{ what: 'logs' | 'late' | 'unknown'; name: string; n: number }>(
      `SELECT 'logs' AS what, toString(arm_id) AS name, uniqExact(cityHash64(id)) AS n FROM logs
       WHERE ${where.sql} AND (stored_at >= ${from} OR received_at >= ${from}) AND deleted = 0 GROUP BY arm_id
       UNION ALL
       SELECT 'logs' AS what, toString(arm_id) AS name, count() AS n FROM exposures WHERE ${where.sql} AND startsWith(arm_id, '~') GROUP BY arm_id
       UNION ALL
       SELECT 'late' AS what, toString(evaluator_id) AS name, uniqExact(cityHash64(j.id)) AS n FROM (
         SELECT id, evaluator_id, log_unit, received_at FROM judgments
         WHERE ${judged.sql} AND log_experiment_id = ${where.bind('String', experimentId)} AND log_unit != '' AND NOT startsWith(log_arm_id, '~')) AS j
       INNER JOIN (SELECT unit, toUnixTimestamp64Micro(min(first_at)) AS us FROM experiment_units WHERE ${where.sql} GROUP BY unit) AS u
         ON j.log_unit = u.unit
       WHERE toUnixTimestamp64Micro(j.received_at) >= u.us + ${window} GROUP BY evaluator_id
       UNION ALL
       SELECT 'unknown' AS what, '' AS name, uniqExact(cityHash64(id)) AS n FROM judgments WHERE ${judged.sql} AND log_file_id = ''`,
      where.params,
    );
    const of = (what: string): Map<string, number> => {
      const found = new Map<string, number>();
      for (const row of rows) if (row.what === what) found.set(row.name, (found.get(row.name) ?? 0) + row.n);
      return found;
    };
    return { logs: of('logs'), late: of('late'), unknownLog: of('unknown').get('') ?? 0 };
  }

  async baseline(
    workspaceId: string,
    { fileId, environmentId }: Pick<TermSource, 'fileId' | 'environmentId'>,
    asked: readonly TermAsked[],
    { from: since, to }: { from: Date; to: Date },
  ): Promise<Baseline> {
    const where = new Conditions(workspaceId);
    where.add(`file_id = ${where.bind('String', fileId)} AND environment_id = ${where.bind('String', environmentId)}`);
    const from = micros(where, since);
    const until = micros(where, to);
    where.add(
      `received_at >= ${from} AND received_at < ${until} AND run_id = '' AND has(${where.bind('Array(String)', [...traffic])}, origin)`,
    );
    const [whole] = await this.#db.query<{ units: number; logs: number; without: number; first_us: number }>(
      `SELECT uniqExactIf(unit, unit != '') AS units, count() AS logs, countIf(unit = '') AS without,
         toUnixTimestamp64Micro(min(received_at)) AS first_us FROM logs FINAL WHERE ${where.sql} AND deleted = 0`,
      where.params,
    );
    const { units = 0, logs = 0, without = 0, first_us = 0 } = whole ?? {};
    const some = Math.max(1, Math.ceil(units / mostBaselineUnits));
    const ofLogs = await this.#db.query<{ unit: string; terms: (number | null)[] }>(
      `SELECT unit, ${logColumns(asked)} AS terms FROM logs FINAL
       WHERE ${where.sql} AND deleted = 0 AND unit != '' AND sipHash64(unit) % ${where.bind('UInt32', some)} = 0 GROUP BY unit`,
      where.params,
    );
    const judged = new Conditions(workspaceId);
    judged.add(`log_file_id = ${judged.bind('String', fileId)} AND log_environment_id = ${judged.bind('String', environmentId)}`);
    judged.add(
      `received_at >= ${micros(judged, since)} AND received_at < ${micros(judged, to)} AND log_unit != '' AND sipHash64(log_unit) % ${judged.bind('UInt32', some)} = 0`,
    );
    const columns = judgmentColumns(judged, asked);
    const ofJudgments = await this.#db.query<{ unit: string; terms: (number | null)[] }>(
      `SELECT log_unit AS unit, ${columns} AS terms FROM (
         SELECT * FROM judgments FINAL WHERE ${judged.sql} AND deleted = 0 ORDER BY received_at DESC, id DESC LIMIT 1 BY log_id, evaluator_id, source, judge)
       GROUP BY log_unit`,
      judged.params,
    );
    const byUnit = new Map(ofLogs.map(({ unit, terms }) => [unit, terms]));
    for (const { unit, terms } of ofJudgments) {
      const known = byUnit.get(unit);
      for (const [index, value] of terms.entries()) if (known !== undefined && value !== null) known[index] = value;
    }
    return {
      units: [...byUnit.values()],
      unitCount: units,
      logs,
      withoutUnit: without,
      firstAt: logs === 0 ? null : new Date(first_us / 1000),
    };
  }
}

export function ofExperiment(workspaceId: string, experimentId: string): Conditions {
  const where = new Conditions(workspaceId);
  where.add(`experiment_id = ${where.bind('String', experimentId)}`);
  return where;
}

function settledOf(where: Conditions, key: string): string {
  return `SELECT unit_key FROM experiment_outcomes WHERE workspace_id = ${where.bind('String', where.workspaceId)}
    AND experiment_id = ${where.bind('String', key)}`;
}

/** How many of the moments lie at or before one, given in microseconds. */
export function spanOf(where: Conditions, us: string, spans: readonly Date[]): string {
  if (spans.length === 0) return '0';
  return spans.map((span) => `toUInt32(${us} >= ${where.bind('Int64', BigInt(span.getTime() * 1000))})`).join(' + ');
}

const micros = (where: Conditions, at: Date): string =>
  `fromUnixTimestamp64Micro(${where.bind('Int64', BigInt(at.getTime() * 1000))}, 'UTC')`;

const unitList = (where: Conditions, units: readonly DueUnit[]): string =>
  where.bind(
    'Array(String)',
    units.map(({ unit }) => unit),
  );

function bindUnits(where: Conditions, { experimentId, fileId, environmentId, windowMs }: TermSource, units: readonly DueUnit[]) {
  const names = unitList(where, units);
  const firsts = where.bind(
    'Array(Int64)',
    units.map(({ firstAt }) => BigInt(firstAt)),
  );
  const arms = where.bind(
    'Array(String)',
    units.map(({ armId }) => armId),
  );
  const earliest = Math.min(...units.map(({ firstAt }) => firstAt)) - beforeDays * dayUs - clocksUs;
  return {
    experiment: where.bind('String', experimentId),
    file: where.bind('String', fileId),
    environment: where.bind('String', environmentId),
    since: `fromUnixTimestamp64Micro(${where.bind('Int64', BigInt(earliest))}, 'UTC')`,
    close: where.bind('Int64', BigInt(Math.round(windowMs * 1000))),
    first: (unit: string) => `transform(${unit}, ${names}, ${firsts}, toInt64(0))`,
    arm: (unit: string) => `transform(${unit}, ${names}, ${arms}, '')`,
  };
}
