import { type AlertRule, type MonitorMeasure, type Scope } from '@whetstone/contract';
import { measuredOf } from '../charts/interval.ts';
import type { Room } from '../context.ts';
import type { Measured } from '../index.ts';
import { measureOf, rangeOf } from '../measure.ts';
import type { AlertRow, MonitorRow } from '../tables.ts';
import { evaluatorOf } from '../watch/evaluator.ts';
import { capital } from './feed.ts';
import { alertsOf, changeAlert, holdAlert } from './store.ts';
import { aboutOf, tell } from './tell.ts';
import { intervalInWords, inWords, subjectOf } from './words.ts';

type ThresholdRule = Extract<AlertRule, { type: 'threshold' }>;

const everyMs = 10_000;
const fewest = 20;

/** Alerts on thresholds: a question to the store, asked a few times a minute. */
export class Thresholds {
  readonly #room: Room;
  readonly #lookedAt = new Map<string, number>();

  constructor(room: Room) {
    this.#room = room;
  }

  async check(scope: Scope, monitors: readonly MonitorRow[]): Promise<void> {
    const last = this.#lookedAt.get(scope.workspaceId) ?? -Infinity;
    if (monitors.length === 0 || performance.now() - last < everyMs) return;
    this.#lookedAt.set(scope.workspaceId, performance.now());
    const byId = new Map(monitors.map((monitor) => [monitor.id, monitor]));
    for (const alert of await alertsOf(this.#room.db, scope.workspaceId, [...byId.keys()])) {
      const monitor = byId.get(alert.monitor_id);
      if (alert.rule.type === 'threshold' && monitor !== undefined) await this.#checkOne(scope, monitor, alert, alert.rule);
    }
  }

  async #checkOne(scope: Scope, monitor: MonitorRow, alert: AlertRow, rule: ThresholdRule): Promise<void> {
    const room = this.#room;
    const { evaluator } = await evaluatorOf(room, scope, monitor);
    const spec = evaluator?.version.kernel.spec;
    const measure = spec === undefined ? null : measureOf(spec);
    if (spec === undefined || measure === null) return;
    const last = 'logs' in rule.over ? { logs: rule.over.logs } : { from: new Date(room.clock().getTime() - rule.over.hours * 3_600_000) };
    const found = measuredOf(await room.logs.monitored.newest(scope, monitor.id, measure, last), measure, rangeOf(spec), rule.level);
    const next = nextState(rule, alert.state, found);
    if (next === alert.state) return;
    const about = await aboutOf(room, scope, monitor);
    const send = await room.db.transaction().execute(async (tx) => {
      const held = await holdAlert(tx, scope.workspaceId, alert.id);
      // Changed meanwhile: the next look decides.
      if (held === undefined || held.state !== alert.state || JSON.stringify(held.rule) !== JSON.stringify(alert.rule)) return null;
      const type = next === 'open' ? ('opened' as const) : ('recovered' as const);
      const message = messageOf(rule, measure, found, type);
      const memory = {
        ...held.memory,
        openedAt: next === 'open' ? room.clock().toISOString() : null,
        text: next === 'open' ? message.text : null,
        acknowledged: false,
      };
      await changeAlert(tx, alert.id, { state: next, memory: JSON.stringify(memory) });
      return (await tell(room, tx, scope, { alert: held, about, message })).send;
    });
    send?.();
  }
}

/** Opens when the interval lies beyond the threshold as a whole; is over when the number itself is back on the good side. */
export function nextState(rule: ThresholdRule, state: AlertRow['state'], { n, estimate, lower, upper }: Measured): AlertRow['state'] {
  if (estimate === null || n < fewest) return state;
  if (state === 'open') return (rule.side === 'below' ? estimate >= rule.value : estimate <= rule.value) ? 'watching' : 'open';
  const beyond = rule.side === 'below' ? upper !== null && upper < rule.value : lower !== null && lower > rule.value;
  return beyond ? 'open' : 'watching';
}

function messageOf(rule: ThresholdRule, measure: MonitorMeasure, found: Measured, type: 'opened' | 'recovered') {
  const { n, estimate, lower, upper } = found;
  const over = 'logs' in rule.over ? `the last ${n} judgments` : `the last ${rule.over.hours} hours (${n} judgments)`;
  const interval = lower === null || upper === null ? '' : ` (${intervalInWords(measure, { lower, upper })})`;
  const threshold = inWords(measure, rule.value);
  const said = `${capital(subjectOf(measure))} of ${over} is ${inWords(measure, estimate ?? 0)}${interval}`;
  const text =
    type === 'opened' ? `${said}: ${rule.side} ${threshold} for certain enough.` : `${said}: no longer ${rule.side} ${threshold}.`;
  return { type, text, data: { rule, measured: { n, estimate, lower, upper } } };
}
