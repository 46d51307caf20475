import { buildPairs, buildReport } from '@whetstone/domain';
import { carryOf } from './carry.ts';
import { caseList } from './cases.ts';
import { Datasets } from './datasets.ts';
import { exported } from './export.ts';
import type { Reports, ReportsDeps } from './index.ts';
import { load } from './load.ts';
import { changeSettings } from './settings.ts';
import { slices } from './slices.ts';
import type { Db, ReportTables } from './store.ts';

/** What the verbs of the room share. */
export interface Room extends ReportsDeps {
  readonly db: Db;
  readonly datasets: Datasets;
}

export function createReports(deps: ReportsDeps): Reports {
  const room: Room = { ...deps, db: deps.storage.database<ReportTables>(), datasets: new Datasets() };
  return {
    report: async (scope, id, asked) => buildReport((await load(room, scope, id, asked)).input),
    settings: changeSettings(room),
    cases: caseList(room),
    slices: slices(room),
    async pairs(scope, id, { runIds, evaluator }) {
      const { input } = await load(room, scope, id, { runIds });
      return buildPairs(input, evaluator ?? null);
    },
    export: (scope, id, query, signal) => exported(room, scope, id, query, signal),
    carry: carryOf(room.db),
  };
}
