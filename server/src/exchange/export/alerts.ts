import type { CarriedAlert } from '../../monitors/index.ts';
import type { Exporting } from './files.ts';
import { iso } from './records.ts';
import { isSecret } from './settings.ts';

/** `whetstone/alerts.json`: alerts of monitors with their history. A webhook whose address is a secret is left out, and stands in `reenter.json`. */
export async function addAlerts({ pack, deps, scope, authors }: Exporting, alerts: readonly CarriedAlert[]): Promise<void> {
  const hooks = new Map((await deps.hooks.list(scope)).map((hook) => [hook.id, hook]));
  const by = await authors.named(alerts.flatMap((alert) => [alert.createdBy, ...alert.history.map(({ actor }) => actor)]));
  const told = (ids: readonly string[]) =>
    ids.flatMap((id) => {
      const hook = hooks.get(id);
      return hook === undefined || isSecret(hook) ? [] : [{ url: hook.url, events: hook.events }];
    });
  const records = alerts.map((alert) => ({
    id: alert.id,
    monitor_id: alert.monitorId,
    name: alert.name,
    rule: alert.rule,
    channels: {
      /** Null: all that are told of alerts. */
      webhooks: alert.channels.webhookIds === null ? null : told(alert.channels.webhookIds),
      emails: alert.channels.emails,
    },
    state: alert.state,
    memory: alert.memory,
    muted_until: iso(alert.mutedUntil),
    created_at: alert.createdAt.toISOString(),
    created_by: by(alert.createdBy),
    updated_at: alert.updatedAt.toISOString(),
    /** Oldest first. */
    history: alert.history.map(({ id, type, text, data, told: whom, at, actor }) => ({
      id,
      type,
      text,
      data,
      told: whom,
      at: at.toISOString(),
      by: by(actor),
    })),
  }));
  await pack.json('whetstone/alerts.json', records);
}
