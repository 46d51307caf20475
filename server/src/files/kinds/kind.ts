import type { ErrorDetail, FileKind, Kernels } from '@whetstone/contract';

export interface FileLink {
  /** In the body. */
  loc: (string | number)[];
  fileId: string;
  versionId: string | null;
  environmentId: string | null;
}

/** All that sets one kind of file apart; everything else is one mechanism. */
export interface Kind<K extends FileKind> {
  kind: K;
  /** Of file ids, with its underscore. */
  prefix: string;
  versionPrefix: string;
  /** Names of what a caller gives to run a version, in order of appearance. */
  inputs(kernel: Kernels[K]): string[];
  /** What the schema cannot say: places are relative to the body. Empty when all is well. */
  validate(kernel: Kernels[K]): ErrorDetail[];
  /** Versions of other files that the kernel names; each must exist in the workspace and be of this kind. */
  links?(kernel: Kernels[K]): { kind: FileKind; field: string; versionIds: string[] };
  /** Files that the kernel names; each must exist in the workspace, be of one of the kinds, and have the version that is named. */
  linkedFiles?(kernel: Kernels[K]): { kinds: readonly FileKind[]; links: FileLink[] };
}
