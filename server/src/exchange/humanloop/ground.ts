import type { Environment } from '../../files/index.ts';
import { type Carrying, refusalOf } from './carrying.ts';
import type { Ours } from './ours.ts';

/** Environments of the export, here. */
export interface Places {
  /** By id in the export; of those that are gone, what has the id here. */
  readonly byOldId: ReadonlyMap<string, string>;
  find(name: string): string | null;
  /** Id of the environment of the name, made where there is none. @throws AppError for a name that none can have */
  idOf(name: string): Promise<string>;
}

type Laying = Omit<Carrying, 'places' | 'versions' | 'fileIds' | 'monitorIds'>;

/** In a workspace where nobody worked what the export starts from takes the place of what is there; else it is added. */
export async function layGround(laying: Laying): Promise<Places> {
  const { ours, files, scope, report } = laying;
  if (ours?.environments && !(await takenWhole(laying, ours))) await addGround(laying, ours);
  const { environments } = await files.carry.ground(scope);
  const ids = new Map(environments.flatMap(({ name, id, deletedAt }) => (deletedAt === null ? [[name, id]] : [])));
  const here = new Set(environments.map(({ id }) => id));
  const byOldId = new Map<string, string>();
  for (const { id, name, deleted_at } of ours?.environments ?? []) {
    const now = here.has(id) ? id : deleted_at === null ? ids.get(name) : undefined;
    if (now !== undefined) byOldId.set(id, now);
    if (deleted_at === null && now !== undefined) report.carried('environments');
  }
  const counted = new Set((ours?.environments ?? []).map(({ name }) => name));
  return {
    byOldId,
    find: (name) => ids.get(name) ?? null,
    async idOf(name) {
      let id = ids.get(name);
      if (id === undefined) ({ id } = await files.environments.create(scope, { name, protected: false }));
      ids.set(name, id);
      if (!counted.has(name)) report.carried('environments');
      counted.add(name);
      return id;
    },
  };
}

/** Not where a key or a period of retention names an environment by its id. */
async function takenWhole({ files, people, scope }: Laying, { environments, directories }: Ours): Promise<boolean> {
  const [keys, settings] = await Promise.all([people.keys.list(scope), people.workspaces.get(scope)]);
  if (keys.some(({ environment }) => environment !== null) || Object.keys(settings.environmentRetentionDays).length > 0) return false;
  return files.carry.takeGround(scope, {
    environments: (environments ?? []).map(({ id, name, tag, ...each }) => ({
      id,
      name,
      isDefault: tag === 'default',
      protected: each.protected,
      createdAt: each.created_at,
      deletedAt: each.deleted_at,
    })),
    directories: (directories ?? []).map(({ created_at, updated_at, ...each }) => ({
      ...each,
      parentId: null,
      name: '',
      createdAt: created_at,
      updatedAt: updated_at,
    })),
  });
}

async function addGround({ files, scope, report }: Laying, { environments, directories }: Ours): Promise<void> {
  const names = new Set((await files.environments.list(scope)).map((each: Environment) => each.name));
  for (const { name, protected: isProtected, deleted_at } of environments ?? []) {
    if (deleted_at !== null || names.has(name)) continue;
    try {
      await files.environments.create(scope, { name, protected: isProtected });
    } catch (error) {
      report.problem('whetstone/environments.json', `environment ${name}`, refusalOf(error));
    }
  }
  const paths = new Set((await files.directories.list(scope)).map(({ path }) => path));
  for (const { path, description, readme, tags } of directories ?? []) {
    if (paths.has(path)) continue;
    try {
      await files.directories.create(scope, { path, description, readme, tags });
    } catch (error) {
      report.problem('whetstone/directories.json', `directory ${path}`, refusalOf(error));
    }
  }
}
