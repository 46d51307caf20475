import type { CarriedDeployment, CarriedVersion } from '../../files/index.ts';
import { pathName } from '../export/pack.ts';
import { type Carrying, refusalOf } from './carrying.ts';
import { historyShape } from './ours.ts';
import { type ExportedFile, read } from './survey.ts';

/** What happened to the versions of a new file in each environment: the history of an export of ours, else what is deployed. */
export async function historyOf(carrying: Carrying, file: ExportedFile, versions: readonly CarriedVersion[]): Promise<CarriedDeployment[]> {
  const { ours, report, places, authors, scope, now } = carrying;
  const where = `${file.folder}/deployments.json`;
  const readable = new Set(versions.map(({ id }) => id));
  const deployed: CarriedDeployment[] = [];
  for (const { version_id, environment_name } of file.deployments) {
    if (!readable.has(version_id)) {
      report.problem(where, 'deployment', `Its version ${version_id} could not be carried.`);
      continue;
    }
    const environmentId = await placeOf(carrying, where, environment_name);
    if (environmentId === null) continue;
    report.carried('deployments');
    const said = { previousVersionId: null, action: 'deploy', message: 'Imported', at: now, by: scope.actor.id } as const;
    deployed.push({ environmentId, versionId: version_id, ...said });
  }
  const path = `whetstone/history/${pathName(file.id)}.json`;
  const entries =
    ours === null || !carrying.archive.paths.includes(path)
      ? null
      : await read(carrying.archive, report, path, 'history of deployments', historyShape);
  if (entries === null) return deployed;
  const history: CarriedDeployment[] = [];
  for (const entry of entries) {
    const environmentId = places.byOldId.get(entry.environment_id);
    // Of an environment that is no more: told where environments are carried.
    if (environmentId === undefined) continue;
    history.push({
      environmentId,
      versionId: entry.version_id,
      previousVersionId: entry.previous_version_id,
      action: entry.action,
      message: entry.message,
      at: entry.created_at,
      by: await authors.idOf(entry.created_by),
    });
  }
  return history;
}

/** In a file that is here, what is deployed stays. */
export async function deployWhereFree(carrying: Carrying, file: ExportedFile): Promise<void> {
  const { files, scope, report, versions } = carrying;
  const where = `${file.folder}/deployments.json`;
  for (const { version_id, environment_name } of file.deployments) {
    const version = versions.get(version_id);
    if (version === undefined) {
      report.problem(where, 'deployment', `Its version ${version_id} could not be carried.`);
      continue;
    }
    const environmentId = await placeOf(carrying, where, environment_name);
    if (environmentId === null) continue;
    try {
      const deployed = await files.deployed(scope, file.kind, version.fileId);
      const there = deployed.find(({ environment }) => environment.id === environmentId)?.snapshot?.version.id;
      if (there === undefined)
        await files.deploy(scope, file.kind, version.fileId, environmentId, version.versionId, { message: 'Imported' });
      if (there === undefined || there === version.versionId) report.carried('deployments');
      else report.problem(where, `deployment to ${environment_name}`, `The version ${there} is deployed there, and stays.`);
    } catch (error) {
      report.problem(where, `deployment to ${environment_name}`, refusalOf(error));
    }
  }
}

async function placeOf({ places, report }: Carrying, where: string, name: string): Promise<string | null> {
  try {
    return await places.idOf(name);
  } catch (error) {
    report.problem(where, `deployment to ${name}`, refusalOf(error));
    return null;
  }
}
