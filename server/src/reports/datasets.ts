import type { Scope } from '@whetstone/contract';
import type { Room } from './create-reports.ts';
import { labelsOfDatapoints } from './store.ts';

/** What reports ask of a version of a dataset, kept for a while: a version never changes. */
export interface KnownDataset {
  ids: string[];
  /** By name of the metadata that says so, the group of each datapoint that has one. */
  groups: { by: string; of: Map<string, string> } | null;
}

/** Names by which metadata tells what a case belongs to, the plainest first. */
const groupNames = ['group', 'group_id', 'conversation', 'conversation_id', 'session', 'session_id', 'thread', 'thread_id', 'source_id'];
const mostKept = 50;

export class Datasets {
  readonly #kept = new Map<string, Promise<KnownDataset>>();

  of(room: Room, scope: Scope, version: { fileId: string; versionId: string }): Promise<KnownDataset> {
    const key = `${scope.workspaceId} ${version.versionId}`;
    const known = this.#kept.get(key);
    // The order of a Map is that of its writing: what was asked for last is dropped last.
    this.#kept.delete(key);
    const asked = known ?? read(room, scope, version);
    this.#kept.set(key, asked);
    asked.catch(() => this.#kept.delete(key));
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= mostKept) break;
      this.#kept.delete(oldest);
    }
    return asked;
  }
}

async function read(
  { files, db }: Room,
  scope: Scope,
  { fileId, versionId }: { fileId: string; versionId: string },
): Promise<KnownDataset> {
  const [ids, labels] = await Promise.all([
    files.datasets.datapointIds(scope, versionId),
    labelsOfDatapoints(db, scope.workspaceId, fileId),
  ]);
  const members = new Set(ids);
  const own = labels.filter(({ id }) => members.has(id));
  for (const by of groupNames) {
    const of = new Map(own.flatMap(({ id, metadata }) => (metadata?.[by] == null ? [] : [[id, wordOf(metadata[by])] as const])));
    // A name that every case has for itself groups nothing.
    if (of.size > 0 && new Set(of.values()).size < of.size) return { ids, groups: { by, of } };
  }
  return { ids, groups: null };
}

function wordOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
