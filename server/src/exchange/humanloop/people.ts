import type { Scope } from '@whetstone/contract';
import type { ExchangeDeps } from '../index.ts';
import { type ExchangeTables, keepImported } from '../store.ts';
import type { ExportedPerson } from './shapes.ts';

/**
 * Ids of who made what. Whoever is of this workspace keeps the id; whom the server does not know is remembered by name. An
 * id of somebody else's here is not taken: their name would be read through it.
 */
export class ImportedAuthors {
  readonly #deps: Pick<ExchangeDeps, 'people' | 'storage'>;
  readonly #scope: Scope;
  readonly #own: ReadonlySet<string>;
  readonly #known = new Map<string, Promise<string | null>>();

  private constructor(deps: Pick<ExchangeDeps, 'people' | 'storage'>, scope: Scope, own: ReadonlySet<string>) {
    this.#deps = deps;
    this.#scope = scope;
    this.#own = own;
  }

  static async of(deps: Pick<ExchangeDeps, 'people' | 'storage'>, scope: Scope): Promise<ImportedAuthors> {
    const [members, keys] = await Promise.all([deps.people.members.list(scope), deps.people.keys.list(scope)]);
    return new ImportedAuthors(deps, scope, new Set([...members, ...keys].map(({ id }) => id)));
  }

  /** Null: nobody is named, or nobody that may be. */
  idOf(person: ExportedPerson): Promise<string | null> {
    const { id, full_name, email_address } =
      typeof person === 'string' ? { id: person, full_name: null, email_address: null } : (person ?? {});
    if (!id) return Promise.resolve(null);
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const found = this.#find(id, { name: full_name ?? null, email: email_address ?? null });
    this.#known.set(id, found);
    return found;
  }

  async #find(id: string, said: { name: string | null; email: string | null }): Promise<string | null> {
    if (this.#own.has(id) || id.startsWith('system:')) return id;
    if ((await this.#deps.people.users.names([id])).has(id)) return null;
    await keepImported(this.#deps.storage.database<ExchangeTables>(), this.#scope.workspaceId, 'author', id, said);
    return id;
  }
}
