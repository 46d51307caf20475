import type { LogDatabase } from '../../storage/index.ts';
import type { LogKind, RunJudgment, RunLog, RunPair } from '../index.ts';
import { secondsText } from '../store.ts';

const columns = 'id, run_id, toUnixTimestamp64Micro(at) AS at_us, version_id, datapoint_id, kind, log_status';
const names = 'id, run_id, at_us, version_id, datapoint_id, kind, log_status';

interface Raw {
  id: string;
  run_id: string;
  at_us: number;
  version_id: string;
  datapoint_id: string;
  kind: LogKind;
  log_status: string;
}
interface RawJudgment {
  id: string;
  log_id: string;
  evaluator_id: string;
  evaluator_version_id: string;
  value_type: string;
  value_boolean: number | null;
  value_number: number | null;
  value_labels: string[];
  value_text: string;
  failed: number;
}

/** A run has as many logs as its dataset has datapoints, times its repetitions. */
const most = 1_000_000;

/** What evaluations count: few columns of many rows. */
export class RunStore {
  readonly #db: LogDatabase;

  constructor(db: LogDatabase) {
    this.#db = db;
  }

  /** Logs that were written into the runs, oldest first. */
  async logsOf(workspaceId: string, runIds: readonly string[]): Promise<RunLog[]> {
    if (runIds.length === 0) return [];
    // FINAL would set the index of runs aside. Places are found by it, whatever their version; the newest of each then decides.
    const rows = await this.#db.query<Raw>(
      `SELECT ${names} FROM (
         SELECT at, deleted, ${columns} FROM logs
         WHERE workspace_id = {workspace:String} AND (at, id) IN (
           SELECT at, id FROM logs WHERE workspace_id = {workspace:String} AND run_id IN {runs:Array(String)}
         )
         ORDER BY at, id, row_version DESC LIMIT 1 BY at, id
       ) WHERE deleted = 0 AND run_id IN {runs:Array(String)} ORDER BY at, id LIMIT {limit:UInt32}`,
      { workspace: workspaceId, runs: [...runIds], limit: most },
    );
    return rows.map(logOf);
  }

  /** Those of the places that still have a log. */
  async logsAt(workspaceId: string, places: readonly { id: string; at: Date }[]): Promise<RunLog[]> {
    if (places.length === 0) return [];
    const times = places.map(({ at }) => at.getTime());
    const rows = await this.#db.query<Raw>(
      `SELECT ${columns} FROM logs FINAL
       WHERE workspace_id = {workspace:String} AND at >= {from:DateTime64(6, 'UTC')} AND at < {to:DateTime64(6, 'UTC')}
         AND id IN {ids:Array(String)} AND deleted = 0
       ORDER BY at, id LIMIT {limit:UInt32}`,
      {
        workspace: workspaceId,
        from: secondsText(times.reduce((least, time) => Math.min(least, time)) * 1000),
        to: secondsText((times.reduce((greatest, time) => Math.max(greatest, time)) + 1) * 1000),
        ids: places.map(({ id }) => id),
        limit: most,
      },
    );
    return rows.map(logOf);
  }

  /** The newest log that a version left for each datapoint. */
  async logsOfVersion(workspaceId: string, versionId: string): Promise<RunLog[]> {
    const rows = await this.#db.query<Raw>(
      `SELECT ${columns} FROM logs FINAL
       WHERE workspace_id = {workspace:String} AND version_id = {version:String} AND datapoint_id != '' AND deleted = 0
       ORDER BY at DESC, id DESC LIMIT 1 BY datapoint_id LIMIT {limit:UInt32}`,
      { workspace: workspaceId, version: versionId, limit: most },
    );
    return rows.map(logOf);
  }

  /** Judgments of the logs by the evaluators, oldest first. */
  async judgments(workspaceId: string, logIds: readonly string[], evaluatorIds: readonly string[]): Promise<RunJudgment[]> {
    if (logIds.length === 0 || evaluatorIds.length === 0) return [];
    const rows = await this.#db.query<RawJudgment>(
      `SELECT id, log_id, evaluator_id, evaluator_version_id, value_type, value_boolean, value_number, value_labels, value_text,
         toUInt8(error != '') AS failed FROM judgments FINAL
       WHERE workspace_id = {workspace:String} AND evaluator_id IN {evaluators:Array(String)} AND log_id IN {logs:Array(String)}
         AND deleted = 0
       ORDER BY at, id LIMIT {limit:UInt32}`,
      { workspace: workspaceId, evaluators: [...evaluatorIds], logs: [...logIds], limit: most },
    );
    return rows.map((row) => ({
      id: row.id,
      logId: row.log_id,
      evaluatorId: row.evaluator_id,
      evaluatorVersionId: row.evaluator_version_id,
      value: valueOf(row),
      failed: row.failed === 1,
    }));
  }

  /** Judgments of the logs against others, oldest first. */
  async pairs(workspaceId: string, logIds: readonly string[], evaluatorIds: readonly string[]): Promise<RunPair[]> {
    if (logIds.length === 0 || evaluatorIds.length === 0) return [];
    const rows = await this.#db.query<RawPair>(
      `SELECT log_id, JSONExtractString(metadata_json, 'pair', 'log_id') AS other_id, evaluator_id, evaluator_version_id, value_type,
         value_text, toUInt8(error != '') AS failed,
         JSONExtractString(metadata_json, 'pair', 'orders', 1, 'verdict') AS first_said,
         JSONExtractString(metadata_json, 'pair', 'orders', 2, 'verdict') AS second_said
       FROM judgments FINAL
       WHERE workspace_id = {workspace:String} AND evaluator_id IN {evaluators:Array(String)} AND log_id IN {logs:Array(String)}
         AND deleted = 0 AND other_id != ''
       ORDER BY at, id LIMIT {limit:UInt32}`,
      { workspace: workspaceId, evaluators: [...evaluatorIds], logs: [...logIds], limit: most },
    );
    return rows.map((row) => ({
      logId: row.log_id,
      otherId: row.other_id,
      evaluatorId: row.evaluator_id,
      evaluatorVersionId: row.evaluator_version_id,
      value: row.value_type === 'text' ? row.value_text : null,
      failed: row.failed === 1,
      orders: [row.first_said, row.second_said],
    }));
  }
}

interface RawPair extends Pick<RawJudgment, 'log_id' | 'evaluator_id' | 'evaluator_version_id' | 'value_type' | 'value_text' | 'failed'> {
  other_id: string;
  first_said: string;
  second_said: string;
}

function logOf(raw: Raw): RunLog {
  return {
    id: raw.id,
    runId: raw.run_id === '' ? null : raw.run_id,
    at: new Date(raw.at_us / 1000),
    versionId: raw.version_id,
    datapointId: raw.datapoint_id === '' ? null : raw.datapoint_id,
    kind: raw.kind,
    complete: raw.log_status !== 'incomplete',
  };
}

function valueOf(row: RawJudgment): RunJudgment['value'] {
  if (row.value_type === 'boolean') return row.value_boolean === 1;
  if (row.value_type === 'number') return row.value_number;
  if (row.value_type === 'labels') return row.value_labels;
  return row.value_type === 'text' ? row.value_text : null;
}
