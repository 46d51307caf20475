import type { LogDatabase } from '../storage/index.ts';
import type { LogFilter, LogPage } from './index.ts';
import { logConditions, type Conditions } from './filter/store.ts';
import { contentOf, type LogRow, type Payload, type SummaryRow } from './record/row.ts';

/** Columns of a list, times as microseconds. */
const summaryColumns = `workspace_id, id, toUnixTimestamp64Micro(at) AS at_us, row_version, deleted,
  toUnixTimestamp64Micro(received_at) AS received_us, kind, file_id, version_id, content_hash, environment_id, origin,
  status, log_status, late, parent_id, trace_id, run_id, datapoint_id, key_id, experiment_id, arm_id, counterfactual_of,
  toUnixTimestamp64Micro(start_time) AS start_us, toUnixTimestamp64Micro(end_time) AS end_us, model, provider,
  prompt_tokens, output_tokens, reasoning_tokens, cached_tokens, prompt_cost, output_cost, cost_usd, estimated,
  finish_reason, latency_ms, first_token_ms, end_user, session, unit, reference_id, source, metadata_json, input_preview,
  output_preview, keep, text_repaired`;
const payloadColumns =
  'inputs, messages, output, output_message, tool_choice, error, stdout, provider_request, provider_response, blobs, output_said';

type Times = 'at' | 'received_at' | 'start_time' | 'end_time';
interface RawSummary extends Omit<SummaryRow, Times | 'metadata_json'> {
  at_us: number;
  received_us: number;
  start_us: number | null;
  end_us: number | null;
  metadata_json: string;
}
type RawPayload = Record<keyof Payload, string | null> & { output_said: number };

/** Names a row: its place in the sort key. */
export interface RowKey {
  at: number;
  id: string;
}

/** How much more than a page is looked at, because a candidate may be an older version of a row that no longer fits. */
const spare = 50;

export class LogStore {
  readonly #db: LogDatabase;

  constructor(db: LogDatabase) {
    this.#db = db;
  }

  /** Newest rows of logs by id, whole; tombstones too. The moment that an id carries is tried first, then the key table. */
  async newest(workspaceId: string, wanted: readonly { id: string; at: number | null }[]): Promise<Map<string, LogRow>> {
    const found = new Map<string, LogRow>();
    const direct = wanted.flatMap(({ id, at }) => (at === null ? [] : [{ id, at }]));
    for (const row of await this.#rows(workspaceId, direct)) found.set(row.id, row);
    const rest = wanted.filter(({ id }) => !found.has(id)).map(({ id }) => id);
    for (const row of await this.#rows(workspaceId, await keysOf(this.#db, workspaceId, rest))) found.set(row.id, row);
    return found;
  }

  async #rows(workspaceId: string, keys: readonly RowKey[]): Promise<LogRow[]> {
    const [first] = keys;
    if (first === undefined) return [];
    const single = keys.length === 1;
    // A log by its id is asked for most: its one place in the sort key is found without sets and sorting, nor anything else
    // that the engine would consider to read less than a granule. Older versions that are not merged away yet come along.
    const where = single
      ? "PREWHERE workspace_id = {workspace:String} AND at = {at:DateTime64(6, 'UTC')} AND id = {ids:String}"
      : `WHERE workspace_id = {workspace:String} AND at IN {at:Array(DateTime64(6, 'UTC'))} AND id IN {ids:Array(String)}
         ORDER BY at, id, row_version DESC LIMIT 1 BY at, id`;
    const rows = await this.#db.query<RawSummary & RawPayload & { blob_hashes: string[]; metadata: Record<string, string> }>(
      `SELECT ${summaryColumns}, ${payloadColumns}, blob_hashes, metadata FROM logs ${where}
       SETTINGS max_threads = 1${single ? ', use_skip_indexes = 0, use_query_condition_cache = 0' : ''}`,
      single
        ? { workspace: workspaceId, at: secondsText(first.at), ids: first.id }
        : { workspace: workspaceId, at: [...new Set(keys.map(({ at }) => secondsText(at)))], ids: keys.map(({ id }) => id) },
    );
    if (single) rows.sort((one, other) => other.row_version - one.row_version).splice(1);
    return rows.map((raw) => ({
      ...summaryOf(raw),
      ...payloadOf(raw),
      blob_hashes: raw.blob_hashes,
      metadata: raw.metadata,
      search_text: '',
    }));
  }

  /** A page of rows in the wanted order, without payload. */
  async page(workspaceId: string, filter: LogFilter, page: LogPage, before: RowKey | null): Promise<SummaryRow[]> {
    const newestFirst = !page.sort || page.sort === '-at';
    if (newestFirst && page.page === 1 && !page.sample) return this.#newestPage(workspaceId, filter, page.size, before);
    const where = logConditions(workspaceId, filter);
    if (before) addBefore(where, before);
    const order = page.sample ? 'rand()' : orders[page.sort ?? '-at'];
    const limit = page.sample ? Math.min(page.sample, page.size) : page.size;
    const keys = await this.#db.query<{ id: string; at_us: number }>(
      `SELECT id, toUnixTimestamp64Micro(at) AS at_us FROM logs FINAL WHERE ${where.sql} AND deleted = 0
       ORDER BY ${order} LIMIT {limit:UInt32} OFFSET {offset:UInt64}`,
      { ...where.params, limit, offset: page.sample ? 0 : (page.page - 1) * page.size },
    );
    const rows = await this.#summaries(
      workspaceId,
      keys.map(({ id, at_us }) => ({ id, at: at_us })),
    );
    const byId = new Map(rows.map((row) => [row.id, row]));
    return keys.flatMap(({ id }) => byId.get(id) ?? []);
  }

  /**
   * The first rows in the order of the sort key. Candidates are read in that order and without merging versions, so the
   * engine stops as soon as it has them; the newest version of each then decides.
   */
  async #newestPage(workspaceId: string, filter: LogFilter, size: number, before: RowKey | null): Promise<SummaryRow[]> {
    const page: SummaryRow[] = [];
    let from = before;
    for (;;) {
      const where = logConditions(workspaceId, filter);
      if (from) addBefore(where, from);
      const limit = size + spare;
      const found = await this.#db.query<{ id: string; at_us: number }>(
        `SELECT id, toUnixTimestamp64Micro(at) AS at_us FROM logs WHERE ${where.sql}
         ORDER BY at DESC, id DESC LIMIT {limit:UInt32}`,
        { ...where.params, limit },
      );
      const keys = found.map(({ id, at_us }) => ({ id, at: at_us }));
      page.push(...(await this.#summaries(workspaceId, keys, filter)));
      const last = keys.at(-1);
      if (page.length >= size || keys.length < limit || !last) return page.slice(0, size);
      from = last;
    }
  }

  /** Newest rows by key, newest first, that are not deleted and (with a filter) still fit. */
  async #summaries(workspaceId: string, keys: readonly RowKey[], filter: LogFilter = {}): Promise<SummaryRow[]> {
    if (keys.length === 0) return [];
    const where = logConditions(workspaceId, { ...filter, ids: keys.map(({ id }) => id) });
    const rows = await this.#db.query<RawSummary & { fits: number }>(
      `SELECT ${summaryColumns}, toUInt8(ifNull(${where.sql}, 0) AND deleted = 0) AS fits FROM logs
       WHERE workspace_id = {w:String} AND at IN {ats:Array(DateTime64(6, 'UTC'))} AND id IN {ids:Array(String)}
       ORDER BY at DESC, id DESC, row_version DESC LIMIT 1 BY at, id`,
      {
        ...where.params,
        w: workspaceId,
        ats: [...new Set(keys.map(({ at }) => secondsText(at)))],
        ids: keys.map(({ id }) => id),
      },
    );
    return rows.filter(({ fits }) => fits === 1).map(summaryOf);
  }

  /** Newest rows that name one of the traces and are not deleted. */
  async ofTraces(workspaceId: string, traceIds: readonly string[], limit: number): Promise<SummaryRow[]> {
    const rows = await this.#db.query<RawSummary>(
      `SELECT ${summaryColumns} FROM logs
       WHERE workspace_id = {workspace:String} AND trace_id IN {traces:Array(String)}
       ORDER BY at, id, row_version DESC LIMIT 1 BY at, id LIMIT {limit:UInt32}`,
      { workspace: workspaceId, traces: [...traceIds], limit },
    );
    return rows.filter(({ deleted }) => deleted === 0).map(summaryOf);
  }

  async count(workspaceId: string, filter: LogFilter): Promise<number> {
    const where = logConditions(workspaceId, filter);
    const [row] = await this.#db.query<{ n: number }>(
      `SELECT count() AS n FROM logs FINAL WHERE ${where.sql} AND deleted = 0`,
      where.params,
    );
    return row?.n ?? 0;
  }

  /** Payloads of rows, by id. */
  async payloads(workspaceId: string, rows: readonly SummaryRow[]): Promise<Map<string, Payload>> {
    if (rows.length === 0) return new Map();
    const raws = await this.#db.query<RawPayload & { id: string }>(
      `SELECT id, ${payloadColumns} FROM logs
       WHERE workspace_id = {workspace:String} AND at IN {at:Array(DateTime64(6, 'UTC'))} AND (id, row_version) IN {rows:Array(Tuple(String, UInt32))}`,
      {
        workspace: workspaceId,
        at: [...new Set(rows.map(({ at }) => secondsText(at)))],
        rows: rows.map(({ id, row_version }) => [id, row_version]),
      },
    );
    return new Map(raws.map((raw) => [raw.id, payloadOf(raw)]));
  }
}

/** Where the rows of ids are that do not say it themselves; of those that are known. */
export async function keysOf(db: LogDatabase, workspaceId: string, ids: readonly string[]): Promise<RowKey[]> {
  if (ids.length === 0) return [];
  const keys = await db.query<{ id: string; at_us: number }>(
    `SELECT id, min(toUnixTimestamp64Micro(at)) AS at_us FROM log_keys
     WHERE workspace_id = {workspace:String} AND id IN {ids:Array(String)} GROUP BY id`,
    { workspace: workspaceId, ids },
  );
  return keys.map(({ id, at_us }) => ({ id, at: at_us }));
}

const orders = {
  at: 'at, id',
  '-at': 'at DESC, id DESC',
  latency: 'latency_ms ASC NULLS LAST, at DESC, id DESC',
  '-latency': 'latency_ms DESC NULLS LAST, at DESC, id DESC',
  cost: 'cost_usd ASC NULLS LAST, at DESC, id DESC',
  '-cost': 'cost_usd DESC NULLS LAST, at DESC, id DESC',
} as const;

function addBefore(where: Conditions, { at, id }: RowKey): void {
  const moment = where.bind("DateTime64(6, 'UTC')", secondsText(at));
  where.add(`at <= ${moment} AND (at < ${moment} OR id < ${where.bind('String', id)})`);
}

/** Microseconds as the decimal seconds that a DateTime64 is read from. */
export function secondsText(micros: number): string {
  const iso = new Date(Math.floor(micros / 1000)).toISOString();
  return `${iso.slice(0, 23).replace('T', ' ')}${String(micros - Math.floor(micros / 1000) * 1000).padStart(3, '0')}`;
}

function summaryOf(raw: RawSummary): SummaryRow {
  const { at_us, received_us, start_us, end_us, metadata_json, ...rest } = raw as RawSummary & { fits?: number };
  delete rest.fits;
  return { ...rest, at: at_us, received_at: received_us, start_time: start_us, end_time: end_us, metadata_json: json(metadata_json) };
}

function payloadOf(raw: RawPayload): Payload {
  const message = json<Payload['output_message']>(raw.output_message);
  return {
    inputs: json(raw.inputs),
    messages: json(raw.messages),
    output: raw.output_said === 1 ? contentOf(message) : raw.output,
    output_message: message,
    tool_choice: json(raw.tool_choice),
    error: raw.error,
    stdout: raw.stdout,
    provider_request: json(raw.provider_request),
    provider_response: json(raw.provider_response),
    blobs: json<Payload['blobs']>(raw.blobs) ?? [],
  };
}

function json<T>(text: string | null): T | null {
  return text === null || text === '' ? null : (JSON.parse(text) as T);
}
