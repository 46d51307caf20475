import { AppError, notFound, roleMay, systemScope } from '@whetstone/contract';
import type { EvaluatorSpec, Permission, ReviewEvaluator, ReviewQueue, Scope } from '@whetstone/contract';
import { versionOf, wrong, type Snapshot } from '../files/index.ts';
import { clean, prefixes, queueOf, type Room } from './context.ts';
import type { NewQueue, Reviews } from './index.ts';
import { itemsFor } from './sources.ts';
import {
  assigneesOf,
  deleteQueue,
  evaluatorsOf,
  holdQueue,
  insertItems,
  insertQueue,
  queuesOf,
  setAssignees,
  updateQueue,
  type NewItem,
  type NewQueueRows,
} from './store.ts';
import { countsOf } from './store-slots.ts';
import type { QueueRow } from './tables.ts';

/** Queues themselves. */

export const preferencePath = 'feedback/preference';
/** How a pair is judged: each of its logs is better or worse than the other, or neither. */
const preference: EvaluatorSpec = {
  evaluator_type: 'human',
  arguments_type: 'target_free',
  return_type: 'select',
  options: [
    { name: 'better', valence: 'positive' },
    { name: 'tie', valence: 'neutral' },
    { name: 'worse', valence: 'negative' },
  ],
};

export const list =
  (room: Room): Reviews['list'] =>
  async (scope, closed) =>
    present(room, scope, await queuesOf(room.db, scope.workspaceId, closed));

export async function get(room: Room, scope: Scope, id: string): Promise<ReviewQueue> {
  return presentOne(room, scope, await queueOf(room, scope, id));
}

export const create =
  (room: Room): Reviews['create'] =>
  async (scope, input) => {
    const pairwise = input.source.type === 'pair';
    const evaluators = pairwise ? [await preferenceOf(room, scope)] : await humansOf(room, scope, input.evaluators);
    const id = room.newId(prefixes.queue);
    const items = await itemsFor(room, scope, id, input);
    const live = input.source.type === 'filter' && input.source.live;
    if (items.length === 0 && !live)
      throw new AppError('invalid_input', 'No log matches, so there is nothing to review. Widen the filter, or let new logs join.', {
        details: [{ loc: ['body', 'source'], msg: 'no log matches', type: 'value_error' }],
      });
    return save(room, scope, { ...input, id, mode: pairwise ? 'pairwise' : 'single', evaluators, items, live, population: null });
  };

export interface WholeQueue extends Pick<NewQueue, 'name' | 'instructions' | 'assignees' | 'overlap' | 'share' | 'blind' | 'filter'> {
  id: string;
  mode: QueueRow['mode'];
  source: QueueRow['source'];
  evaluators: readonly Snapshot<'evaluator'>[];
  items: readonly NewItem[];
  live: boolean;
  population: Omit<NonNullable<NewQueueRows['population']>, 'queue_id'> | null;
}

export async function save(room: Room, scope: Scope, input: WholeQueue): Promise<ReviewQueue> {
  await requireMembers(room, scope, input.assignees);
  const { id } = input;
  const at = room.clock();
  await room.db.transaction().execute(async (tx) => {
    await insertQueue(tx, {
      queue: {
        id,
        workspace_id: scope.workspaceId,
        name: clean(input.name),
        instructions: input.instructions == null ? null : clean(input.instructions),
        mode: input.mode,
        blind: input.blind,
        overlap: input.overlap,
        share: input.share,
        source: JSON.stringify(input.source),
        live_filter: input.live ? JSON.stringify(input.filter ?? {}) : null,
        created_at: at,
        created_by: scope.actor.id,
      },
      evaluators: input.evaluators.map(({ file, version }, position) => ({
        queue_id: id,
        evaluator_id: file.id,
        evaluator_version_id: version.id,
        position,
      })),
      assignees: input.assignees,
      population: input.population === null ? null : { ...input.population, queue_id: id },
    });
    await insertItems(tx, id, input.items, at);
  });
  return get(room, scope, id);
}

/** @throws AppError 422 for one that is not answered by people */
async function humansOf(room: Room, scope: Scope, refs: NewQueue['evaluators']): Promise<Snapshot<'evaluator'>[]> {
  if (refs.length === 0) throw wrong('evaluators', 'Name at least one human evaluator: it says what people are asked.');
  const found: Snapshot<'evaluator'>[] = [];
  for (const ref of refs) {
    const snapshot = await versionOf(
      room.files,
      scope,
      'evaluator',
      { versionId: ref.version_id, id: ref.id, path: ref.path },
      'evaluators',
    );
    if (snapshot.version.kernel.spec.evaluator_type !== 'human')
      throw wrong('evaluators', `\`${snapshot.file.path}\` is not answered by people. Choose a human evaluator.`);
    if (!found.some(({ file }) => file.id === snapshot.file.id)) found.push(snapshot);
  }
  return found;
}

async function preferenceOf(room: Room, scope: Scope): Promise<Snapshot<'evaluator'>> {
  const found = await room.files.find(scope, 'evaluator', { path: preferencePath });
  if (found?.version.kernel.spec.evaluator_type === 'human') return found;
  const system = systemScope(scope.workspaceId, 'reviews');
  const input = { path: preferencePath, kernel: { spec: preference }, description: 'Which of two outputs people prefer.' };
  return (await room.files.upsert(system, 'evaluator', input)).snapshot;
}

export const update =
  (room: Room): Reviews['update'] =>
  async (scope, id, { assignees, name, instructions, ...patch }) => {
    if (assignees !== undefined) await requireMembers(room, scope, assignees);
    await room.db.transaction().execute(async (tx) => {
      const row = await holdQueue(tx, scope.workspaceId, clean(id));
      if (row === undefined) throw notFound('Review queue', id);
      await updateQueue(tx, row.id, {
        ...(name === undefined ? {} : { name: clean(name) }),
        ...(instructions === undefined ? {} : { instructions: instructions === null ? null : clean(instructions) }),
        ...(patch.overlap === undefined ? {} : { overlap: patch.overlap }),
        ...(patch.closed === undefined ? {} : { closed: patch.closed }),
      });
      if (assignees !== undefined) await setAssignees(tx, row.id, assignees);
    });
    return get(room, scope, id);
  };

export const remove =
  (room: Room): Reviews['delete'] =>
  async ({ workspaceId }, id) => {
    if (!(await deleteQueue(room.db, workspaceId, clean(id)))) throw notFound('Review queue', id);
  };

/** Whoever is asked must be able to answer. */
async function requireMembers(room: Room, scope: Scope, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const members = new Map((await room.people.members.list(scope)).map((member) => [member.id, member]));
  for (const id of ids) {
    const member = members.get(id);
    if (member === undefined) throw wrong('assignees', `\`${id}\` is not a member of this workspace.`);
    if (!roleMay(member.role, 'judge' satisfies Permission))
      throw wrong('assignees', `${member.name} is a ${member.role} and may not judge. Make them a reviewer first.`);
  }
}

async function presentOne(room: Room, scope: Scope, row: QueueRow): Promise<ReviewQueue> {
  return (await present(room, scope, [row]))[0] as ReviewQueue;
}

async function present(room: Room, scope: Scope, rows: readonly QueueRow[]): Promise<ReviewQueue[]> {
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  const [evaluators, assignees, counts, members] = await Promise.all([
    evaluatorsOf(room.db, ids),
    assigneesOf(room.db, ids),
    countsOf(room.db, ids, scope.actor.id, room.clock()),
    room.people.members.list(scope),
  ]);
  const versions = await room.files.versionsById(scope, [...new Set([...evaluators.values()].flat().map(({ versionId }) => versionId))]);
  const names = await room.people.users.names([...new Set(rows.map((row) => row.created_by))]);
  const byId = new Map(members.map((member) => [member.id, member]));
  const may = scope.actor.type === 'user' && roleMay(scope.actor.role, 'judge');
  return rows.map((row) => {
    const asked = assignees.get(row.id) ?? [];
    const count = counts.get(row.id) ?? { items: 0, complete: 0, answers: 0, done: 0, left: 0, medianSeconds: null };
    const assigned = may && (asked.length === 0 || asked.includes(scope.actor.id));
    const creator = names.get(row.created_by);
    return {
      id: row.id,
      name: row.name,
      instructions: row.instructions,
      mode: row.mode,
      blind: row.blind,
      overlap: row.overlap,
      share: row.share,
      source: row.source,
      evaluators: (evaluators.get(row.id) ?? []).flatMap(({ versionId }) => presentEvaluator(versions.get(versionId))),
      // A removed member is asked no more.
      assignees: asked.flatMap((id) => {
        const member = byId.get(id);
        return member === undefined ? [] : [{ id, full_name: member.name, email_address: member.email }];
      }),
      items: count.items,
      complete: count.complete,
      answers: count.answers,
      closed: row.closed,
      mine: { assigned, done: count.done, left: assigned && !row.closed ? count.left : 0, median_seconds: count.medianSeconds },
      created_at: row.created_at.toISOString(),
      created_by: creator === undefined ? null : { id: row.created_by, full_name: creator.name, email_address: creator.email },
    };
  });
}

export function presentEvaluator(snapshot: Snapshot | undefined): ReviewEvaluator[] {
  if (snapshot?.kind !== 'evaluator') return [];
  const { file, version } = snapshot as Snapshot<'evaluator'>;
  return [{ id: file.id, version_id: version.id, path: file.path, name: file.name, spec: version.kernel.spec }];
}
