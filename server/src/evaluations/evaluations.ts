import { AppError, notFound } from '@whetstone/contract';
import type { Scope } from '@whetstone/contract';
import { canonicalText, idPrefixes } from '@whetstone/domain';
import type { Snapshot } from '../files/index.ts';
import { change, clean, evaluationOf, translated, type Room } from './context.ts';
import type { Evaluation, EvaluationEvaluator, Evaluations, EvaluatorRef } from './index.ts';
import { versionOf, wrong } from '../files/index.ts';
import {
  deleteEvaluation,
  deleteEvaluator,
  evaluatorsOf,
  insertEvaluation,
  insertEvaluators,
  pageOfEvaluations,
  runCounts,
} from './store.ts';
import type { EvaluationRow, EvaluatorRow } from './tables.ts';

/** Evaluations and the evaluators in them. */

const mostEvaluators = 100;
/** Offsets beyond this have no rows, and would not fit into a bigint. */
const furthest = 2 ** 40;

export const list =
  (room: Room): Evaluations['list'] =>
  async (scope, { fileId, page, size }) => {
    const offset = Math.min((page - 1) * size, furthest);
    const { rows, total } = await pageOfEvaluations(room.db, scope.workspaceId, {
      fileId: fileId ? clean(fileId) : null,
      limit: size,
      offset,
    });
    return { records: await present(room, scope, rows), total };
  };

export async function get(room: Room, scope: Scope, id: string): Promise<Evaluation> {
  return presentOne(room, scope, await evaluationOf(room, scope, id));
}

export const create =
  (room: Room): Evaluations['create'] =>
  async (scope, { name, file, evaluators }) => {
    const judges = await resolve(room, scope, evaluators);
    const named = file?.id ?? file?.path ?? null;
    const snapshot = named === null ? null : await versionOf(room.files, scope, null, file ?? {}, 'file');
    const at = room.clock();
    const row: Omit<EvaluationRow, 'seq'> = {
      id: room.newId(idPrefixes.evaluation),
      workspace_id: scope.workspaceId,
      file_id: snapshot?.file.id ?? null,
      name: name === null ? null : canonicalText(name).text,
      created_at: at,
      created_by: scope.actor.id,
      updated_at: at,
    };
    await room.db
      .transaction()
      .execute(async (tx) => {
        if (!(await insertEvaluation(tx, row))) throw nameTaken(row.name ?? '', snapshot);
        await insertEvaluators(tx, rowsOf(row.id, judges, at));
      })
      .catch((error: unknown) => {
        throw translated(error);
      });
    return get(room, scope, row.id);
  };

function nameTaken(name: string, file: Snapshot | null): AppError {
  const where = file === null ? 'This workspace' : `\`${file.file.path}\``;
  return new AppError('conflict', `${where} has an evaluation named \`${name}\`. Choose another name, or add a run to that one.`, {
    data: { name },
  });
}

export async function remove(room: Room, scope: Scope, id: string): Promise<void> {
  if (!(await deleteEvaluation(room.db, scope.workspaceId, clean(id)))) throw notFound('Evaluation', id);
}

export const addEvaluators =
  (room: Room): Evaluations['addEvaluators'] =>
  async (scope, id, evaluators) => {
    await evaluationOf(room, scope, id);
    const judges = await resolve(room, scope, evaluators);
    await change(room, scope, id, async (tx, row) => {
      const present = await evaluatorsOf(tx, [row.id]);
      if (present.length + judges.length > mostEvaluators) throw tooMany();
      await insertEvaluators(tx, rowsOf(row.id, judges, room.clock()));
    });
    return get(room, scope, id);
  };

export async function removeEvaluator(room: Room, scope: Scope, id: string, evaluatorVersionId: string): Promise<Evaluation> {
  await change(room, scope, id, async (tx, row) => {
    if (!(await deleteEvaluator(tx, row.id, clean(evaluatorVersionId)))) throw notFound('Evaluator version', evaluatorVersionId);
  });
  return get(room, scope, id);
}

interface ChosenJudge {
  snapshot: Snapshot<'evaluator'>;
  orchestrated: boolean;
}

async function resolve(room: Room, scope: Scope, refs: readonly EvaluatorRef[]): Promise<ChosenJudge[]> {
  if (refs.length > mostEvaluators) throw tooMany();
  const chosen = new Map<string, ChosenJudge>();
  for (const ref of refs) {
    const snapshot = await versionOf(room.files, scope, 'evaluator', ref, 'evaluators');
    // People and code outside are nothing that the server could start.
    const orchestrated = room.judges.runs(snapshot.version.kernel.spec) && ref.orchestrated !== false;
    chosen.set(snapshot.version.id, { snapshot, orchestrated });
  }
  return [...chosen.values()];
}

function tooMany(): AppError {
  return wrong('evaluators', `An evaluation has ${mostEvaluators} evaluators at most.`);
}

function rowsOf(evaluationId: string, judges: readonly ChosenJudge[], at: Date) {
  return judges.map(({ snapshot, orchestrated }) => ({
    evaluation_id: evaluationId,
    evaluator_version_id: snapshot.version.id,
    evaluator_id: snapshot.file.id,
    orchestrated,
    added_at: at,
  }));
}

export async function presentOne(room: Room, scope: Scope, row: EvaluationRow): Promise<Evaluation> {
  const [evaluation] = await present(room, scope, [row]);
  if (!evaluation) throw notFound('Evaluation', row.id);
  return evaluation;
}

async function present(room: Room, scope: Scope, rows: readonly EvaluationRow[]): Promise<Evaluation[]> {
  const ids = rows.map(({ id }) => id);
  const evaluators = await evaluatorsOf(room.db, ids);
  const [counts, versions] = await Promise.all([
    runCounts(room.db, ids),
    room.files.versionsById(scope, [...new Set(evaluators.map((row) => row.evaluator_version_id))]),
  ]);
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    fileId: row.file_id,
    runsCount: counts.get(row.id) ?? 0,
    evaluators: evaluators.filter((each) => each.evaluation_id === row.id).flatMap((each) => toEvaluator(each, versions)),
    createdAt: row.created_at,
    createdBy: row.created_by,
    updatedAt: row.updated_at,
  }));
}

function toEvaluator(row: EvaluatorRow, versions: ReadonlyMap<string, Snapshot>): EvaluationEvaluator[] {
  const snapshot = versions.get(row.evaluator_version_id);
  if (snapshot?.kind !== 'evaluator') return [];
  return [{ snapshot: snapshot as Snapshot<'evaluator'>, orchestrated: row.orchestrated, addedAt: row.added_at }];
}
