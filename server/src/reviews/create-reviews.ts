import { againstPeople } from './against.ts';
import { agreement } from './agreement.ts';
import { carryOf } from './carry/carry.ts';
import { openRoom } from './context.ts';
import { comment, disagreements, resolve } from './disagreements.ts';
import type { Reviews, ReviewsDeps } from './index.ts';
import { estimate, labelNext } from './label-next.ts';
import { Live } from './live.ts';
import { create, get, list, remove, update } from './queues.ts';
import { answer, claim, item, leaseSeconds, skip, undo } from './reviewing.ts';
import { deleteAll } from './store.ts';

export function createReviews(deps: ReviewsDeps): Reviews {
  const room = openRoom(deps);
  const live = new Live(room);
  return {
    list: list(room),
    get: (scope, id) => get(room, scope, id),
    create: create(room),
    update: update(room),
    delete: remove(room),
    claim: claim(room),
    leaseSeconds,
    item: item(room),
    answer: answer(room),
    undo: undo(room),
    skip: skip(room),
    agreement: agreement(room),
    disagreements: disagreements(room),
    comment: comment(room),
    resolve: resolve(room),
    againstPeople: againstPeople(room),
    labelNext: labelNext(room),
    estimate: estimate(room),
    carry: carryOf(room),
    recorded: (scope, log) => live.recorded(scope, log),
    start: () => live.start(),
    close: () => live.close(),
    deleteWorkspace: (workspaceId) => deleteAll(room.db, workspaceId),
  };
}
