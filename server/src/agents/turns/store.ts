import type { Kysely } from 'kysely';

export interface AgentTables {
  agent_turns: { workspace_id: string; log_id: string; token: string; claimed_at: Date };
}
type Db = Kysely<AgentTables>;

/** Takes the turn when nobody has it, or who has it is long gone. */
export async function claimTurn(db: Db, row: AgentTables['agent_turns'], staleBefore: Date): Promise<boolean> {
  const { token, claimed_at } = row;
  const taken = await db
    .insertInto('agent_turns')
    .values(row)
    .onConflict((conflict) =>
      conflict.columns(['workspace_id', 'log_id']).doUpdateSet({ token, claimed_at }).where('agent_turns.claimed_at', '<', staleBefore),
    )
    .returning('token')
    .executeTakeFirst();
  return taken?.token === token;
}

export async function releaseTurn(db: Db, workspaceId: string, logId: string, token: string): Promise<void> {
  await db
    .deleteFrom('agent_turns')
    .where('workspace_id', '=', workspaceId)
    .where('log_id', '=', logId)
    .where('token', '=', token)
    .execute();
}

export async function deleteTurns(db: Db, workspaceId: string): Promise<void> {
  await db.deleteFrom('agent_turns').where('workspace_id', '=', workspaceId).execute();
}
