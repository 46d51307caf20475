import type { Scope } from '@whetstone/contract';
import type { ExchangeDeps } from '../index.ts';
import { type ExchangeTables, importedOf } from '../store.ts';

export interface ExportedPerson {
  id: string;
  full_name: string | null;
  email_address: string | null;
}

/** Who did something, as v5 has it: members and keys of here, and whom an import named. */
export class Authors {
  readonly #users: ExchangeDeps['people']['users'];
  readonly #imported: ReadonlyMap<string, Record<string, unknown>>;

  private constructor(users: ExchangeDeps['people']['users'], imported: ReadonlyMap<string, Record<string, unknown>>) {
    this.#users = users;
    this.#imported = imported;
  }

  static async of({ people, storage }: Pick<ExchangeDeps, 'people' | 'storage'>, { workspaceId }: Scope): Promise<Authors> {
    return new Authors(people.users, await importedOf(storage.database<ExchangeTables>(), workspaceId, 'author'));
  }

  /** A function that presents those of the ids. */
  async named(ids: readonly (string | null)[]): Promise<(id: string | null) => ExportedPerson | null> {
    const names = await this.#users.names([...new Set(ids.filter((id) => id !== null))]);
    return (id) => {
      if (id === null) return null;
      const said = this.#imported.get(id) as { name?: string | null; email?: string | null } | undefined;
      const known = names.get(id) ?? said;
      return { id, full_name: known?.name ?? null, email_address: known?.email ?? null };
    };
  }
}
