import { notFound, type Scope } from '@whetstone/contract';
import type { People } from '../../people/index.ts';
import { KnownRows } from '../known-rows.ts';
import type { RouteStore } from './store.ts';

export interface RouteTarget {
  model: string;
  credential: string | null;
  weight: number;
  retries: number;
  timeoutMs: number | null;
}
export interface Route {
  name: string;
  targets: RouteTarget[];
  cacheTtlSeconds: number | null;
  createdAt: Date;
  updatedAt: Date;
}

const none: ReadonlyMap<string, Route> = new Map();

/** A workspace's names for an order of models. */
export class Routes {
  readonly #store: RouteStore;
  readonly #audit: Pick<People['audit'], 'record'>;
  readonly #clock: () => Date;
  readonly #changed: (workspaceId: string) => void;
  readonly #known: KnownRows<ReadonlyMap<string, Route>>;

  /** @param changed tells the replicas */
  constructor(
    store: RouteStore,
    deps: { audit: Pick<People['audit'], 'record'>; clock: () => Date; now: () => number; changed: (workspaceId: string) => void },
  ) {
    this.#store = store;
    this.#audit = deps.audit;
    this.#clock = deps.clock;
    this.#changed = deps.changed;
    const load = async (workspaceId: string) => new Map((await store.list(workspaceId)).map((route) => [route.name, route]));
    this.#known = new KnownRows<ReadonlyMap<string, Route>>(load, none, deps.now);
  }

  /** For a call: from memory once known. */
  find(scope: Scope, name: string): Route | null | Promise<Route | null> {
    const known = this.#known.get(scope.workspaceId);
    return known instanceof Promise ? known.then((routes) => routes.get(name) ?? null) : (known.get(name) ?? null);
  }

  list(scope: Scope): Promise<Route[]> {
    return this.#store.list(scope.workspaceId);
  }

  async set(scope: Scope, route: Pick<Route, 'name' | 'targets' | 'cacheTtlSeconds'>): Promise<Route> {
    const kept = await this.#store.write(scope.workspaceId, route, this.#clock(), (transaction, made) =>
      this.#audit.record(
        scope,
        {
          action: made ? 'route.created' : 'route.updated',
          target: { type: 'route', id: route.name, name: route.name },
          data: { targets: route.targets.map(({ credential, model, weight }) => ({ credential, model, weight })) },
        },
        transaction,
      ),
    );
    this.#tell(scope);
    return kept;
  }

  async delete(scope: Scope, name: string): Promise<void> {
    const found = await this.#store.remove(scope.workspaceId, name, (transaction) =>
      this.#audit.record(scope, { action: 'route.deleted', target: { type: 'route', id: name, name } }, transaction),
    );
    if (!found) throw notFound('Route', name);
    this.#tell(scope);
  }

  drop(workspaceId?: string): void {
    this.#known.drop(workspaceId);
  }

  #tell({ workspaceId }: Scope): void {
    this.#known.drop(workspaceId);
    this.#changed(workspaceId);
  }
}
