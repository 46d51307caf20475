import { AppError, type Scope } from '@whetstone/contract';
import { isPairwise } from '@whetstone/domain';
import type { Snapshot } from '../../files/index.ts';
import type { LogFilter, Sampled } from '../../logs/index.ts';
import type { Room } from '../context.ts';
import type { MonitorRow } from '../tables.ts';

type Found = { evaluator: Snapshot<'evaluator'>; why: null } | { evaluator: null; why: string };

/** The version that judges now, or why none does. */
export async function evaluatorOf(room: Room, scope: Scope, row: MonitorRow): Promise<Found> {
  const evaluator =
    row.evaluator_version_id === null
      ? await deployed(room, scope, row)
      : ((await room.files.versionsById(scope, [row.evaluator_version_id])).get(row.evaluator_version_id) as Snapshot<'evaluator'>);
  if (evaluator == null) return { evaluator: null, why: 'No version of the evaluator is deployed there, so that nothing is judged.' };
  if (!room.judges.runs(evaluator.version.kernel.spec))
    return { evaluator: null, why: 'People, or a process outside, judge with this evaluator: the server cannot run it.' };
  if (isPairwise(evaluator.version.kernel.spec))
    return { evaluator: null, why: 'This judge compares two answers to one case, and live traffic has one.' };
  return { evaluator, why: null };
}

async function deployed(room: Room, scope: Scope, row: MonitorRow): Promise<Snapshot<'evaluator'> | null> {
  try {
    const places = await room.files.deployed(scope, 'evaluator', row.evaluator_id);
    return (places.find(({ environment }) => environment.id === row.environment_id)?.snapshot as Snapshot<'evaluator'>) ?? null;
  } catch (error) {
    if (error instanceof AppError && error.code === 'not_found') return null;
    throw error;
  }
}

/** The logs of a monitor. @throws AppError for a filter that is none any more */
export async function logsOf(
  room: Room,
  scope: Scope,
  row: Pick<MonitorRow, 'file_id' | 'watched_environment_id' | 'filter' | 'rate'>,
): Promise<Sampled> {
  const filter: LogFilter = { fileIds: [row.file_id] };
  if (row.watched_environment_id !== null) filter.environmentIds = [row.watched_environment_id];
  if (row.filter !== null) filter.expression = await room.readFilter(scope, row.filter);
  return { filter, rate: row.rate };
}
