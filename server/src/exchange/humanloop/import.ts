import { AppError, idsTaken, type Scope } from '@whetstone/contract';
import type { Archive } from '../archive.ts';
import type { ExchangeDeps, ImportOptions } from '../index.ts';
import { type ImportReport, Report } from '../report.ts';
import { carryAlerts } from './alerts.ts';
import { carryBackfills } from './backfills.ts';
import type { Carrying } from './carrying.ts';
import { carryEvaluation } from './evaluations.ts';
import { carryExperiments } from './experiments.ts';
import { carryFiles } from './files.ts';
import { carryGates } from './gates.ts';
import { layGround } from './ground.ts';
import { carryLogs } from './logs.ts';
import { carryMonitors } from './monitors.ts';
import { withNewIds } from './new-ids.ts';
import { type Ours, readOurs } from './ours.ts';
import { ImportedAuthors } from './people.ts';
import { carryReviews } from './reviews.ts';
import { carryRules } from './rules.ts';
import { carrySettings, settingsIn } from './settings.ts';
import { kernelOf, whyNot } from './shapes.ts';
import { evaluationsBelow, type ExportedFile, survey } from './survey.ts';
import { carryWaitingFeedback, pathsOfWaiting } from './waiting-feedback.ts';

const drainMs = 30_000;

/** Of the vendor's export tool, or of Whetstone, which writes the same and `whetstone/` beside it. */
export async function importHumanloop(deps: ExchangeDeps, scope: Scope, given: Archive, options: ImportOptions): Promise<ImportReport> {
  const { onProgress, signal, dryRun } = options;
  const archive = options.newIds === true ? await withNewIds(given, scope.workspaceId) : given;
  const report = new Report();
  onProgress({ step: 'reading', done: 0, total: null });
  const ours = await readOurs(archive, report);
  const files = await survey(archive, report);
  if (files.length === 0 && ours === null) {
    throw new AppError(
      'invalid_input',
      'There is no file of an export in this. Pack the directory that the export tool wrote: it holds `files/<file id>/file.json`.',
    );
  }
  await refuseTaken(deps, scope, files);
  const evaluations = [
    ...files.flatMap(({ id, evaluations: folders }) => [...folders].map((each) => ({ fileId: id as string | null, each }))),
    ...[...evaluationsBelow('whetstone', archive.paths)].map((each) => ({ fileId: null, each })),
  ];
  report.found('evaluations', evaluations.length);
  report.found('settings', ours === null ? 0 : settingsIn(ours));
  countEnvironments(report, files, ours);
  report.found('alerts', ours?.alerts?.length ?? 0);
  report.found('reviews', ours?.reviews?.length ?? 0);
  report.found('gates', ours?.gates?.length ?? 0);
  report.found('experiments', ours?.experiments?.length ?? 0);
  report.found('rules', ours?.['dataset-rules']?.length ?? 0);
  if (dryRun) {
    await countRest(archive, report, files, ours, signal);
    return report.whole();
  }
  const laying = { ...deps, scope, archive, report, signal, ours, now: new Date(), authors: await ImportedAuthors.of(deps, scope) };
  const carrying: Carrying = { ...laying, places: await layGround(laying), versions: new Map(), fileIds: new Map(), monitorIds: new Map() };
  let filesDone = 0;
  await carryFiles(carrying, files, () => onProgress({ step: 'files', done: (filesDone += 1), total: files.length }));
  let logsDone = 0;
  await carryLogs(carrying, pathsOfLogs(files, ours), (logs) => onProgress({ step: 'logs', done: (logsDone += logs), total: null }));
  // After the logs: an active monitor judges what comes from then on.
  await deps.logs.drained(drainMs);
  await carryMonitors(carrying, files);
  for (const [index, { fileId, each }] of evaluations.entries()) {
    signal.throwIfAborted();
    await carryEvaluation(carrying, fileId, ...each);
    onProgress({ step: 'evaluations', done: index + 1, total: evaluations.length });
  }
  onProgress({ step: 'settings', done: 0, total: null });
  if (ours !== null) {
    await carrySettings(carrying, ours);
    await carryAlerts(carrying, ours);
    await carryBackfills(carrying, ours);
    await carryReviews(carrying, ours);
    await carryRules(carrying, ours);
    await carryExperiments(carrying, ours);
    await carryWaitingFeedback(carrying);
    // Last, for they would refuse what was deployed before there were any.
    await carryGates(carrying, ours);
  }
  return report.whole();
}

/** Before anything is carried: half of an export, with logs of files that are not there, helps nobody. */
async function refuseTaken({ files }: ExchangeDeps, scope: Scope, exported: readonly ExportedFile[]): Promise<void> {
  const taken = await files.carry.takenElsewhere(
    scope,
    exported.map(({ id }) => id),
  );
  const [first] = taken;
  if (first === undefined) return;
  const what = taken.length === exported.length ? 'The files of this export are' : `${taken.length} of its ${exported.length} files are`;
  throw new AppError(
    'conflict',
    `${what} in another workspace of this server already (\`${first}\`), and an id is there once on a server. Import it with new ids: ` +
      '`--new-ids` on the command line, `new_ids=true` over HTTP, or “Give it new ids” in the app.',
    { data: { code: idsTaken } },
  );
}

/** Judgments after what they judge, which they copy from. The vendor's evaluations have their logs in them once more. */
function pathsOfLogs(files: readonly ExportedFile[], ours: Ours | null): string[] {
  const evaluated = ours === null ? files.flatMap(({ evaluations }) => [...evaluations.values()].flat()) : [];
  return [
    ...files.filter(({ kind }) => kind !== 'evaluator').flatMap(({ logs }) => logs),
    ...evaluated.filter((path) => /\/logs\/[^/]+\.jsonl$/.test(path)),
    ...files.filter(({ kind }) => kind === 'evaluator').flatMap(({ logs }) => logs),
  ];
}

function countEnvironments(report: Report, files: readonly ExportedFile[], ours: Ours | null): void {
  const deployed = files.flatMap(({ deployments }) => deployments.map(({ environment_name: name }) => name));
  const said = (ours?.environments ?? []).flatMap(({ name, deleted_at }) => (deleted_at === null ? [name] : []));
  report.found('environments', new Set([...deployed, ...said]).size);
}

/** For a dry run: what is wrong with versions, and how much there is of what the survey did not look into. */
async function countRest(
  archive: Archive,
  report: Report,
  files: readonly ExportedFile[],
  ours: Ours | null,
  signal: AbortSignal,
): Promise<void> {
  for (const file of files) {
    for (const { where, version } of file.versions) {
      try {
        kernelOf(file.kind, version, false);
      } catch (error) {
        report.problem(where, 'version', whyNot(error));
      }
    }
    const judged = ours !== null && file.kind === 'evaluator';
    report.found(judged ? 'judgments' : 'logs', await countLines(archive, report, file.logs, signal));
    report.found('datapoints', await countLines(archive, report, [...file.datapoints.values()].flat(), signal));
    report.found('runs', [...file.evaluations.values()].flat().filter((path) => /\/runs\/[^/]+$/.test(path)).length);
    report.found('monitors', file.monitors.length);
  }
  if (ours !== null) report.found('judgments', await countLines(archive, report, pathsOfWaiting(archive.paths), signal));
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
