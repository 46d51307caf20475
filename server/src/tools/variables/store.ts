import type { ColumnType, Kysely, Transaction } from 'kysely';

export interface ToolTables {
  tool_variables: {
    workspace_id: string;
    file_id: string;
    name: string;
    value: string;
    hint: string;
    origins: ColumnType<string[], string, string>;
    updated_at: Date;
  };
}
type Db = Kysely<ToolTables> | Transaction<ToolTables>;

export interface VariableRow {
  workspace_id: string;
  file_id: string;
  name: string;
  value: string;
  hint: string;
  origins: string[];
  updated_at: Date;
}

export async function readVariables(db: Db, workspaceId: string, fileId: string): Promise<VariableRow[]> {
  return db
    .selectFrom('tool_variables')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('file_id', '=', fileId)
    .orderBy('name')
    .execute();
}

export async function writeVariable(db: Db, row: VariableRow): Promise<void> {
  const { value, hint, updated_at } = row;
  const origins = JSON.stringify(row.origins);
  await db
    .insertInto('tool_variables')
    .values({ ...row, origins })
    .onConflict((conflict) => conflict.columns(['file_id', 'name']).doUpdateSet({ value, hint, origins, updated_at }))
    .execute();
}

export async function deleteVariable(db: Db, workspaceId: string, fileId: string, name: string): Promise<boolean> {
  const gone = await db
    .deleteFrom('tool_variables')
    .where('workspace_id', '=', workspaceId)
    .where('file_id', '=', fileId)
    .where('name', '=', name)
    .returning('name')
    .executeTakeFirst();
  return gone !== undefined;
}

export async function deleteAll(db: Db, workspaceId: string): Promise<void> {
  await db.deleteFrom('tool_variables').where('workspace_id', '=', workspaceId).execute();
}

export async function readAllVariables(db: Db): Promise<VariableRow[]> {
  return db.selectFrom('tool_variables').selectAll().execute();
}

/** Only while it is still what was read. */
export async function replaceSealed(db: Db, row: VariableRow, sealed: string): Promise<void> {
  await db
    .updateTable('tool_variables')
    .set({ value: sealed })
    .where('file_id', '=', row.file_id)
    .where('name', '=', row.name)
    .where('value', '=', row.value)
    .execute();
}
