import type { Scope } from '@whetstone/contract';
import type { CarriedAlert } from '../carry.ts';
import type { Room } from '../context.ts';
import { findMonitor } from '../store.ts';
import { alertsOf, everyEvent, insertAlert, insertEvent, isTaken } from './store.ts';

export async function carriedAlerts({ db }: Room, { workspaceId }: Scope): Promise<CarriedAlert[]> {
  const [rows, events] = await Promise.all([alertsOf(db, workspaceId, null), everyEvent(db, workspaceId)]);
  return rows.map((row) => ({
    id: row.id,
    monitorId: row.monitor_id,
    name: row.name,
    rule: row.rule,
    channels: row.channels,
    state: row.state,
    memory: row.memory,
    mutedUntil: row.muted_until,
    createdAt: row.created_at,
    createdBy: row.created_by,
    updatedAt: row.updated_at,
    history: events
      .filter(({ alert_id: of }) => of === row.id)
      .map(({ id, type, text, data, told, at, actor }) => ({ id, type, text, data, told, at, actor })),
  }));
}

/** An alert of the name and the moment is the same one, though its id was made anew. */
export async function takeAlert(room: Room, { workspaceId }: Scope, alert: CarriedAlert): Promise<string | null> {
  if ((await findMonitor(room.db, workspaceId, alert.monitorId)) === undefined) return 'Its monitor is not in this workspace.';
  const there = await alertsOf(room.db, workspaceId, [alert.monitorId]);
  const isThere = there.some(
    ({ id, name, created_at: at }) => id === alert.id || (name === alert.name && at.getTime() === alert.createdAt.getTime()),
  );
  if (isThere) return null;
  const anew = await isTaken(room.db, alert.id);
  const id = anew ? room.newId('al_') : alert.id;
  await room.db.transaction().execute(async (tx) => {
    await insertAlert(tx, {
      id,
      workspace_id: workspaceId,
      monitor_id: alert.monitorId,
      name: alert.name,
      rule: JSON.stringify(alert.rule),
      channels: JSON.stringify(alert.channels),
      state: alert.state,
      memory: JSON.stringify(alert.memory),
      muted_until: alert.mutedUntil,
      created_at: alert.createdAt,
      created_by: alert.createdBy,
      updated_at: alert.updatedAt,
    });
    for (const { data, told, ...event } of alert.history) {
      const its = { ...event, id: anew ? room.newId('ale_') : event.id, workspace_id: workspaceId, alert_id: id };
      await insertEvent(tx, { ...its, data: JSON.stringify(data), told: JSON.stringify(told) });
    }
  });
  return null;
}
