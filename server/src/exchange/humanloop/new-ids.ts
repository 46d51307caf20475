import { createHash } from 'node:crypto';
import { base62 } from '@whetstone/domain';
import type { Archive } from '../archive.ts';

/** What people and models said is left as it is, whatever it looks like. */
const said = new Set([
  'inputs',
  'messages',
  'output',
  'output_message',
  'metadata',
  'target',
  'template',
  'error',
  'stdout',
  'reason',
  'judgment',
  'provider_request',
  'provider_response',
]);
const idLength = 21;

/**
 * The archive with other ids for what has one on a whole server: files, evaluations, runs and review queues, wherever they are
 * named. The same ids in the same workspace each time, so that a second import finds what the first one made. Versions,
 * datapoints and logs keep theirs, which are a workspace's own.
 */
export async function withNewIds(archive: Archive, workspaceId: string): Promise<Archive> {
  const ids = new Map([...(await idsIn(archive))].map((id) => [id, newId(id, workspaceId)]));
  const named = new Map(archive.paths.map((path) => [renamedPath(path, ids), path]));
  const pathOf = (path: string): string => named.get(path) ?? path;
  return {
    paths: [...named.keys()].toSorted(),
    leftOut: archive.leftOut,
    text: async (path) => renamedText(await archive.text(pathOf(path)), ids),
    async *lines(path) {
      for await (const line of archive.lines(pathOf(path))) yield renamedText(line, ids);
    },
    close: () => archive.close(),
  };
}

function newId(id: string, workspaceId: string): string {
  const prefix = /^[a-z]+_/.exec(id)?.[0] ?? '';
  return prefix + base62(createHash('sha256').update(`${workspaceId}\n${id}`).digest()).slice(0, idLength);
}

async function idsIn(archive: Archive): Promise<Set<string>> {
  const ids = new Set<string>();
  for (const path of archive.paths) {
    for (const [, id = ''] of path.matchAll(/(?:^|\/)(?:files|evaluations|runs)\/([^/]+?)(?=\/|\.json$|$)/g)) ids.add(decoded(id));
  }
  const queues = archive.paths.includes('whetstone/reviews.json') ? parsed(await archive.text('whetstone/reviews.json')) : [];
  for (const queue of Array.isArray(queues) ? (queues as unknown[]) : []) {
    const { id } = (queue ?? {}) as { id?: unknown };
    if (typeof id === 'string') ids.add(id);
  }
  return ids;
}

/** As `pathName` has made it of an id. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function renamedPath(path: string, ids: ReadonlyMap<string, string>): string {
  return path
    .split('/')
    .map((segment) => {
      const [, name = segment, end = ''] = /^(.*?)(\.jsonl?)?$/.exec(segment) ?? [];
      const id = ids.get(decoded(name));
      return id === undefined ? segment : id + end;
    })
    .join('/');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What is no JSON is told by whoever reads it. */
function renamedText(text: string, ids: ReadonlyMap<string, string>): string {
  const value = parsed(text);
  return value === undefined ? text : JSON.stringify(renamed(value, ids));
}

function renamed(value: unknown, ids: ReadonlyMap<string, string>, key = ''): unknown {
  if (said.has(key)) return value;
  if (typeof value === 'string') return ids.get(value) ?? (key === 'filter' ? renamedWords(value, ids) : value);
  if (Array.isArray(value)) return value.map((each: unknown) => renamed(each, ids));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, renamed(each, ids, name)]));
}

/** A filter as a person writes it may name ids among other words. */
function renamedWords(filter: string, ids: ReadonlyMap<string, string>): string {
  return filter.replace(/[a-z]+_\w+/g, (word) => ids.get(word) ?? word);
}
