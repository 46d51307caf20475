import { AppError, notFound } from '@whetstone/contract';
import type { Scope } from '@whetstone/contract';
import { canonicalText, idRandomBytes, makeId } from '@whetstone/domain';
import type { EvaluationsDeps } from './index.ts';
import { findEvaluation, holdEvaluation, touchEvaluation } from './store.ts';
import type { Db, EvaluationRow, EvaluationTables, Tx } from './tables.ts';

/** What the verbs of the room share. */
export interface Room extends EvaluationsDeps {
  readonly db: Db;
  /** 0 to 1, for pauses. */
  random(): number;
  newId(prefix: string): string;
}

export function openRoom(deps: EvaluationsDeps): Room {
  return {
    ...deps,
    db: deps.storage.database<EvaluationTables>(),
    random: () => (deps.randomBytes(1)[0] ?? 0) / 256,
    newId: (prefix) => makeId(prefix, deps.randomBytes(idRandomBytes)),
  };
}

export const clean = (text: string): string => canonicalText(text).text;

/** @throws AppError 404 */
export async function evaluationOf(room: Room, { workspaceId }: Scope, id: string): Promise<EvaluationRow> {
  const row = await findEvaluation(room.db, workspaceId, clean(id));
  if (row === undefined) throw notFound('Evaluation', id);
  return row;
}

/** Changes an evaluation in one transaction that holds it. */
export async function change<T>(
  room: Room,
  { workspaceId }: Scope,
  id: string,
  work: (tx: Tx, row: EvaluationRow) => Promise<T>,
): Promise<T> {
  try {
    return await room.db.transaction().execute(async (tx) => {
      const row = await holdEvaluation(tx, workspaceId, clean(id));
      if (row === undefined) throw notFound('Evaluation', id);
      const result = await work(tx, row);
      await touchEvaluation(tx, row.id, room.clock());
      return result;
    });
  } catch (error) {
    throw translated(error);
  }
}

/** What was named went away meanwhile: its file was deleted. */
export function translated(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code !== '23503') return error;
  return new AppError('conflict', 'Something that the request names was deleted at the same time. Try again.', { cause: error });
}
