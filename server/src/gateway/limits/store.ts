import type { LimitSubject } from '@whetstone/contract';
import { sql, type Transaction } from 'kysely';
import type { Storage } from '../../storage/index.ts';
import type { Amounts, Limit } from './rate-limits.ts';

type Span = 'minute' | 'day' | 'month';
interface Tables {
  limits: {
    workspace_id: string;
    subject: string;
    subject_id: string;
    requests_per_minute: number | null;
    tokens_per_minute: number | null;
    usd_per_day: string | null;
    usd_per_month: string | null;
    updated_at: Date;
  };
  limit_usage: {
    workspace_id: string;
    subject: string;
    subject_id: string;
    span: Span;
    started_at: Date;
    requests: number;
    tokens: number;
    usd: string;
  };
}

/** Whose usage it is. */
export interface Subject {
  workspaceId: string;
  subject: LimitSubject;
  id: string;
}
export interface Spans {
  minute: Date;
  day: Date;
  month: Date;
}
/** What a replica brings and wants. */
export interface Report {
  spans: Spans;
  /** Since the last report. */
  tokens: number;
  usd: number;
  /** Requests to take ahead, as far as the limit (null: none) lets. */
  take: number;
  requestsPerMinute: number | null;
  /** Whether the sums of the day and of the month are asked for. */
  budgets: boolean;
}
/** Of all replicas. */
export interface Totals {
  taken: number;
  requests: number;
  tokens: number;
  usdToday: number;
  usdThisMonth: number;
}
type Note = (transaction: Transaction<never>) => Promise<void>;

export interface LimitStore {
  list(workspaceId: string): Promise<Limit[]>;
  write(workspaceId: string, limit: Omit<Limit, 'updatedAt'>, at: Date, note: Note): Promise<void>;
  remove(workspaceId: string, subject: LimitSubject, id: string, note: Note): Promise<boolean>;
  /** Adds up and takes ahead in one step, so that replicas agree. */
  report(subject: Subject, report: Report): Promise<Totals>;
  /** Spending of the day and of the month of everyone who spent. */
  spent(workspaceId: string, spans: Spans): Promise<{ subject: string; id: string; span: Span; usd: number }[]>;
  /** What no limit looks at any more. */
  forgetBefore(spans: Spans): Promise<void>;
  /** An end user's own limit and all that was counted of them; whether they had a limit. */
  removeUser(workspaceId: string, user: string): Promise<boolean>;
  removeAll(workspaceId: string): Promise<void>;
}

export function createLimitStore(storage: Pick<Storage, 'database'>): LimitStore {
  const db = storage.database<Tables>();
  const add = async (tx: Transaction<Tables>, whose: Subject, span: Span, startedAt: Date, used: { tokens: number; usd: number }) =>
    tx
      .insertInto('limit_usage')
      .values({
        workspace_id: whose.workspaceId,
        subject: whose.subject,
        subject_id: whose.id,
        span,
        started_at: startedAt,
        requests: 0,
        tokens: used.tokens,
        usd: String(used.usd),
      })
      .onConflict((conflict) =>
        conflict.columns(['workspace_id', 'subject', 'subject_id', 'span', 'started_at']).doUpdateSet({
          tokens: sql<number>`limit_usage.tokens + excluded.tokens`,
          usd: sql<string>`limit_usage.usd + excluded.usd`,
        }),
      )
      .returning(['requests', 'tokens', 'usd'])
      .executeTakeFirstOrThrow();

  return {
    async list(workspaceId) {
      const rows = await db
        .selectFrom('limits')
        .selectAll()
        .where('workspace_id', '=', workspaceId)
        .orderBy('subject')
        .orderBy('subject_id')
        .execute();
      return rows.map((row) => ({
        subject: row.subject as LimitSubject,
        id: row.subject_id,
        requestsPerMinute: row.requests_per_minute,
        tokensPerMinute: row.tokens_per_minute,
        usdPerDay: numberOf(row.usd_per_day),
        usdPerMonth: numberOf(row.usd_per_month),
        updatedAt: row.updated_at,
      }));
    },
    async write(workspaceId, limit, at, note) {
      const values = { ...columnsOf(limit), updated_at: at };
      await db.transaction().execute(async (tx) => {
        await tx
          .insertInto('limits')
          .values({ workspace_id: workspaceId, subject: limit.subject, subject_id: limit.id, ...values })
          .onConflict((conflict) => conflict.columns(['workspace_id', 'subject', 'subject_id']).doUpdateSet(values))
          .execute();
        await note(tx as unknown as Transaction<never>);
      });
    },
    remove: (workspaceId, subject, id, note) =>
      db.transaction().execute(async (tx) => {
        const row = await tx
          .deleteFrom('limits')
          .where('workspace_id', '=', workspaceId)
          .where('subject', '=', subject)
          .where('subject_id', '=', id)
          .returning('subject_id')
          .executeTakeFirst();
        if (row !== undefined) await note(tx as unknown as Transaction<never>);
        return row !== undefined;
      }),
    report: (whose, { spans, tokens, usd, take, requestsPerMinute, budgets }) =>
      db.transaction().execute(async (tx) => {
        // Locks the row, so what it says of requests holds until the end.
        const minute = await add(tx, whose, 'minute', spans.minute, { tokens, usd });
        const taken = requestsPerMinute === null ? take : Math.max(0, Math.min(take, requestsPerMinute - minute.requests));
        if (taken > 0) {
          await tx
            .updateTable('limit_usage')
            .set({ requests: minute.requests + taken })
            .where('workspace_id', '=', whose.workspaceId)
            .where('subject', '=', whose.subject)
            .where('subject_id', '=', whose.id)
            .where('span', '=', 'minute')
            .where('started_at', '=', spans.minute)
            .execute();
        }
        const sums = budgets || usd > 0;
        const day = sums ? await add(tx, whose, 'day', spans.day, { tokens, usd }) : null;
        const month = sums ? await add(tx, whose, 'month', spans.month, { tokens, usd }) : null;
        return {
          taken,
          requests: minute.requests + taken,
          tokens: minute.tokens,
          usdToday: Number(day?.usd ?? 0),
          usdThisMonth: Number(month?.usd ?? 0),
        };
      }),
    async spent(workspaceId, spans) {
      const rows = await db
        .selectFrom('limit_usage')
        .select(['subject', 'subject_id', 'span', 'usd'])
        .where('workspace_id', '=', workspaceId)
        .where((where) =>
          where.or([
            where.and([where('span', '=', 'day'), where('started_at', '=', spans.day)]),
            where.and([where('span', '=', 'month'), where('started_at', '=', spans.month)]),
          ]),
        )
        .execute();
      return rows.map((row) => ({ subject: row.subject, id: row.subject_id, span: row.span, usd: Number(row.usd) }));
    },
    async forgetBefore(spans) {
      for (const span of ['minute', 'day', 'month'] as const)
        await db.deleteFrom('limit_usage').where('span', '=', span).where('started_at', '<', spans[span]).execute();
    },
    removeUser: (workspaceId, user) =>
      db.transaction().execute(async (tx) => {
        const [counted, limited] = [tx.deleteFrom('limit_usage'), tx.deleteFrom('limits')];
        await counted.where('workspace_id', '=', workspaceId).where('subject', '=', 'user').where('subject_id', '=', user).execute();
        const { numDeletedRows } = await limited
          .where('workspace_id', '=', workspaceId)
          .where('subject', '=', 'user')
          .where('subject_id', '=', user)
          .executeTakeFirst();
        return numDeletedRows > 0n;
      }),
    async removeAll(workspaceId) {
      await db.deleteFrom('limits').where('workspace_id', '=', workspaceId).execute();
      await db.deleteFrom('limit_usage').where('workspace_id', '=', workspaceId).execute();
    },
  };
}

function columnsOf({ requestsPerMinute, tokensPerMinute, usdPerDay, usdPerMonth }: Amounts) {
  return {
    requests_per_minute: requestsPerMinute,
    tokens_per_minute: tokensPerMinute,
    usd_per_day: usdPerDay === null ? null : String(usdPerDay),
    usd_per_month: usdPerMonth === null ? null : String(usdPerMonth),
  };
}

function numberOf(text: string | null): number | null {
  return text === null ? null : Number(text);
}
