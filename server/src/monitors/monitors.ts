import { AppError, notFound, type Scope } from '@whetstone/contract';
import { idPrefixes, isPairwise } from '@whetstone/domain';
import { type Environment, type Snapshot, versionOf } from '../files/index.ts';
import { present as presentAlert } from './alerts/alerts.ts';
import { alertsOf } from './alerts/store.ts';
import { clean, monitorRowOf, translated, type Room } from './context.ts';
import type { Monitor, MonitorPatch, Monitors, NewMonitor } from './index.ts';
import { goodOf, measureOf, rangeOf } from './measure.ts';
import { startOf } from './store-attachments.ts';
import { addMonitor, changeMonitor, listMonitors, removeMonitor } from './store.ts';
import type { MonitorRow } from './tables.ts';

/** Monitors as people make and see them. */

const mostOfFile = 100;
const dayMs = 86_400_000;

export const list =
  (room: Room): Monitors['list'] =>
  async (scope, fileId) =>
    presentAll(room, scope, await listMonitors(room.db, scope.workspaceId, fileId === null ? null : clean(fileId)));

export const get =
  (room: Room): Monitors['get'] =>
  async (scope, id) =>
    one(room, scope, await monitorRowOf(room, scope, id));

export const create =
  (room: Room): Monitors['create'] =>
  async (scope, input) => {
    const { file, kind } = await room.files.get(scope, null, { id: clean(input.fileId) });
    if (kind === 'dataset') throw new AppError('invalid_input', 'Nothing runs a dataset, so there is nothing to monitor.');
    const to = await attachmentOf(room, scope, input);
    const spec = (await room.files.get(scope, 'evaluator', { id: to.evaluator_id }, versionAt(to))).version.kernel.spec;
    if (!room.judges.runs(spec))
      throw new AppError('invalid_input', 'The server cannot run this evaluator: people, or a process outside, judge with it.');
    if (isPairwise(spec))
      throw new AppError('invalid_input', 'This judge compares two answers to one case, and live traffic has one: it runs in evaluations.');
    if ((await listMonitors(room.db, scope.workspaceId, file.id)).length >= mostOfFile)
      throw new AppError('invalid_input', `A file has ${mostOfFile} monitors at most.`);
    const at = room.clock();
    const row = {
      id: room.newId(idPrefixes.monitor),
      workspace_id: scope.workspaceId,
      file_id: file.id,
      ...to,
      ...(await settingsOf(room, scope, input)),
      state: 'active' as const,
      created_at: at,
      created_by: scope.actor.id,
      updated_at: at,
    };
    await addMonitor(room.db, row).catch((error: unknown) => {
      throw translated(error);
    });
    await room.changed(scope.workspaceId);
    return get(room)(scope, row.id);
  };

function versionAt({ evaluator_version_id }: { evaluator_version_id: string | null }) {
  return evaluator_version_id === null ? {} : { versionId: evaluator_version_id };
}

async function attachmentOf(
  room: Room,
  scope: Scope,
  { evaluator: ref }: NewMonitor,
): Promise<Pick<MonitorRow, 'evaluator_id' | 'evaluator_version_id' | 'environment_id'>> {
  if (ref.versionId != null) {
    const { file, version } = await versionOf(room.files, scope, 'evaluator', { versionId: ref.versionId }, 'evaluator');
    return { evaluator_id: file.id, evaluator_version_id: version.id, environment_id: null };
  }
  const named = ref.id == null ? { path: clean(ref.path ?? '') } : { id: clean(ref.id) };
  const { file } = await room.files.get(scope, 'evaluator', named);
  const environment =
    ref.environment == null ? await defaultEnvironment(room, scope) : await room.files.environments.byName(scope, clean(ref.environment));
  return { evaluator_id: file.id, evaluator_version_id: null, environment_id: environment.id };
}

async function defaultEnvironment(room: Room, scope: Scope): Promise<Environment> {
  const found = (await room.files.environments.list(scope)).find(({ isDefault }) => isDefault);
  if (found === undefined) throw notFound('Environment', 'default');
  return found;
}

/** Only what was named. */
async function settingsOf(room: Room, scope: Scope, patch: MonitorPatch): Promise<Partial<MonitorRow>> {
  const settings: Partial<MonitorRow> = {};
  const { environment, filter, rate, budgetUsd } = patch;
  if (environment !== undefined)
    settings.watched_environment_id = environment === null ? null : (await room.files.environments.byName(scope, clean(environment))).id;
  if (filter !== undefined) {
    const text = filter?.trim() ?? '';
    if (text !== '') await room.readFilter(scope, text);
    settings.filter = text === '' ? null : text;
  }
  if (rate !== undefined) settings.rate = rate ?? 1;
  if (budgetUsd !== undefined) Object.assign(settings, { budget_usd: budgetUsd, paused_until: null });
  return settings;
}

export const update =
  (room: Room): Monitors['update'] =>
  async (scope, id, patch) => {
    const row = await monitorRowOf(room, scope, id);
    const settings = await settingsOf(room, scope, patch);
    const { state } = patch;
    const more = state == null || state === row.state ? {} : { state, ...startOf(state), paused_until: null };
    await changeMonitor(room.db, row.id, { ...settings, ...more, updated_at: room.clock() }).catch((error: unknown) => {
      throw translated(error);
    });
    await room.changed(scope.workspaceId);
    return get(room)(scope, row.id);
  };

export const remove =
  (room: Room): Monitors['delete'] =>
  async (scope, id) => {
    if (!(await removeMonitor(room.db, scope.workspaceId, clean(id)))) throw notFound('Monitor', id);
    await room.changed(scope.workspaceId);
  };

async function one(room: Room, scope: Scope, row: MonitorRow): Promise<Monitor> {
  const [monitor] = await presentAll(room, scope, [row]);
  if (monitor === undefined) throw notFound('Monitor', row.id);
  return monitor;
}

async function presentAll(room: Room, scope: Scope, rows: readonly MonitorRow[]): Promise<Monitor[]> {
  const ids = rows.map(({ id }) => id);
  const midnight = new Date(Math.floor(room.clock().getTime() / dayMs) * dayMs);
  const [environments, alerts, today] = await Promise.all([
    room.files.environments.list(scope),
    alertsOf(room.db, scope.workspaceId, ids),
    room.logs.monitored.since(scope, ids, midnight).catch(() => null),
  ]);
  const nothing = { judged: 0, notJudged: 0, failed: 0, costUsd: 0, unpriced: 0 };
  const environmentOf = (id: string | null): Environment | null => environments.find((each) => each.id === id) ?? null;
  const monitors = await Promise.all(
    rows.map(async (row): Promise<Monitor[]> => {
      const file = await room.files.find(scope, null, { id: row.file_id });
      const [current, evaluator] = await Promise.all([currentOf(room, scope, row), anyEvaluatorOf(room, scope, row)]);
      if (file === null || evaluator === null) return [];
      const { spec } = evaluator.version.kernel;
      return [
        {
          row,
          file,
          evaluator,
          deployed: current !== null,
          evaluatorEnvironment: environmentOf(row.environment_id),
          environment: environmentOf(row.watched_environment_id),
          ...statusOf(room, row, current !== null),
          measure: measureOf(spec),
          good: goodOf(spec),
          range: rangeOf(spec),
          today: today === null ? null : (today.get(row.id) ?? nothing),
          alerts: alerts.filter(({ monitor_id }) => monitor_id === row.id).map((alert) => presentAlert(alert, spec)),
        },
      ];
    }),
  );
  return monitors.flat();
}

/** What judges now; null when nothing is deployed. */
async function currentOf(room: Room, scope: Scope, row: MonitorRow): Promise<Snapshot<'evaluator'> | null> {
  if (row.evaluator_version_id !== null)
    return (
      ((await room.files.versionsById(scope, [row.evaluator_version_id])).get(row.evaluator_version_id) as Snapshot<'evaluator'>) ?? null
    );
  const places = await room.files.deployed(scope, 'evaluator', row.evaluator_id).catch(() => []);
  return (places.find(({ environment }) => environment.id === row.environment_id)?.snapshot as Snapshot<'evaluator'>) ?? null;
}

/** What judges now, else the evaluator as it is read without an environment; null when it is gone. */
export async function anyEvaluatorOf(room: Room, scope: Scope, row: MonitorRow): Promise<Snapshot<'evaluator'> | null> {
  return (await currentOf(room, scope, row)) ?? (await room.files.find(scope, 'evaluator', { id: row.evaluator_id }));
}

function statusOf(room: Room, row: MonitorRow, deployed: boolean): Pick<Monitor, 'status' | 'text'> {
  if (row.state === 'inactive') return { status: 'off', text: 'Switched off: new logs are not judged.' };
  if (!deployed) return { status: 'trouble', text: 'No version of the evaluator is deployed there, so that nothing is judged.' };
  if (row.trouble !== null) return { status: 'trouble', text: row.trouble };
  if (row.paused_until !== null && row.paused_until > room.clock())
    return {
      status: 'paused',
      text: `The budget of $${row.budget_usd} a day is spent. It goes on at midnight (UTC); logs until then are not judged.`,
    };
  const share = row.rate === 1 ? 'Every new log' : `${Number((row.rate * 100).toPrecision(3))} % of new logs`;
  return { status: 'watching', text: `${share} that is finished is judged within seconds.` };
}
