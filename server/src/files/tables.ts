import type { FileKind } from '@whetstone/contract';
import type { ColumnType, Generated, Kysely, Selectable, Transaction } from 'kysely';

/** The room's tables, as `storage/migrations/postgres/00{20-files,25-datasets}.sql` make them. */
export interface FileTables {
  environments: EnvironmentTable;
  directories: DirectoryTable;
  files: FileTable;
  versions: VersionTable;
  deployments: DeploymentTable;
  deployment_history: HistoryTable;
  datapoints: DatapointTable;
  dataset_versions: DatasetVersionTable;
}

/** Read as parsed JSON, written as JSON text. */
type JsonColumn<T> = ColumnType<T, string, string>;

interface EnvironmentTable {
  id: string;
  workspace_id: string;
  name: string;
  is_default: boolean;
  protected: boolean;
  created_at: Date;
  deleted_at: Date | null;
}
interface DirectoryTable {
  id: string;
  workspace_id: string;
  parent_id: string | null;
  name: string;
  path: string;
  description: string | null;
  readme: string | null;
  tags: JsonColumn<string[]>;
  created_at: Date;
  updated_at: Date;
}
interface FileTable {
  id: string;
  workspace_id: string;
  kind: FileKind;
  path: string;
  name: string;
  directory_id: string | null;
  description: string | null;
  readme: string | null;
  tags: JsonColumn<string[]>;
  hidden: boolean;
  latest_version_id: string | null;
  created_at: Date;
  created_by: string | null;
  updated_at: Date;
}
interface VersionTable {
  workspace_id: string;
  id: string;
  file_id: string;
  content_hash: string;
  kernel: JsonColumn<unknown>;
  name: string | null;
  description: string | null;
  status: 'committed' | 'uncommitted' | 'deleted';
  parent_version_id: string | null;
  created_at: Date;
  created_by: string | null;
  seq: Generated<number>;
}
interface DeploymentTable {
  file_id: string;
  environment_id: string;
  workspace_id: string;
  version_id: string;
  deployed_at: Date;
  deployed_by: string | null;
}
interface HistoryTable {
  id: string;
  workspace_id: string;
  file_id: string;
  environment_id: string;
  version_id: string | null;
  previous_version_id: string | null;
  action: 'deploy' | 'roll_back' | 'remove' | 'first';
  message: string | null;
  created_at: Date;
  created_by: string | null;
  seq: Generated<number>;
}

interface DatapointTable {
  workspace_id: string;
  id: string;
  file_id: string;
  content_hash: string;
  content: JsonColumn<unknown>;
  created_at: Date;
}
interface DatasetVersionTable {
  workspace_id: string;
  version_id: string;
  file_id: string;
  page_hashes: string[];
  page_sizes: number[];
}

export type EnvironmentRow = Selectable<EnvironmentTable>;
export type DirectoryRow = Selectable<DirectoryTable>;
export type FileRow = Selectable<FileTable>;
export type VersionRow = Selectable<VersionTable>;
export type DeploymentRow = Selectable<DeploymentTable>;
export type HistoryRow = Selectable<HistoryTable>;

/** The pool, or the transaction that is open: inside one, only it. */
export type Connection = Kysely<FileTables>;
export type FileTransaction = Transaction<FileTables>;
