import type { HandlersOf } from './call.ts';
import { presentDirectory } from './files.ts';
import type { Rooms } from './handlers.ts';

export function directoryHandlers(rooms: Rooms): HandlersOf<'directories'> {
  const { directories } = rooms.files;
  return {
    async 'directories.list'({ scope }) {
      return (await directories.list(scope)).map(presentDirectory);
    },
    async 'directories.create'({ scope, body }) {
      return presentDirectory(await directories.create(scope, { ...body, parentId: body.parent_id }));
    },
    async 'directories.get'({ scope, params }) {
      const { directory, parents, subdirectories, files } = await directories.get(scope, params.id);
      return {
        ...presentDirectory(directory),
        parents: parents.map(presentDirectory),
        subdirectories: subdirectories.map(presentDirectory),
        files: await rooms.presentFiles(scope, files),
      };
    },
    async 'directories.update'({ scope, params, body }) {
      return presentDirectory(await directories.update(scope, params.id, { ...body, parentId: body.parent_id }));
    },
    async 'directories.delete'({ scope, params }) {
      await directories.delete(scope, params.id);
    },
  };
}
