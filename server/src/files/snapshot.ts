import type { FileKind, Kernels } from '@whetstone/contract';
import type { Directory, Environment, Snapshot } from './index.ts';
import { kinds } from './kinds/index.ts';
import type { DirectoryRow, EnvironmentRow } from './tables.ts';
import type { SnapshotRow } from './versions/store.ts';

/** From rows to what the room answers. */

export function toEnvironment(row: EnvironmentRow): Environment {
  return { id: row.id, name: row.name, isDefault: row.is_default, protected: row.protected, createdAt: row.created_at };
}

export function toDirectory(row: DirectoryRow): Directory {
  const { id, name, path, description, readme, tags } = row;
  return { id, parentId: row.parent_id, name, path, description, readme, tags, createdAt: row.created_at, updatedAt: row.updated_at };
}

export function toSnapshot(row: SnapshotRow, environments: readonly EnvironmentRow[]): Snapshot {
  const kernel = row.kernel as Kernels[FileKind];
  return {
    kind: row.kind,
    file: {
      id: row.file_id,
      path: row.path,
      name: row.name,
      directoryId: row.directory_id,
      description: row.description,
      readme: row.readme,
      tags: row.tags,
      hidden: row.hidden,
      createdAt: row.created_at,
      updatedAt: row.updated_at,
      lastUsedAt: row.updated_at,
      createdBy: row.created_by,
    },
    version: {
      id: row.version_id,
      contentHash: row.content_hash,
      kernel,
      name: row.version_name,
      description: row.version_description,
      status: row.status,
      createdAt: row.version_created_at,
      createdBy: row.version_created_by,
      parentVersionId: row.parent_version_id,
    },
    environments: environments.filter(({ id }) => row.deployed_in.includes(id)).map(toEnvironment),
    inputs: inputsOf(row.kind, kernel),
  };
}

/** A stored template may be broken (drafts, imports): it is still read. */
function inputsOf<K extends FileKind>(kind: K, kernel: Kernels[K]): string[] {
  try {
    return kinds[kind].inputs(kernel);
  } catch {
    return [];
  }
}

/** What is remembered is handed to many callers: a write to it would change a stored version for all of them. */
export function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || value instanceof Date || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const item of Object.values(value)) freeze(item);
  return value;
}
