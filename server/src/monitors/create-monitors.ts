import {
  acknowledge,
  create as createAlert,
  history,
  list as listAlerts,
  mute,
  relearn,
  remove as removeAlert,
  test,
  update as updateAlert,
} from './alerts/alerts.ts';
import * as attachments from './attachments.ts';
import { backfills } from './backfills/backfills.ts';
import { carryOf } from './carry.ts';
import { series } from './charts/series.ts';
import { openRoom } from './context.ts';
import type { Monitors, MonitorsDeps } from './index.ts';
import { create, get, list, remove, update } from './monitors.ts';
import { deleteAll } from './store.ts';
import { Engine } from './watch/engine.ts';

export function createMonitors(deps: MonitorsDeps): Monitors {
  const room = openRoom(deps);
  const engine = new Engine(room);
  return {
    list: list(room),
    get: get(room),
    create: create(room),
    update: update(room),
    delete: remove(room),
    series: series(room),
    backfills: backfills(room),
    alerts: {
      list: listAlerts(room),
      create: createAlert(room),
      update: updateAlert(room),
      delete: removeAlert(room),
      test: test(room),
      acknowledge: acknowledge(room),
      mute: mute(room),
      relearn: relearn(room),
      history: history(room),
    },
    attached: { change: attachments.change(room), of: attachments.of(room) },
    carry: carryOf(room),
    wake: ({ workspaceId }) => engine.wake(workspaceId),
    start: () => engine.start(),
    close: () => engine.stop(),
    counters: () => room.meters.read(),
    guard: attachments.guard,
    deleteWorkspace: (workspaceId) => deleteAll(room.db, workspaceId),
  };
}
