import { AppError, type FileKind, fileKinds } from '@whetstone/contract';
import type { HandlersOf } from './call.ts';
import type { Rooms } from './handlers.ts';
import { experimentOf, exposed } from './unit.ts';

/** Files of every kind together: list, tree, by path. */
export function fileHandlers(rooms: Rooms): HandlersOf<'files'> {
  const { files } = rooms;
  return {
    async 'files.list_files'({ scope, query }) {
      const unknown = query.type?.find((type) => !(fileKinds as readonly string[]).includes(type));
      if (unknown !== undefined) throw new AppError('invalid_input', `type: \`${unknown}\` is none of ${fileKinds.join(', ')}.`);
      const { records, total } = await files.list(scope, {
        kinds: (query.type ?? []) as FileKind[],
        name: query.name ?? null,
        path: query.path ?? null,
        environment: query.environment ?? null,
        createdBy: query.user_filter ?? null,
        sortBy: query.sort_by ?? null,
        order: query.order ?? null,
        page: query.page,
        size: query.size,
      });
      return {
        records: await rooms.presentFiles(scope, records, { raw: query.include_raw_file_content === true }),
        page: query.page,
        size: query.size,
        total,
      };
    },
    async 'files.retrieve_by_path'(call) {
      const { scope, query, body } = call;
      const found = await files.get(scope, null, { path: body.path }, { environment: query.environment });
      const { snapshot, assigned, environment } = await exposed(rooms, call, found, 'retrieve_by_path');
      const [file] = await rooms.presentFiles(scope, [snapshot], { raw: query.include_raw_file_content === true });
      return { ...(file as NonNullable<typeof file>), ...experimentOf(assigned, environment) };
    },
    async 'files.tree'({ scope }) {
      const { directories, files: all } = await files.tree(scope);
      return {
        directories: directories.map(presentDirectory),
        files: all.map(({ kind, file, version }) => ({
          id: file.id,
          type: kind,
          path: file.path,
          name: file.name,
          directory_id: file.directoryId,
          updated_at: file.updatedAt.toISOString(),
          version_id: version.id,
          content_hash: version.contentHash,
        })),
      };
    },
  };
}

type Directory = Awaited<ReturnType<Rooms['files']['directories']['list']>>[number];

export function presentDirectory(directory: Directory) {
  return {
    id: directory.id,
    parent_id: directory.parentId,
    name: directory.name,
    description: directory.description,
    path: directory.path,
    readme: directory.readme,
    tags: directory.tags,
    created_at: directory.createdAt.toISOString(),
    updated_at: directory.updatedAt.toISOString(),
  };
}
