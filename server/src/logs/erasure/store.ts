import type { LogDatabase, LogParams } from '../../storage/index.ts';

export type ErasureKind = 'user' | 'file' | 'workspace';
export interface Erasure {
  workspaceId: string;
  kind: ErasureKind;
  name: string;
  requestedUs: number;
}

/** Rows of one workspace that are older than their environment's retention; times are microseconds. */
export interface Expiry {
  workspaceId: string;
  /** For environments without one of their own; null keeps. */
  before: number | null;
  environments: { id: string; before: number | null }[];
}

const matches: Record<ErasureKind, { logs: string; judgments: string }> = {
  user: { logs: 'end_user = {name:String}', judgments: '(log_user = {name:String} OR (source = {user:String} AND judge = {name:String}))' },
  file: { logs: 'file_id = {name:String}', judgments: '(evaluator_id = {name:String} OR log_file_id = {name:String})' },
  workspace: { logs: 'true', judgments: 'true' },
};
const longMutation = { maxSeconds: 3_600 };

/** Deletes: by tombstone at once, then physically. */
export class ErasureStore {
  readonly #db: LogDatabase;

  constructor(db: LogDatabase) {
    this.#db = db;
  }

  /** Buries whatever matches and was received until the given moment; how many logs there were. */
  async bury({ workspaceId, kind, name, requestedUs }: Erasure): Promise<number> {
    const logs = { workspace: workspaceId, name, until: requestedUs };
    const until = `workspace_id = {workspace:String} AND deleted = 0 AND received_at <= fromUnixTimestamp64Micro({until:Int64}, 'UTC')`;
    const named = kind === 'workspace' ? { workspace: workspaceId, until: requestedUs } : logs;
    const [found] = await this.#db.query<{ n: number }>(
      `SELECT count() AS n FROM logs FINAL WHERE ${until} AND ${matches[kind].logs}`,
      named,
    );
    const settings = 'SETTINGS max_partitions_per_insert_block = 0, max_block_size = 8192';
    if ((found?.n ?? 0) > 0) {
      await this.#db.command(
        `INSERT INTO logs (workspace_id, id, at, row_version, deleted, received_at, kind, file_id, version_id, environment_id, origin, blob_hashes)
         SELECT workspace_id, id, at, row_version + 1, 1, now64(6), kind, file_id, version_id, environment_id, origin, blob_hashes
         FROM logs FINAL WHERE ${until} AND ${matches[kind].logs} ${settings}`,
        named,
        longMutation,
      );
    }
    await this.#db.command(
      `INSERT INTO judgments (workspace_id, id, at, row_version, deleted, received_at, evaluator_id, evaluator_version_id, log_id, source, origin)
       SELECT workspace_id, id, at, row_version + 1, 1, now64(6), evaluator_id, evaluator_version_id, log_id, source, origin
       FROM judgments FINAL WHERE ${until} AND ${matches[kind].judgments} ${settings}`,
      kind === 'user' ? { ...named, user: 'user' } : named,
      longMutation,
    );
    if (kind === 'user') {
      const theirs = `workspace_id = {workspace:String} AND unit = {name:String} AND received_at <= fromUnixTimestamp64Micro({until:Int64}, 'UTC')`;
      await this.#remove('exposures', { sql: theirs, params: named });
      const seen = `workspace_id = {workspace:String} AND unit = {name:String} AND first_at <= fromUnixTimestamp64Micro({until:Int64}, 'UTC')`;
      await this.#remove('experiment_units', { sql: seen, params: named });
    }
    return found?.n ?? 0;
  }

  async remember({ workspaceId, kind, name, requestedUs }: Erasure): Promise<void> {
    await this.#db.command(
      `INSERT INTO log_erasures (workspace_id, kind, name, requested_at)
       SELECT {workspace:String}, {kind:String}, {name:String}, fromUnixTimestamp64Micro({at:Int64}, 'UTC')`,
      { workspace: workspaceId, kind, name, at: requestedUs },
    );
  }

  async remembered(sinceUs: number): Promise<Erasure[]> {
    return this.#db.query(
      `SELECT workspace_id AS workspaceId, kind, name, toUnixTimestamp64Micro(requested_at) AS requestedUs FROM log_erasures
       WHERE requested_at >= fromUnixTimestamp64Micro({since:Int64}, 'UTC') ORDER BY requested_at`,
      { since: sinceUs },
    );
  }

  async workspaces(): Promise<string[]> {
    const rows = await this.#db.query<{ workspace_id: string }>(
      'SELECT DISTINCT workspace_id FROM logs UNION DISTINCT SELECT DISTINCT workspace_id FROM judgments',
    );
    return rows.map(({ workspace_id }) => workspace_id);
  }

  /** Names of the blobs of rows that are about to be removed, or were buried. */
  async doomedBlobs(expiries: readonly Expiry[]): Promise<string[]> {
    const { sql, params } = expired(expiries, 'environment_id', 'at');
    const rows = await this.#db.query<{ hash: string }>(
      `SELECT DISTINCT arrayJoin(blob_hashes) AS hash FROM logs WHERE notEmpty(blob_hashes) AND (deleted = 1 OR ${sql})`,
      params,
    );
    return rows.map(({ hash }) => hash);
  }

  /** Which of the blobs a living row still names. */
  async livingBlobs(hashes: readonly string[]): Promise<Set<string>> {
    const rows = await this.#db.query<{ hash: string }>(
      `SELECT DISTINCT arrayJoin(blob_hashes) AS hash FROM logs FINAL
       WHERE deleted = 0 AND notEmpty(blob_hashes) AND hasAny(blob_hashes, {hashes:Array(String)})`,
      { hashes: [...hashes] },
    );
    return new Set(rows.map(({ hash }) => hash));
  }

  /** Removes rows past their retention, every version of them. */
  async removeExpired(expiries: readonly Expiry[]): Promise<void> {
    await this.#remove('logs', expired(expiries, 'environment_id', 'at'));
    await this.#remove('judgments', expired(expiries, 'log_environment_id', 'ifNull(log_at, at)'));
  }

  /** Removes what lies under a tombstone, and tombstones from before the given moment. */
  async removeBuried(tombstonesBeforeUs: number): Promise<void> {
    for (const table of ['logs', 'judgments'] as const) {
      const graves = `SELECT t.workspace_id, t.at, t.id, t.row_version FROM ${table} AS t
        INNER JOIN (SELECT workspace_id, at, id, max(row_version) AS last FROM ${table} WHERE deleted = 1 GROUP BY workspace_id, at, id) AS g
        ON t.workspace_id = g.workspace_id AND t.at = g.at AND t.id = g.id
        WHERE t.deleted = 0 AND t.row_version < g.last`;
      await this.#remove(table, { sql: `deleted = 0 AND (workspace_id, at, id, row_version) IN (${graves})`, params: {} });
      const old = `deleted = 1 AND received_at < fromUnixTimestamp64Micro({before:Int64}, 'UTC')`;
      const params = { before: tombstonesBeforeUs };
      await this.#remove('log_keys', { sql: `(workspace_id, id) IN (SELECT workspace_id, id FROM ${table} WHERE ${old})`, params });
      await this.#remove(table, { sql: old, params });
    }
  }

  async removeWorkspace(workspaceId: string): Promise<void> {
    for (const table of ['logs', 'judgments', 'log_keys', 'log_erasures', 'exposures', 'experiment_units', 'experiment_outcomes']) {
      await this.#remove(table, { sql: 'workspace_id = {workspace:String}', params: { workspace: workspaceId } });
    }
  }

  /** A mutation rewrites parts even when it finds nothing in them, so it is asked first. */
  async #remove(table: string, { sql, params }: { sql: string; params: LogParams }): Promise<void> {
    const [found] = await this.#db.query<{ n: number }>(`SELECT count() AS n FROM ${table} WHERE ${sql}`, params, longMutation);
    if (!found || found.n === 0) return;
    await this.#db.command(
      `ALTER TABLE ${table} DELETE WHERE ${sql} SETTINGS mutations_sync = 2, allow_nondeterministic_mutations = 1`,
      params,
      longMutation,
    );
  }
}

function expired(expiries: readonly Expiry[], environment: string, at: string): { sql: string; params: LogParams } {
  const params: Record<string, string | number> = {};
  const bind = (type: string, value: string | number): string => {
    const name = `e${Object.keys(params).length}`;
    params[name] = value;
    return `{${name}:${type}}`;
  };
  const older = (before: number) => `${at} < fromUnixTimestamp64Micro(${bind('Int64', before)}, 'UTC')`;
  const parts: string[] = [];
  for (const { workspaceId, before, environments } of expiries) {
    const own = environments.flatMap(({ id, before: limit }) =>
      limit === null ? [] : [`${environment} = ${bind('String', id)} AND ${older(limit)}`],
    );
    if (before !== null) {
      const rest = environments.map(({ id }) => `${environment} != ${bind('String', id)}`);
      own.push([older(before), ...rest].join(' AND '));
    }
    if (own.length > 0) parts.push(`workspace_id = ${bind('String', workspaceId)} AND (${own.map((part) => `(${part})`).join(' OR ')})`);
  }
  return { sql: parts.length === 0 ? 'false' : `(${parts.map((part) => `(${part})`).join(' OR ')})`, params };
}
