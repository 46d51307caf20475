import { AppError, type Scope } from '@whetstone/contract';
import type { Price } from '../index.ts';
import { builtInPrices } from './price-table.ts';
import { findPrice } from './prices.ts';
import type { PriceStore } from './store.ts';

const freshMs = 5_000;
const maxRemembered = 2_000;
const none: readonly Price[] = [];

/** The price table of each workspace: its own rows over the built-in ones. */
export class PriceBook {
  readonly #store: PriceStore;
  readonly #now: () => number;
  readonly #own = new Map<string, { at: number; rows: readonly Price[]; loading: Promise<unknown> | null }>();

  /** What was found in a list of rows; gone with the list. */
  readonly #found = new WeakMap<readonly Price[], Map<string, Price | null>>();

  constructor(store: PriceStore, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  /** From memory when known; a database that is away leaves the last known rows, at worst the built-in ones. */
  async find(scope: Scope, model: string, provider: string | null): Promise<Price | null> {
    const rows = await this.#rows(scope);
    let found = this.#found.get(rows);
    if (found === undefined) this.#found.set(rows, (found = new Map()));
    const key = `${provider ?? ''} ${model}`;
    let price = found.get(key);
    if (price === undefined) {
      if (found.size > maxRemembered) found.clear();
      found.set(key, (price = findPrice(rows, model, provider)));
    }
    return price;
  }

  async list(scope: Scope): Promise<Price[]> {
    const own = await this.#store.read(scope.workspaceId);
    const replaced = new Set(own.map((row) => `${row.provider} ${row.model}`));
    return [...own, ...builtInPrices.filter((row) => !replaced.has(`${row.provider} ${row.model}`))];
  }

  async set(scope: Scope, price: Omit<Price, 'source'>): Promise<Price> {
    if (price.model.slice(0, -1).includes('*')) {
      throw new AppError('invalid_input', 'A `*` stands only at the end of a model name.', {
        details: [{ loc: ['body', 'model'], msg: 'A `*` stands only at the end.', type: 'value_error.model' }],
      });
    }
    await this.#store.write(scope.workspaceId, price);
    this.#own.delete(scope.workspaceId);
    return { ...price, source: 'workspace' };
  }

  async reset(scope: Scope, model: string, provider: string): Promise<void> {
    await this.#store.remove(scope.workspaceId, model, provider);
    this.#own.delete(scope.workspaceId);
  }

  async #rows(scope: Scope): Promise<readonly Price[]> {
    const known = this.#own.get(scope.workspaceId);
    if (known !== undefined && (known.loading !== null || this.#now() - known.at < freshMs)) {
      if (known.at === 0) await known.loading;
      return this.#own.get(scope.workspaceId)?.rows ?? known.rows;
    }
    const entry = { at: known?.at ?? 0, rows: known?.rows ?? none, loading: null as Promise<unknown> | null };
    entry.loading = this.#store
      .read(scope.workspaceId)
      .then((rows) => {
        entry.rows = rows;
        return rows;
      })
      .catch(() => undefined)
      .finally(() => {
        entry.at = this.#now();
        entry.loading = null;
      });
    this.#own.set(scope.workspaceId, entry);
    // Only the first call of a workspace waits; later ones are served while the rows are read again.
    if (known === undefined) await entry.loading;
    return entry.rows;
  }
}
