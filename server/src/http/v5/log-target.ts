import { AppError, type FileKind, type Kernels, type Scope } from '@whetstone/contract';
import type { FileRef, Snapshot } from '../../files/index.ts';
import type { Rooms } from './handlers.ts';

/** What a log request says about the version that ran. */
export interface TargetRequest<K extends FileKind> {
  path?: string | null | undefined;
  id?: string | null | undefined;
  versionId?: string | null | undefined;
  /** Name of the environment that resolves the version. */
  environment?: string | null | undefined;
  /** Into which the log goes; it has to be there. */
  run_id?: string | null | undefined;
  kernel: Kernels[K] | null;
  /** Stands in when the path is new and no kernel was sent; null: the kind needs one. */
  emptyKernel: Kernels[K] | null;
}
export interface Target {
  snapshot: Snapshot;
  environmentId: string | null;
}

/**
 * The version that a log belongs to: the one the kernel makes, the one named, or the deployed one.
 * A log to a new path makes the file.
 */
export async function logTarget<K extends FileKind>(rooms: Rooms, scope: Scope, kind: K, request: TargetRequest<K>): Promise<Target> {
  const { files } = rooms;
  const ref: FileRef | null = request.id != null ? { id: request.id } : request.path != null ? { path: request.path } : null;
  if (ref === null)
    throw new AppError('invalid_input', `Name the ${kind} by \`path\` or \`id\`.`, {
      details: [{ loc: ['body', 'path'], msg: 'field required', type: 'value_error.missing' }],
    });
  // Before a file is made for a log that is refused.
  if (request.run_id != null) await rooms.evaluations.requireRun(scope, request.run_id);
  if (request.kernel !== null) {
    const { snapshot } = await files.upsert(scope, kind, { ...ref, kernel: request.kernel });
    return { snapshot, environmentId: null };
  }
  try {
    return await files.resolve(scope, kind, ref, { versionId: request.versionId, environment: request.environment });
  } catch (error) {
    const unnamed = request.versionId == null && request.environment == null;
    if (!(error instanceof AppError) || error.code !== 'not_found' || !('path' in ref) || request.emptyKernel === null || !unnamed)
      throw error;
    const { snapshot } = await files.upsert(scope, kind, { path: ref.path, kernel: request.emptyKernel });
    return { snapshot, environmentId: null };
  }
}

/** The environment to file a log under: the one the body names, else the one that resolved the version. */
export async function logEnvironment(
  rooms: Rooms,
  scope: Scope,
  named: string | null | undefined,
  resolved: string | null,
): Promise<string | null> {
  if (named === null || named === undefined || named === '') return resolved;
  return (await rooms.files.environments.byName(scope, named)).id;
}
