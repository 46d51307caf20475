import { createHash } from 'node:crypto';
import type { LogDatabase } from '../../storage/index.ts';
import type { MetricSums, OrderedOutcome, Outcome, OutcomeGroup } from './experimented.ts';
import { timeText } from '../record/line.ts';
import { ofExperiment, spanOf } from './store.ts';

const table = 'experiment_outcomes';
const latest = 10 ** 16;

/** Table `experiment_outcomes`. */
export class OutcomeStore {
  readonly #db: LogDatabase;

  constructor(db: LogDatabase) {
    this.#db = db;
  }

  async add(workspaceId: string, experimentId: string, outcomes: readonly Outcome[], at: Date): Promise<void> {
    if (outcomes.length === 0) return;
    const settledUs = at.getTime() * 1000;
    const lines = outcomes.map((outcome) =>
      Buffer.from(
        JSON.stringify({
          workspace_id: workspaceId,
          experiment_id: experimentId,
          unit_key: outcome.unitKey,
          arm_id: outcome.armId,
          epoch: outcome.epoch,
          first_at: timeText(outcome.firstAt),
          matured_at: timeText(outcome.maturedAt),
          settled_at: timeText(settledUs),
          precedence: latest - settledUs / 1000,
          left_out: outcome.leftOut,
          logs: outcome.logs,
          outcomes: outcome.outcomes,
          before: outcome.before,
          answered: outcome.answered,
        }),
      ),
    );
    const token = createHash('sha256').update(`${workspaceId}\n${experimentId}\n${settledUs}\n`);
    for (const { unitKey } of outcomes) token.update(unitKey);
    await this.#db.insert(table, lines, token.digest('hex'));
  }

  async groups(
    workspaceId: string,
    experimentId: string,
    metrics: number,
    evaluators: number,
    spans: readonly Date[],
    first: number | null,
  ): Promise<OutcomeGroup[]> {
    const where = ofExperiment(workspaceId, experimentId);
    const sums = Array.from({ length: metrics }, (_, index) => {
      const y = `outcomes[${index + 1}]`;
      const x = `before[${index + 1}]`;
      const known = `isNotNull(${x}) AND isNotNull(${y})`;
      return `(count(${y}), ${sum(y)}, ${sum(`${y} * ${y}`)}, ${sum(`${y} * ${y} * ${y}`)}, countIf(${known}),
        ${sum(`if(${known}, ${x}, 0)`)}, ${sum(`if(${known}, ${x} * ${x}, 0)`)}, ${sum(`${x} * ${y}`)}, ${sum(`if(${known}, ${y}, 0)`)})`;
    });
    const answered = Array.from({ length: evaluators }, (_, index) => `countIf(has(answered, ${index}))`);
    const limited = first === null ? '' : `ORDER BY matured_at, unit_key LIMIT ${where.bind('UInt64', first)}`;
    const rows = await this.#db.query<Omit<OutcomeGroup, 'metrics'> & { sums: number[][] }>(
      `SELECT toString(arm_id) AS armId, epoch, ${spanOf(where, 'toUnixTimestamp64Micro(matured_at)', spans)} AS span, count() AS units,
         sum(logs) AS logs, ${answered.length === 0 ? '[]' : `[${answered.join(', ')}]`} AS answered,
         ${sums.length === 0 ? '[]' : `[${sums.join(', ')}]`} AS sums
       FROM (SELECT arm_id, epoch, matured_at, logs, answered, outcomes, before FROM ${table} FINAL
         WHERE ${where.sql} AND left_out = '' ${limited})
       GROUP BY armId, epoch, span ORDER BY epoch, armId, span`,
      where.params,
    );
    return rows.map(({ sums: all, ...group }) => ({ ...group, metrics: all.map(sumsOf) }));
  }

  async ordered(workspaceId: string, experimentId: string, metric: number, limit: number): Promise<OrderedOutcome[]> {
    const where = ofExperiment(workspaceId, experimentId);
    return this.#db.query(
      `SELECT toString(arm_id) AS armId, epoch, toUnixTimestamp64Micro(matured_at) AS maturedAt, outcomes[${metric + 1}] AS value FROM ${table} FINAL
       WHERE ${where.sql} AND left_out = '' ORDER BY matured_at, unit_key LIMIT ${where.bind('UInt32', limit)}`,
      where.params,
    );
  }

  async settled(workspaceId: string, experimentId: string): Promise<{ units: number; leftOut: Map<string, number>; lastAt: Date | null }> {
    const where = ofExperiment(workspaceId, experimentId);
    const rows = await this.#db.query<{ why: string; n: number; last: number }>(
      `SELECT toString(left_out) AS why, count() AS n, toUnixTimestamp64Milli(max(settled_at)) AS last FROM ${table} FINAL
       WHERE ${where.sql} GROUP BY why`,
      where.params,
    );
    const last = Math.max(0, ...rows.map((row) => row.last));
    return {
      units: rows.find(({ why }) => why === '')?.n ?? 0,
      leftOut: new Map(rows.filter(({ why }) => why !== '').map(({ why, n }) => [why, n])),
      lastAt: last === 0 ? null : new Date(last),
    };
  }
}

const sum = (of: string): string => `ifNull(sum(${of}), 0)`;

function sumsOf([n = 0, y = 0, yy = 0, yyy = 0, known = 0, x = 0, xx = 0, xy = 0, yKnown = 0]: number[]): MetricSums {
  return { n, y, yy, yyy, before: { known, x, xx, xy, yKnown } };
}
