import { AppError, notFound } from '@whetstone/contract';
import type { Scope } from '@whetstone/contract';
import { canonicalText, idPrefixes } from '@whetstone/domain';
import type { Transaction } from 'kysely';
import { environmentNamed } from '../access.ts';
import type { Room } from '../context.ts';
import type { Environment, Files } from '../index.ts';
import { toEnvironment } from '../snapshot.ts';
import type { EnvironmentRow, FileTransaction } from '../tables.ts';
import { lockTree } from '../tree/store.ts';
import { invalid } from '../versions/save.ts';
import { clearDefault, countDeployedIn, insertEnvironment, listEnvironments, lockEnvironments, updateEnvironment } from './store.ts';

const longestName = 100;

export function environmentsOf(room: Room): Files['environments'] {
  return {
    list: async (scope) => (await listEnvironments(room.db, scope.workspaceId)).map(toEnvironment),
    byName: async (scope, name) => toEnvironment(environmentNamed(scope, await listEnvironments(room.db, scope.workspaceId), name)),
    create: (scope, input) => create(room, scope, input),
    update: (scope, id, patch) => update(room, scope, id, patch),
    delete: (scope, id) => remove(room, scope, id),
  };
}

async function create(room: Room, scope: Scope, input: { name: string; protected: boolean }): Promise<Environment> {
  const { workspaceId } = scope;
  const name = parseName(input.name);
  return room.write(workspaceId, async (tx, after) => {
    // Two of one name at once would only meet at the unique index.
    await lockTree(tx, workspaceId);
    const others = await lockEnvironments(tx, workspaceId);
    refuseTaken(others, name, null);
    const row: EnvironmentRow = {
      id: room.newId(idPrefixes.environment),
      workspace_id: workspaceId,
      name,
      is_default: others.length === 0,
      protected: input.protected,
      created_at: room.deps.clock(),
      deleted_at: null,
    };
    await insertEnvironment(tx, row);
    await audit(room, tx, scope, 'environment.created', row, { protected: row.protected });
    after.changed(null);
    return toEnvironment(row);
  });
}

async function update(room: Room, scope: Scope, id: string, patch: Parameters<Files['environments']['update']>[2]): Promise<Environment> {
  const { workspaceId } = scope;
  const name = patch.name === undefined ? undefined : parseName(patch.name);
  return room.write(workspaceId, async (tx, after) => {
    await lockTree(tx, workspaceId);
    const all = await lockEnvironments(tx, workspaceId);
    const row = pick(all, id);
    if (name !== undefined) refuseTaken(all, name, row.id);
    const change = {
      ...(name === undefined ? {} : { name }),
      ...(patch.protected === undefined ? {} : { protected: patch.protected }),
      ...(patch.makeDefault === true ? { is_default: true } : {}),
    };
    if (Object.keys(change).length === 0) return toEnvironment(row);
    if (patch.makeDefault === true) await clearDefault(tx, workspaceId);
    await updateEnvironment(tx, workspaceId, row.id, change);
    await audit(room, tx, scope, 'environment.updated', row, change);
    after.changed(null);
    return toEnvironment({ ...row, ...change });
  });
}

/** The history still names it; a key bound to it can do nothing any more. */
function remove(room: Room, scope: Scope, id: string): Promise<void> {
  const { workspaceId } = scope;
  return room.write(workspaceId, async (tx, after) => {
    const row = pick(await lockEnvironments(tx, workspaceId), id);
    if (row.is_default) throw new AppError('conflict', `\`${row.name}\` is the default environment. Make another one the default first.`);
    for (const guard of room.guards()) await guard.deleteEnvironment?.(scope, row, tx as unknown as Transaction<never>);
    const deployed = await countDeployedIn(tx, workspaceId, row.id);
    if (deployed > 0) {
      throw new AppError(
        'conflict',
        `${deployed === 1 ? 'A file is' : `${deployed} files are`} deployed to \`${row.name}\`. Take them out first.`,
        {
          data: { deployed },
        },
      );
    }
    await updateEnvironment(tx, workspaceId, row.id, { deleted_at: room.deps.clock() });
    await audit(room, tx, scope, 'environment.deleted', row, {});
    after.changed(null);
  });
}

function audit(
  room: Room,
  tx: FileTransaction,
  scope: Scope,
  action: string,
  row: EnvironmentRow,
  data: Record<string, unknown>,
): Promise<void> {
  return room.audit(scope, tx, { action, target: { type: 'environment', id: row.id, name: row.name }, data });
}

function pick(all: readonly EnvironmentRow[], id: string): EnvironmentRow {
  const row = all.find((environment) => environment.id === id);
  if (!row) throw notFound('Environment', id);
  return row;
}

/** `@` and `/` would make `prompt:PATH@ENVIRONMENT` ambiguous. */
function parseName(text: string): string {
  const name = canonicalText(text).text.normalize('NFC').trim();
  if (name === '' || name.length > longestName) throw invalid('name', `A name has 1 to ${longestName} characters.`);
  if (/[@/\p{C}]/u.test(name)) throw invalid('name', 'A name has no `@`, no `/` and no control characters.');
  return name;
}

function refuseTaken(all: readonly EnvironmentRow[], name: string, except: string | null): void {
  if (!all.some((environment) => environment.name === name && environment.id !== except)) return;
  throw new AppError('conflict', `There is already an environment \`${name}\`.`, { data: { name } });
}
