import { AppError, type LimitSubject, type Scope } from '@whetstone/contract';
import type { People } from '../../people/index.ts';
import { KnownRows } from '../known-rows.ts';
import { Meter, spansOf } from './meter.ts';
import type { LimitStore } from './store.ts';

export interface Amounts {
  requestsPerMinute: number | null;
  tokensPerMinute: number | null;
  usdPerDay: number | null;
  usdPerMonth: number | null;
}
export interface Limit extends Amounts {
  subject: LimitSubject;
  /** Of the key, or the end user's name; `*`: every end user without a limit of their own. */
  id: string;
  updatedAt: Date;
}
export interface UsedLimit extends Limit {
  used: { usdToday: number; usdThisMonth: number } | null;
}

/** A call that was let in. */
export interface Admission {
  headers: Record<string, string>;
  /** What it used in the end. */
  settle(used: { tokens: number; usd: number }): void;
}

interface Known {
  keys: ReadonlyMap<string, Limit>;
  users: ReadonlyMap<string, Limit>;
}
const none: Known = { keys: new Map(), users: new Map() };
const everyone = '*';
const maxMeters = 20_000;
const flushMs = 1_000;

interface Deps {
  audit: Pick<People['audit'], 'record'>;
  clock: () => Date;
  /** Milliseconds that only grow. */
  now: () => number;
  /** Tells the replicas. */
  changed: (workspaceId: string) => void;
}

/** Rate limits and budgets, and the meters of what this replica's calls use. */
export class RateLimits {
  readonly #store: LimitStore;
  readonly #deps: Deps;
  readonly #known: KnownRows<Known>;
  readonly #meters = new Map<string, Meter>();
  readonly #owing = new Set<Meter>();
  #timer: NodeJS.Timeout | null = null;
  #forgotten = 0;

  constructor(store: LimitStore, deps: Deps) {
    this.#store = store;
    this.#deps = deps;
    const load = async (workspaceId: string): Promise<Known> => {
      const rows = await store.list(workspaceId);
      const of = (subject: LimitSubject) => new Map(rows.filter((row) => row.subject === subject).map((row) => [row.id, row]));
      return rows.length === 0 ? none : { keys: of('key'), users: of('user') };
    };
    this.#known = new KnownRows<Known>(load, none, deps.now);
  }

  /**
   * Before a call: null where nothing limits it, which costs a look into memory. Throws `rate_limited`.
   * @param user the end user as the call names them
   */
  admit(scope: Scope, user: string | null | undefined): Admission | null | Promise<Admission | null> {
    const known = this.#known.get(scope.workspaceId);
    if (known === none) return null;
    return this.#admit(scope, user ?? null, known);
  }

  async #admit(scope: Scope, user: string | null, given: Known | Promise<Known>): Promise<Admission | null> {
    const known = await given;
    const meters: Meter[] = [];
    const ofKey = scope.actor.type === 'key' ? known.keys.get(scope.actor.id) : undefined;
    if (ofKey !== undefined) meters.push(this.#meter(scope.workspaceId, ofKey, ofKey.id));
    const ofUser = user === null ? undefined : (known.users.get(user) ?? known.users.get(everyone));
    if (ofUser !== undefined && user !== null) meters.push(this.#meter(scope.workspaceId, ofUser, user));
    const [first] = meters;
    if (first === undefined) return null;
    const taken: Meter[] = [];
    try {
      for (const meter of meters) {
        await this.#take(meter);
        taken.push(meter);
      }
    } catch (error) {
      for (const meter of taken) meter.giveBack();
      throw error;
    }
    return {
      headers: first.headers(this.#deps.clock()),
      settle: (used) => {
        if (used.tokens === 0 && used.usd === 0) return;
        for (const meter of meters) this.#owe(meter, used);
      },
    };
  }

  async #take(meter: Meter): Promise<void> {
    // Others may use up what this call's report fetched; a report that fetches nothing makes the meter ready to refuse.
    while (!meter.isReady(this.#deps.clock())) await meter.report(this.#deps.clock());
    meter.take(this.#deps.clock());
  }

  #meter(workspaceId: string, limit: Limit, id: string): Meter {
    const key = `${workspaceId} ${limit.subject} ${id}`;
    let meter = this.#meters.get(key);
    if (meter === undefined) {
      meter = new Meter(this.#store, { workspaceId, subject: limit.subject, id }, limit);
      this.#meters.set(key, meter);
      if (this.#meters.size > maxMeters) {
        const [oldest] = this.#meters.keys();
        // One that owes is held by the set of those until it has reported.
        if (oldest !== undefined) this.#meters.delete(oldest);
      }
    } else meter.amounts = limit;
    return meter;
  }

  #owe(meter: Meter, used: { tokens: number; usd: number }): void {
    meter.use(used);
    this.#owing.add(meter);
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      void this.flush();
    }, flushMs).unref();
  }

  /** Reports what is owed; what cannot be reported now is owed on. */
  async flush(): Promise<void> {
    const at = this.#deps.clock();
    const owing = [...this.#owing];
    this.#owing.clear();
    await Promise.all(owing.map((meter) => meter.report(at)));
    for (const meter of owing) if (meter.owes) this.#owing.add(meter);
    if (this.#deps.now() - this.#forgotten < 3_600_000) return;
    this.#forgotten = this.#deps.now();
    await this.#store.forgetBefore(spansOf(at)).catch(() => undefined);
  }

  async list(scope: Scope): Promise<UsedLimit[]> {
    const spans = spansOf(this.#deps.clock());
    const [rows, spent] = await Promise.all([this.#store.list(scope.workspaceId), this.#store.spent(scope.workspaceId, spans)]);
    const sum = (row: Limit, span: string) =>
      spent.find((each) => each.subject === row.subject && each.id === row.id && each.span === span)?.usd ?? 0;
    return rows.map((row) => ({
      ...row,
      used: row.subject === 'user' && row.id === everyone ? null : { usdToday: sum(row, 'day'), usdThisMonth: sum(row, 'month') },
    }));
  }

  async set(scope: Scope, limit: Omit<Limit, 'updatedAt'>): Promise<UsedLimit> {
    if ([limit.requestsPerMinute, limit.tokensPerMinute, limit.usdPerDay, limit.usdPerMonth].every((amount) => amount === null)) {
      throw new AppError('bad_request', 'This limits nothing. Give at least one amount, or lift the limit.');
    }
    await this.#store.write(scope.workspaceId, limit, this.#deps.clock(), (transaction) =>
      this.#deps.audit.record(scope, { action: 'limit.set', target: targetOf(limit), data: { ...amountsOf(limit) } }, transaction),
    );
    this.#tell(scope);
    const kept = (await this.list(scope)).find(({ subject, id }) => subject === limit.subject && id === limit.id);
    return kept ?? { ...limit, updatedAt: this.#deps.clock(), used: null };
  }

  async delete(scope: Scope, subject: LimitSubject, id: string): Promise<void> {
    const found = await this.#store.remove(scope.workspaceId, subject, id, (transaction) =>
      this.#deps.audit.record(scope, { action: 'limit.lifted', target: targetOf({ subject, id }) }, transaction),
    );
    if (!found) throw new AppError('not_found', `There is no limit of the ${subject} \`${id}\`.`);
    this.#tell(scope);
  }

  /** An end user's limit and what was counted of them, here too; what other replicas owe at this moment they still report. */
  async forgetUser(workspaceId: string, user: string): Promise<void> {
    for (const meter of this.#owing) if (isOf(meter, workspaceId, user)) this.#owing.delete(meter);
    for (const [key, meter] of this.#meters) if (isOf(meter, workspaceId, user)) this.#meters.delete(key);
    if (await this.#store.removeUser(workspaceId, user)) this.#tell({ workspaceId });
  }

  drop(workspaceId?: string): void {
    this.#known.drop(workspaceId);
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    await this.flush();
  }

  #tell({ workspaceId }: Pick<Scope, 'workspaceId'>): void {
    this.#known.drop(workspaceId);
    this.#deps.changed(workspaceId);
  }
}

function isOf({ whose }: Meter, workspaceId: string, user: string): boolean {
  return whose.workspaceId === workspaceId && whose.subject === 'user' && whose.id === user;
}

function targetOf({ subject, id }: { subject: LimitSubject; id: string }): { type: string; id: string; name: string } {
  return { type: subject === 'key' ? 'api_key' : 'user', id, name: id };
}

function amountsOf({ requestsPerMinute, tokensPerMinute, usdPerDay, usdPerMonth }: Amounts): Record<string, number | null> {
  return {
    requests_per_minute: requestsPerMinute,
    tokens_per_minute: tokensPerMinute,
    usd_per_day: usdPerDay,
    usd_per_month: usdPerMonth,
  };
}
