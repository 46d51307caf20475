import type {
  AlertEvent as AlertEventResponse,
  BackfillResponse,
  Body,
  Endpoints,
  MonitorAlert,
  MonitorResponse,
  Scope,
} from '@whetstone/contract';
import type { Alert, AlertEvent, Backfill, Monitor, MonitorPatch } from '../../monitors/index.ts';
import { presentPerson } from '../present/file.ts';
import type { HandlersOf } from './call.ts';
import type { Rooms } from './handlers.ts';

/** Monitors, their back-fills and their alerts. */
export function monitorHandlers(rooms: Rooms): HandlersOf<'monitors' | 'alerts'> {
  const { monitors, people } = rooms;
  const many = async (records: readonly Monitor[]): Promise<MonitorResponse[]> => {
    const names = await people.users.names([...new Set(records.flatMap(({ row }) => row.created_by ?? []))]);
    return records.map((record) => presentMonitor(record, presentPerson(names, record.row.created_by)));
  };
  const one = async (record: Monitor): Promise<MonitorResponse> => (await many([record]))[0] as MonitorResponse;
  const events = async (_scope: Scope, some: readonly AlertEvent[]): Promise<AlertEventResponse[]> => {
    const names = await people.users.names([...new Set(some.flatMap(({ actor }) => actor ?? []))]);
    return some.map(({ id, alert_id, type, text, told, at, actor }) => ({
      id,
      alert_id,
      type,
      text,
      told,
      at: at.toISOString(),
      by: presentPerson(names, actor),
    }));
  };
  return {
    async 'monitors.list'({ scope, query }) {
      return { records: await many(await monitors.list(scope, query.file_id ?? null)) };
    },
    async 'monitors.create'({ scope, body }) {
      const { file_id, evaluator } = body;
      const ref = 'version_id' in evaluator ? { versionId: evaluator.version_id } : evaluator;
      return one(await monitors.create(scope, { fileId: file_id, evaluator: ref, ...patchOf(body) }));
    },
    async 'monitors.get'({ scope, params }) {
      return one(await monitors.get(scope, params.id));
    },
    async 'monitors.update'({ scope, params, body }) {
      return one(await monitors.update(scope, params.id, { ...patchOf(body), state: body.state }));
    },
    async 'monitors.delete'({ scope, params }) {
      await monitors.delete(scope, params.id);
    },
    async 'monitors.series'({ scope, params, query }) {
      const series = await monitors.series(scope, params.id, {
        from: new Date(query.start_date),
        to: query.end_date == null ? undefined : new Date(query.end_date),
        buckets: query.buckets,
        environment: query.environment,
      });
      return {
        bucket_seconds: series.bucketSeconds,
        start: series.start.toISOString(),
        end: series.end.toISOString(),
        level: series.level,
        measure: series.measure,
        buckets: series.buckets.map(({ start, measured, notJudged, failed }) => ({
          start: start.toISOString(),
          measured,
          not_judged: notJudged,
          failed,
        })),
        whole: series.whole,
        versions: series.versions.map(({ versionId, contentHash, ...rest }) => ({
          version_id: versionId,
          content_hash: contentHash,
          ...rest,
        })),
        environments: series.environments,
        not_judged: series.notJudged,
        failed: series.failed,
      };
    },
    async 'monitors.estimate_backfill'({ scope, params, body }) {
      const { logs, costUsd, costPerLogUsd } = await monitors.backfills.estimate(scope, params.id, backfillOf(body));
      return { logs, cost_usd: costUsd, cost_per_log_usd: costPerLogUsd };
    },
    async 'monitors.create_backfill'({ scope, params, body }) {
      return presentBackfill(await monitors.backfills.create(scope, params.id, backfillOf(body)));
    },
    async 'monitors.list_backfills'({ scope, params }) {
      return { records: (await monitors.backfills.list(scope, params.id)).map(presentBackfill) };
    },
    async 'monitors.cancel_backfill'({ scope, params }) {
      return presentBackfill(await monitors.backfills.cancel(scope, params.id, params.backfill_id));
    },
    async 'alerts.list'({ scope, query }) {
      const found = await monitors.alerts.list(scope, { monitorId: query.monitor_id, state: query.state });
      return { records: found.map(presentAlert) };
    },
    async 'alerts.create'({ scope, params, body }) {
      return presentAlert(await monitors.alerts.create(scope, params.id, body));
    },
    async 'alerts.update'({ scope, params, body: { name, rule, channels } }) {
      const patch = { ...(name == null ? {} : { name }), ...(rule == null ? {} : { rule }), ...(channels == null ? {} : { channels }) };
      return presentAlert(await monitors.alerts.update(scope, params.id, patch));
    },
    async 'alerts.delete'({ scope, params }) {
      await monitors.alerts.delete(scope, params.id);
    },
    async 'alerts.test'({ scope, params }) {
      return (await events(scope, [await monitors.alerts.test(scope, params.id)]))[0] as AlertEventResponse;
    },
    async 'alerts.acknowledge'({ scope, params }) {
      return presentAlert(await monitors.alerts.acknowledge(scope, params.id));
    },
    async 'alerts.mute'({ scope, params, body }) {
      return presentAlert(await monitors.alerts.mute(scope, params.id, body.until === null ? null : new Date(body.until)));
    },
    async 'alerts.relearn'({ scope, params }) {
      return presentAlert(await monitors.alerts.relearn(scope, params.id));
    },
    async 'alerts.history'({ scope, params }) {
      return { records: await events(scope, await monitors.alerts.history(scope, params.id)) };
    },
  };
}

/** Left out stays as it is, null unsets. */
function patchOf({
  environment,
  filter,
  rate,
  budget_usd,
}: Pick<Body<Endpoints['monitors.update']>, 'environment' | 'filter' | 'rate' | 'budget_usd'>): MonitorPatch {
  return { environment, filter, rate, budgetUsd: budget_usd };
}

function backfillOf({ start_date, end_date, filter, rate, max_cost_usd }: Body<Endpoints['monitors.create_backfill']>) {
  const to = end_date == null ? undefined : new Date(end_date);
  return { from: new Date(start_date), to, filter, rate, maxCostUsd: max_cost_usd };
}

function presentMonitor(monitor: Monitor, by: MonitorResponse['created_by']): MonitorResponse {
  const { row, file, evaluator, deployed, today } = monitor;
  const { version } = evaluator;
  const named = (environment: { id: string; name: string } | null) =>
    environment === null ? null : { id: environment.id, name: environment.name };
  return {
    id: row.id,
    file: { id: file.file.id, path: file.file.path, type: file.kind },
    evaluator: {
      id: evaluator.file.id,
      path: evaluator.file.path,
      return_type: version.kernel.spec.return_type,
      evaluator_type: version.kernel.spec.evaluator_type,
    },
    version: deployed ? { id: version.id, name: version.name, content_hash: version.contentHash } : null,
    evaluator_environment: named(monitor.evaluatorEnvironment),
    environment: named(monitor.environment),
    filter: row.filter,
    rate: row.rate,
    budget_usd: row.budget_usd,
    state: row.state,
    status: monitor.status,
    text: monitor.text,
    paused_until: row.paused_until?.toISOString() ?? null,
    measure: monitor.measure,
    good: monitor.good,
    range: monitor.range,
    today: today && {
      judged: today.judged,
      not_judged: today.notJudged,
      failed: today.failed,
      cost_usd: today.costUsd,
      unpriced: today.unpriced,
    },
    alerts: monitor.alerts.map(presentAlert),
    created_at: row.created_at.toISOString(),
    created_by: by,
    updated_at: row.updated_at.toISOString(),
  };
}

function presentAlert({ row, text, baseline, toLearn }: Alert): MonitorAlert {
  return {
    id: row.id,
    monitor_id: row.monitor_id,
    name: row.name,
    rule: row.rule,
    channels: { webhook_ids: row.channels.webhookIds, emails: row.channels.emails },
    state: row.state,
    text,
    baseline,
    to_learn: toLearn,
    opened_at: row.memory.openedAt,
    acknowledged: row.memory.acknowledged,
    muted_until: row.muted_until?.toISOString() ?? null,
    created_at: row.created_at.toISOString(),
  };
}

function presentBackfill(backfill: Backfill): BackfillResponse {
  const { id, monitorId, filter, rate, state, reason, total, judged, failed } = backfill;
  return {
    id,
    monitor_id: monitorId,
    start_date: backfill.from.toISOString(),
    end_date: backfill.to.toISOString(),
    filter,
    rate,
    max_cost_usd: backfill.maxCostUsd,
    state,
    reason,
    total,
    looked_at: backfill.lookedAt,
    judged,
    failed,
    cost_usd: backfill.costUsd,
    seconds_left: backfill.secondsLeft,
    created_at: backfill.createdAt.toISOString(),
    ended_at: backfill.endedAt?.toISOString() ?? null,
  };
}
