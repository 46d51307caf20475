import { AppError, type Scope } from '@whetstone/contract';
import type { Archive } from '../archive.ts';
import type { ExchangeDeps, ImportOptions } from '../index.ts';
import { type ImportReport, Report } from '../report.ts';
import { carryFiles } from './files.ts';
import { carryLogs } from './logs.ts';
import { kernelOf, whyNot } from './shapes.ts';
import { type ExportedFile, survey } from './survey.ts';

export async function importHumanloop(deps: ExchangeDeps, scope: Scope, archive: Archive, options: ImportOptions): Promise<ImportReport> {
  const { onProgress, signal, dryRun } = options;
  const report = new Report();
  onProgress({ step: 'reading', done: 0, total: null });
  const files = await survey(archive, report);
  if (files.length === 0) {
    throw new AppError(
      'invalid_input',
      'There is no file of an export in this. Pack the directory that the export tool wrote: it holds `files/<file id>/file.json`.',
    );
  }
  await countRest(archive, report, files, dryRun, signal);
  if (dryRun) return report.whole();
  let filesDone = 0;
  const versions = await carryFiles({ ...deps, scope, archive, report, signal }, files, () =>
    onProgress({ step: 'files', done: (filesDone += 1), total: files.length }),
  );
  let logsDone = 0;
  const environments = new Map((await deps.files.environments.list(scope)).map((each) => [each.name, each]));
  await carryLogs(
    { ...deps, scope, archive, report, versions, environments, signal },
    files.flatMap(({ logs }) => logs),
    (logs) => onProgress({ step: 'logs', done: (logsDone += logs), total: null }),
  );
  for (const file of files) {
    for (const where of file.evaluations)
      report.problem(where, 'evaluation', 'Evaluations are not carried yet; their logs and judgments are.');
  }
  return report.whole();
}

/** What the survey did not look into. A dry run says what is wrong with versions, and how many logs there are. */
async function countRest(
  archive: Archive,
  report: Report,
  files: readonly ExportedFile[],
  dryRun: boolean,
  signal: AbortSignal,
): Promise<void> {
  const environments = new Set<string>();
  for (const file of files) {
    for (const { environment_name } of file.deployments) environments.add(environment_name);
    report.found('evaluations', file.evaluations.length);
    if (!dryRun) continue;
    for (const { where, version } of file.versions) {
      try {
        kernelOf(file.kind, version);
      } catch (error) {
        report.problem(where, 'version', whyNot(error));
      }
    }
    report.found('logs', await countLines(archive, report, file.logs, signal));
    report.found('datapoints', await countLines(archive, report, [...file.datapoints.values()].flat(), signal));
  }
  report.found('environments', environments.size);
}

async function countLines(archive: Archive, report: Report, paths: readonly string[], signal: AbortSignal): Promise<number> {
  let lines = 0;
  for (const path of paths) {
    signal.throwIfAborted();
    try {
      const reader = archive.lines(path);
      while (!(await reader.next()).done) lines += 1;
    } catch (error) {
      report.problem(path, 'lines', whyNot(error));
    }
  }
  return lines;
}
