import { AppError, notFound, type Scope } from '@whetstone/contract';
import type { Files } from '../../files/index.ts';
import type { People, Vault } from '../../people/index.ts';
import type { Storage } from '../../storage/index.ts';
import type { ToolVariable } from '../index.ts';
import { kindOf } from '../kinds/index.ts';
import {
  deleteAll,
  deleteVariable,
  readAllVariables,
  readVariables,
  replaceSealed,
  type ToolTables,
  type VariableRow,
  writeVariable,
} from './store.ts';

export interface Variables {
  list(scope: Scope, fileId: string): Promise<ToolVariable[]>;
  set(scope: Scope, fileId: string, variables: readonly { name: string; value: string }[]): Promise<ToolVariable[]>;
  delete(scope: Scope, fileId: string, name: string): Promise<void>;
  /** Values by name, for a request to this origin. 400 names what is absent or kept for elsewhere. */
  open(scope: Scope, fileId: string, names: readonly string[], origin: string | null): Promise<Map<string, string>>;
  /** One value; null when there is none of this name. */
  find(scope: Scope, fileId: string, name: string, origin: string | null): Promise<string | null>;
  rotate(): Promise<number>;
  deleteWorkspace(workspaceId: string): Promise<void>;
}

const mostVariables = 100;
const longestValue = 32_768;
const hintLength = 4;

/**
 * Values are sealed for their tool and for the places that its versions called when they were given: whoever may edit a
 * tool could else turn it to a place of their own and have the server send the secrets there.
 */
export function createVariables(deps: {
  storage: Pick<Storage, 'database'>;
  files: Pick<Files, 'get' | 'versions'>;
  vault: Vault;
  audit: Pick<People['audit'], 'record'>;
  clock: () => Date;
}): Variables {
  const { files, vault, clock } = deps;
  const db = deps.storage.database<ToolTables>();
  const list = async (scope: Scope, fileId: string) => (await readVariables(db, scope.workspaceId, fileId)).map(present);
  const open = (row: VariableRow, origin: string | null): string => {
    if (origin === null || !row.origins.includes(origin))
      throw new AppError(
        'bad_request',
        `The environment variable \`${row.name}\` is kept for ${row.origins.join(', ') || 'no address'}; this version would send it to ${origin ?? 'an address that its inputs decide'}. Set the variable again if that is meant.`,
      );
    return vault.open(row.value, contextOf(row));
  };
  return {
    async list(scope, fileId) {
      await files.get(scope, 'tool', { id: fileId });
      return list(scope, fileId);
    },
    async set(scope, fileId, variables) {
      const tool = await files.get(scope, 'tool', { id: fileId });
      const known = new Map((await readVariables(db, scope.workspaceId, fileId)).map((row) => [row.name, row]));
      // Who sends a list back as it came changes nothing.
      const changed = variables.filter(({ name, value }) => value !== shown(known.get(name)?.hint ?? null));
      for (const [index, variable] of variables.entries()) check(variable, index);
      if (new Set([...known.keys(), ...variables.map(({ name }) => name)]).size > mostVariables)
        throw new AppError('invalid_input', `A tool has at most ${mostVariables} environment variables.`);
      const origins = await originsOf(files, scope, fileId);
      await db.transaction().execute(async (tx) => {
        for (const { name, value } of changed) {
          const place = { workspace_id: scope.workspaceId, file_id: fileId, name, origins };
          await writeVariable(tx, { ...place, value: vault.seal(value, contextOf(place)), hint: hintOf(value), updated_at: clock() });
        }
        if (changed.length > 0)
          await deps.audit.record(
            scope,
            { action: 'tool.variables_set', target: targetOf(tool), data: { names: changed.map(({ name }) => name), origins } },
            tx as never,
          );
      });
      return list(scope, fileId);
    },
    async delete(scope, fileId, name) {
      const tool = await files.get(scope, 'tool', { id: fileId });
      await db.transaction().execute(async (tx) => {
        if (!(await deleteVariable(tx, scope.workspaceId, fileId, name))) throw notFound('Environment variable', name);
        await deps.audit.record(scope, { action: 'tool.variable_deleted', target: targetOf(tool), data: { name } }, tx as never);
      });
    },
    async open(scope, fileId, names, origin) {
      const rows = new Map((await readVariables(db, scope.workspaceId, fileId)).map((row) => [row.name, row]));
      return new Map(
        names.map((name): [string, string] => {
          const row = rows.get(name);
          if (row === undefined)
            throw new AppError(
              'bad_request',
              `The tool has no environment variable \`${name}\`. Set it with POST /v5/tools/${fileId}/environment-variables.`,
            );
          return [name, open(row, origin)];
        }),
      );
    },
    async find(scope, fileId, name, origin) {
      const row = (await readVariables(db, scope.workspaceId, fileId)).find((each) => each.name === name);
      return row === undefined ? null : open(row, origin);
    },
    async rotate() {
      const stale = (await readAllVariables(db)).filter(({ value }) => vault.isStale(value));
      for (const row of stale) await replaceSealed(db, row, vault.seal(vault.open(row.value, contextOf(row)), contextOf(row)));
      return stale.length;
    },
    deleteWorkspace: (workspaceId) => deleteAll(db, workspaceId),
  };
}

function contextOf(row: Pick<VariableRow, 'workspace_id' | 'file_id' | 'name' | 'origins'>): string[] {
  return [row.workspace_id, 'tool-variable', row.file_id, row.name, ...row.origins];
}

async function originsOf(files: Pick<Files, 'versions'>, scope: Scope, fileId: string): Promise<string[]> {
  const versions = await files.versions(scope, 'tool', fileId);
  const origins = versions.map(({ version: { kernel } }) => kindOf(kernel)?.origin?.(kernel.setup_values ?? {}) ?? null);
  return [...new Set(origins.filter((origin) => origin !== null))].toSorted();
}

function check({ name, value }: { name: string; value: string }, index: number): void {
  const problem = !/^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name)
    ? { field: 'name', msg: 'consists of letters, digits and `_`, and begins with no digit' }
    : value === '' || value.length > longestValue
      ? { field: 'value', msg: `has 1 to ${longestValue} characters` }
      : null;
  if (problem === null) return;
  throw new AppError('invalid_input', `The ${problem.field} of an environment variable ${problem.msg}.`, {
    details: [{ loc: ['body', index, problem.field], msg: problem.msg, type: 'value_error' }],
  });
}

function hintOf(value: string): string {
  return value.length >= hintLength * 3 ? value.slice(-hintLength) : '';
}

/** How a value is shown. Null: there is none. */
export function shown(hint: string | null): string | null {
  return hint === null ? null : `••••${hint}`;
}

function present(row: VariableRow): ToolVariable {
  return { name: row.name, hint: row.hint, updatedAt: row.updated_at };
}

function targetOf(tool: { file: { id: string; path: string } }): { type: string; id: string; name: string } {
  return { type: 'tool', id: tool.file.id, name: tool.file.path };
}
