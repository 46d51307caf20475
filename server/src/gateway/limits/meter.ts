import { AppError } from '@whetstone/contract';
import type { Amounts } from './rate-limits.ts';
import type { LimitStore, Spans, Subject, Totals } from './store.ts';

/** How long what the replicas have in common is believed, and how much is taken ahead of it. */
const sliceMs = 1_000;
const slicesPerMinute = 60;
const minuteMs = 60_000;

/** What one key or user used, of this replica and, a second old at most, of all. */
export class Meter {
  readonly whose: Subject;
  readonly #store: Pick<LimitStore, 'report'>;
  #amounts: Amounts;
  /** Of the minute: taken ahead and not used yet. */
  #inHand = 0;
  #minute = 0;
  /** The last report fetched nothing: the minute's requests are taken. */
  #full = false;
  #totals: Totals = { taken: 0, requests: 0, tokens: 0, usdToday: 0, usdThisMonth: 0 };
  #reportedAt = Number.NEGATIVE_INFINITY;
  #reporting: Promise<void> | null = null;
  /** Not reported yet, and being reported: the totals have neither. */
  #tokens = 0;
  #usd = 0;
  #onItsWay = { tokens: 0, usd: 0 };

  constructor(store: Pick<LimitStore, 'report'>, whose: Subject, amounts: Amounts) {
    this.#store = store;
    this.whose = whose;
    this.#amounts = amounts;
  }

  get owes(): boolean {
    return this.#tokens > 0 || this.#usd > 0;
  }
  set amounts(amounts: Amounts) {
    this.#amounts = amounts;
  }

  /** Whether `take` can answer without the store. */
  isReady(at: Date): boolean {
    const now = at.getTime();
    if (this.#minute !== startOf(now)) return false;
    const believed = now - this.#reportedAt < sliceMs;
    if (!believed && this.#needsTotals) return false;
    return this.#amounts.requestsPerMinute === null || this.#inHand > 0 || (this.#full && believed);
  }

  get #needsTotals(): boolean {
    const { tokensPerMinute, usdPerDay, usdPerMonth } = this.#amounts;
    return tokensPerMinute !== null || usdPerDay !== null || usdPerMonth !== null;
  }

  /** One request. Throws the refusal when there is no room for it. */
  take(at: Date): void {
    const { requestsPerMinute, tokensPerMinute, usdPerDay, usdPerMonth } = this.#amounts;
    const spans = spansOf(at);
    const used = this.#used();
    if (usdPerMonth !== null && used.usdThisMonth >= usdPerMonth)
      throw this.#refusal('budget_exceeded', `the budget of ${usdPerMonth} USD a month is spent`, at, nextMonth(spans.month));
    if (usdPerDay !== null && used.usdToday >= usdPerDay)
      throw this.#refusal('budget_exceeded', `the budget of ${usdPerDay} USD a day is spent`, at, spans.day.getTime() + 86_400_000);
    const nextMinute = spans.minute.getTime() + minuteMs;
    if (tokensPerMinute !== null && used.tokens >= tokensPerMinute)
      throw this.#refusal('rate_limit_exceeded', `${tokensPerMinute} tokens a minute are used`, at, nextMinute);
    if (requestsPerMinute === null) return;
    if (this.#inHand < 1) throw this.#refusal('rate_limit_exceeded', `${requestsPerMinute} requests a minute are used`, at, nextMinute);
    this.#inHand -= 1;
  }

  #used(): { tokens: number; usdToday: number; usdThisMonth: number } {
    const tokens = this.#tokens + this.#onItsWay.tokens;
    const usd = this.#usd + this.#onItsWay.usd;
    const { tokens: all, usdToday, usdThisMonth } = this.#totals;
    return { tokens: all + tokens, usdToday: usdToday + usd, usdThisMonth: usdThisMonth + usd };
  }

  /** It was not made after all. */
  giveBack(): void {
    if (this.#amounts.requestsPerMinute !== null) this.#inHand += 1;
  }

  use({ tokens, usd }: { tokens: number; usd: number }): void {
    this.#tokens += tokens;
    this.#usd += usd;
  }

  /** Reports what was used and takes requests ahead; one at a time. A store that is away lets calls go on. */
  report(at: Date): Promise<void> {
    this.#reporting ??= this.#report(at).finally(() => {
      this.#reporting = null;
    });
    return this.#reporting;
  }

  async #report(at: Date): Promise<void> {
    const spans = spansOf(at);
    const minute = spans.minute.getTime();
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#inHand = 0;
      this.#totals = { ...this.#totals, requests: 0, tokens: 0 };
    }
    const { requestsPerMinute } = this.#amounts;
    const slice = requestsPerMinute === null ? 0 : Math.max(1, Math.ceil(requestsPerMinute / slicesPerMinute));
    const take = this.#inHand > 0 ? 0 : slice;
    const brought = { tokens: this.#tokens, usd: this.#usd };
    this.#tokens = 0;
    this.#usd = 0;
    this.#onItsWay = brought;
    try {
      const totals = await this.#store.report(this.whose, { spans, ...brought, take, requestsPerMinute, budgets: this.#needsTotals });
      this.#totals = totals;
      this.#inHand += totals.taken;
      this.#full = take > 0 && totals.taken === 0;
    } catch {
      this.#tokens += brought.tokens;
      this.#usd += brought.usd;
      this.#inHand += take;
      this.#full = false;
    }
    this.#onItsWay = { tokens: 0, usd: 0 };
    this.#reportedAt = at.getTime();
  }

  /** As OpenAI tells it. */
  headers(at: Date): Record<string, string> {
    const { requestsPerMinute, tokensPerMinute } = this.#amounts;
    const reset = `${Math.ceil((startOf(at.getTime()) + minuteMs - at.getTime()) / 1000)}s`;
    const headers: Record<string, string> = {};
    if (requestsPerMinute !== null) {
      headers['x-ratelimit-limit-requests'] = String(requestsPerMinute);
      headers['x-ratelimit-remaining-requests'] = String(Math.max(0, requestsPerMinute - this.#totals.requests + this.#inHand));
      headers['x-ratelimit-reset-requests'] = reset;
    }
    if (tokensPerMinute !== null) {
      headers['x-ratelimit-limit-tokens'] = String(tokensPerMinute);
      headers['x-ratelimit-remaining-tokens'] = String(Math.max(0, tokensPerMinute - this.#used().tokens));
      headers['x-ratelimit-reset-tokens'] = reset;
    }
    return headers;
  }

  #refusal(code: 'budget_exceeded' | 'rate_limit_exceeded', what: string, at: Date, until: number): AppError {
    const who = this.whose.subject === 'key' ? 'this API key' : `the user \`${this.whose.id}\``;
    return new AppError('rate_limited', `For ${who}, ${what}. Try again later, or have an admin raise the limit.`, {
      data: { code },
      retryAfterSeconds: Math.max(1, Math.ceil((until - at.getTime()) / 1000)),
      headers: this.headers(at),
    });
  }
}

function startOf(ms: number): number {
  return ms - (ms % minuteMs);
}

/** Beginnings of the minute, the day and the month, in UTC. */
export function spansOf(at: Date): Spans {
  return {
    minute: new Date(startOf(at.getTime())),
    day: new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate())),
    month: new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), 1)),
  };
}

function nextMonth(month: Date): number {
  return Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1, 1);
}
