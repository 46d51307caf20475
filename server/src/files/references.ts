import { AppError, notFound } from '@whetstone/contract';
import type { FileKind, Scope } from '@whetstone/contract';
import type { FileRef, Files, Snapshot, VersionRef } from './index.ts';

/** The version that a reference means. @throws AppError 404; 422 for none or for more than one name */
export async function versionOf<K extends FileKind>(
  files: Pick<Files, 'get' | 'versionsById'>,
  scope: Scope,
  kind: K | null,
  { versionId, id, path, environment }: VersionRef,
  field: string,
): Promise<Snapshot<K>> {
  if (versionId != null) {
    const snapshot = (await files.versionsById(scope, [versionId])).get(versionId);
    if (!snapshot || snapshot.version.status === 'deleted') throw notFound(kind === null ? 'Version' : `${title(kind)} version`, versionId);
    if (kind !== null && snapshot.kind !== kind)
      throw wrong(field, `\`${versionId}\` is a version of a ${snapshot.kind}, not of a ${kind}.`);
    return snapshot as Snapshot<K>;
  }
  if (id != null && path != null) throw wrong(field, 'Name the file by `path` or by `id`, not by both.');
  const ref: FileRef | null = id != null ? { id } : path != null ? { path } : null;
  if (ref === null) throw wrong(field, 'Name a version by `version_id`, or a file by `id` or `path`.');
  return files.get(scope, kind, ref, { environment });
}

export function wrong(field: string, message: string): AppError {
  return new AppError('invalid_input', message, { details: [{ loc: ['body', field], msg: message, type: 'value_error' }] });
}

function title(kind: FileKind): string {
  return kind.charAt(0).toUpperCase() + kind.slice(1);
}
