import { carryOf } from './carry.ts';
import { decide, waiting } from './decide.ts';
import type { Rules, RulesDeps } from './index.ts';
import { look } from './look.ts';
import { openRoom, type Room } from './room.ts';
import { create, list, preview, remove, run, update } from './rules.ts';
import { activeRules, deleteAll, forgetDuplicates } from './store.ts';

const duplicatesKnownMs = 30 * 86_400_000;

export function createRules(deps: RulesDeps): Rules {
  const room = openRoom(deps);
  return {
    list: list(room),
    create: create(room),
    update: update(room),
    delete: remove(room),
    preview: preview(room),
    run: run(room),
    waiting: waiting(room),
    decide: decide(room),
    sweep: (signal) => sweep(room, signal),
    carry: carryOf(room),
    deleteWorkspace: (workspaceId) => deleteAll(room.db, workspaceId),
  };
}

/** One that stands still holds no other up. */
async function sweep(room: Room, signal: AbortSignal): Promise<void> {
  for (const row of await activeRules(room.db)) {
    if (signal.aborted) return;
    try {
      await look(room, row, signal);
    } catch (error) {
      if (signal.aborted) return;
      room.log.warn({ err: error, ruleId: row.id }, 'a rule of a dataset stands still; it is tried again');
    }
  }
  await forgetDuplicates(room.db, new Date(room.clock().getTime() - duplicatesKnownMs));
}
