import { notFound, type Scope } from '@whetstone/contract';
import { canonicalJson, idRandomBytes, logIdAt, makeLogId } from '@whetstone/domain';
import type { Blobs } from '../storage/index.ts';
import type { BatchParts } from './batch.ts';
import type { Intake } from './intake/intake.ts';
import { keyOf, type Line } from './intake/queue.ts';
import type { LogChange, NewJudgment, NewLog, RecordedLog, StoredLog } from './index.ts';
import { cutBlobs, type BlobHold } from './record/blobs.ts';
import { judgmentRow, notEdited, toJudgmentLine } from './record/judgment.ts';
import { changedRow, finishRow, mergedRow, newRow, writtenFields } from './record/merge.ts';
import { plainLine } from './record/plain.ts';
import { check, checkId, prepare, type Redact } from './record/prepare.ts';
import { timeText, toLine } from './record/line.ts';
import { receivedAt } from './record/received.ts';
import { isTrace, recordedOf, toStored, type LogRow, type Payload } from './record/row.ts';
import type { Reads } from './reads.ts';
import { Turns } from './turns.ts';

export interface WritesDeps {
  intake: Intake;
  reads: Reads;
  blobs: Blobs;
  hold: BlobHold;
  redact: (workspaceId: string) => Redact | null | Promise<Redact | null>;
  /** Milliseconds since 1970. */
  now: () => number;
  random: (bytes: number) => Uint8Array;
  failed: (error: unknown, what: string) => void;
  /** `first`: the log is new, `fresh`: under an id that nobody had before. `complete`: it was finished by this write. */
  recorded: (scope: Scope, log: RecordedLog, what: { first: boolean; complete: boolean; fresh?: boolean }) => void;
  /** A log is judged under an id that the caller chose. */
  named: (workspaceId: string, logId: string) => void;
}

/** An id that we made says when its log was; one that a caller chose may look so by chance, but not by less than this. */
const believableMicros = 3_600_000_000;
const minuteAhead = 60_000;
const earliestAt = Date.UTC(2000, 0, 1);
const unknown = { row: null, unsettled: false };
const issuedKept = 100_000;
const awaitedKept = 100_000;

/** What is recorded, changed, judged and deleted: everything that goes into the intake. */
export class Writes {
  readonly #deps: WritesDeps;
  /** Ids given out and not yet used: the store cannot know them. */
  readonly #issued = new Set<string>();
  /** Writes of one id follow each other. */
  readonly #turns = new Turns();
  /** Parents that were named before they came. */
  readonly #awaited = new Set<string>();
  #lastMicros = 0;

  constructor(deps: WritesDeps) {
    this.#deps = deps;
  }

  newId(at?: Date): string {
    const id = this.#makeId((at?.getTime() ?? this.#deps.now()) * 1000);
    this.#issued.add(id);
    if (this.#issued.size > issuedKept) for (const oldest of this.#issued) return this.#forget(oldest, id);
    return id;
  }

  #forget(oldest: string, id: string): string {
    this.#issued.delete(oldest);
    return id;
  }

  #makeId(micros: number): string {
    let at = Math.max(micros, earliestAt * 1000);
    // Within a millisecond the order of making is kept.
    if (at <= this.#lastMicros && at > this.#lastMicros - 1000) at = this.#lastMicros + 1;
    this.#lastMicros = at;
    return makeLogId(at, this.#deps.random(idRandomBytes));
  }

  async record(scope: Scope, given: NewLog): Promise<{ id: string; rowVersion: number }> {
    const redacting = this.#deps.redact(scope.workspaceId);
    const redact = redacting instanceof Promise ? await redacting : redacting;
    if (redact === null && (given.id === undefined || this.#issued.has(given.id))) {
      check(given);
      const plain = this.#recordPlain(scope, given, given.id ?? this.#makeId(this.#atOf(given)));
      if (plain !== null) return plain;
    }
    const { log, repaired } = prepare(given, redact);
    const at = this.#atOf(log);
    const id = log.id ?? this.#makeId(at);
    const fresh = log.id === undefined || this.#issued.delete(log.id);
    const key = keyOf('logs', scope.workspaceId, id);
    const write = () => this.#write(scope, log, { id, at, repaired, fresh });
    return log.id === undefined ? write() : this.#turns.one(key, write);
  }

  /** The short way for a log under an id that nobody can have used yet; null when it has to go the long one. */
  #recordPlain(scope: Scope, log: NewLog, id: string): Promise<{ id: string; rowVersion: number }> | null {
    const place = this.#placeOf(id, this.#atOf(log));
    if (place.keyed) return null;
    const { workspaceId } = scope;
    const line = plainLine(log, {
      workspaceId,
      id,
      at: place.at,
      receivedAt: receivedAt(log, this.#deps.now()),
      repaired: log.textRepaired === true,
    });
    const key = keyOf('logs', workspaceId, id);
    if (line === null || this.#awaited.has(key)) return null;
    this.#issued.delete(id);
    return this.#deps.intake.put([{ table: 'logs', key, line }]).then(() => {
      const what = { first: true, complete: log.logStatus !== 'incomplete', fresh: true };
      const { versionId: version_id, datapointId, runId, referenceId } = log;
      const brief = recordedOf({
        id,
        kind: log.kind,
        at: place.at,
        version_id,
        datapoint_id: datapointId ?? '',
        run_id: runId ?? '',
        reference_id: referenceId ?? '',
      });
      this.#deps.recorded(scope, brief, what);
      return { id, rowVersion: 1 };
    });
  }

  async #write(scope: Scope, log: NewLog, known: { id: string; at: number; repaired: boolean; fresh: boolean }) {
    const { id, repaired, fresh } = known;
    const { workspaceId } = scope;
    const base = fresh ? unknown : await this.#deps.reads.base(workspaceId, id);
    const place = base.row ? { at: base.row.at, keyed: false } : this.#placeOf(id, known.at);
    const context = { workspaceId, id, at: place.at, receivedAt: receivedAt(log, this.#deps.now()), repaired };
    const alive = base.row && base.row.deleted === 0 ? base.row : null;
    const merged = alive ? mergedRow(alive, log, context) : newRow(log, context);
    if (base.row && !alive) merged.row_version = base.row.row_version + 1;
    if (merged.parent_id !== '' || isTrace(merged.kind)) await this.#placeInTrace(merged, alive === null);
    const row = await this.#finish(merged, writtenFields(log));
    const lines: Line[] = [{ table: 'logs', key: keyOf('logs', workspaceId, id), line: toLine(row), unsettled: base.unsettled }];
    if (place.keyed) lines.unshift(keyLine(workspaceId, id, place.at));
    await this.#deps.intake.put(lines);
    if (this.#awaited.delete(keyOf('logs', workspaceId, id)) && row.trace_id !== '' && row.trace_id !== id) void this.#adopt(row);
    const complete = isComplete(row) && (alive === null || !isComplete(alive));
    this.#deps.recorded(scope, recordedOf(row), { first: alive === null, complete, fresh: known.fresh });
    return { id, rowVersion: row.row_version };
  }

  async change(scope: Scope, id: string, given: LogChange): Promise<StoredLog> {
    const redacting = this.#deps.redact(scope.workspaceId);
    const { log: change, repaired } = prepare(given, await redacting);
    const key = keyOf('logs', scope.workspaceId, id);
    return this.#turns.one(key, async () => {
      const base = await this.#deps.reads.newestRow(scope.workspaceId, id);
      if (!base || base.deleted === 1) throw notFound('Log', id);
      const row = await this.#finish(changedRow(base, change, repaired), writtenFields(change));
      await this.#deps.intake.put([{ table: 'logs', key, line: toLine(row) }]);
      const stored = toStored(row, await this.#deps.reads.wholePayload(row));
      this.#deps.recorded(scope, stored, { first: false, complete: isComplete(row) && !isComplete(base) });
      return stored;
    });
  }

  /** Cuts long strings out of what a write brought, and derives previews and search text. */
  async #finish(row: LogRow, fields: ReadonlySet<string>): Promise<LogRow> {
    if (row.keep === 0) return finishRow(row, row);
    const payload: Payload = await cutBlobs(row, fields, this.#deps.blobs, this.#deps.hold);
    return finishRow(row, payload);
  }

  /** The trace of a log is that of its parent; a parent that is not here yet counts as the root until it comes. */
  async #placeInTrace(row: LogRow, isNew: boolean): Promise<void> {
    if (row.parent_id === '') {
      row.trace_id = row.id;
      return;
    }
    const parent = await this.#deps.reads.parentOf(row.workspace_id, row.parent_id);
    row.trace_id = parent?.trace_id || row.parent_id;
    if (!parent) this.#await(keyOf('logs', row.workspace_id, row.parent_id));
    if (!isNew || !parent) return;
    const root =
      parent.trace_id === '' || parent.trace_id === parent.id ? parent : await this.#deps.reads.parentOf(row.workspace_id, parent.trace_id);
    if (root?.log_status === 'complete') row.late = 1;
  }

  #await(key: string): void {
    this.#awaited.add(key);
    if (this.#awaited.size <= awaitedKept) return;
    for (const oldest of this.#awaited) {
      this.#awaited.delete(oldest);
      return;
    }
  }

  /** Moves what came before its parent into the trace of the parent. A trace is read right without this; lists are not. */
  async #adopt(parent: LogRow): Promise<void> {
    try {
      for (const child of await this.#deps.reads.namingTrace(parent.workspace_id, parent.id)) {
        const key = keyOf('logs', child.workspace_id, child.id);
        await this.#turns.one(key, async () => {
          const row = await this.#deps.reads.newestRow(child.workspace_id, child.id);
          if (!row || row.deleted === 1 || row.trace_id !== parent.id) return;
          const moved = finishRow({ ...row, trace_id: parent.trace_id, row_version: row.row_version + 1 }, row);
          await this.#deps.intake.put([{ table: 'logs', key, line: toLine(moved) }]);
        });
      }
    } catch (error) {
      this.#deps.failed(error, 'a trace was not put together; it is when it is read');
    }
  }

  async judge(scope: Scope, given: NewJudgment): Promise<{ id: string }> {
    const redacting = this.#deps.redact(scope.workspaceId);
    const redact = await redacting;
    const { createdAt, startTime, endTime, ...plain } = given;
    const { value } = canonicalJson(plain);
    const judgment: NewJudgment = { ...value, createdAt: createdAt ?? null, startTime: startTime ?? null, endTime: endTime ?? null };
    if (redact) redactJudgment(judgment, redact);
    if (judgment.id !== undefined) checkId(judgment.id, 'id');
    const at = this.#atOf(judgment);
    const id = judgment.id ?? this.#makeId(at);
    const fresh = judgment.id === undefined || judgment.fresh === true || this.#issued.delete(judgment.id);
    const key = keyOf('judgments', scope.workspaceId, id);
    return this.#turns.one(key, async () => {
      const log = await this.#deps.reads.judgedLog(scope.workspaceId, judgment.logId);
      const { row: base, unsettled } = fresh ? unknown : await this.#deps.reads.baseJudgment(scope.workspaceId, id);
      if (judgment.keep === true && base !== null) return { id };
      const place = base ? { at: base.at, keyed: false } : (standsAtLog(id, log) ?? this.#placeOf(id, at));
      const answer = judgment.correction === true && log !== null ? await this.#deps.reads.answerOf(log) : null;
      const row = judgmentRow(judgment, {
        workspaceId: scope.workspaceId,
        id,
        at: place.at,
        receivedAt: receivedAt(judgment, this.#deps.now()),
        saidAt: at,
        rowVersion: (base?.row_version ?? 0) + 1,
        log,
        answer,
      });
      const lines: Line[] = [{ table: 'judgments', key, line: toJudgmentLine(row), unsettled }];
      if (place.keyed) lines.unshift(keyLine(scope.workspaceId, id, place.at));
      if (!fresh) this.#deps.named(scope.workspaceId, judgment.logId);
      await this.#deps.intake.put(lines);
      return { id };
    });
  }

  /** Tombstones of logs and judgments; how many there were. */
  async delete(scope: Scope, ids: readonly string[]): Promise<number> {
    const deleted = await Promise.all([...new Set(ids)].map((id) => this.#deleteOne(scope.workspaceId, id)));
    return deleted.filter(Boolean).length;
  }

  #deleteOne(workspaceId: string, id: string): Promise<boolean> {
    const key = keyOf('logs', workspaceId, id);
    return this.#turns.one(key, async () => {
      const row = await this.#deps.reads.newestRow(workspaceId, id);
      if (row) {
        if (row.deleted === 1) return false;
        await this.#deps.intake.bury({ table: 'logs', key, line: toLine(tombstone(row, this.#deps.now() * 1000)) });
        return true;
      }
      const judgment = await this.#deps.reads.newestJudgment(workspaceId, id);
      if (!judgment || judgment.deleted === 1) return false;
      const gone = {
        ...judgment,
        deleted: 1 as const,
        row_version: judgment.row_version + 1,
        ...notEdited,
        reason: '',
        error: '',
        stdout: '',
        value_text: '',
        metadata_json: null,
      };
      await this.#deps.intake.put([{ table: 'judgments', key: keyOf('judgments', workspaceId, id), line: toJudgmentLine(gone) }]);
      return true;
    });
  }

  #atOf(log: Pick<NewLog, 'createdAt' | 'startTime'>): number {
    const now = this.#deps.now();
    const wanted = (log.createdAt ?? log.startTime)?.getTime() ?? now;
    return Math.min(Math.max(wanted, earliestAt), now + minuteAhead) * 1000;
  }

  /** Where the row of a new log goes, and whether the key table has to say so because the id does not. */
  #placeOf(id: string, at: number): { at: number; keyed: boolean } {
    const says = logIdAt(id);
    if (says !== null && Math.abs(says - at) <= believableMicros) return { at: says, keyed: false };
    return { at, keyed: true };
  }

  /** What a batch is written with. */
  batchParts(): BatchParts {
    const { intake, reads, redact, now, recorded } = this.#deps;
    return {
      intake,
      reads,
      redact,
      now,
      recorded,
      keyLine,
      isComplete,
      atOf: (log) => this.#atOf(log),
      placeOf: (id, at) => this.#placeOf(id, at),
      finish: (row, fields) => this.#finish(row, fields),
      inTurns: (keys, work) => this.#turns.all(keys, work),
    };
  }
}

function redactJudgment(judgment: NewJudgment, redact: Redact): void {
  const { error = null, stdout = null, metadata = null } = judgment;
  // A reason is text that came out, as an output is.
  const clean = redact({ output: judgment.reason ?? null, error, stdout, metadata });
  if (judgment.correction === true && typeof judgment.value === 'string') judgment.value = redact({ output: judgment.value }).output;
  Object.assign(judgment, { reason: clean.output, error: clean.error, stdout: clean.stdout, metadata: clean.metadata });
}

/** An id made of a log names its moment: the judgment stands there whenever it was said. */
function standsAtLog(id: string, log: { at: number } | null): { at: number; keyed: boolean } | null {
  return log !== null && logIdAt(id) === log.at ? { at: log.at, keyed: false } : null;
}

/** A log that is no trace, or inside one, is complete at once; the root of a trace when its status says so. */
function isComplete(row: LogRow): boolean {
  return row.log_status !== 'incomplete';
}

function keyLine(workspaceId: string, id: string, at: number): Line {
  return { table: 'log_keys', key: null, line: Buffer.from(JSON.stringify({ workspace_id: workspaceId, id, at: timeText(at) })) };
}

/** What stays of a deleted log: its place, so that no older version of it comes back. */
export function tombstone(row: LogRow, receivedAt: number): LogRow {
  const empty = newRow(
    { kind: row.kind, fileId: row.file_id, versionId: row.version_id, origin: row.origin, environmentId: row.environment_id },
    { workspaceId: row.workspace_id, id: row.id, at: row.at, receivedAt, repaired: false },
  );
  return { ...empty, row_version: row.row_version + 1, deleted: 1, keep: 0, blob_hashes: row.blob_hashes };
}
