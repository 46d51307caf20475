import type { AgentKernel, FileResponse, PromptKernel, Scope } from '@whetstone/contract';
import type { Monitors } from '../../monitors/index.ts';
import type { Files, Snapshot, StoredDatapoint } from '../../files/index.ts';
import type { Logs } from '../../logs/index.ts';
import type { People } from '../../people/index.ts';
import { linkKey, presentFile } from './file.ts';

/** Files with all that other rooms know of them. */

interface Options {
  raw?: boolean;
  counts?: boolean;
  /** All of each dataset. */
  datapoints?: boolean;
}

async function datapointsOf(files: Files, scope: Scope, snapshots: readonly Snapshot[]): Promise<Map<string, StoredDatapoint[]>> {
  const found = new Map<string, StoredDatapoint[]>();
  for (const { kind, version } of snapshots) {
    if (kind === 'dataset') found.set(version.id, (await files.datasets.datapoints(scope, version.id)).records);
  }
  return found;
}

/** What the agents among the files link, as it is resolved now. What is gone, or not for this key, is left out. */
async function linkedFilesOf(files: Files, scope: Scope, snapshots: readonly Snapshot[]): Promise<Map<string, Snapshot>> {
  const links = snapshots.flatMap((s) => (s.kind === 'agent' ? ((s.version.kernel as AgentKernel).tools ?? []) : []));
  const found = new Map<string, Snapshot>();
  const wanted = new Map(links.flatMap((tool) => ('link' in tool ? [[linkKey(tool.link), tool.link] as const] : [])));
  if (wanted.size === 0) return found;
  const names = new Map((await files.environments.list(scope)).map(({ id, name }) => [id, name]));
  for (const [key, link] of wanted) {
    const at = { versionId: link.version_id, environment: link.environment_id == null ? null : names.get(link.environment_id) };
    const linked = await files.resolve(scope, null, { id: link.file_id }, at).catch(() => null);
    if (linked !== null) found.set(key, linked.snapshot);
  }
  return found;
}

/** Presents many files with one query each for names, counts and linked tools. */
export function filePresenter(rooms: { people: People; files: Files; logs: Logs; monitors: Pick<Monitors, 'attached'> }) {
  return async (scope: Scope, snapshots: Snapshot[], options: Options = {}): Promise<FileResponse[]> => {
    const people = snapshots.flatMap((s) => [s.file.createdBy, s.version.createdBy]).filter((id) => id !== null);
    const linked = snapshots.flatMap((s) => (s.kind === 'prompt' ? ((s.version.kernel as PromptKernel).linked_tools ?? []) : []));
    const fileIds = [...new Set(snapshots.map((s) => s.file.id))];
    const [names, monitors, counts, linkedTools, linkedFiles] = await Promise.all([
      rooms.people.users.names([...new Set(people)]),
      rooms.monitors.attached.of(scope, fileIds),
      options.counts === false
        ? new Map()
        : // Files are readable while the log store is away; how often they ran is then unknown and shown as none.
          rooms.logs.counts(scope, fileIds).catch(() => new Map()),
      linked.length === 0 ? new Map<string, Snapshot>() : rooms.files.versionsById(scope, linked),
      linkedFilesOf(rooms.files, scope, snapshots),
    ]);
    const datapoints =
      options.datapoints === true ? await datapointsOf(rooms.files, scope, snapshots) : new Map<string, StoredDatapoint[]>();
    return snapshots.map((snapshot) => {
      const count = counts.get(snapshot.file.id);
      return presentFile(snapshot, {
        names,
        linkedTools,
        linkedFiles,
        raw: options.raw,
        datapoints: datapoints.get(snapshot.version.id),
        monitors: monitors.get(snapshot.file.id),
        counts:
          count === undefined
            ? undefined
            : { total: count.total, version: count.byVersion.get(snapshot.version.id) ?? 0, lastAt: count.lastAt },
      });
    });
  };
}
export type FilePresenter = ReturnType<typeof filePresenter>;
