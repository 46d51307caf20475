import type { LogDatabase } from '../../storage/index.ts';
import type { CarriedExposure } from './exposures.ts';

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
      'SELECT DISTINCT experiment_id AS id FROM exposures WHERE workspace_id = {workspace:String} ORDER BY id',
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

  #page(workspaceId: string, experimentId: string, after: { receivedUs: number; unit: string }): Promise<Row[]> {
    return this.#db.query<Row>(
      `SELECT experiment_id AS experimentId, unit, arm_id AS armId, epoch, source,
         toUnixTimestamp64Micro(at) AS atUs, toUnixTimestamp64Micro(received_at) AS receivedUs
       FROM exposures
       WHERE workspace_id = {workspace:String} AND experiment_id = {experiment:String}
         AND (received_at, unit) > (fromUnixTimestamp64Micro({from:Int64}, 'UTC'), {unit:String})
       ORDER BY received_at, unit LIMIT {size:UInt32}`,
      { workspace: workspaceId, experiment: experimentId, from: after.receivedUs, unit: after.unit, size: pageRows },
    );
  }
}
