import type { Scope } from '@whetstone/contract';
import type { Snapshot } from '../../files/index.ts';
import type { Room } from '../context.ts';
import type { AlertEventRow, AlertRow, MonitorRow, Tx } from '../tables.ts';
import { insertEvent } from './store.ts';

/** What is told of an alert. */
export interface Message {
  type: 'opened' | 'recovered' | 'tested';
  /** One sentence or two. */
  text: string;
  data: Record<string, unknown>;
}

/** Kept as history, and sent to the channels unless the alert is muted. What is returned sends mail, after the transaction. */
export async function tell(
  room: Room,
  tx: Tx,
  scope: Scope,
  { alert, about, message }: { alert: AlertRow; about: About; message: Message },
): Promise<{ event: Omit<AlertEventRow, 'seq'>; send: () => void }> {
  const now = room.clock();
  const muted = message.type !== 'tested' && alert.muted_until !== null && alert.muted_until > now;
  const { monitor, watched, evaluator, slug } = about;
  const url = `${room.url()}/w/${slug}/files/${monitor.file_id}/monitoring?alert=${alert.id}`;
  const title = titleOf(message.type, alert.name, watched);
  const body = {
    workspace_id: scope.workspaceId,
    alert: { id: alert.id, name: alert.name },
    monitor: { id: monitor.id, evaluator },
    file: { id: monitor.file_id, path: watched },
    title,
    text: message.text,
    url,
    ...message.data,
  };
  const { webhookIds, emails } = alert.channels;
  const event = `alert.${message.type}`;
  const told: AlertEventRow['told'] = muted ? [] : await room.hooks.tell(scope, webhookIds, event, body, tx as never);
  const mails = muted || room.mail === null ? [] : emails;
  told.push(...mails.map((to) => ({ to, how: 'mail' as const })));
  const row = {
    id: room.newId('ale_'),
    workspace_id: scope.workspaceId,
    alert_id: alert.id,
    type: message.type,
    text: muted ? `${message.text} Nobody was told: the alert is muted.` : message.text,
    at: now,
    actor: message.type === 'tested' ? scope.actor.id : null,
  };
  await insertEvent(tx, { ...row, data: JSON.stringify(message.data), told: JSON.stringify(told) });
  return {
    event: { ...row, data: message.data, told },
    send: () => {
      for (const to of mails) room.mail?.send({ to, subject: title, text: `${message.text}\n\n${url}\n` });
    },
  };
}

function titleOf(type: Message['type'], name: string, path: string): string {
  if (type === 'tested') return `Test: ${name} (${path})`;
  return type === 'opened' ? `${name}: ${path}` : `Over: ${name} (${path})`;
}

/** What messages name; asked before a transaction, in which nothing else may be asked. */
export interface About {
  monitor: MonitorRow;
  watched: string;
  evaluator: string;
  slug: string;
}

export async function aboutOf(room: Room, scope: Scope, monitor: MonitorRow): Promise<About> {
  const path = (found: Snapshot | null): string => found?.file.path ?? 'a deleted file';
  const [watched, evaluator, slug] = await Promise.all([
    room.files.find(scope, null, { id: monitor.file_id }),
    room.files.find(scope, 'evaluator', { id: monitor.evaluator_id }),
    room.slugOf(scope.workspaceId),
  ]);
  return { monitor, watched: path(watched), evaluator: path(evaluator), slug };
}
