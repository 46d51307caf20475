import type { LogDatabase } from '../../storage/index.ts';
import type { RunJudgmentColumns, RunLogColumns } from '../index.ts';
import { secondsText } from '../store.ts';

/**
 * Logs of runs and their judgments, column by column: one row of lists is read several times as fast as thousands of rows. Aggregates
 * leave NULL out, so an unknown number is NaN until it is JSON, where it is null again.
 */

const logColumns = `id, run_id, toUnixTimestamp64Milli(at) AS at_ms, datapoint_id, kind, log_status, status,
  ifNull(cost_usd, nan) AS cost, estimated, ifNull(latency_ms, nan) AS latency, ifNull(toFloat64(prompt_tokens), nan) AS prompt,
  ifNull(toFloat64(output_tokens), nan) AS answer, model, finish_reason`;
const asLists = `groupArray(id) AS ids, groupArray(run_id) AS runIds, groupArray(at_ms) AS atMs, groupArray(datapoint_id) AS datapointIds,
  groupArray(toString(kind)) AS kinds, groupArray(log_status != 'incomplete') AS complete, groupArray(toString(status)) AS statuses,
  groupArray(cost) AS costUsd, groupArray(estimated) AS estimated, groupArray(latency) AS latencyMs, groupArray(prompt) AS promptTokens,
  groupArray(answer) AS outputTokens, groupArray(toString(model)) AS models, groupArray(toString(finish_reason)) AS finishReasons`;
const inRuns = `SELECT at, id FROM logs WHERE workspace_id = {workspace:String} AND run_id IN {runs:Array(String)}`;

export interface Place {
  id: string;
  at: Date;
}

export class RunColumnStore {
  readonly #db: LogDatabase;

  constructor(db: LogDatabase) {
    this.#db = db;
  }

  /** Logs that were written into the runs, oldest first. */
  async logsOf(workspaceId: string, runIds: readonly string[]): Promise<RunLogColumns | null> {
    if (runIds.length === 0) return null;
    const [row] = await this.#db.query<RunLogColumns>(
      `SELECT ${asLists} FROM (
         SELECT * FROM (
           SELECT at, deleted, ${logColumns} FROM logs WHERE workspace_id = {workspace:String} AND (at, id) IN (${inRuns})
           ORDER BY at, id, row_version DESC LIMIT 1 BY at, id
         ) WHERE deleted = 0 AND run_id IN {runs:Array(String)} ORDER BY at, id
       )`,
      { workspace: workspaceId, runs: [...runIds] },
    );
    return row ?? null;
  }

  /** Those of the places that still have a log. */
  async logsAt(workspaceId: string, places: readonly Place[]): Promise<RunLogColumns | null> {
    if (places.length === 0) return null;
    const [row] = await this.#db.query<RunLogColumns>(
      `SELECT ${asLists} FROM (
         SELECT at, ${logColumns} FROM logs FINAL
         WHERE workspace_id = {workspace:String} AND at >= {from:DateTime64(6, 'UTC')} AND at < {to:DateTime64(6, 'UTC')}
           AND id IN {ids:Array(String)} AND deleted = 0 ORDER BY at, id
       )`,
      { workspace: workspaceId, ...spanOf(places), ids: places.map(({ id }) => id) },
    );
    return row ?? null;
  }

  /** Judgments of the logs of the runs, and of those at the places, by the evaluators; oldest first. */
  async judgments(
    workspaceId: string,
    runIds: readonly string[],
    places: readonly Place[],
    evaluatorIds: readonly string[],
  ): Promise<RunJudgmentColumns | null> {
    if ((runIds.length === 0 && places.length === 0) || evaluatorIds.length === 0) return null;
    const placed = places.length === 0 ? '' : ' OR log_id IN {logs:Array(String)}';
    const [row] = await this.#db.query<RunJudgmentColumns>(
      `SELECT groupArray(log_id) AS logIds, groupArray(toString(evaluator_id)) AS evaluatorIds,
         groupArray(toString(evaluator_version_id)) AS versionIds, groupArray(at_ms) AS atMs, groupArray(toString(value_type)) AS types,
         groupArray(number) AS numbers, groupArray(value_labels) AS labels, groupArray(text) AS texts, groupArray(failed) AS failed
       FROM (
         SELECT log_id, evaluator_id, evaluator_version_id, toUnixTimestamp64Milli(at) AS at_ms, value_type,
           multiIf(value_type = 'boolean', toFloat64(ifNull(value_boolean, 0)), value_type = 'number', ifNull(value_number, nan), nan) AS number,
           value_labels, substringUTF8(value_text, 1, 1000) AS text, toUInt8(error != '') AS failed
         FROM judgments FINAL
         WHERE workspace_id = {workspace:String} AND evaluator_id IN {evaluators:Array(String)} AND deleted = 0
           AND (log_id IN (SELECT id FROM (${inRuns}))${placed})
         ORDER BY at, id
       )`,
      {
        workspace: workspaceId,
        evaluators: [...evaluatorIds],
        runs: runIds.length === 0 ? [''] : [...runIds],
        ...(places.length === 0 ? {} : { logs: places.map(({ id }) => id) }),
      },
    );
    return row ?? null;
  }

  /** What the calls of whole traces cost, by the trace; agents are the sum of theirs, so they are left out. */
  async costOfTraces(
    workspaceId: string,
    traceIds: readonly string[],
  ): Promise<Map<string, { costUsd: number | null; estimated: boolean }>> {
    if (traceIds.length === 0) return new Map();
    const rows = await this.#db.query<{ trace_id: string; cost: number | null; estimated: number }>(
      `SELECT trace_id, sum(cost_usd) AS cost, max(estimated) AS estimated FROM logs FINAL
       WHERE workspace_id = {workspace:String} AND trace_id IN {traces:Array(String)} AND kind IN ('prompt', 'tool') AND deleted = 0 GROUP BY trace_id`,
      { workspace: workspaceId, traces: [...traceIds] },
    );
    return new Map(rows.map(({ trace_id, cost, estimated }) => [trace_id, { costUsd: cost, estimated: estimated === 1 }]));
  }

  /** How long the answers are, in characters. Logs that are nowhere have no length. */
  async lengths(workspaceId: string, places: readonly Place[]): Promise<Map<string, number>> {
    const rows = await this.#at<{ id: string; n: number }>(
      workspaceId,
      places,
      'id, if(output IS NULL, lengthUTF8(output_message), lengthUTF8(output)) AS n',
    );
    return new Map(rows.map(({ id, n }) => [id, n]));
  }

  /** Those of the logs whose inputs or answer contain the text, whatever its case. */
  async matching(workspaceId: string, places: readonly Place[], text: string): Promise<Set<string>> {
    const rows = await this.#at<{ id: string }>(workspaceId, places, 'id', 'positionCaseInsensitiveUTF8(search_text, {text:String}) > 0', {
      text,
    });
    return new Set(rows.map(({ id }) => id));
  }

  #at<Row>(
    workspaceId: string,
    places: readonly Place[],
    columns: string,
    condition = '1',
    more: Record<string, string> = {},
  ): Promise<Row[]> {
    if (places.length === 0) return Promise.resolve([]);
    return this.#db.query<Row>(
      `SELECT ${columns} FROM logs FINAL
       WHERE workspace_id = {workspace:String} AND at >= {from:DateTime64(6, 'UTC')} AND at < {to:DateTime64(6, 'UTC')}
         AND id IN {ids:Array(String)} AND deleted = 0 AND ${condition}`,
      { workspace: workspaceId, ...spanOf(places), ids: places.map(({ id }) => id), ...more },
    );
  }
}

/** From the first to the last, to the millisecond. */
function spanOf(places: readonly Place[]): { from: string; to: string } {
  const times = places.map(({ at }) => at.getTime());
  return {
    from: secondsText(times.reduce((least, time) => Math.min(least, time)) * 1000),
    to: secondsText((times.reduce((greatest, time) => Math.max(greatest, time)) + 1) * 1000),
  };
}
