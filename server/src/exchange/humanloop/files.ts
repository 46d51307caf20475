import { AppError, type Datapoint, type Kernels } from '@whetstone/contract';
import type { CarriedVersion, Snapshot } from '../../files/index.ts';
import { pathName } from '../export/pack.ts';
import { type Carrying, refusalOf, type Versions } from './carrying.ts';
import { deployWhereFree, historyOf } from './deployments.ts';
import { datapointShape, type ExportedVersion, kernelOf, whyNot } from './shapes.ts';
import { type ExportedFile, madeAt } from './survey.ts';

/** Files with their versions and what was deployed: those that are new as they were, into those that are there what they lack. */
export async function carryFiles(carrying: Carrying, files: readonly ExportedFile[], done: () => void): Promise<void> {
  for (const file of files) {
    carrying.signal.throwIfAborted();
    for (const { version } of file.versions) note(carrying, version);
    try {
      await carryFile(carrying, file);
      const here = file.versions.flatMap(({ version }) => carrying.versions.get(version.version_id)?.fileId ?? [])[0];
      if (here !== undefined) {
        carrying.fileIds.set(file.id, here);
        carrying.report.carried('files');
      }
    } catch (error) {
      carrying.report.problem(`${file.folder}/file.json`, file.kind, refusalOf(error));
    }
    done();
  }
}

async function carryFile(carrying: Carrying, file: ExportedFile): Promise<void> {
  const { files, scope, report } = carrying;
  const versions = await readVersions(carrying, file);
  if (versions.length === 0) return;
  const there = (await files.find(scope, file.kind, { id: file.id })) ?? (await files.find(scope, null, { path: file.path }));
  if (there === null) return takeWhole(carrying, file, versions);
  if (there.kind !== file.kind) {
    report.problem(`${file.folder}/file.json`, file.kind, `The path \`${file.path}\` is taken by a ${there.kind}.`);
    return;
  }
  await addMissing(carrying, file, there.file.id, versions);
  await deployWhereFree(carrying, file);
}

type ReadVersion = CarriedVersion & { where: string };

/** Those that can be read; what is wrong with others is told. */
async function readVersions(carrying: Carrying, file: ExportedFile): Promise<ReadVersion[]> {
  const read: ReadVersion[] = [];
  for (const { where, version } of file.versions) {
    try {
      const kernel = kernelOf(file.kind, version, carrying.ours !== null);
      read.push({
        where,
        id: version.version_id,
        kernel,
        datapoints: file.kind === 'dataset' ? await datapointsOf(carrying, file, version.version_id) : null,
        name: version.version_name ?? null,
        description: version.version_description ?? version.commit_message ?? null,
        status: version.status ?? 'committed',
        parentVersionId: version.parent_version_id ?? null,
        createdAt: madeAt(version) ?? file.createdAt ?? carrying.now,
        createdBy: await authorOf(carrying, version.created_by),
      });
    } catch (error) {
      if (!isShape(error)) throw error;
      carrying.report.problem(where, 'version', whyNot(error));
    }
  }
  return read;
}

/** Who imports stands in for whom an export of the vendor does not name. */
async function authorOf({ authors, scope, ours }: Carrying, person: ExportedVersion['created_by']): Promise<string | null> {
  return (await authors.idOf(person)) ?? (ours === null ? scope.actor.id : null);
}

async function takeWhole(carrying: Carrying, file: ExportedFile, versions: readonly ReadVersion[]): Promise<void> {
  const { files, scope, report } = carrying;
  const [first] = versions;
  if (first === undefined) return;
  const createdAt = file.createdAt ?? first.createdAt;
  const refused = await files.carry.takeFile(scope, {
    file: {
      kind: file.kind,
      id: file.id,
      path: file.path,
      description: file.description,
      readme: file.readme,
      tags: file.tags,
      hidden: file.hidden,
      createdAt,
      updatedAt: file.updatedAt ?? versions.at(-1)?.createdAt ?? createdAt,
      createdBy: await authorOf(carrying, file.createdBy),
    },
    versions,
    history: await historyOf(carrying, file, versions),
  });
  const why = new Map(refused.map((each) => [each.versionId, each]));
  for (const { id, where } of versions) {
    const refusal = why.get(id);
    const stands = refusal === undefined ? id : refusal.sameAs;
    if (stands !== null) {
      carrying.versions.set(id, { fileId: file.id, versionId: stands, contentHash: null });
      report.carried('versions');
    }
    if (refusal !== undefined)
      report.problem(where, 'version', stands === null ? refusal.why : `It says the same as ${stands}, which stands for both from now on.`);
  }
}

async function addMissing(carrying: Carrying, file: ExportedFile, fileId: string, versions: readonly ReadVersion[]): Promise<void> {
  const { files, scope, report } = carrying;
  const known = await files.versionsById(
    scope,
    versions.map(({ id }) => id),
  );
  for (const version of versions) {
    const there = known.get(version.id);
    if (there !== undefined && there.file.id === fileId) {
      keep(carrying.versions, version.id, there);
      report.carried('versions');
      continue;
    }
    try {
      const snapshot = await addVersion(carrying, file, fileId, version);
      keep(carrying.versions, version.id, snapshot);
      report.carried('versions');
      if (snapshot.version.id !== version.id)
        report.problem(version.where, 'version', `It says the same as ${snapshot.version.id}, which stands for both from now on.`);
    } catch (error) {
      report.problem(version.where, 'version', refusalOf(error));
    }
  }
}

function keep(versions: Versions, id: string, { file, version }: Snapshot): void {
  versions.set(id, { fileId: file.id, versionId: version.id, contentHash: version.contentHash });
}

async function addVersion({ files, scope }: Carrying, file: ExportedFile, fileId: string, version: ReadVersion): Promise<Snapshot> {
  const { id: versionId, name: versionName, description: versionDescription, createdAt: at, kernel, datapoints, status } = version;
  if (status === 'deleted') throw new AppError('conflict', 'It was deleted, and does not come back into a file that is here.');
  const input = { id: fileId, versionId, versionName, versionDescription, at, deployFirst: false };
  if (datapoints !== null) {
    const { attributes } = kernel as { attributes?: Record<string, unknown> | null };
    return (await files.datasets.upsert(scope, { ...input, datapoints, action: 'set', attributes: attributes ?? null })).snapshot;
  }
  if (status === 'uncommitted' && file.kind === 'prompt')
    return files.upsertHidden(scope, { fileId, kernel: kernel as Kernels['prompt'], at, reason: 'draft' });
  return (await files.upsert(scope, file.kind, { ...input, kernel })).snapshot;
}

async function datapointsOf({ archive, report }: Carrying, file: ExportedFile, versionId: string): Promise<(Datapoint & { id: string })[]> {
  const datapoints: (Datapoint & { id: string })[] = [];
  for (const path of file.datapoints.get(pathName(versionId)) ?? []) {
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

/** Who and what has to be entered again; an export of ours lists them. */
function note({ report, ours }: Carrying, version: ExportedVersion): void {
  const { created_by: by } = version;
  const person = typeof by === 'string' ? null : by?.email_address;
  if (person && ours === null) report.reenter('people', person);
  const provider = version['provider'];
  if (typeof provider === 'string' && provider !== '') report.reenter('providers', provider);
}

function isShape(error: unknown): boolean {
  return error instanceof Error && error.name.includes('Zod');
}
