import type { Readable } from 'node:stream';
import type { Datapoint, DatapointChange, GeneratedDatapoint, ImportColumn, ImportProblem, Scope } from '@whetstone/contract';
import type { Snapshot, StoredDatapoint } from '../files/index.ts';
import type { LogFilter } from '../logs/index.ts';

export { createCuration } from './create-curation.ts';
export type { CurationDeps } from './room.ts';

/** Making datasets better: what versions differ by, cases from logs and files, duplicates, proposals by a model. Stores nothing of its own. */
export interface Curation {
  /** What two versions differ by. A datapoint with the inputs and messages of another is that one, changed. */
  compare(scope: Scope, from: string, to: string, page: ChangePage): Promise<Changes>;
  /** What becomes of the datapoints of a version when inputs or keys of the target are renamed or (null) taken away. */
  changeColumns(
    scope: Scope,
    versionId: string,
    columns: readonly ColumnChange[],
    except: readonly string[],
  ): Promise<{ id: string; datapoint: Datapoint }[]>;
  /** Cases of logs as a new version. Logs that give none are told with the reason. */
  addFromLogs(scope: Scope, dataset: Snapshot<'dataset'>, filter: LogFilter, wish: FromLogs, signal: AbortSignal): Promise<AddedFromLogs>;
  /** Each of the logs that are there with its case, or with the reason why it gives none. */
  casesOf(scope: Scope, logIds: readonly string[], wish: CaseWish, signal: AbortSignal): Promise<CaseOfLog[]>;
  /** What the start of a file would become. */
  previewImport(file: Readable, options: ReadOptions & { partial: boolean }): Promise<ImportPreview>;
  /** All of a file. @throws AppError 422 that names lines, when there are bad rows that are not to be skipped */
  readImport(file: Readable, options: ReadOptions & { skipBad: boolean }): Promise<ReadFile>;
  /** Groups of datapoints that say the same, or nearly. The same for the same version, always. */
  duplicates(scope: Scope, versionId: string, threshold: number): Promise<Duplicates>;
  /** Asks a model, through the gateway and logged; stores no datapoint. */
  generate(scope: Scope, dataset: Snapshot<'dataset'>, wish: Wish, signal: AbortSignal): Promise<Generated>;
}

export interface ColumnChange {
  part: 'inputs' | 'target';
  key: string;
  to: string | null;
}

export interface ChangePage {
  kind: DatapointChange['kind'] | null;
  page: number;
  size: number;
}
export interface Changes {
  counts: { added: number; changed: number; removed: number; same: number };
  records: DatapointChange[];
  total: number;
}

/** What of a log becomes a case. */
export interface CaseWish {
  target: 'output' | 'correction' | 'none';
  /** Evaluator whose judgments are the corrections; null: those of people that say a text. */
  correctionBy: string | null;
  targetKey: string;
  tags: string[];
  split: string | null;
}
export interface CaseOfLog {
  logId: string;
  /** The key is the same for two datapoints that are the same case. */
  made: { datapoint: Datapoint; key: string } | string;
}
export interface FromLogs extends CaseWish {
  limit: number;
  /** Logs that were named, so that those which are not there can be told. */
  named: readonly string[] | null;
  versionName: string | null;
  versionDescription: string | null;
}
export interface AddedFromLogs {
  snapshot: Snapshot<'dataset'>;
  createdVersion: boolean;
  logs: number;
  added: number;
  alreadyThere: number;
  skipped: { logId: string; reason: string }[];
}

export interface ReadOptions {
  format: 'csv' | 'jsonl';
  mapping: Readonly<Record<string, ImportColumn>>;
}
export interface ReadFile {
  datapoints: Datapoint[];
  rows: number;
  /** Datapoints of the file without a target. */
  missingTargets: number;
  /** The first of them. */
  problems: ImportProblem[];
  problemsTotal: number;
}
export interface ImportPreview extends ReadFile {
  columns: { name: string; to: ImportColumn['to']; key: string | null; examples: string[] }[];
}

export interface Duplicates {
  datapoints: number;
  /** Largest first. Members in the order of the version. */
  groups: DuplicateGroup[];
}
export interface DuplicateGroup {
  kind: 'exact' | 'near';
  similarity: number;
  targetsDiffer: boolean;
  members: { id: string; position: number; similarity: number }[];
}

export interface Wish {
  model: string;
  provider: string | null;
  n: number;
  instructions: string;
  like: readonly string[] | null;
  inputs: readonly string[] | null;
  target: readonly string[] | null;
  temperature: number | null;
}
export interface Generated {
  proposals: GeneratedDatapoint[];
  leftOut: number;
  unreadable: number;
  logId: string;
  costUsd: number | null;
}

export type { StoredDatapoint };
