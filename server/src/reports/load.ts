import { notFound } from '@whetstone/contract';
import type { EvaluatorSpec, Scope } from '@whetstone/contract';
import { canonicalText } from '@whetstone/domain';
import type { ReportAsked, ReportInput, ReportJudge, ReportLog, ReportRunInput } from '@whetstone/domain';
import { asks, countsAnyVersion, type Judge, statusOf, statusOfAll } from '../evaluations/index.ts';
import type { Snapshot } from '../files/index.ts';
import type { RunJudgmentColumns, RunLogColumns } from '../logs/index.ts';
import type { Room } from './create-reports.ts';
import { pairsOf } from './pairs.ts';
import type { KnownDataset } from './datasets.ts';
import { readWhole, type RunRow, type Whole } from './store.ts';

/** What a report is computed from, with the ids that `domain` has no use for. */
export interface Loaded {
  input: ReportInput;
  whole: Whole;
  /** Rows of the runs by run, the same as in `input.runs`: indices into `columns`. */
  rows: Map<string, number[]>;
  columns: RunLogColumns;
  /** Position of a datapoint in `input.cases`. */
  positions: Map<string, number>;
  /** Cases from here on are in no dataset: logs without a datapoint, or with one from elsewhere. */
  inDatasets: number;
}

/** @throws AppError 404 */
export async function load(room: Room, scope: Scope, evaluationId: string, asked: ReportAsked = {}): Promise<Loaded> {
  const whole = await readWhole(room.db, scope.workspaceId, canonicalText(evaluationId).text);
  if (whole === undefined) throw notFound('Evaluation', evaluationId);
  const ids = [
    ...whole.evaluators.map(({ versionId }) => versionId),
    ...whole.runs.flatMap(({ versionId, datasetVersionId }) => [versionId, datasetVersionId]),
  ];
  const versions = await room.files.versionsById(scope, [...new Set(ids.filter((id) => id !== null))]);
  const judges = whole.evaluators.flatMap((row) => judgeOf(versions.get(row.versionId), row.orchestrated));
  const [datasets, { logs, judgments }] = await Promise.all([
    datasetsOf(room, scope, whole, versions),
    room.logs.runs.columns(
      scope,
      whole.runs.map(({ id }) => id),
      uniquePlaces(whole.taken),
      [...new Set(judges.map(({ fileId }) => fileId))],
    ),
  ]);
  const { cases, positions, inDatasets } = casesOf(whole, datasets, logs);
  const rows = rowsByRun(whole, logs);
  const judged = judgedLogs(judges, logs, judgments);
  const runs = whole.runs.map((run) =>
    runOf(run, { whole, versions, datasets, logs, rows, positions, judged, judges, cases: cases.length }),
  );
  const input: ReportInput = {
    evaluation: { ...whole.evaluation, status: statusOfAll(runs) },
    cases,
    groups: groupsOf(cases, [...datasets.values()]),
    runs,
    evaluators: judges.map(({ judge }) => judge),
    pairs: await pairsOf(room, scope, judges, { logs, rows, positions }),
    asked,
    saved: whole.settings && { ...whole.settings, at: whole.settings.at.toISOString() },
  };
  return { input, whole, rows, columns: logs, positions, inDatasets };
}

type LoadedJudge = Judge & { judge: ReportJudge };

function judgeOf(snapshot: Snapshot | undefined, orchestrated: boolean): LoadedJudge[] {
  if (snapshot?.kind !== 'evaluator') return [];
  const { spec } = snapshot.version.kernel as { spec: EvaluatorSpec };
  const { file, version } = snapshot;
  const judge = { versionId: version.id, fileId: file.id, path: file.path, name: file.name, spec };
  return [{ versionId: version.id, fileId: file.id, spec, orchestrated, judge }];
}

async function datasetsOf(
  room: Room,
  scope: Scope,
  { runs }: Whole,
  versions: ReadonlyMap<string, Snapshot>,
): Promise<Map<string, KnownDataset>> {
  const ids = [...new Set(runs.flatMap(({ datasetVersionId }) => datasetVersionId ?? []))].filter((id) => versions.has(id));
  const known = await Promise.all(
    ids.map(async (versionId) => {
      const fileId = versions.get(versionId)!.file.id;
      return [versionId, await room.datasets.of(room, scope, { fileId, versionId })] as const;
    }),
  );
  return new Map(known);
}

function uniquePlaces(taken: Whole['taken']): { id: string; at: Date }[] {
  return [...new Map(taken.map(({ id, at }) => [id, { id, at }])).values()];
}

/** Datapoints of the datasets in their order, then those that logs name besides; a log without one is a case of its own. */
function casesOf(whole: Whole, datasets: ReadonlyMap<string, KnownDataset>, logs: RunLogColumns) {
  const positions = new Map<string, number>();
  const cases: string[] = [];
  const add = (id: string): void => {
    if (positions.has(id)) return;
    positions.set(id, cases.length);
    cases.push(id);
  };
  for (const { datasetVersionId } of whole.runs) for (const id of datasets.get(datasetVersionId ?? '')?.ids ?? []) add(id);
  const inDatasets = cases.length;
  for (const [i, id] of logs.datapointIds.entries()) add(id === '' ? logs.ids[i]! : id);
  return { cases, positions, inDatasets };
}

/** A log is in the run that it names and in those that took it. */
function rowsByRun({ runs, taken }: Whole, logs: RunLogColumns): Map<string, number[]> {
  const rows = new Map<string, number[]>(runs.map(({ id }) => [id, []]));
  const takers = Map.groupBy(taken, ({ id }) => id);
  for (const [i, id] of logs.ids.entries()) {
    const own = logs.runIds[i]!;
    rows.get(own)?.push(i);
    for (const { runId } of takers.get(id) ?? []) if (runId !== own) rows.get(runId)?.push(i);
  }
  return rows;
}

interface JudgedLogs {
  /** By log, in the order of the columns: the judgment of each evaluator that counts. */
  of: (ReportLog['judgments'][number][] | undefined)[];
  /** By log, when the first of the judgments that count was made. */
  firstMs: Float64Array;
}

/** Oldest first, so that of several by one evaluator the last counts. */
function judgedLogs(judges: readonly LoadedJudge[], logs: RunLogColumns, judgments: RunJudgmentColumns): JudgedLogs {
  const rowOf = new Map(logs.ids.map((id, i) => [id, i]));
  const byVersion = new Map(judges.map(({ versionId }, at) => [versionId, at]));
  const byFile = new Map(judges.flatMap((judge, at) => (countsAnyVersion(judge, judges) ? [[judge.fileId, at] as const] : [])));
  const of = Array.from<JudgedLogs['of'][number]>({ length: logs.ids.length });
  const firstMs = new Float64Array(logs.ids.length).fill(Infinity);
  for (let i = 0; i < judgments.logIds.length; i += 1) {
    const at = byVersion.get(judgments.versionIds[i]!) ?? byFile.get(judgments.evaluatorIds[i]!);
    const row = rowOf.get(judgments.logIds[i]!);
    if (at === undefined || row === undefined) continue;
    const list = (of[row] ??= judges.map(() => null));
    list[at] = { value: valueAt(judgments, i), failed: judgments.failed[i] === 1 };
    firstMs[row] = Math.min(firstMs[row]!, judgments.atMs[i]!);
  }
  return { of, firstMs };
}

function valueAt({ types, numbers, labels, texts }: RunJudgmentColumns, i: number) {
  switch (types[i]) {
    case 'boolean':
      return numbers[i] === 1;
    case 'number':
      return numbers[i]!;
    case 'labels':
      return labels[i]!;
    case 'text':
      return texts[i]!;
    default:
      return null;
  }
}

interface Ground {
  whole: Whole;
  versions: ReadonlyMap<string, Snapshot>;
  datasets: ReadonlyMap<string, KnownDataset>;
  logs: RunLogColumns;
  rows: ReadonlyMap<string, number[]>;
  positions: ReadonlyMap<string, number>;
  judged: JudgedLogs;
  judges: readonly LoadedJudge[];
  cases: number;
}

function runOf(row: RunRow, ground: Ground): ReportRunInput {
  const { whole, versions, datasets, logs, positions, judged, judges } = ground;
  const own = ground.rows.get(row.id) ?? [];
  const none = judges.map(() => null);
  const dataset = row.datasetVersionId === null ? null : (datasets.get(row.datasetVersionId) ?? null);
  const chosenMs = whole.settings?.at.getTime() ?? -Infinity;
  return {
    run_id: row.id,
    label: null,
    ...namesOf(row, versions),
    control: row.control,
    status: statusOf(
      row.ended,
      dataset?.ids ?? null,
      own.map((i) => briefOf(logs, i)),
      awaitedOf(ground).filter(({ judge }) => asks(judge, row.id === baselineOf(whole))),
      row.waiting,
    ),
    created_at: row.createdAt.toISOString(),
    members: membersOf(dataset, positions, ground.cases),
    judgedBeforeSettings: own.some((i) => judged.firstMs[i]! < chosenMs),
    logs: own.map((i) => ({
      at: positions.get(logs.datapointIds[i] === '' ? logs.ids[i]! : logs.datapointIds[i]!)!,
      failed: logs.statuses[i] === 'error',
      costUsd: logs.costUsd[i]!,
      costEstimated: logs.estimated[i] === 1,
      latencyMs: logs.latencyMs[i]!,
      promptTokens: logs.promptTokens[i]!,
      outputTokens: logs.outputTokens[i]!,
      judgments: judged.of[i] ?? none,
    })),
  };
}

/** As the evaluation itself has it, whatever the reader compares with. */
function baselineOf({ runs }: Whole): string | null {
  return (runs.find(({ control }) => control) ?? runs[0])?.id ?? null;
}

function briefOf(logs: RunLogColumns, i: number) {
  return { id: String(i), datapointId: logs.datapointIds[i] === '' ? null : logs.datapointIds[i]!, complete: logs.complete[i] === 1 };
}

/** Whether a log was judged, by its place among the logs. */
function awaitedOf({ judges, judged }: Ground) {
  return judges.map((judge, at) => ({ judge, judged: { has: (row: string) => judged.of[Number(row)]?.[at] != null } }));
}

function namesOf(row: RunRow, versions: ReadonlyMap<string, Snapshot>): Pick<ReportRunInput, 'version' | 'dataset'> {
  const version = versions.get(row.versionId ?? '');
  const dataset = versions.get(row.datasetVersionId ?? '');
  return {
    version: version
      ? {
          version_id: version.version.id,
          file_id: version.file.id,
          path: version.file.path,
          kind: version.kind,
          name: version.version.name,
          content_hash: version.version.contentHash,
        }
      : null,
    dataset: dataset
      ? { version_id: dataset.version.id, file_id: dataset.file.id, path: dataset.file.path, name: dataset.version.name }
      : null,
  };
}

/** Without a dataset only the cases that it has logs for. */
function membersOf(dataset: KnownDataset | null, positions: ReadonlyMap<string, number>, cases: number): Uint8Array {
  const members = new Uint8Array(cases);
  for (const id of dataset?.ids ?? []) members[positions.get(id)!] = 1;
  return members;
}

/** Cases that no metadata puts together stand for themselves. */
function groupsOf(cases: readonly string[], datasets: readonly KnownDataset[]): ReportInput['groups'] {
  const found = datasets.flatMap(({ groups }) => groups ?? []);
  if (found.length === 0) return null;
  const all = new Map(found.flatMap(({ of }) => [...of]));
  return { by: found[0]!.by, of: cases.map((id) => all.get(id) ?? `case ${id}`) };
}
