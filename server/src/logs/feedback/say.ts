import { createHash } from 'node:crypto';
import type { JudgmentValue, Scope } from '@whetstone/contract';
import { makeLogId, sameJson } from '@whetstone/domain';
import { StoreUnavailableError } from '../../storage/index.ts';
import { keyOf, type Line } from '../intake/queue.ts';
import type { Lookup } from '../lookup.ts';
import { judgmentRow, toJudgmentLine, valueOf, type JudgmentRow } from '../record/judgment.ts';
import type { Redact } from '../record/prepare.ts';
import type { Agree, FeedbackParts, Said, SaidChange } from './feedback.ts';
import type { BaseRow } from './store.ts';

type Parts = FeedbackParts & { bases: Lookup<BaseRow> };

/** The judgment that somebody has of a log by an evaluator: one, however often he says it. It names the moment of the log. */
export function feedbackIdOf({ log, evaluatorId, source, judge }: Pick<Said, 'log' | 'evaluatorId' | 'source' | 'judge'>): string {
  return makeLogId(
    log.at,
    createHash('sha256')
      .update(JSON.stringify([log.id, evaluatorId, source, judge]))
      .digest(),
  );
}

/** What is there of a judgment, or will be when what is under way is written. */
interface Now {
  rowVersion: number;
  deleted: boolean;
  value: JudgmentValue | null;
  receivedAt: number;
  unsettled: boolean;
}
interface Next {
  said: Said;
  deleted: boolean;
  value: JudgmentValue | null;
  /** False: it says what is there already, or came before that. */
  changes: boolean;
  receivedAt: number;
}

export async function sayMany(
  parts: Parts,
  scope: Scope,
  all: readonly Said[],
  agree: Agree | null,
): Promise<{ id: string; deleted: boolean }[]> {
  const { workspaceId } = scope;
  const redact = await parts.redact(workspaceId);
  const given = all.map((said) => ({ id: feedbackIdOf(said), said: redact === null ? said : redacted(said, redact) }));
  const ids = [...new Set(given.map(({ id }) => id))];
  const keys = ids.map((id) => keyOf('judgments', workspaceId, id));
  return parts.inTurns(keys, async () => {
    const logKeys = new Map(given.map(({ id, said }) => [id, keyOf('logs', workspaceId, said.log.id)]));
    const bases = new Map(await Promise.all(ids.map(async (id) => [id, await baseOf(parts, workspaceId, id, logKeys.get(id)!)] as const)));
    const last = new Map<string, Next>();
    const results = given.map(({ id, said }) => {
      const base = bases.get(id) ?? none;
      const before = last.get(id);
      const next = nextOf(before === undefined ? base : { ...base, ...before }, said, parts.now() * 1000);
      // Nothing more is asked of a judgment than that it is as it was said last.
      if (next.changes || before === undefined) last.set(id, { ...next, changes: next.changes || (before?.changes ?? false) });
      return { id, deleted: next.deleted };
    });
    const changed = [...last].flatMap(([id, next]) => (next.changes ? [{ id, next, base: bases.get(id) ?? none }] : []));
    if (changed.length === 0) return results;
    const lines = await linesOf(parts, scope, changed, agree);
    for (const { id } of changed) parts.recent?.said(logKeys.get(id)!, id);
    await parts.intake.put(lines);
    return results;
  });
}

const none: Now = { rowVersion: 0, deleted: true, value: null, receivedAt: 0, unsettled: false };

async function baseOf({ intake, bases, recent }: Parts, workspaceId: string, id: string, logKey: string): Promise<Now> {
  const queued = intake.judgment(workspaceId, id);
  if (queued !== null) return { ...nowOf(queued.row), unsettled: queued.unsettled };
  if (recent?.isNew(logKey, id) === true) return none;
  try {
    const row = await bases.row(workspaceId, id);
    return row === null ? none : { ...nowOf(row), unsettled: false };
  } catch (error) {
    if (error instanceof StoreUnavailableError) return { ...none, unsettled: true };
    throw error;
  }
}

function nowOf(row: BaseRow | JudgmentRow): Omit<Now, 'unsettled'> {
  return { rowVersion: row.row_version, deleted: row.deleted === 1, value: valueOf(row), receivedAt: row.received_at };
}

function nextOf(now: Omit<Now, 'unsettled' | 'rowVersion'>, said: Said, clock: number): Next {
  const receivedAt = said.receivedAt === null ? clock : said.receivedAt.getTime() * 1000;
  const { deleted, value } = applied(now, said.change);
  const late = said.receivedAt !== null && said.change.type !== 'options' && now.receivedAt > receivedAt;
  const same = deleted === now.deleted && sameJson(value, now.value) && (deleted || (said.reason === null && said.metadata === null));
  return late || same
    ? { said, deleted: now.deleted, value: now.value, changes: false, receivedAt: now.receivedAt }
    : { said, deleted, value, changes: true, receivedAt };
}

function applied(
  now: { deleted: boolean; value: JudgmentValue | null },
  change: SaidChange,
): { deleted: boolean; value: JudgmentValue | null } {
  if (change.type === 'set') return { deleted: false, value: change.value };
  if (change.type === 'remove') {
    const keeps = change.value !== null && !sameJson(change.value, now.value);
    return keeps ? { deleted: now.deleted, value: now.value } : { deleted: true, value: null };
  }
  const labels = new Set(!now.deleted && Array.isArray(now.value) ? now.value : []);
  for (const name of change.add) labels.add(name);
  for (const name of change.drop) labels.delete(name);
  return labels.size === 0 ? { deleted: true, value: null } : { deleted: false, value: [...labels] };
}

type Changed = { id: string; next: Next; base: Now };

async function linesOf(parts: Parts, scope: Scope, changed: readonly Changed[], agree: Agree | null): Promise<Line[]> {
  const { workspaceId } = scope;
  const asked = changed.map(({ id, next, base }) => ({
    id,
    rowVersion: base.rowVersion + 1,
    deleted: next.deleted,
    labels: Array.isArray(next.value) ? next.value : null,
    change: next.said.change,
  }));
  const agreed = agree === null ? asked : await agree(scope, asked);
  return Promise.all(
    changed.map(async ({ id, next, base }, index): Promise<Line> => {
      const { rowVersion, deleted, labels } = agreed[index] ?? asked[index]!;
      const { said } = next;
      const value = deleted ? null : (labels ?? next.value);
      const clock = parts.now();
      const row = judgmentRow(
        {
          evaluatorId: said.evaluatorId,
          evaluatorVersionId: said.evaluatorVersionId,
          logId: said.log.id,
          source: said.source,
          judge: said.judge,
          value,
          reason: deleted ? null : said.reason,
          metadata: deleted ? null : said.metadata,
          origin: 'api',
          keyId: said.keyId,
        },
        {
          workspaceId,
          id,
          at: said.log.at,
          receivedAt: next.receivedAt,
          // A clock that is ahead of ours says now.
          saidAt: Math.min(said.createdAt?.getTime() ?? Infinity, said.receivedAt?.getTime() ?? clock, clock) * 1000,
          rowVersion,
          log: said.log,
          answer: said.correction && !deleted ? await answerOf(parts, workspaceId, said.log.id) : null,
        },
      );
      row.deleted = deleted ? 1 : 0;
      return { table: 'judgments', key: keyOf('judgments', workspaceId, id), line: toJudgmentLine(row), unsettled: base.unsettled };
    }),
  );
}

async function answerOf({ reads }: Parts, workspaceId: string, logId: string): Promise<string | null> {
  const row = await reads.judgedLog(workspaceId, logId);
  return row === null ? null : reads.answerOf(row);
}

function redacted(said: Said, redact: Redact): Said {
  const { change, text } = said;
  const value = text && change.type === 'set' && typeof change.value === 'string' ? redact({ output: change.value }).output : null;
  const { output: reason, metadata } = redact({ output: said.reason, metadata: said.metadata });
  return { ...said, reason, metadata, change: value === null ? change : { type: 'set', value } };
}
