import { createHash } from 'node:crypto';
import { AppError, type Datapoint, systemScope, type Scope } from '@whetstone/contract';
import type { Snapshot } from '../files/index.ts';
import type { Place, Sampled } from '../logs/index.ts';
import { addWaiting } from './decide.ts';
import type { RuleChoice } from './index.ts';
import { datasetOf, midnightOf, type Room, sampledBy } from './room.ts';
import { casesOfLogs, changeRule, countCases, keepCases, keysWaiting, moveCursor } from './store.ts';
import type { CaseRow, RuleRow } from './tables.ts';

const atOnce = 200;
/** What other replicas acknowledged may be stored this late; what was seen before is known by its row. */
const overlapMs = 120_000;
/** Terms of the filter whose answer comes after the log. */
const judgedFields = new Set(['judged', 'feedback', 'vote', 'correction', 'edited', 'kept']);

/** One look of a rule: at logs that came, and at logs that were judged, since the last one. */
export async function look(room: Room, row: RuleRow, signal: AbortSignal): Promise<void> {
  const scope = systemScope(row.workspace_id, 'rules');
  const now = room.clock();
  const trouble = async (why: string): Promise<void> => {
    await changeRule(room.db, row.id, { trouble: why, looked_at: now });
  };
  const ground = await groundOf(room, scope, row).catch((error: unknown) => {
    if (error instanceof AppError && error.code !== 'unavailable') return error.message;
    throw error;
  });
  if (typeof ground === 'string') return trouble(ground);
  const looking = { room, scope, row, ...ground, left: await leftToday(room, row, now), signal };
  const after: Place = { at: Math.max(row.cursor_at - overlapMs * 1000, row.began_at.getTime() * 1000), id: '' };
  // A filter that asks for judgments, and corrections, find a log when it is judged, not when it comes.
  const later = row.target === 'correction' || asksForJudgments(ground.sampled.filter.expression);
  await eachPage(looking, (place) => room.logs.monitored.finished(scope, ground.sampled, place, atOnce), after);
  if (later) await eachJudged(looking, after);
  await moveCursor(room.db, row, Math.max(row.cursor_at, now.getTime() * 1000), now);
  if (row.mode === 'add') await addWaiting(room, scope, row, now);
}

interface Looking {
  room: Room;
  scope: Scope;
  row: RuleRow;
  dataset: Snapshot<'dataset'>;
  sampled: Sampled;
  /** Cases that it may still find today. */
  left: number;
  signal: AbortSignal;
}

async function groundOf(room: Room, scope: Scope, row: RuleRow): Promise<Pick<Looking, 'dataset' | 'sampled'>> {
  const sampled = await sampledBy(room, scope, { fileId: row.file_id, filter: row.filter, rate: row.rate }).catch((error: unknown) => {
    if (error instanceof AppError && error.code === 'invalid_input')
      throw new AppError('invalid_input', `Its filter cannot be read any more: ${error.message}`, { cause: error });
    throw error;
  });
  return { sampled, dataset: await datasetOf(room, scope, row.dataset_id) };
}

async function leftToday(room: Room, row: RuleRow, now: Date): Promise<number> {
  const counts = await countCases(room.db, [row.id], midnightOf(now));
  const found = counts.filter(({ state }) => state !== 'duplicate').reduce((sum, { today }) => sum + today, 0);
  return row.most_a_day - found;
}

async function eachPage(looking: Looking, read: (after: Place) => Promise<{ id: string; storedAt: number }[]>, from: Place): Promise<void> {
  let after = from;
  for (;;) {
    looking.signal.throwIfAborted();
    const page = await read(after);
    const last = page.at(-1);
    if (last === undefined) return;
    await consider(
      looking,
      page.map(({ id }) => id),
    );
    after = { at: last.storedAt, id: last.id };
    if (page.length < atOnce) return;
  }
}

async function eachJudged(looking: Looking, from: Place): Promise<void> {
  const { room, scope, sampled, signal } = looking;
  let after = from;
  for (;;) {
    signal.throwIfAborted();
    const page = await room.logs.monitored.judged(scope, after, atOnce);
    const last = page.at(-1);
    if (last === undefined) return;
    const fitting = await room.logs.monitored.among(
      scope,
      sampled,
      page.map(({ id }) => id),
    );
    await consider(looking, fitting);
    after = last;
    if (page.length < atOnce) return;
  }
}

/** Logs that fit: those that are new to the rule, or wait and say something else by now, become cases that wait. */
async function consider(looking: Looking, logIds: readonly string[]): Promise<void> {
  const { room, scope, row, dataset, signal } = looking;
  const known = await casesOfLogs(room.db, row.id, logIds);
  const open = logIds.filter((id) => {
    const state = known.get(id)?.state;
    return state === undefined || state === 'waiting' || state === 'duplicate';
  });
  if (open.length === 0) return;
  const found = (await room.curation.casesOf(scope, open, wishOf(row), signal)).flatMap(({ logId, made }) =>
    typeof made === 'string' ? [] : [{ logId, datapoint: made.datapoint, key: hash(made.key) }],
  );
  const order = new Map(logIds.map((id, index) => [id, index]));
  found.sort((a, b) => (order.get(a.logId) ?? 0) - (order.get(b.logId) ?? 0));
  const changed = found.filter(({ logId, key }) => known.get(logId)?.case_key !== key);
  if (changed.length === 0) return;
  const version = { fileId: dataset.file.id, versionId: dataset.version.id };
  const there = await room.files.datasets.casesThere(
    scope,
    version,
    changed.map(({ datapoint }) => datapoint),
  );
  const waiting = await keysWaiting(
    room.db,
    scope.workspaceId,
    row.dataset_id,
    changed.map(({ key }) => key),
  );
  const rows: CaseRow[] = [];
  const taken = new Set<string>();
  for (const [index, { logId, datapoint, key }] of changed.entries()) {
    const duplicate = there[index] === true || waiting.has(key) || taken.has(key);
    const isNew = known.get(logId)?.state !== 'waiting';
    if (!duplicate && isNew) {
      if (looking.left <= 0) continue;
      looking.left -= 1;
    }
    taken.add(key);
    rows.push(caseRow(looking, { logId, key, datapoint: duplicate ? null : datapoint }));
  }
  await keepCases(room.db, rows);
}

function caseRow({ room, row }: Looking, found: { logId: string; key: string; datapoint: Datapoint | null }): CaseRow {
  return {
    id: room.newId('case_'),
    workspace_id: row.workspace_id,
    dataset_id: row.dataset_id,
    rule_id: row.id,
    log_id: found.logId,
    case_key: found.key,
    state: found.datapoint === null ? 'duplicate' : 'waiting',
    datapoint: found.datapoint === null ? null : JSON.stringify(found.datapoint),
    found_at: room.clock(),
    decided_at: null,
    decided_by: null,
  };
}

function wishOf(row: RuleRow) {
  return { target: row.target, correctionBy: row.correction_id, targetKey: row.target_key, tags: row.tags, split: row.split };
}

export function previewWish(which: RuleChoice, correctionBy: string | null) {
  return { target: which.target, correctionBy, targetKey: which.targetKey, tags: which.tags, split: which.split };
}

const hash = (key: string): string => createHash('sha256').update(key).digest('base64url');

function asksForJudgments(expression: unknown): boolean {
  if (Array.isArray(expression)) return expression.some(asksForJudgments);
  if (typeof expression !== 'object' || expression === null) return false;
  if ('field' in expression && typeof expression.field === 'string' && judgedFields.has(expression.field)) return true;
  return Object.values(expression).some(asksForJudgments);
}
