import { AppError, notFound } from '@whetstone/contract';
import type { ReviewAnswers, Scope } from '@whetstone/contract';
import { judgmentMismatch } from '@whetstone/domain';
import { wrong, type Snapshot } from '../files/index.ts';
import type { NewJudgment } from '../logs/index.ts';
import { clean, itemOf, judgmentId, personOf, queueOf, type Room } from './context.ts';
import type { Reviews } from './index.ts';
import { assigneesOf, evaluatorsOf, holdQueue } from './store.ts';
import { claim as claimItems, setSlot, slotOf } from './store-slots.ts';
import { presentItems } from './subjects.ts';
import type { ItemRow, QueueRow, StoredAnswer } from './tables.ts';

/** One item at a time: taken, judged, taken back or left to others. */

/** As long as somebody reads one log, and their next; who is away longer loses nothing but their place. */
export const leaseSeconds = 900;
const correctionPath = 'feedback/correction';

export const claim =
  (room: Room): Reviews['claim'] =>
  async (scope, id, { count, held }) => {
    const person = personOf(scope);
    const queue = await queueOf(room, scope, id);
    await requireAssigned(room, queue, person);
    if (queue.closed) throw new AppError('conflict', 'This queue is closed. Reopen it to go on reviewing.');
    for (;;) {
      const at = room.clock();
      const until = new Date(at.getTime() + leaseSeconds * 1000);
      const items = await room.db.transaction().execute(async (tx) => {
        const row = await holdQueue(tx, scope.workspaceId, queue.id);
        if (row === undefined) throw notFound('Review queue', id);
        return claimItems(tx, { queueId: row.id, overlap: row.overlap, userId: person, count, held: held.map(clean), at, until });
      });
      const slot = { state: 'claimed' as const, lease_until: until, answer: null };
      const shown = await presentItems(
        room,
        scope,
        queue,
        items.map((item) => ({ item, slot })),
      );
      // Only deleted logs were left of what was taken: they are marked now, and others come.
      if (shown.length > 0 || items.length === 0) return shown;
    }
  };

async function requireAssigned(room: Room, queue: QueueRow, person: string): Promise<void> {
  const assignees = (await assigneesOf(room.db, [queue.id])).get(queue.id) ?? [];
  if (assignees.length === 0 || assignees.includes(person)) return;
  throw new AppError('forbidden', 'This queue is assigned to others. Ask an editor to add you to it.');
}

export const item =
  (room: Room): Reviews['item'] =>
  async (scope, id, itemId) => {
    const person = personOf(scope);
    const queue = await queueOf(room, scope, id);
    const row = await itemOf(room, queue, itemId);
    const slot = await slotOf(room.db, row.id, person);
    if (slot === undefined) throw notFound('Item of yours', itemId);
    const [shown] = await presentItems(room, scope, queue, [{ item: row, slot }]);
    if (shown === undefined) throw notFound('Log of this item', itemId);
    return shown;
  };

export const answer =
  (room: Room): Reviews['answer'] =>
  async (scope, id, itemId, given) => {
    const person = personOf(scope);
    const queue = await queueOf(room, scope, id);
    const row = await itemOf(room, queue, itemId);
    const before = await slotOf(room.db, row.id, person);
    if (before === undefined) throw new AppError('conflict', 'You have not taken this item. Ask for the next one and judge that.');
    const stored = storedOf(given);
    const judgments = await judgmentsOf(room, scope, queue, row, person, stored, given.seconds ?? null);
    if ((await room.logs.find(scope, row.log_id)) === null) throw notFound('Log of this item', itemId);
    const ids: string[] = [];
    for (const judgment of judgments) ids.push((await room.logs.judge(scope, judgment)).id);
    const left = (before.judgment_ids ?? []).filter((one) => !ids.includes(one));
    if (left.length > 0) await room.logs.delete(scope, left);
    await setSlot(room.db, {
      item_id: row.id,
      queue_id: queue.id,
      user_id: person,
      state: 'done',
      seconds: given.seconds ?? before.seconds,
      answer: stored,
      judgment_ids: ids,
      changed_at: room.clock(),
    });
    return ids;
  };

function storedOf({ answers, choice, reason, correction }: ReviewAnswers): StoredAnswer {
  return {
    answers: answers.map((one) => ({ evaluator_id: one.evaluator_id, judgment: one.judgment, reason: one.reason ?? null })),
    choice: choice ?? null,
    reason: reason ?? null,
    correction: correction ?? null,
  };
}

async function judgmentsOf(
  room: Room,
  scope: Scope,
  queue: QueueRow,
  row: ItemRow,
  person: string,
  given: StoredAnswer,
  seconds: number | null,
): Promise<NewJudgment[]> {
  const evaluators = await snapshotsOf(room, scope, queue);
  const at = room.clock();
  const review = {
    queue_id: queue.id,
    item_id: row.id,
    blind: queue.blind,
    ...(row.probability === null ? {} : { probability: row.probability }),
  };
  const common = {
    source: 'human' as const,
    judge: person,
    origin: 'api' as const,
    createdAt: at,
    ...(seconds === null ? {} : { startTime: new Date(at.getTime() - seconds * 1000), endTime: at }),
  };
  const of = (snapshot: Snapshot<'evaluator'>, logId: string): NewJudgment => ({
    ...common,
    id: judgmentId(row.id, person, snapshot.file.id, logId),
    evaluatorId: snapshot.file.id,
    evaluatorVersionId: snapshot.version.id,
    logId,
    value: null,
    metadata: { review },
  });
  if (queue.mode === 'pairwise') return pairJudgments(row, given, evaluators, of, review);
  if (given.choice !== null) throw wrong('choice', 'A queue of single logs has no left and right.');
  if (given.answers.length === 0 && given.correction === null)
    throw wrong('answers', 'Answer at least one question, or correct the output.');
  const judgments = answersFor(given.answers, evaluators).map(({ snapshot, judgment, reason }) => ({
    ...of(snapshot, row.log_id),
    value: judgment,
    reason,
  }));
  if (given.correction === null) return judgments;
  const correction = await room.files.get(scope, 'evaluator', { path: correctionPath });
  return [...judgments, { ...of(correction, row.log_id), value: given.correction, correction: true }];
}

/** Each answer with its evaluator. @throws AppError 422 for one that is not asked here, or not of its type */
export function answersFor(answers: StoredAnswer['answers'], evaluators: readonly Snapshot<'evaluator'>[]) {
  return answers.map((one, index) => {
    const snapshot = evaluators.find(({ file }) => file.id === one.evaluator_id);
    if (snapshot === undefined) throw wrong('answers', `Evaluator \`${one.evaluator_id}\` is not asked in this queue.`);
    const mismatch = judgmentMismatch(snapshot.version.kernel.spec, one.judgment);
    if (mismatch !== null)
      throw new AppError('invalid_input', mismatch, {
        details: [{ loc: ['body', 'answers', index, 'judgment'], msg: mismatch, type: 'value_error' }],
      });
    return { snapshot, ...one };
  });
}

/** Two judgments, one a log, each with the log that it was compared with and the place where it stood. */
function pairJudgments(
  row: ItemRow,
  { choice, reason }: StoredAnswer,
  [preference]: readonly Snapshot<'evaluator'>[],
  of: (snapshot: Snapshot<'evaluator'>, logId: string) => NewJudgment,
  review: Record<string, unknown>,
): NewJudgment[] {
  if (choice === null) throw wrong('choice', 'Say which is better: left, right or tie.');
  if (preference === undefined || row.other_log_id === null) throw notFound('Evaluator of this queue', 'feedback/preference');
  const [left, right] = row.swapped ? [row.other_log_id, row.log_id] : [row.log_id, row.other_log_id];
  const side = (logId: string, against: string, position: 'left' | 'right'): NewJudgment => ({
    ...of(preference, logId),
    value: choice === 'tie' ? 'tie' : choice === position ? 'better' : 'worse',
    reason,
    metadata: { review, pairwise: { against, position } },
  });
  return [side(left, right, 'left'), side(right, left, 'right')];
}

/** What the queue asks, in its versions. */
export async function snapshotsOf(room: Room, scope: Scope, queue: QueueRow): Promise<Snapshot<'evaluator'>[]> {
  const refs = (await evaluatorsOf(room.db, [queue.id])).get(queue.id) ?? [];
  const versions = await room.files.versionsById(
    scope,
    refs.map(({ versionId }) => versionId),
  );
  return refs.flatMap(({ versionId }) => {
    const snapshot = versions.get(versionId);
    return snapshot?.kind === 'evaluator' ? [snapshot as Snapshot<'evaluator'>] : [];
  });
}

export const undo =
  (room: Room): Reviews['undo'] =>
  async (scope, id, itemId) => {
    const person = personOf(scope);
    const queue = await queueOf(room, scope, id);
    const row = await itemOf(room, queue, itemId);
    const slot = await slotOf(room.db, row.id, person);
    if (slot === undefined) throw notFound('Item of yours', itemId);
    const at = room.clock();
    if (slot.judgment_ids !== null && slot.judgment_ids.length > 0) await room.logs.delete(scope, slot.judgment_ids);
    await setSlot(room.db, {
      item_id: row.id,
      queue_id: queue.id,
      user_id: person,
      state: 'claimed',
      lease_until: new Date(at.getTime() + leaseSeconds * 1000),
      changed_at: at,
    });
  };

export const skip =
  (room: Room): Reviews['skip'] =>
  async (scope, id, itemId) => {
    const person = personOf(scope);
    const queue = await queueOf(room, scope, id);
    const row = await itemOf(room, queue, itemId);
    const slot = await slotOf(room.db, row.id, person);
    if (slot?.state === 'done') throw new AppError('conflict', 'You judged this item. Take that back before you skip it.');
    await setSlot(room.db, { item_id: row.id, queue_id: queue.id, user_id: person, state: 'skipped', changed_at: room.clock() });
  };
