import type { AlertRule, EvaluatorSpec, JudgmentValue, MonitorMeasure, Scope } from '@whetstone/contract';
import type { Room } from '../context.ts';
import { countOf, measureOf, rangeOf } from '../measure.ts';
import type { AlertRow, MonitorRow, Tx } from '../tables.ts';
import { stepChange, type Transition, type Value } from './change.ts';
import { alertsOf, changeAlert, holdAlertsOf } from './store.ts';
import { type About, aboutOf, tell } from './tell.ts';
import { intervalInWords, inWords, subjectOf } from './words.ts';

/** A judgment that the monitor made, in the order in which it made them. */
export interface Observation {
  value: JudgmentValue | null;
  unit: string | null;
  /** When its log came, milliseconds since 1970. */
  at: number;
  logId: string;
}

type ChangeRule = Extract<AlertRule, { type: 'change' }>;

/** What messages would name; null when no alert of the monitor watches for change. */
export async function alertsAbout(room: Room, scope: Scope, monitor: MonitorRow): Promise<About | null> {
  const alerts = await alertsOf(room.db, scope.workspaceId, [monitor.id]);
  return alerts.some(({ rule }) => rule.type === 'change') ? aboutOf(room, scope, monitor) : null;
}

/** The same transaction says how far the monitor got: what was fed once is not fed again. */
export async function feedAlerts(
  room: Room,
  tx: Tx,
  scope: Scope,
  about: About,
  spec: EvaluatorSpec,
  observations: readonly Observation[],
): Promise<(() => void)[]> {
  const measure = measureOf(spec);
  const send: (() => void)[] = [];
  if (measure === null) return send;
  const values = observations.flatMap(({ value, unit, at }): Value[] => {
    const x = countOf(measure, value);
    return x === null ? [] : [{ x, unit, at }];
  });
  for (const alert of await holdAlertsOf(tx, about.monitor.id)) {
    if (alert.rule.type !== 'change') continue;
    const range = alert.rule.range ?? rangeOf(spec);
    if (range === null) continue;
    const now = room.clock();
    const { state, memory, transitions } = stepChange(alert.rule, range, alert, values, now.getTime());
    for (const transition of transitions) {
      const message = messageOf(alert, alert.rule, measure, range, transition);
      memory.openedAt = transition.type === 'opened' ? now.toISOString() : null;
      memory.text = transition.type === 'opened' ? message.text : null;
      memory.acknowledged = false;
      send.push((await tell(room, tx, scope, { alert, about, message })).send);
    }
    await changeAlert(tx, alert.id, { state, memory: JSON.stringify(memory) });
  }
  return send;
}

function messageOf(
  alert: AlertRow,
  rule: ChangeRule,
  measure: MonitorMeasure,
  [low, high]: readonly [number, number],
  { type, recent, baseline }: Transition,
) {
  const back = (x: number): number => low + x * (high - low);
  const interval = { lower: back(recent.lower), upper: back(recent.upper) };
  const now = `${inWords(measure, back(recent.estimate))} (${intervalInWords(measure, interval)}) of the last ${recent.n}`;
  const usual = `${rule.direction === 'down' ? 'at least' : 'at most'} ${inWords(measure, back(baseline))}`;
  const subject = subjectOf(measure);
  const text =
    type === 'opened'
      ? `${capital(subject)} has gone ${rule.direction}: ${now}, usual is ${usual}. Without a change this alert tells about once in ${rule.average_run_length.toLocaleString('en')} judgments.`
      : `${capital(subject)} is as usual again: ${now}, usual is ${usual}.`;
  const data = {
    rule: { type: rule.type, direction: rule.direction, average_run_length: rule.average_run_length },
    baseline: back(baseline),
    recent: { n: recent.n, estimate: back(recent.estimate), ...interval },
  };
  return { type, text, data };
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
