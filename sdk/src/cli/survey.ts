import type { FileKind } from '@whetstone/contract';
import { type Comparison, compare } from './compare.ts';
import { Folder } from './folder.ts';
import { formatOf, type Format, readName } from './formats/index.ts';
import type { Options } from './options.ts';
import { type Base, readState, type State } from './state.ts';
import { UsageError } from './usage.ts';
import { type RemoteFile, Workspace } from './workspace.ts';

/** One file on both sides. */
export interface Entry extends Comparison {
  /** In the directory: path and extension. */
  name: string;
  path: string;
  format: Format;
  text: string | null;
  base: Base | null;
  remote: RemoteFile | null;
}

export interface Survey {
  folder: Folder;
  workspace: Workspace;
  state: State;
  entries: Entry[];
}

/** Looks at both sides of everything that the options name. Changes nothing. */
export async function survey(options: Options): Promise<Survey> {
  const folder = new Folder(options.directory);
  const workspace = new Workspace(options.api);
  const state = readState(folder.root);
  const remotes = await workspace.list({ path: options.path, environment: options.environment, kinds: options.kinds });
  const everywhere = options.environment === null ? null : await allNames(workspace, options);
  const byName = new Map(remotes.map((remote) => [remote.path + formatOf(remote.kind).extension, remote]));
  const names = new Set([...folder.list(), ...state.keys(), ...byName.keys()].filter((name) => isMeant(name, options)));
  if (names.size === 0 && options.path !== null) throw new UsageError(`There is nothing at ${options.path}, here or in the workspace.`);
  const entries = [...names]
    .sort((a, b) => (a < b ? -1 : 1))
    .flatMap((name): Entry[] => {
      const read = readName(name);
      if (read === null) return [];
      const remote = byName.get(name) ?? null;
      const text = folder.read(name);
      const base = state.get(name) ?? null;
      const notDeployed = remote === null && everywhere?.has(name) === true;
      const sides = compare({ here: text, base, there: notDeployed ? undefined : remote });
      return [{ name, path: read.path, format: read.format, text, base, remote, ...sides }];
    });
  return { folder, workspace, state, entries };
}

async function allNames(workspace: Workspace, options: Options): Promise<Set<string>> {
  const all = await workspace.list({ path: options.path, environment: null, kinds: options.kinds });
  return new Set(all.map((remote) => remote.path + formatOf(remote.kind).extension));
}

function isMeant(name: string, { path, kinds }: Pick<Options, 'path' | 'kinds'>): boolean {
  const read = readName(name);
  if (read === null) return false;
  if (kinds.length > 0 && !(kinds as readonly FileKind[]).includes(read.format.kind)) return false;
  return path === null || read.path === path || read.path.startsWith(`${path}/`);
}
