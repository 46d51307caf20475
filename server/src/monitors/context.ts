import { AppError, notFound, type Scope } from '@whetstone/contract';
import { canonicalText, idRandomBytes, makeId } from '@whetstone/domain';
import type { MonitorsDeps } from './index.ts';
import { findMonitor } from './store.ts';
import type { Db, MonitorRow, MonitorTables } from './tables.ts';
import { Meters } from './watch/meters.ts';

/** What the verbs of the room share. */
export interface Room extends MonitorsDeps {
  readonly db: Db;
  readonly meters: Meters;
  newId(prefix: string): string;
  /** The workers look again: what they work on has changed. */
  changed(workspaceId: string): Promise<void>;
}

/** On which replicas hear that monitors have changed. */
export const channel = 'monitors';

export function openRoom(deps: MonitorsDeps): Room {
  return {
    ...deps,
    db: deps.storage.database<MonitorTables>(),
    meters: new Meters(deps.clock),
    newId: (prefix) => makeId(prefix, deps.randomBytes(idRandomBytes)),
    changed: (workspaceId) => deps.storage.notify(channel, workspaceId),
  };
}

export const clean = (text: string): string => canonicalText(text).text;

/** @throws AppError 404 */
export async function monitorRowOf(room: Room, { workspaceId }: Scope, id: string): Promise<MonitorRow> {
  const row = await findMonitor(room.db, workspaceId, clean(id));
  if (row === undefined) throw notFound('Monitor', id);
  return row;
}

/** What was named went away meanwhile; or there is one just like it. */
export function translated(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === '23503')
    return new AppError('conflict', 'Something that the request names was deleted at the same time. Try again.', { cause: error });
  if (code === '23505')
    return new AppError('conflict', 'There is a monitor of this evaluator over the same logs of the file. Change that one.', {
      cause: error,
    });
  return error;
}
