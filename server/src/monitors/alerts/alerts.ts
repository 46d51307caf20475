import { AppError, notFound, type AlertChannels, type AlertRule, type EvaluatorSpec, type Scope } from '@whetstone/contract';
import { clean, monitorRowOf, type Room } from '../context.ts';
import type { Alert, Monitors } from '../index.ts';
import { measureOf, rangeOf } from '../measure.ts';
import { anyEvaluatorOf } from '../monitors.ts';
import type { AlertRow, MonitorRow, StoredChannels } from '../tables.ts';
import { inside, toLearn } from './change.ts';
import { emptyMemory } from './memory.ts';
import { alertsOf, changeAlert, deleteAlert, eventsOf, findAlert, holdAlert, insertAlert, insertEvent } from './store.ts';
import { aboutOf, tell } from './tell.ts';
import { inWords } from './words.ts';

const mostOfMonitor = 20;

export const list =
  (room: Room): Monitors['alerts']['list'] =>
  async (scope, { monitorId, state }) => {
    const rows = await alertsOf(room.db, scope.workspaceId, monitorId == null ? null : [clean(monitorId)]);
    const wanted = rows.filter((row) => state == null || row.state === state);
    return (await Promise.all(wanted.map((row) => shown(room, scope, row)))).flat();
  };

export const create =
  (room: Room): Monitors['alerts']['create'] =>
  async (scope, monitorId, { name, rule, channels }) => {
    const monitor = await monitorRowOf(room, scope, monitorId);
    const spec = await specOf(room, scope, monitor);
    check(spec, rule);
    const to = channelsOf(room, channels ?? null);
    if ((await alertsOf(room.db, scope.workspaceId, [monitor.id])).length >= mostOfMonitor)
      throw new AppError('conflict', `A monitor has ${mostOfMonitor} alerts at most. Delete one first.`);
    const at = room.clock();
    const row = {
      id: room.newId('al_'),
      workspace_id: scope.workspaceId,
      monitor_id: monitor.id,
      name: name ?? nameOf(rule, spec),
      ...begun(rule, spec),
      muted_until: null,
      created_at: at,
      created_by: scope.actor.id,
      updated_at: at,
    };
    await insertAlert(room.db, { ...row, rule: JSON.stringify(rule), channels: JSON.stringify(to), memory: JSON.stringify(row.memory) });
    return present({ ...row, rule, channels: to }, spec);
  };

/** A rule that begins. */
function begun(rule: AlertRule, spec: EvaluatorSpec): Pick<AlertRow, 'state' | 'memory'> {
  if (rule.type === 'threshold') return { state: 'watching', memory: emptyMemory(null) };
  if (rule.baseline == null) return { state: 'learning', memory: emptyMemory(null) };
  const [low, high] = rule.range ?? rangeOf(spec) ?? [0, 1];
  return { state: 'watching', memory: emptyMemory(inside((rule.baseline - low) / (high - low))) };
}

function check(spec: EvaluatorSpec, rule: AlertRule): void {
  const measure = measureOf(spec);
  if (measure === null)
    throw new AppError(
      'invalid_input',
      'Its judgments have no mean: they are texts, or options of which nobody said which are good. Give options a valence.',
    );
  const range = rule.type === 'change' ? (rule.range ?? rangeOf(spec)) : rangeOf(spec);
  if (rule.type === 'change') {
    if (range === null || !(range[1] > range[0]))
      throw new AppError('invalid_input', 'A change of scores is seen between limits. Give `rule.range`, or the evaluator limits.');
    if (rule.baseline != null && !(rule.baseline > range[0] && rule.baseline < range[1]))
      throw new AppError('invalid_input', `The baseline has to lie between ${range[0]} and ${range[1]}.`);
  } else if (measure.type === 'share' && !(rule.value > 0 && rule.value < 1)) {
    throw new AppError('invalid_input', 'The threshold of a share lies between 0 and 1; 0.9 is 90 %.');
  }
}

function channelsOf(room: Room, channels: AlertChannels | null): StoredChannels {
  const emails = channels?.emails ?? [];
  if (emails.length > 0 && room.mail === null)
    throw new AppError('invalid_input', 'No mail can be sent: SMTP_URL is not set. Use a webhook, or have the operator set it.');
  return { webhookIds: channels?.webhook_ids ?? null, emails };
}

function nameOf(rule: AlertRule, spec: EvaluatorSpec): string {
  const measure = measureOf(spec) ?? { type: 'mean' as const };
  if (rule.type === 'threshold') return `${rule.side === 'below' ? 'Below' : 'Above'} ${inWords(measure, rule.value)}`;
  return rule.direction === 'down' ? 'Drop' : 'Rise';
}

export const update =
  (room: Room): Monitors['alerts']['update'] =>
  async (scope, id, { name, rule, channels }) => {
    const row = await alertRowOf(room, scope, id);
    const monitor = await monitorRowOf(room, scope, row.monitor_id);
    const spec = await specOf(room, scope, monitor);
    if (rule != null) check(spec, rule);
    const anew = rule != null && JSON.stringify(rule) !== JSON.stringify(row.rule) ? begun(rule, spec) : null;
    await changeAlert(room.db, row.id, {
      ...(name == null ? {} : { name }),
      ...(channels == null ? {} : { channels: JSON.stringify(channelsOf(room, channels)) }),
      ...(rule == null || anew === null ? {} : { rule: JSON.stringify(rule), state: anew.state, memory: JSON.stringify(anew.memory) }),
      updated_at: room.clock(),
    });
    return present(await alertRowOf(room, scope, id), spec);
  };

export const remove =
  (room: Room): Monitors['alerts']['delete'] =>
  async (scope, id) => {
    if (!(await deleteAlert(room.db, scope.workspaceId, clean(id)))) throw notFound('Alert', id);
  };

export const test =
  (room: Room): Monitors['alerts']['test'] =>
  async (scope, id) => {
    const alert = await alertRowOf(room, scope, id);
    const about = await aboutOf(room, scope, await monitorRowOf(room, scope, alert.monitor_id));
    const text = 'This is a test: nothing has happened. Whetstone can reach this channel.';
    const { event, send } = await room.db
      .transaction()
      .execute((tx) => tell(room, tx, scope, { alert, about, message: { type: 'tested', text, data: {} } }));
    send();
    return event;
  };

export const acknowledge =
  (room: Room): Monitors['alerts']['acknowledge'] =>
  async (scope, id) => {
    const said = await room.db.transaction().execute(async (tx) => {
      const row = await holdAlert(tx, scope.workspaceId, clean(id));
      if (row === undefined) throw notFound('Alert', id);
      if (row.state !== 'open') throw new AppError('conflict', 'This alert is not open, so there is nothing to acknowledge.');
      if (row.memory.acknowledged) return row;
      await changeAlert(tx, row.id, { memory: JSON.stringify({ ...row.memory, acknowledged: true }) });
      await insertEvent(tx, eventOf(room, scope, row, 'acknowledged', 'Somebody has seen it.'));
      return { ...row, memory: { ...row.memory, acknowledged: true } };
    });
    return one(room, scope, said);
  };

export const mute =
  (room: Room): Monitors['alerts']['mute'] =>
  async (scope, id, until) => {
    const row = await alertRowOf(room, scope, id);
    await room.db.transaction().execute(async (tx) => {
      await changeAlert(tx, row.id, { muted_until: until, updated_at: room.clock() });
      const text =
        until === null ? 'Messages are sent again.' : `No messages until ${until.toISOString().slice(0, 16).replace('T', ' ')} (UTC).`;
      await insertEvent(tx, eventOf(room, scope, row, 'muted', text));
    });
    return one(room, scope, await alertRowOf(room, scope, id));
  };

export const relearn =
  (room: Room): Monitors['alerts']['relearn'] =>
  async (scope, id) => {
    const row = await alertRowOf(room, scope, id);
    if (row.rule.type !== 'change' || row.rule.baseline != null)
      throw new AppError('conflict', 'This alert has learned nothing: its level was given. Change its rule instead.');
    await room.db.transaction().execute(async (tx) => {
      await changeAlert(tx, row.id, { state: 'learning', memory: JSON.stringify(emptyMemory(null)), updated_at: room.clock() });
      if (row.state === 'open') await insertEvent(tx, eventOf(room, scope, row, 'recovered', 'Somebody took the new level for usual.'));
    });
    return one(room, scope, await alertRowOf(room, scope, id));
  };

export const history =
  (room: Room): Monitors['alerts']['history'] =>
  async (scope, id) =>
    eventsOf(room.db, (await alertRowOf(room, scope, id)).id);

function eventOf(room: Room, scope: Scope, alert: AlertRow, type: 'acknowledged' | 'muted' | 'recovered', text: string) {
  const place = { id: room.newId('ale_'), workspace_id: scope.workspaceId, alert_id: alert.id };
  return { ...place, type, text, data: '{}', told: '[]', at: room.clock(), actor: scope.actor.id };
}

async function alertRowOf(room: Room, { workspaceId }: Scope, id: string): Promise<AlertRow> {
  const row = await findAlert(room.db, workspaceId, clean(id));
  if (row === undefined) throw notFound('Alert', id);
  return row;
}

async function specOf(room: Room, scope: Scope, monitor: MonitorRow): Promise<EvaluatorSpec> {
  const evaluator = await anyEvaluatorOf(room, scope, monitor);
  if (evaluator === null) throw notFound('Evaluator', monitor.evaluator_id);
  return evaluator.version.kernel.spec;
}

async function shown(room: Room, scope: Scope, row: AlertRow): Promise<Alert[]> {
  try {
    return [await one(room, scope, row)];
  } catch (error) {
    // Its evaluator was deleted at the same time.
    if (error instanceof AppError && error.code === 'not_found') return [];
    throw error;
  }
}

async function one(room: Room, scope: Scope, row: AlertRow): Promise<Alert> {
  return present(row, await specOf(room, scope, await monitorRowOf(room, scope, row.monitor_id)));
}

export function present(row: AlertRow, spec: EvaluatorSpec): Alert {
  const { memory, rule, state } = row;
  const measure = measureOf(spec) ?? { type: 'mean' as const };
  const [low, high] = (rule.type === 'change' ? rule.range : null) ?? rangeOf(spec) ?? [0, 1];
  const baseline = memory.baseline === null ? null : low + memory.baseline * (high - low);
  const left = state === 'learning' ? Math.max(0, toLearn - memory.learned.n) : null;
  return { row, text: textOf(), baseline, toLearn: left };

  function textOf(): string {
    if (state === 'open') return memory.text ?? 'It is open.';
    if (left !== null) return `Learning what is usual: ${left} more judgments of different users or logs, then it watches.`;
    if (rule.type === 'threshold') {
      const over = 'logs' in rule.over ? `the last ${rule.over.logs} judgments` : `the last ${rule.over.hours} hours`;
      return `Tells when the ${rule.level * 100} % interval over ${over} lies ${rule.side} ${inWords(measure, rule.value)} as a whole.`;
    }
    const usual = baseline === null ? '' : ` ${rule.direction === 'down' ? 'below' : 'above'} ${inWords(measure, baseline)}`;
    return `Tells of a lasting change${usual}. Without one it cries about once in ${rule.average_run_length.toLocaleString('en')} judgments, or less.`;
  }
}
