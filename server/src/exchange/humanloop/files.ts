import { AppError, type Datapoint, type Scope } from '@whetstone/contract';
import type { Environment, Files, Snapshot } from '../../files/index.ts';
import type { Archive } from '../archive.ts';
import type { Report } from '../report.ts';
import { datapointShape, type ExportedVersion, kernelOf, whyNot } from './shapes.ts';
import type { ExportedFile } from './survey.ts';

/** Where the versions of the export are now: its ids, and for content that was there twice the id that stands for both. */
export type Versions = Map<string, { fileId: string; versionId: string; contentHash: string; deployedTo: ReadonlySet<string> }>;

export interface Carrying {
  files: Pick<Files, 'upsert' | 'find' | 'deploy' | 'environments' | 'datasets'>;
  scope: Scope;
  archive: Archive;
  report: Report;
  signal: AbortSignal;
}

/** Files with their versions, then environments and what was deployed there. */
export async function carryFiles(carrying: Carrying, files: readonly ExportedFile[], done: () => void): Promise<Versions> {
  const versions: Versions = new Map();
  for (const file of files) {
    carrying.signal.throwIfAborted();
    const before = versions.size;
    for (const { where, version } of file.versions) await carryVersion(carrying, file, where, version, versions);
    if (versions.size > before) carrying.report.carried('files');
    done();
  }
  await carryDeployments(carrying, files, versions);
  return versions;
}

async function carryVersion(
  carrying: Carrying,
  file: ExportedFile,
  where: string,
  version: ExportedVersion,
  versions: Versions,
): Promise<void> {
  const { report } = carrying;
  note(report, version);
  try {
    const snapshot = await save(carrying, file, version);
    const { id: versionId, contentHash } = snapshot.version;
    const deployedTo = new Set(snapshot.environments.map(({ name }) => name));
    versions.set(version.version_id, { fileId: snapshot.file.id, versionId, contentHash, deployedTo });
    report.carried('versions');
    if (versionId !== version.version_id) {
      report.problem(where, 'version', `It says the same as ${versionId}, which stands for both from now on.`);
    }
  } catch (error) {
    if (!(error instanceof AppError) && !isShape(error)) throw error;
    if (error instanceof AppError && error.code === 'unavailable') throw error;
    report.problem(where, 'version', whyNot(error));
  }
}

async function save(carrying: Carrying, file: ExportedFile, version: ExportedVersion): Promise<Snapshot> {
  const { files, scope } = carrying;
  const known = await files.find(scope, file.kind, { id: file.id });
  const input = {
    ...(known === null ? { path: file.path, newFileId: file.id } : { id: file.id }),
    versionId: version.version_id,
    versionName: version.version_name ?? null,
    versionDescription: version.version_description ?? version.commit_message ?? null,
    description: file.description,
    readme: file.readme,
    tags: file.tags,
    at: version.created_at ?? version.updated_at ?? undefined,
    deployFirst: false,
  };
  const kernel = kernelOf(file.kind, version);
  if (kernel !== null) return (await files.upsert(scope, file.kind, { ...input, kernel })).snapshot;
  const datapoints = await datapointsOf(carrying, file, version.version_id);
  const attributes = version['attributes'];
  const { snapshot } = await files.datasets.upsert(scope, {
    ...input,
    datapoints,
    action: 'set',
    ...(typeof attributes === 'object' && attributes !== null ? { attributes: attributes as Record<string, unknown> } : {}),
  });
  return snapshot;
}

async function datapointsOf({ archive, report }: Carrying, file: ExportedFile, versionId: string): Promise<(Datapoint & { id: string })[]> {
  const datapoints: (Datapoint & { id: string })[] = [];
  for (const path of file.datapoints.get(versionId) ?? []) {
    let line = 0;
    try {
      for await (const text of archive.lines(path)) {
        line += 1;
        report.found('datapoints');
        try {
          datapoints.push(datapointShape.parse(JSON.parse(text)) as Datapoint & { id: string });
          report.carried('datapoints');
        } catch (error) {
          report.problem(`${path}:${line}`, 'datapoint', whyNot(error));
        }
      }
    } catch (error) {
      report.problem(path, 'datapoints', whyNot(error));
    }
  }
  return datapoints;
}

async function carryDeployments(carrying: Carrying, files: readonly ExportedFile[], versions: Versions): Promise<void> {
  const { report, scope } = carrying;
  const environments = new Map((await carrying.files.environments.list(scope)).map((each) => [each.name, each]));
  for (const file of files) {
    for (const { version_id, environment_name } of file.deployments) {
      const where = `${file.folder}/deployments.json`;
      const version = versions.get(version_id);
      if (version === undefined) {
        report.problem(where, 'deployment', `Its version ${version_id} could not be carried.`);
        continue;
      }
      try {
        const environment = environments.get(environment_name) ?? (await makeEnvironment(carrying, environment_name));
        environments.set(environment_name, environment);
        if (!version.deployedTo.has(environment_name)) {
          await carrying.files.deploy(scope, file.kind, version.fileId, environment.id, version.versionId, { message: 'Imported' });
        }
        report.carried('deployments');
      } catch (error) {
        if (!(error instanceof AppError) || error.code === 'unavailable') throw error;
        report.problem(where, `deployment to ${environment_name}`, error.message);
      }
    }
  }
}

async function makeEnvironment({ files, scope, report }: Carrying, name: string): Promise<Environment> {
  const environment = await files.environments.create(scope, { name, protected: false });
  report.carried('environments');
  return environment;
}

/** Who and what has to be entered again. */
function note(report: Report, version: ExportedVersion): void {
  const { created_by: by } = version;
  const person = typeof by === 'string' ? null : by?.email_address;
  if (person) report.reenter('people', person);
  const provider = version['provider'];
  if (typeof provider === 'string' && provider !== '') report.reenter('providers', provider);
}

function isShape(error: unknown): boolean {
  return error instanceof Error && error.name.includes('Zod');
}
