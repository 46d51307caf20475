import { buildSlices, lookedAt, prepareReport } from '@whetstone/domain';
import type { Room } from './create-reports.ts';
import { factsOf } from './facts.ts';
import type { Reports } from './index.ts';
import { load } from './load.ts';

export const slices =
  (room: Room): Reports['slices'] =>
  async (scope, id, { baseline, runId, evaluator, by, field }) => {
    const loaded = await load(room, scope, id, { baseline, ...(runId ? { runIds: [runId] } : {}) });
    const other = lookedAt(prepareReport(loaded.input), runId ?? null);
    const facts = await factsOf(room, scope, loaded, other?.run.run_id ?? null);
    return buildSlices(loaded.input, { by, field: field ?? null, evaluator: evaluator ?? null, runId: runId ?? null }, facts);
  };
