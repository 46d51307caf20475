import { levels } from '@whetstone/sandbox';
import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { HttpDeps } from './index.ts';
import { watchRefusals } from './refusal.ts';

/** Liveness, readiness and Prometheus. They tell states, never data, and need no key. */
export function registerHealth(server: FastifyInstance, deps: HttpDeps): void {
  const isRefusing = watchRefusals();
  server.get('/healthz', async () => ({ status: 'ok', version: deps.version }));
  server.get<{ Querystring: { for?: string } }>('/readyz', async (request, reply) => {
    const health = await deps.storage.health();
    const backlog = deps.logs.backlog();
    const refusing = isRefusing(backlog);
    const moves = backlog.error === null || backlog.error === backlog.refuses;
    // Calls are served while a store is away, as long as the intake queue takes their logs.
    const ready =
      request.query.for === 'gateway'
        ? !refusing || !deps.config.failClosed
        : health.postgres.ok && health.clickhouse.ok && moves && !refusing;
    return reply.code(ready ? 200 : 503).send({
      status: ready ? 'ready' : 'unavailable',
      postgres: health.postgres.ok ? 'ok' : health.postgres.error,
      clickhouse: health.clickhouse.ok ? 'ok' : health.clickhouse.error,
      sandbox: deps.sandbox.state()?.level ?? 'not probed yet',
      intake: { waiting: backlog.waiting, oldest_seconds: backlog.oldestSeconds, error: backlog.error },
    });
  });
  const registry = metrics(deps);
  server.get('/metrics', async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()));
}

function metrics(deps: HttpDeps): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  gauge('whetstone_intake_waiting', 'Records in the intake queue that are not yet in the log store', () => deps.logs.backlog().waiting);
  gauge('whetstone_intake_oldest_seconds', 'Age of the oldest record in the intake queue', () => deps.logs.backlog().oldestSeconds ?? 0);
  gauge('whetstone_logs_dropped', 'Gateway calls since the start whose log could not be kept', () => deps.logs.backlog().dropped);
  const counted = [
    ['calls', 'Calls of models since the start'],
    ['errors', 'Calls of models since the start that failed'],
    ['cached', 'Calls of models since the start that were answered from the cache'],
    ['limited', 'Calls of models since the start that a limit refused'],
  ] as const;
  for (const [name, help] of counted) gauge(`whetstone_gateway_${name}`, help, () => deps.gateway.counters()[name]);
  gauge('whetstone_monitor_judged', 'Judgments with a value that monitors made since the start', () => deps.monitors.counters().judged);
  gauge('whetstone_monitor_not_judged', 'Logs since the start that a monitor could not judge', () => deps.monitors.counters().notJudged);
  gauge('whetstone_monitor_failed', 'Judgments of monitors since the start that failed', () => deps.monitors.counters().failed);
  gauge(
    'whetstone_monitor_lag_seconds',
    'Age of the oldest log that monitors have still to judge',
    () => deps.monitors.counters().lagSeconds,
  );
  const sandboxLevel = new Gauge({
    name: 'whetstone_sandbox_level',
    help: 'How strong the walls around code of evaluators and tools are: 1 at the level in force',
    labelNames: ['level'],
    collect() {
      const level = deps.sandbox.state()?.level;
      for (const each of levels) this.set({ level: each }, each === level ? 1 : 0);
    },
    registers: [],
  });
  registry.registerMetric(sandboxLevel);
  return registry;
}
