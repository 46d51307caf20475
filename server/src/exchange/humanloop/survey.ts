import type { FileKind } from '@whetstone/contract';
import type { z } from 'zod';
import type { Archive } from '../archive.ts';
import type { Report } from '../report.ts';
import { deploymentsShape, type ExportedPerson, type ExportedVersion, fileShape, versionShape, whyNot } from './shapes.ts';

/** A file of the export with its versions, oldest first; logs and datapoints stay in the archive. */
export interface ExportedFile {
  folder: string;
  id: string;
  kind: FileKind;
  path: string;
  description: string | null;
  readme: string | null;
  tags: string[];
  hidden: boolean;
  createdAt: Date | null;
  updatedAt: Date | null;
  createdBy: ExportedPerson;
  /** Not yet read. */
  monitors: { where: string; record: unknown }[];
  versions: { where: string; version: ExportedVersion }[];
  deployments: z.output<typeof deploymentsShape>;
  logs: string[];
  /** Paths by the version id as a path has it. */
  datapoints: Map<string, string[]>;
  /** Folders, each with the paths below it. */
  evaluations: Map<string, string[]>;
}

/** What links comes after what it links to. */
const order: FileKind[] = ['tool', 'evaluator', 'dataset', 'prompt', 'flow', 'agent'];

/** Reads all but logs and datapoints. What is damaged is told and left out. */
export async function survey(archive: Archive, report: Report): Promise<ExportedFile[]> {
  const folders = Map.groupBy(
    archive.paths.filter((path) => path.startsWith('files/') && path.split('/').length > 2),
    (path) => path.split('/', 2).join('/'),
  );
  const files: ExportedFile[] = [];
  for (const [folder, paths] of folders) {
    report.found('files');
    const file = await surveyFile(archive, report, folder, paths);
    if (file === null) continue;
    const twin = files.find(({ id }) => id === file.id);
    if (twin !== undefined)
      report.problem(`${folder}/file.json`, file.kind, `It has the id of ${twin.folder}: what it has more comes into that one.`);
    files.push(file);
  }
  return files.toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
}

async function surveyFile(archive: Archive, report: Report, folder: string, paths: readonly string[]): Promise<ExportedFile | null> {
  const file = await read(archive, report, `${folder}/file.json`, 'file', fileShape);
  const below = (name: string): string[] => paths.filter((path) => path.startsWith(`${folder}/${name}/`));
  const versions: ExportedFile['versions'] = [];
  for (const where of below('versions')) {
    report.found('versions');
    const version = await read(archive, report, where, 'version', versionShape);
    if (version !== null) versions.push({ where, version });
  }
  const hasDeployments = paths.includes(`${folder}/deployments.json`);
  const deployments = hasDeployments ? await read(archive, report, `${folder}/deployments.json`, 'deployments', deploymentsShape) : [];
  if (file === null) return null;
  if (below('versions').length === 0) report.problem(`${folder}/file.json`, file.type, 'There are no versions of it in the export.');
  report.found('deployments', deployments?.length ?? 0);
  const monitors = [
    ...(file.evaluators ?? []).map((record) => ({ where: `${folder}/file.json`, record })),
    ...versions.flatMap(({ where, version }) => (version.evaluators ?? []).map((record) => ({ where, record }))),
  ];
  return {
    folder,
    id: file.id,
    kind: file.type,
    path: file.path,
    description: file.description ?? null,
    readme: file.readme ?? null,
    tags: file.tags ?? [],
    hidden: file.hidden === true,
    createdAt: file.created_at ?? null,
    updatedAt: file.updated_at ?? null,
    createdBy: file.created_by,
    monitors,
    versions: inOrder(versions, file.versions ?? []),
    deployments: deployments ?? [],
    logs: numbered(below('logs')),
    datapoints: Map.groupBy(numbered(below('datapoints')), (path) => path.split('/')[3] ?? ''),
    evaluations: evaluationsBelow(folder, paths),
  };
}

export function evaluationsBelow(folder: string, paths: readonly string[]): Map<string, string[]> {
  const inside = paths.filter((path) => path.startsWith(`${folder}/evaluations/`));
  const depth = folder.split('/').length + 2;
  return Map.groupBy(inside, (path) => path.split('/', depth).join('/'));
}

export function madeAt(version: ExportedVersion): Date | null {
  return version.committed_at ?? version.created_at ?? version.updated_at ?? null;
}

/** As the file says, else by age. */
function inOrder(versions: ExportedFile['versions'], said: readonly string[]): ExportedFile['versions'] {
  const place = new Map(said.map((id, index) => [id, index]));
  return versions.toSorted((a, b) => {
    const [before, after] = [place.get(a.version.version_id), place.get(b.version.version_id)];
    if (before !== undefined && after !== undefined) return before - after;
    return (madeAt(a.version)?.getTime() ?? 0) - (madeAt(b.version)?.getTime() ?? 0);
  });
}

/** `10.jsonl` after `9.jsonl`. */
export function numbered(paths: readonly string[]): string[] {
  return paths.filter((path) => path.endsWith('.jsonl')).toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

export async function read<S extends z.ZodType>(
  archive: Archive,
  report: Report,
  where: string,
  what: string,
  shape: S,
): Promise<z.output<S> | null> {
  try {
    return shape.parse(JSON.parse(await archive.text(where)));
  } catch (error) {
    report.problem(where, what, whyNot(error));
    return null;
  }
}
