import type { CarriedAlert } from '../../monitors/index.ts';
import { type Carrying, refusalOf } from './carrying.ts';
import type { Ours } from './ours.ts';

type ExportedAlert = NonNullable<Ours['alerts']>[number];

/** After monitors, and after webhooks, which they tell. */
export async function carryAlerts(carrying: Carrying, { alerts }: Ours): Promise<void> {
  const { hooks, monitors, scope, report } = carrying;
  const webhooks = new Map((await hooks.list(scope)).map(({ id, url, events }) => [nameOf({ url, events }), id]));
  for (const [index, alert] of (alerts ?? []).entries()) {
    const where = `whetstone/alerts.json:${index + 1}`;
    try {
      const why = await monitors.carry.takeAlert(scope, await alertOf(carrying, alert, webhooks));
      if (why === null) report.carried('alerts');
      else report.problem(where, `alert ${alert.name}`, why);
    } catch (error) {
      report.problem(where, `alert ${alert.name}`, refusalOf(error));
    }
  }
}

const nameOf = ({ url, events }: { url: string; events: readonly string[] }): string => `${url} ${events.join(' ')}`;

async function alertOf(
  { authors, monitorIds }: Carrying,
  alert: ExportedAlert,
  webhooks: ReadonlyMap<string, string>,
): Promise<CarriedAlert> {
  const { channels } = alert;
  const history: CarriedAlert['history'] = [];
  for (const { by, ...event } of alert.history) history.push({ ...event, actor: await authors.idOf(by) });
  return {
    id: alert.id,
    monitorId: monitorIds.get(alert.monitor_id) ?? alert.monitor_id,
    name: alert.name,
    rule: alert.rule,
    channels: {
      webhookIds: channels.webhooks?.flatMap((hook) => webhooks.get(nameOf(hook)) ?? []) ?? null,
      emails: channels.emails,
    },
    state: alert.state,
    memory: alert.memory as CarriedAlert['memory'],
    mutedUntil: alert.muted_until,
    createdAt: alert.created_at,
    createdBy: await authors.idOf(alert.created_by),
    updatedAt: alert.updated_at,
    history,
  };
}
