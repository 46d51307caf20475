import type { FileKind } from '@whetstone/contract';
import type { z } from 'zod';
import type { Archive } from '../archive.ts';
import type { Report } from '../report.ts';
import { deploymentsShape, type ExportedVersion, fileShape, versionShape, whyNot } from './shapes.ts';

/** A file of the export with its versions, oldest first; logs and datapoints stay in the archive. */
export interface ExportedFile {
  folder: string;
  id: string;
  kind: FileKind;
  path: string;
  description: string | null;
  readme: string | null;
  tags: string[];
  versions: { where: string; version: ExportedVersion }[];
  deployments: z.output<typeof deploymentsShape>;
  logs: string[];
  /** Paths by version id. */
  datapoints: Map<string, string[]>;
  evaluations: string[];
}

/** What links comes after what it links to. */
const order: FileKind[] = ['tool', 'evaluator', 'dataset', 'prompt', 'flow', 'agent'];

/** Reads all but logs and datapoints. What is damaged is told and left out. */
export async function survey(archive: Archive, report: Report): Promise<ExportedFile[]> {
  const folders = Map.groupBy(
    archive.paths.filter((path) => path.startsWith('files/')),
    (path) => path.split('/', 2).join('/'),
  );
  const files: ExportedFile[] = [];
  for (const [folder, paths] of folders) {
    report.found('files');
    const file = await surveyFile(archive, report, folder, paths);
    if (file !== null) files.push(file);
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
  report.found('deployments', deployments?.length ?? 0);
  const made = ({ version }: { version: ExportedVersion }): number => (version.created_at ?? version.updated_at)?.getTime() ?? 0;
  const evaluations = new Set(below('evaluations').map((path) => path.split('/', 4).join('/')));
  return {
    folder,
    id: file.id,
    kind: file.type,
    path: file.path,
    description: file.description ?? null,
    readme: file.readme ?? null,
    tags: file.tags ?? [],
    versions: versions.toSorted((a, b) => made(a) - made(b)),
    deployments: deployments ?? [],
    logs: numbered(below('logs')),
    datapoints: Map.groupBy(numbered(below('datapoints')), (path) => path.split('/')[3] ?? ''),
    evaluations: [...evaluations],
  };
}

/** `10.jsonl` after `9.jsonl`. */
function numbered(paths: readonly string[]): string[] {
  return paths.filter((path) => path.endsWith('.jsonl')).toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

async function read<S extends z.ZodType>(
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
