import { createHash } from 'node:crypto';
import type { LogDatabase } from '../../storage/index.ts';
import { timeText } from '../record/line.ts';
import type { CarriedExposure, CarriedOutcome } from './exposures.ts';

const pageRows = 10_000;

interface Row {
  experimentId: string;
  unit: string;
  armId: string;
  epoch: number;
  atUs: number;
  receivedUs: number;
  source: string;
}

export class ExposureStore {
  readonly #db: LogDatabase;

  constructor(db: LogDatabase) {
    this.#db = db;
  }

  /** Rows of one experiment are read by the order of the table; those that say the same are one. */
  async *all(workspaceId: string): AsyncGenerator<CarriedExposure, void, undefined> {
    const experiments = await this.#db.query<{ id: string }>(
      `SELECT DISTINCT toString(experiment_id) AS id FROM (SELECT experiment_id, workspace_id FROM exposures UNION ALL
         SELECT experiment_id, workspace_id FROM experiment_units) WHERE workspace_id = {workspace:String} ORDER BY id`,
      { workspace: workspaceId },
    );
    for (const { id } of experiments) {
      let after = { receivedUs: 0, unit: '' };
      for (;;) {
        const rows = await this.#page(workspaceId, id, after);
        for (const { atUs, receivedUs, ...row } of rows)
          yield { ...row, at: new Date(Math.floor(atUs / 1000)), receivedAt: new Date(Math.floor(receivedUs / 1000)) };
        const last = rows.at(-1);
        if (last === undefined || rows.length < pageRows) break;
        after = { receivedUs: last.receivedUs, unit: last.unit };
      }
    }
  }

  async *outcomes(workspaceId: string): AsyncGenerator<CarriedOutcome, void, undefined> {
    let after = { experiment: '', unit: '' };
    for (;;) {
      const rows = await this.#db.query<CarriedOutcome>(
        `SELECT toString(experiment_id) AS experiment_id, unit_key, toString(arm_id) AS arm_id, epoch,
           toUnixTimestamp64Micro(t.first_at) AS first_at, toUnixTimestamp64Micro(t.matured_at) AS matured_at,
           toUnixTimestamp64Micro(t.settled_at) AS settled_at, precedence, toString(left_out) AS left_out, logs, outcomes, before, answered
         FROM experiment_outcomes AS t FINAL
         WHERE workspace_id = {workspace:String} AND (experiment_id, unit_key) > ({experiment:String}, {unit:String})
         ORDER BY experiment_id, unit_key LIMIT {size:UInt32}`,
        { workspace: workspaceId, ...after, size: pageRows },
      );
      yield* rows;
      const last = rows.at(-1);
      if (last === undefined || rows.length < pageRows) return;
      after = { experiment: last.experiment_id, unit: last.unit_key };
    }
  }

  async addOutcomes(workspaceId: string, outcomes: readonly CarriedOutcome[]): Promise<void> {
    if (outcomes.length === 0) return;
    const lines = outcomes.map(({ first_at: first, matured_at: matured, settled_at: settled, ...row }) =>
      Buffer.from(
        JSON.stringify({
          workspace_id: workspaceId,
          ...row,
          first_at: timeText(first),
          matured_at: timeText(matured),
          settled_at: timeText(settled),
        }),
      ),
    );
    const token = createHash('sha256');
    for (const line of lines) token.update(line);
    await this.#db.insert('experiment_outcomes', lines, token.digest('hex'));
  }

  #page(workspaceId: string, experimentId: string, after: { receivedUs: number; unit: string }): Promise<Row[]> {
    return this.#db.query<Row>(
      `WITH {experiment:String} AS wanted, told AS (
         SELECT unit, toString(arm_id) AS arm, epoch, toString(source) AS source, toUnixTimestamp64Micro(at) AS atUs, toUnixTimestamp64Micro(received_at) AS us
         FROM exposures WHERE workspace_id = {workspace:String} AND experiment_id = wanted)
       SELECT wanted AS experimentId, unit, arm AS armId, epoch, source, atUs, us AS receivedUs FROM (
         SELECT * FROM told UNION ALL
         SELECT unit, arm, toUInt32(0) AS epoch, 'log' AS source, first AS atUs, first AS us FROM (
           SELECT unit, toString(arm_id) AS arm, intDiv(toUnixTimestamp64Micro(min(first_at)), 1000) * 1000 AS first
           FROM experiment_units WHERE workspace_id = {workspace:String} AND experiment_id = wanted GROUP BY unit, arm)
         WHERE (unit, arm, first) NOT IN (SELECT unit, arm, intDiv(us, 1000) * 1000 FROM told))
       WHERE (us, unit) > ({from:Int64}, {unit:String}) ORDER BY us, unit, arm LIMIT {size:UInt32}`,
      { workspace: workspaceId, experiment: experimentId, from: after.receivedUs, unit: after.unit, size: pageRows },
    );
  }
}
