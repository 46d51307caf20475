import type { ChatMessage, Datapoint, DatapointResponse, DatasetAction, FileKind, Kernels, Scope } from '@whetstone/contract';
import type { Transaction } from 'kysely';
import type { RedactionRule } from '../people/index.ts';
import type { Carry } from './carry/carried.ts';

export type { CarriedDeployment, CarriedFile, CarriedVersion, Ground, RefusedVersion, WholeFile } from './carry/carried.ts';
export { versionOf, wrong } from './references.ts';
export type { RedactionRule };

/** Six kinds of file, their immutable versions, directories, environments and deployments. One mechanism; a kind is a description (`kinds/*.ts`). */
export interface Files {
  /** Finds or creates the file, then finds or creates the version by content. A new file's first version is deployed to the default environment. 409 when the path holds another kind or the version name is taken. */
  upsert<K extends FileKind>(
    scope: Scope,
    kind: K,
    input: UpsertInput<K>,
  ): Promise<{ snapshot: Snapshot<K>; createdFile: boolean; createdVersion: boolean }>;
  /** A file as of a version: the named one, the one deployed to the named environment, or the default's. 404 names what is missing. */
  get<K extends FileKind>(scope: Scope, kind: K | null, ref: FileRef, at?: VersionSelector): Promise<Snapshot<K>>;
  find<K extends FileKind>(scope: Scope, kind: K | null, ref: FileRef, at?: VersionSelector): Promise<Snapshot<K> | null>;
  /** The hot path: like `get`, answered from memory when known (dropped by a change on any replica, one second old at most; the last known serves 60 s while PostgreSQL is away). Also says in which environment the version was found deployed; null when a version id was given, or when nothing is deployed and the newest version answered. The snapshot is frozen. A key bound to one environment resolves only what is deployed there, and of versions by id those that are or were (403). */
  resolve(
    scope: Scope,
    kind: FileKind | null,
    ref: FileRef,
    at?: VersionSelector,
  ): Promise<{ snapshot: Snapshot; environmentId: string | null }>;
  /** Snapshots of known versions, for presenting logs; deleted versions included. */
  versionsById(scope: Scope, versionIds: readonly string[]): Promise<Map<string, Snapshot>>;
  list(scope: Scope, query: FileListQuery): Promise<{ records: Snapshot[]; total: number }>;
  tree(scope: Scope): Promise<{ directories: Directory[]; files: Snapshot[] }>;
  /** Newest first; committed ones, with `drafts` the others too. */
  versions<K extends FileKind>(scope: Scope, kind: K, fileId: string, options?: { drafts?: boolean }): Promise<Snapshot<K>[]>;
  move(
    scope: Scope,
    kind: FileKind,
    fileId: string,
    patch: { path?: string | null; name?: string | null; description?: string | null; tags?: string[] | null; readme?: string | null },
  ): Promise<Snapshot>;
  delete(scope: Scope, kind: FileKind, fileId: string): Promise<void>;
  updateVersion(
    scope: Scope,
    kind: FileKind,
    fileId: string,
    versionId: string,
    patch: { name?: string | null; description?: string | null },
  ): Promise<Snapshot>;
  deleteVersion(scope: Scope, kind: FileKind, fileId: string, versionId: string): Promise<void>;
  /**
   * The gateway's own prompts (`gateway/MODEL`) and playground drafts: found or created with status `uncommitted`, without a
   * deployment, in a file that lists, tree and directories leave out (unless a person made it). Saving the same content by
   * `upsert` commits the same row and shows the file. Answered from memory when known. A path that holds another kind, or
   * that cannot be one, is mended for the gateway. Default path: `gateway/MODEL`, `playground/MODEL`.
   */
  upsertHidden(
    scope: Scope,
    input: UpsertInput<'prompt'> & { path?: string; fileId?: string; reason: 'gateway' | 'draft' },
  ): Promise<Snapshot<'prompt'>>;

  datasets: {
    /** As `upsert`; the kernel follows from the datapoints. Datapoints that are there already are not there twice. */
    upsert(scope: Scope, input: DatasetInput): Promise<{ snapshot: Snapshot<'dataset'>; createdFile: boolean; createdVersion: boolean }>;
    /** A version by what it differs in from another. 409 when somebody else saved meanwhile, 422 for datapoints that the base has not. */
    edit(scope: Scope, change: DatasetChange): Promise<{ snapshot: Snapshot<'dataset'>; createdFile: boolean; createdVersion: boolean }>;
    /** Of each datapoint whether the version has its case: the same inputs, messages and target, whatever the labels. */
    casesThere(scope: Scope, version: { fileId: string; versionId: string }, datapoints: readonly Datapoint[]): Promise<boolean[]>;
    /** Of a version, in order: a page, or without one all. */
    datapoints(
      scope: Scope,
      versionId: string,
      page?: { page: number; size: number },
    ): Promise<{ records: StoredDatapoint[]; total: number }>;
    /** Of a version, in order. */
    datapointIds(scope: Scope, versionId: string): Promise<string[]>;
    /** Those of the ids that exist in the workspace. */
    datapointsById(scope: Scope, ids: readonly string[]): Promise<Map<string, StoredDatapoint>>;
  };

  deploy(
    scope: Scope,
    kind: FileKind,
    fileId: string,
    environmentId: string,
    versionId: string,
    options?: {
      /** 409 with `current_version_id` when another one is there. Null or absent: not checked. '': nothing must be there. */
      expectedVersionId?: string | null | undefined;
      message?: string | null | undefined;
      /** Why it is deployed although a gate of the environment refuses it. */
      overrideGates?: string | null | undefined;
      /** Injected when data is back-dated. */
      at?: Date | undefined;
    },
  ): Promise<Snapshot>;
  undeploy(
    scope: Scope,
    kind: FileKind,
    fileId: string,
    environmentId: string,
    options?: { expectedVersionId?: string | null | undefined },
  ): Promise<void>;
  /** Every environment of the workspace with what is deployed there. */
  deployed(scope: Scope, kind: FileKind, fileId: string): Promise<{ environment: Environment; snapshot: Snapshot | null }[]>;
  deployments(
    scope: Scope,
    kind: FileKind,
    fileId: string,
    query: { page: number; size: number; environmentId?: string | null },
  ): Promise<{ records: Deployment[]; total: number }>;

  environments: {
    list(scope: Scope): Promise<Environment[]>;
    create(scope: Scope, input: { name: string; protected: boolean }): Promise<Environment>;
    update(
      scope: Scope,
      id: string,
      patch: { name?: string | undefined; protected?: boolean | undefined; makeDefault?: boolean | undefined },
    ): Promise<Environment>;
    delete(scope: Scope, id: string): Promise<void>;
    /** By name; 404 ``Environment `X` does not exist``. */
    byName(scope: Scope, name: string): Promise<Environment>;
  };
  directories: {
    list(scope: Scope): Promise<Directory[]>;
    create(scope: Scope, input: DirectoryInput): Promise<Directory>;
    get(scope: Scope, id: string): Promise<{ directory: Directory; parents: Directory[]; subdirectories: Directory[]; files: Snapshot[] }>;
    /** Null leaves a text as it is, '' empties it. */
    update(scope: Scope, id: string, patch: DirectoryInput): Promise<Directory>;
    delete(scope: Scope, id: string): Promise<void>;
  };
  carry: Carry;
  /** Makes `production` (default, protected) and `staging` in a new workspace, and the feedback evaluators. */
  prepareWorkspace(workspaceId: string): Promise<void>;
  deleteWorkspace(workspaceId: string): Promise<void>;
  /** Told inside the transaction of the change, on the replica that makes it: what a listener enqueues stands or falls with it. */
  onEvent(listener: FileListener): void;
  close(): Promise<void>;
}

export type FileRef = { id: string } | { path: string };
export interface DirectoryInput {
  name?: string | null | undefined;
  parentId?: string | null | undefined;
  path?: string | null | undefined;
  description?: string | null | undefined;
  readme?: string | null | undefined;
  tags?: string[] | null | undefined;
}
export interface VersionSelector {
  versionId?: string | null | undefined;
  /** Name of an environment. */
  environment?: string | null | undefined;
}
export interface UpsertInput<K extends FileKind> {
  path?: string | null | undefined;
  id?: string | null | undefined;
  kernel: Kernels[K];
  versionName?: string | null | undefined;
  versionDescription?: string | null | undefined;
  description?: string | null | undefined;
  tags?: string[] | null | undefined;
  readme?: string | null | undefined;
  parentVersionId?: string | null | undefined;
  /** Ids of an import live on: of a version, and of a file that is made. */
  versionId?: string | undefined;
  newFileId?: string | undefined;
  /** Injected when data is back-dated (demo, import). */
  at?: Date | undefined;
  /** `false`: do not deploy the first version. */
  deployFirst?: boolean | undefined;
}
export interface DatasetInput extends Omit<UpsertInput<'dataset'>, 'kernel'> {
  datapoints: readonly (Datapoint & { id?: string | undefined })[];
  /** `set`: these and no others; `add`, `remove`: to or from the base. */
  action: DatasetAction;
  /** Default: the newest version; with `orDeployed` the one deployed to the default environment. */
  base?: (VersionSelector & { orDeployed?: boolean }) | undefined;
  /** Absent: those of the base. */
  attributes?: Record<string, unknown> | null | undefined;
}
export interface StoredDatapoint {
  id: string;
  inputs: Record<string, string> | null;
  messages: ChatMessage[] | null;
  target: DatapointResponse['target'];
  metadata: DatapointResponse['metadata'];
  split: string | null;
  tags: string[];
}
/** A version that differs from its base by so much. */
export interface DatasetChange {
  fileId: string;
  baseVersionId: string;
  /** 409 when another version is the newest. Null or absent: not checked. */
  expectedVersionId?: string | null | undefined;
  removed: readonly string[];
  changed: readonly { id: string; datapoint: Datapoint }[];
  /** After the one with that id; else at the end. */
  added: readonly { after?: string | null | undefined; datapoint: Datapoint }[];
  versionName?: string | null | undefined;
  versionDescription?: string | null | undefined;
}
/** One version, as a request may name it: by its id, or by a file and an environment. */
export interface VersionRef {
  versionId?: string | null | undefined;
  id?: string | null | undefined;
  path?: string | null | undefined;
  /** Name of the environment that decides which version of the file; default: the default one. */
  environment?: string | null | undefined;
}
/** A file as of one version. */
export interface Snapshot<K extends FileKind = FileKind> {
  kind: K;
  file: {
    id: string;
    path: string;
    name: string;
    directoryId: string | null;
    description: string | null;
    readme: string | null;
    tags: string[];
    hidden: boolean;
    createdAt: Date;
    updatedAt: Date;
    lastUsedAt: Date;
    createdBy: string | null;
  };
  version: {
    id: string;
    contentHash: string;
    kernel: Kernels[K];
    name: string | null;
    description: string | null;
    status: 'committed' | 'uncommitted' | 'deleted';
    createdAt: Date;
    createdBy: string | null;
    parentVersionId: string | null;
  };
  /** Environments in which this version is deployed. */
  environments: Environment[];
  /** Template variables, in order of appearance. */
  inputs: string[];
}
export interface Environment {
  id: string;
  name: string;
  isDefault: boolean;
  protected: boolean;
  createdAt: Date;
}
export interface Directory {
  id: string;
  parentId: string | null;
  name: string;
  path: string;
  description: string | null;
  readme: string | null;
  tags: string[];
  createdAt: Date;
  updatedAt: Date;
}
export interface Deployment {
  id: string;
  environment: Environment;
  versionId: string | null;
  previousVersionId: string | null;
  contentHash: string | null;
  versionName: string | null;
  action: 'deploy' | 'roll_back' | 'remove' | 'first';
  message: string | null;
  at: Date;
  by: string | null;
}
export interface FileListQuery {
  kinds?: readonly FileKind[];
  name?: string | null;
  /** Directory and everything below. */
  path?: string | null;
  /** Only files with something deployed there, as of that version. */
  environment?: string | null;
  createdBy?: string | null;
  sortBy?: 'created_at' | 'updated_at' | 'name' | null;
  order?: 'asc' | 'desc' | null;
  page: number;
  size: number;
}
/** Within it only `transaction` may be asked, never the pool. Throwing undoes the change. */
export type FileListener = (event: FileEvent, transaction: Transaction<never>) => Promise<void>;
export type FileEvent =
  | { type: 'version.created' | 'file.deleted'; scope: Scope; snapshot: Snapshot }
  | {
      type: 'version.deployed' | 'version.undeployed';
      scope: Scope;
      snapshot: Snapshot;
      environment: Environment;
      previousVersionId: string | null;
    };

/** Opens the room on a storage that is migrated. The caller closes it before the storage. */
export { createFiles } from './create-files.ts';
export type { FileGuard, FilesDeps } from './context.ts';
