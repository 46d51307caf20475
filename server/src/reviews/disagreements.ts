import type { ReviewDisagreement, Scope } from '@whetstone/contract';
import { notFound, roleMay } from '@whetstone/contract';
import { saidOf } from './agreement.ts';
import { clean, itemOf, judgmentId, namesOf, personOf, prefixes, queueOf, type Room } from './context.ts';
import type { Reviews } from './index.ts';
import { answersFor, snapshotsOf } from './reviewing.ts';
import { answersOf, commentsOf, insertComment, itemsOf, setResolution } from './store-slots.ts';
import { logIdsOf } from './subjects.ts';

/** Items of which people said different things: to be talked about, and settled. */

export const disagreements =
  (room: Room): Reviews['disagreements'] =>
  async (scope, id, { page, size }) => {
    const queue = await queueOf(room, scope, id);
    const [answers, evaluators] = await Promise.all([answersOf(room.db, queue.id), snapshotsOf(room, scope, queue)]);
    const apart = new Set(
      evaluators.flatMap(({ file }) =>
        [...saidOf(queue, answers, file.id)].flatMap(([itemId, said]) => (new Set(said.values()).size > 1 ? [itemId] : [])),
      ),
    );
    // Blind, one sees what others said only of what one has judged.
    const blind = queue.blind && !roleMay(scope.actor.role, 'write');
    const own = new Set(answers.flatMap((row) => (row.user_id === scope.actor.id ? [row.item_id] : [])));
    const open = blind ? [...apart].filter((itemId) => own.has(itemId)) : [...apart];
    const items = (await itemsOf(room.db, queue.id, open)).toSorted(
      (a, b) => Number(a.resolved_at !== null) - Number(b.resolved_at !== null) || a.position - b.position,
    );
    const shown = items.slice((page - 1) * size, page * size);
    const comments = await commentsOf(
      room.db,
      shown.map((item) => item.id),
    );
    const [previews, name] = await Promise.all([
      previewsOf(room, scope, shown.map(logIdsOf).flat()),
      namesOf(room, [
        ...answers.map((row) => row.user_id),
        ...comments.map((row) => row.user_id),
        ...shown.flatMap((item) => item.resolved_by ?? []),
      ]),
    ]);
    const person = (userId: string) => ({ id: userId, name: name(userId) });
    const records = shown.map((item): ReviewDisagreement => {
      const logIds = logIdsOf(item);
      const preview = previews.get(logIds[0] ?? '');
      return {
        item_id: item.id,
        log_ids: logIds,
        input_preview: preview?.input ?? '',
        output_preview: preview?.output ?? '',
        answers: answers
          .filter((row) => row.item_id === item.id)
          .map(({ user_id, answer }) => ({
            judge: person(user_id),
            answers: answer?.answers ?? [],
            choice: answer?.choice ?? null,
            reason: answer?.reason ?? null,
          })),
        resolved:
          item.resolved_at === null || item.resolved_by === null
            ? null
            : {
                by: person(item.resolved_by),
                at: item.resolved_at.toISOString(),
                answers: (item.resolution ?? []).map(({ evaluator_id, judgment }) => ({ evaluator_id, judgment })),
              },
        comments: comments
          .filter((row) => row.item_id === item.id)
          .map((row) => ({ id: row.id, by: person(row.user_id), text: row.text, at: row.created_at.toISOString() })),
      };
    });
    return { records, total: items.length };
  };

async function previewsOf(room: Room, scope: Scope, ids: readonly string[]): Promise<Map<string, { input: string; output: string }>> {
  if (ids.length === 0) return new Map();
  const { records } = await room.logs.list(scope, { ids: [...ids] }, { page: 1, size: 1000, payload: false, count: false });
  return new Map(records.map((log) => [log.id, { input: log.inputPreview, output: log.outputPreview || (log.error ?? '') }]));
}

export const comment =
  (room: Room): Reviews['comment'] =>
  async (scope, id, itemId, text) => {
    const person = personOf(scope);
    const queue = await queueOf(room, scope, id);
    const item = await itemOf(room, queue, itemId);
    const row = { id: room.newId(prefixes.comment), item_id: item.id, user_id: person, text: clean(text), created_at: room.clock() };
    await insertComment(room.db, row);
    return row.id;
  };

/** A judgment of the person who settles it, marked as the final one; what the others said stays. */
export const resolve =
  (room: Room): Reviews['resolve'] =>
  async (scope, id, itemId, given) => {
    const person = personOf(scope);
    const queue = await queueOf(room, scope, id);
    const item = await itemOf(room, queue, itemId);
    if ((await room.logs.find(scope, item.log_id)) === null) throw notFound('Log of this item', itemId);
    const answers = given.map((one) => ({ evaluator_id: one.evaluator_id, judgment: one.judgment, reason: one.reason ?? null }));
    const ids: string[] = [];
    for (const { snapshot, judgment, reason } of answersFor(answers, await snapshotsOf(room, scope, queue))) {
      const review = {
        queue_id: queue.id,
        item_id: item.id,
        final: true,
        ...(item.probability === null ? {} : { probability: item.probability }),
      };
      const { id: made } = await room.logs.judge(scope, {
        id: judgmentId(item.id, 'final', snapshot.file.id, item.log_id),
        evaluatorId: snapshot.file.id,
        evaluatorVersionId: snapshot.version.id,
        logId: item.log_id,
        source: 'human',
        judge: person,
        value: judgment,
        reason,
        createdAt: room.clock(),
        metadata: { review },
        origin: 'api',
      });
      ids.push(made);
    }
    await setResolution(room.db, item.id, { by: person, at: room.clock(), answers });
    return ids;
  };
