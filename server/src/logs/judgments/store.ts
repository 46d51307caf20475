import type { LogDatabase } from '../../storage/index.ts';
import { judgmentConditions } from '../filter/store.ts';
import type { JudgmentCount, LogFilter, LogPage } from '../index.ts';
import type { JudgmentRow } from '../record/judgment.ts';
import { keysOf, type RowKey, secondsText } from '../store.ts';

const columns = `workspace_id, id, toUnixTimestamp64Micro(at) AS at_us, row_version, deleted,
  toUnixTimestamp64Micro(received_at) AS received_us, toUnixTimestamp64Micro(said_at) AS said_us, evaluator_id, evaluator_version_id, log_id, source, judge, value_type,
  value_boolean, value_number, value_labels, value_text, reason, error, toUnixTimestamp64Micro(start_time) AS start_us,
  toUnixTimestamp64Micro(end_time) AS end_us, metadata_json, stdout, origin, key_id,
  toUnixTimestamp64Micro(log_at) AS log_us, log_kind, log_file_id, log_version_id, log_environment_id, log_unit, log_user,
  log_experiment_id, log_arm_id, log_session, monitor_id, edited, kept, edit_kind, edit_inserted, edit_deleted`;

type Times = 'at' | 'received_at' | 'said_at' | 'start_time' | 'end_time' | 'log_at';
interface Raw extends Omit<JudgmentRow, Times | 'metadata_json'> {
  at_us: number;
  received_us: number;
  said_us: number;
  start_us: number | null;
  end_us: number | null;
  log_us: number | null;
  metadata_json: string;
}

const longestOption = 200;

/** Table `judgments`. */
export class JudgmentStore {
  readonly #db: LogDatabase;

  constructor(db: LogDatabase) {
    this.#db = db;
  }

  /** Newest rows of judgments by id, tombstones too. The moment that an id carries is tried first, then the key table. */
  async newest(workspaceId: string, wanted: readonly { id: string; at: number | null }[]): Promise<Map<string, JudgmentRow>> {
    const found = new Map<string, JudgmentRow>();
    const direct = wanted.flatMap(({ id, at }) => (at === null ? [] : [{ id, at }]));
    for (const row of await this.#rows(workspaceId, direct)) found.set(row.id, row);
    const rest = wanted.filter(({ id }) => !found.has(id)).map(({ id }) => id);
    for (const row of await this.#rows(workspaceId, await keysOf(this.#db, workspaceId, rest))) found.set(row.id, row);
    return found;
  }

  async #rows(workspaceId: string, keys: readonly RowKey[]): Promise<JudgmentRow[]> {
    if (keys.length === 0) return [];
    const rows = await this.#db.query<Raw>(
      `SELECT ${columns} FROM judgments
       WHERE workspace_id = {workspace:String} AND at IN {at:Array(DateTime64(6, 'UTC'))} AND id IN {ids:Array(String)}
       ORDER BY at, id, row_version DESC LIMIT 1 BY at, id`,
      { workspace: workspaceId, at: [...new Set(keys.map(({ at }) => secondsText(at)))], ids: keys.map(({ id }) => id) },
    );
    return rows.map(rowOf);
  }

  /** Every judgment of the logs that is not deleted, in the order in which they were said. */
  async ofLogs(workspaceId: string, logIds: readonly string[]): Promise<JudgmentRow[]> {
    if (logIds.length === 0) return [];
    // Most logs have none, and to say so takes three columns; thirty cost three times as much even where nothing is found.
    const keys = await this.#db.query<{ id: string; at_us: number }>(
      `SELECT DISTINCT id, toUnixTimestamp64Micro(at) AS at_us FROM judgments
       WHERE workspace_id = {workspace:String} AND log_id IN {ids:Array(String)}`,
      { workspace: workspaceId, ids: [...logIds] },
    );
    const rows = await this.#rows(
      workspaceId,
      keys.map(({ id, at_us }) => ({ id, at: at_us })),
    );
    return rows.filter(({ deleted }) => deleted === 0).toSorted((a, b) => a.said_at - b.said_at || (a.id < b.id ? -1 : 1));
  }

  async page(workspaceId: string, filter: LogFilter & { evaluatorId?: string | null }, page: LogPage): Promise<JudgmentRow[]> {
    const where = judgmentConditions(workspaceId, filter);
    const rows = await this.#db.query<Raw>(
      `SELECT ${columns} FROM judgments FINAL WHERE ${where.sql} AND deleted = 0
       ORDER BY at ${page.sort === 'at' ? 'ASC' : 'DESC'}, id ${page.sort === 'at' ? 'ASC' : 'DESC'} LIMIT {limit:UInt32} OFFSET {offset:UInt64}`,
      { ...where.params, limit: page.size, offset: (page.page - 1) * page.size },
    );
    return rows.map(rowOf);
  }

  /** Current judgments by version and value; a text longer than any option is no option. */
  async counts(workspaceId: string, fileId: string, evaluatorIds: readonly string[]): Promise<JudgmentCount[]> {
    if (evaluatorIds.length === 0) return [];
    return this.#db.query<JudgmentCount>(
      `SELECT versionId, evaluatorId, value, count() AS n FROM (
         SELECT log_version_id AS versionId, evaluator_id AS evaluatorId,
           argMax(multiIf(value_type = 'boolean', [if(value_boolean = 1, 'true', 'false')], value_type = 'labels', value_labels,
             value_type = 'text' AND length(value_text) <= ${longestOption}, [value_text], []), (said_at, id)) AS labels
         FROM judgments FINAL
         WHERE workspace_id = {workspace:String} AND log_file_id = {file:String} AND evaluator_id IN {evaluators:Array(String)} AND deleted = 0
         GROUP BY versionId, evaluatorId, log_id, source, judge)
       ARRAY JOIN labels AS value GROUP BY versionId, evaluatorId, value ORDER BY versionId, evaluatorId, value`,
      { workspace: workspaceId, file: fileId, evaluators: [...evaluatorIds] },
    );
  }

  async count(workspaceId: string, filter: LogFilter & { evaluatorId?: string | null }): Promise<number> {
    const where = judgmentConditions(workspaceId, filter);
    const [row] = await this.#db.query<{ n: number }>(
      `SELECT count() AS n FROM judgments FINAL WHERE ${where.sql} AND deleted = 0`,
      where.params,
    );
    return row?.n ?? 0;
  }
}

function rowOf({ at_us, received_us, said_us, start_us, end_us, log_us, metadata_json, ...rest }: Raw): JudgmentRow {
  return {
    ...rest,
    at: at_us,
    received_at: received_us,
    said_at: said_us,
    start_time: start_us,
    end_time: end_us,
    log_at: log_us,
    metadata_json: metadata_json === '' ? null : (JSON.parse(metadata_json) as Record<string, unknown>),
  };
}
