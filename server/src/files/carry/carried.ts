import type { Datapoint, FileKind, Kernels, Scope } from '@whetstone/contract';
import type { Deployment, Directory, Environment, Snapshot } from '../index.ts';

/** All that the room keeps of a workspace, for an export and for the import of one. */
export interface Carry {
  /** Environments, those that the history of deployments still names too, and directories, each by age. */
  ground(scope: Scope): Promise<Ground>;
  /** Every file, hidden ones too, by id. */
  files(scope: Scope): Promise<CarriedFile[]>;
  /** Of a file, drafts and deleted ones too, oldest first. */
  versions(scope: Scope, fileId: string): Promise<Snapshot[]>;
  /** Of a file, oldest first. */
  history(scope: Scope, fileId: string): Promise<CarriedDeployment[]>;
  /** Of those ids of files, what another workspace of the server has. */
  takenElsewhere(scope: Scope, fileIds: readonly string[]): Promise<string[]>;
  /**
   * Puts environments and directories in the place of what a new workspace starts with, its evaluators for feedback included.
   * @returns false, and changes nothing, where somebody worked already
   */
  takeGround(scope: Scope, ground: Ground): Promise<boolean>;
  /**
   * Puts a file back with all its versions and what was deployed. Nobody is told of it: it is no news.
   * @returns the versions that could not be put back
   * @throws AppError 409 when its id or path is taken
   */
  takeFile(scope: Scope, whole: WholeFile): Promise<RefusedVersion[]>;
}

export interface RefusedVersion {
  versionId: string;
  why: string;
  /** The version of the file that says the same. */
  sameAs: string | null;
}
export interface Ground {
  environments: (Environment & { deletedAt: Date | null })[];
  directories: Directory[];
}
export interface CarriedFile {
  kind: FileKind;
  id: string;
  path: string;
  description: string | null;
  readme: string | null;
  tags: string[];
  hidden: boolean;
  createdAt: Date;
  updatedAt: Date;
  createdBy: string | null;
}
/** A line of the history. */
export interface CarriedDeployment extends Pick<Deployment, 'versionId' | 'previousVersionId' | 'action' | 'message' | 'at' | 'by'> {
  environmentId: string;
}
export interface CarriedVersion {
  id: string;
  /** Of a dataset: what is not said by its datapoints. */
  kernel: Kernels[FileKind];
  datapoints: readonly (Datapoint & { id: string })[] | null;
  name: string | null;
  description: string | null;
  status: Snapshot['version']['status'];
  parentVersionId: string | null;
  createdAt: Date;
  createdBy: string | null;
}
export interface WholeFile {
  file: CarriedFile;
  /** Oldest first. */
  versions: readonly CarriedVersion[];
  /** Oldest first; what it ends with is what is deployed. */
  history: readonly CarriedDeployment[];
}
