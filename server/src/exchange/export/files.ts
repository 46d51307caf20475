import type { Scope } from '@whetstone/contract';
import type { CarriedEvaluation } from '../../evaluations/index.ts';
import type { CarriedMonitor } from '../../monitors/index.ts';
import type { CarriedFile } from '../../files/index.ts';
import type { ExchangeDeps } from '../index.ts';
import { addEvaluations } from './evaluations.ts';
import { addLines } from './lines.ts';
import { type Pack, pathName } from './pack.ts';
import type { Authors } from './people.ts';
import { deploymentRecords, fileRecord, judgmentRecord, logRecord, type Names, versionRecord } from './records.ts';

export interface Exporting {
  pack: Pack;
  deps: ExchangeDeps;
  scope: Scope;
  names: Names;
  authors: Authors;
  signal: AbortSignal;
}

const datapointsAtOnce = 1_000;
const judgmentsAtOnce = 1_000;

/** `files/<id>/…`, and its history of deployments below `whetstone/`. */
export async function addFile(
  exporting: Exporting,
  file: CarriedFile,
  monitors: readonly CarriedMonitor[],
  evaluations: readonly CarriedEvaluation[],
): Promise<void> {
  const { pack, deps, scope, names, authors, signal } = exporting;
  const folder = `files/${pathName(file.id)}`;
  const versions = await deps.files.carry.versions(scope, file.id);
  const history = await deps.files.carry.history(scope, file.id);
  const by = await authors.named([
    file.createdBy,
    ...versions.map(({ version }) => version.createdBy),
    ...monitors.map(({ createdBy }) => createdBy),
    ...history.map((entry) => entry.by),
  ]);
  const versionIds = versions.map(({ version }) => version.id);
  await pack.json(`${folder}/file.json`, fileRecord(file, versionIds, monitors, names, by));
  await pack.json(`${folder}/deployments.json`, deploymentRecords(versions));
  for (const snapshot of versions) {
    await pack.json(`${folder}/versions/${pathName(snapshot.version.id)}`, versionRecord(snapshot, by));
    if (file.kind !== 'dataset') continue;
    await addLines(pack, `${folder}/datapoints/${pathName(snapshot.version.id)}`, datapointsOf(exporting, snapshot.version.id));
  }
  if (file.kind === 'evaluator') await addLines(pack, `${folder}/logs`, judgmentsOf(exporting, file.id));
  else await addLines(pack, `${folder}/logs`, logsOf(exporting, file.id));
  await addEvaluations(pack, deps, scope, folder, evaluations, authors);
  if (history.length > 0) {
    await pack.json(
      `whetstone/history/${pathName(file.id)}.json`,
      history.map((entry) => ({
        environment_id: entry.environmentId,
        version_id: entry.versionId,
        previous_version_id: entry.previousVersionId,
        action: entry.action,
        message: entry.message,
        created_at: entry.at.toISOString(),
        created_by: by(entry.by),
      })),
    );
  }
  signal.throwIfAborted();
  await pack.add(`${folder}/.done`, 'Export completed successfully.\n');
}

async function* datapointsOf({ deps, scope }: Exporting, versionId: string): AsyncGenerator<object> {
  for (let page = 1; ; page += 1) {
    const { records } = await deps.files.datasets.datapoints(scope, versionId, { page, size: datapointsAtOnce });
    yield* records;
    if (records.length < datapointsAtOnce) return;
  }
}

async function* logsOf({ deps, scope, names, signal }: Exporting, fileId: string): AsyncGenerator<object> {
  for await (const log of deps.logs.export(scope, { fileIds: [fileId] }, signal)) yield logRecord(log, names);
}

/** All of them, those that newer ones stand in for too. */
async function* judgmentsOf({ deps, scope, names }: Exporting, evaluatorId: string): AsyncGenerator<object> {
  for (let page = 1; ; page += 1) {
    const query = { page, size: judgmentsAtOnce, payload: true, count: false };
    const { records } = await deps.logs.judgments(scope, { evaluatorId }, query);
    for (const judgment of records) yield judgmentRecord(judgment, names);
    if (records.length < judgmentsAtOnce) return;
  }
}
