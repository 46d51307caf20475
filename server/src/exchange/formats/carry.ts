import { AppError, type Scope } from '@whetstone/contract';
import type { Environment, Snapshot } from '../../files/index.ts';
import type { Archive } from '../archive.ts';
import type { Importer } from '../importers.ts';
import type { ExchangeDeps, ImportOptions } from '../index.ts';
import { Report } from '../report.ts';
import { Arriving, type ArrivingDataset, type ArrivingFile, type ArrivingVersion } from './arriving.ts';

/** A format of elsewhere: files only, no history. What is read is written in one way (`importerOf`). */
export interface Format {
  /** What an archive has to hold, for whoever sends another one. */
  expected: string;
  /** Reads what it recognises and tells what it does not understand; false when there is nothing of its own. */
  read(archive: Archive, into: Arriving, report: Report, signal: AbortSignal): Promise<boolean>;
}

export function importerOf(format: Format): Importer {
  return async (deps, scope, archive, options) => {
    const report = new Report();
    options.onProgress({ step: 'reading', done: 0, total: null });
    const arriving = new Arriving(report);
    if (!(await format.read(archive, arriving, report, options.signal))) {
      throw new AppError('invalid_input', `There is nothing in this that can be read. ${format.expected}`);
    }
    const files = arriving.files();
    const environments = new Set(files.flatMap(({ versions }) => versions.flatMap(({ deployTo = [] }) => deployTo)));
    environments.delete(null);
    report.found('environments', environments.size);
    report.found(
      'deployments',
      sum(files, ({ deployTo = [] }) => deployTo.length),
    );
    if (!options.dryRun) await carry({ deps, scope, report, options }, files);
    return report.whole();
  };
}

interface Carrying {
  deps: ExchangeDeps;
  scope: Scope;
  report: Report;
  options: ImportOptions;
}

async function carry(carrying: Carrying, files: readonly ArrivingFile[]): Promise<void> {
  const { deps, scope, options, report } = carrying;
  const environments = new Map((await deps.files.environments.list(scope)).map((each) => [each.name, each]));
  for (const [index, file] of files.entries()) {
    options.signal.throwIfAborted();
    let carried = 0;
    for (const version of file.versions as ArrivingVersion<unknown>[]) {
      const snapshot = await refused(report, version.where, file.kind, () => save(carrying, file, version));
      if (snapshot === null) continue;
      carried += 1;
      report.carried('versions');
      if (file.kind === 'dataset') report.carried('datapoints', (version.content as ArrivingDataset).datapoints.length);
      for (const name of version.deployTo ?? []) {
        await refused(report, version.where, `deployment to ${name ?? 'the default environment'}`, () =>
          deploy(carrying, environments, snapshot, name),
        );
      }
    }
    if (carried > 0) report.carried('files');
    options.onProgress({ step: 'files', done: index + 1, total: files.length });
  }
}

/** A version that is there already stays as it is, with the name it has by now. */
async function save({ deps, scope, options }: Carrying, file: ArrivingFile, version: ArrivingVersion<unknown>): Promise<Snapshot> {
  const path = options.to === null ? file.path : `${options.to.replace(/^\/+|\/+$/g, '')}/${file.path}`;
  const known = await deps.files.find(scope, null, { path });
  const input = { path, deployFirst: false, ...(version.at ? { at: version.at } : {}) };
  const labels = known === null ? { description: file.description, tags: file.tags } : {};
  if (file.kind === 'dataset') {
    const { datapoints, attributes } = version.content as ArrivingDataset;
    return (await deps.files.datasets.upsert(scope, { ...input, ...labels, datapoints, attributes, action: 'set' })).snapshot;
  }
  const kernel = version.content as never;
  const { snapshot, createdVersion } = await deps.files.upsert(scope, file.kind, { ...input, ...labels, kernel });
  if (!createdVersion || (!version.name && !version.description)) return snapshot;
  return deps.files.updateVersion(scope, file.kind, snapshot.file.id, snapshot.version.id, {
    name: version.name ?? null,
    description: version.description ?? null,
  });
}

/** Where something is deployed by now it stays; so a second import undoes nobody's deployment. */
async function deploy(
  { deps, scope, report }: Carrying,
  environments: Map<string, Environment>,
  { kind, file, version }: Snapshot,
  name: string | null,
): Promise<void> {
  let environment = name === null ? [...environments.values()].find(({ isDefault }) => isDefault) : environments.get(name);
  if (environment === undefined && name !== null) {
    environment = await deps.files.environments.create(scope, { name, protected: false });
    environments.set(name, environment);
    report.carried('environments');
  }
  if (environment === undefined) return;
  const { id } = environment;
  const deployed = (await deps.files.deployed(scope, kind, file.id)).find((each) => each.environment.id === id)?.snapshot;
  if (!deployed) await deps.files.deploy(scope, kind, file.id, id, version.id, { message: 'Imported' });
  else if (deployed.version.id !== version.id)
    throw new AppError('conflict', `Version ${deployed.version.id} of \`${file.path}\` is deployed there, and stays.`);
  report.carried('deployments');
}

/** What the workspace refuses is told, and the rest goes on; null for that. @throws AppError while the store is away */
async function refused<T>(report: Report, where: string, what: string, work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'unavailable') throw error;
    report.problem(where, what, error.message);
    return null;
  }
}

function sum(files: readonly ArrivingFile[], count: (version: ArrivingVersion<unknown>) => number): number {
  let total = 0;
  for (const file of files) for (const version of file.versions as ArrivingVersion<unknown>[]) total += count(version);
  return total;
}
