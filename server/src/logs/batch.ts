import { AppError, type Scope } from '@whetstone/contract';
import type { NewLog, RecordedLog } from './index.ts';
import type { Intake } from './intake/intake.ts';
import { keyOf, type Line } from './intake/queue.ts';
import { finishRow, mergedRow, newRow, writtenFields } from './record/merge.ts';
import { prepare, type Redact } from './record/prepare.ts';
import { toLine } from './record/line.ts';
import { receivedAt } from './record/received.ts';
import { type LogRow } from './record/row.ts';
import type { Reads } from './reads.ts';
import { recordedOf } from './record/row.ts';

/** A log of a sender who knows the whole trace, as OpenTelemetry's exporters do. Its id is the sender's. */
export interface BatchLog extends NewLog {
  id: string;
  /** The root of its trace when that is known; else what stands for it, should its parent not tell. */
  trace: { root: string } | { standIn: string } | null;
  /** The writer vouches that this id was never written: the store is not asked. */
  unseen: boolean;
  late: boolean;
  /** What is there of the id, deleted or not, stays as it is. */
  keep?: boolean;
}
export type Recorded = { id: string; rowVersion: number; traceId: string | null; late: boolean } | { id: string; refused: AppError };

/** What of `Writes` a batch is made with. */
export interface BatchParts {
  intake: Intake;
  reads: Reads;
  redact: (workspaceId: string) => Redact | null | Promise<Redact | null>;
  now: () => number;
  recorded: (scope: Scope, log: RecordedLog, what: { first: boolean; complete: boolean }) => void;
  atOf: (log: NewLog) => number;
  placeOf: (id: string, at: number) => { at: number; keyed: boolean };
  keyLine: (workspaceId: string, id: string, at: number) => Line;
  finish: (row: LogRow, fields: ReadonlySet<string>) => Promise<LogRow>;
  isComplete: (row: LogRow) => boolean;
  inTurns: <T>(keys: readonly string[], work: () => Promise<T>) => Promise<T>;
}

/**
 * Writes logs with one flush for all of them. A log that cannot be is refused alone; when the disk refuses, none counts.
 * The order of the list is the order of writing, for those that name the same id.
 */
export async function recordMany(parts: BatchParts, scope: Scope, given: readonly BatchLog[]): Promise<Recorded[]> {
  const { workspaceId } = scope;
  const redacting = parts.redact(workspaceId);
  const redact = redacting instanceof Promise ? await redacting : redacting;
  const prepared = given.map((log) => prepareOne(log, redact));
  const keys = [...new Set(given.map(({ id }) => keyOf('logs', workspaceId, id)))];
  return parts.inTurns(keys, async () => {
    const written = new Map<string, LogRow>();
    const lines: Line[] = [];
    const told: (() => void)[] = [];
    const results: Recorded[] = [];
    for (const [index, ready] of (await withBases(parts, workspaceId, prepared)).entries()) {
      if (ready instanceof AppError) {
        results.push({ id: given[index]?.id ?? '', refused: ready });
        continue;
      }
      const { log } = ready;
      if (log.keep === true && ready.base !== null) {
        const { row_version: rowVersion, trace_id, late } = ready.base;
        results.push({ id: log.id, rowVersion, traceId: trace_id || null, late: late === 1 });
        continue;
      }
      const before = written.get(log.id) ?? (ready.base?.deleted === 0 ? ready.base : null);
      const { row, keyed } = await rowOf(parts, workspaceId, ready, before);
      if (keyed) lines.push(parts.keyLine(workspaceId, log.id, row.at));
      lines.push({ table: 'logs', key: keyOf('logs', workspaceId, log.id), line: toLine(row), unsettled: ready.unsettled });
      written.set(log.id, row);
      const complete = parts.isComplete(row) && (before === null || !parts.isComplete(before));
      told.push(() => parts.recorded(scope, recordedOf(row), { first: before === null, complete }));
      results.push({ id: log.id, rowVersion: row.row_version, traceId: row.trace_id || null, late: row.late === 1 });
    }
    if (lines.length > 0) await parts.intake.put(lines);
    for (const tell of told) tell();
    return results;
  });
}

interface Prepared {
  log: BatchLog;
  repaired: boolean;
}
interface Ready extends Prepared {
  base: LogRow | null;
  unsettled: boolean;
}

function prepareOne(given: BatchLog, redact: Redact | null): Prepared | AppError {
  try {
    const { log, repaired } = prepare(given, redact);
    return { log, repaired };
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

/** Those that may be there are asked for together. */
function withBases(parts: BatchParts, workspaceId: string, prepared: readonly (Prepared | AppError)[]): Promise<(Ready | AppError)[]> {
  return Promise.all(
    prepared.map(async (each) => {
      if (each instanceof AppError) return each;
      if (each.log.unseen) return { ...each, base: null, unsettled: false };
      const { row, unsettled } = await parts.reads.base(workspaceId, each.log.id);
      return { ...each, base: row, unsettled };
    }),
  );
}

async function rowOf(
  parts: BatchParts,
  workspaceId: string,
  { log, repaired, base }: Ready,
  before: LogRow | null,
): Promise<{ row: LogRow; keyed: boolean }> {
  const known = before ?? base;
  const place = known ? { at: known.at, keyed: false } : parts.placeOf(log.id, parts.atOf(log));
  const context = { workspaceId, id: log.id, at: place.at, receivedAt: receivedAt(log, parts.now()), repaired };
  const row = before ? mergedRow(before, log, context) : newRow(log, context);
  if (!before && base) row.row_version = base.row_version + 1;
  if (before === null) await placeInTrace(parts, row, log);
  else if (log.trace !== null && 'root' in log.trace) row.trace_id = log.trace.root;
  return { row: await parts.finish(row, writtenFields(log)), keyed: place.keyed };
}

/** Where the root is known nobody is asked; else the parent tells, and what stands for the root when it is not there. */
async function placeInTrace(parts: BatchParts, row: LogRow, { trace, late }: BatchLog): Promise<void> {
  row.late = late ? 1 : 0;
  if (trace === null) return;
  if ('root' in trace) {
    row.trace_id = trace.root;
    return;
  }
  const parent = row.parent_id === '' ? null : await parts.reads.parentOf(row.workspace_id, row.parent_id);
  row.trace_id = parent?.trace_id || (parent?.id ?? trace.standIn);
  if (parent === null || row.trace_id === trace.standIn) return;
  const root = row.trace_id === parent.id ? parent : await parts.reads.parentOf(row.workspace_id, row.trace_id);
  if (root?.log_status === 'complete') row.late = 1;
}

/** Moves logs from what stood for the root of their trace to the root that came. */
export async function moveToTrace(parts: BatchParts, scope: Scope, ids: readonly string[], from: string, root: string): Promise<void> {
  const { workspaceId } = scope;
  const keys = ids.map((id) => keyOf('logs', workspaceId, id));
  await parts.inTurns(keys, async () => {
    const rows = await Promise.all(ids.map((id) => parts.reads.newestRow(workspaceId, id)));
    const lines = rows.flatMap((row): Line[] => {
      if (!row || row.deleted === 1 || row.trace_id !== from) return [];
      const moved = finishRow({ ...row, trace_id: root, row_version: row.row_version + 1 }, row);
      return [{ table: 'logs', key: keyOf('logs', workspaceId, row.id), line: toLine(moved) }];
    });
    if (lines.length > 0) await parts.intake.put(lines);
  });
}
