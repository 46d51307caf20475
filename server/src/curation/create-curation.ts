import { changeColumns } from './columns.ts';
import { compare } from './compare.ts';
import { findDuplicates } from './duplicates/find.ts';
import { addFromLogs, casesOfLogs } from './from-logs.ts';
import { generate } from './generate.ts';
import { previewFile, readFile } from './import/read.ts';
import type { Curation } from './index.ts';
import { Known } from './known.ts';
import type { CurationDeps, Room } from './room.ts';

const comparisonsKept = 8;
const searchesKept = 8;

export function createCuration(deps: CurationDeps): Curation {
  const room: Room = { ...deps, compared: new Known(comparisonsKept), duplicates: new Known(searchesKept) };
  return {
    compare: (scope, from, to, page) => compare(room, scope, from, to, page),
    changeColumns: (scope, versionId, columns, except) => changeColumns(room, scope, versionId, columns, except),
    addFromLogs: (scope, dataset, filter, wish, signal) => addFromLogs(room, scope, dataset, filter, wish, signal),
    casesOf: (scope, logIds, wish, signal) => casesOfLogs(room, scope, logIds, wish, signal),
    previewImport: (file, options) => previewFile(file, options),
    readImport: (file, options) => readFile(file, options),
    duplicates: (scope, versionId, threshold) => findDuplicates(room, scope, versionId, threshold),
    generate: (scope, dataset, wish, signal) => generate(room, scope, dataset, wish, signal),
  };
}
