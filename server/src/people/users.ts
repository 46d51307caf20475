import { readUserNames, renameUser } from './auth/store.ts';
import type { Ground } from './ground.ts';
import type { People } from './index.ts';
import { readKeyNames } from './keys/store.ts';

type Name = { name: string; email: string | null };
const FRESH_MS = 60_000;
const REMEMBERED = 10_000;

export function createUsers({ db, now }: Ground, dropCaches: () => void): People['users'] {
  const known = new Map<string, Name & { at: number }>();

  const remember = (id: string, name: Name): void => {
    if (known.size >= REMEMBERED) known.clear();
    known.set(id, { ...name, at: now().getTime() });
  };

  return {
    async rename(userId, name) {
      await renameUser(db, userId, name, now());
      known.delete(userId);
      dropCaches();
    },
    async names(ids) {
      const oldest = now().getTime() - FRESH_MS;
      const wanted = [...new Set(ids)];
      const missing = wanted.filter((id) => (known.get(id)?.at ?? 0) < oldest);
      const users = missing.filter((id) => !id.startsWith('key_'));
      const keys = missing.filter((id) => id.startsWith('key_'));
      if (users.length > 0) for (const { id, name, email } of await readUserNames(db, users)) remember(id, { name, email });
      if (keys.length > 0) for (const { id, name } of await readKeyNames(db, keys)) remember(id, { name, email: null });
      const found = new Map<string, Name>();
      for (const id of wanted) {
        const entry = known.get(id);
        if (entry !== undefined) found.set(id, { name: entry.name, email: entry.email });
      }
      return found;
    },
  };
}
