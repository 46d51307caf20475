import type { Agree } from '../logs/index.ts';
import { type Db, lockRecent, writeRecent } from './store.ts';

/**
 * For servers of which several write: what one wrote is not in the log store of all at once, so that the newest version of a judgment
 * and the options that hold are agreed about where all look.
 */
export function agreeBy(db: Db, clock: () => Date): Agree {
  return async ({ workspaceId }, rows) =>
    db.transaction().execute(async (tx) => {
      const now = clock();
      const held = await lockRecent(
        tx,
        workspaceId,
        rows.map(({ id }) => id),
        now,
      );
      const agreed = rows.map((row) => {
        const last = held.get(row.id);
        const newer = last !== undefined && last.row_version >= row.rowVersion;
        const rowVersion = Math.max(row.rowVersion, (last?.row_version ?? 0) + 1);
        if (!newer || row.change.type !== 'options') return { rowVersion, deleted: row.deleted, labels: row.labels };
        const labels = new Set(last.deleted ? [] : (last.labels ?? []));
        for (const name of row.change.add) labels.add(name);
        for (const name of row.change.drop) labels.delete(name);
        return { rowVersion, deleted: labels.size === 0, labels: labels.size === 0 ? null : [...labels] };
      });
      const written = rows.map(({ id }, i) => ({
        judgment_id: id,
        row_version: agreed[i]!.rowVersion,
        deleted: agreed[i]!.deleted,
        labels: agreed[i]!.labels,
      }));
      await writeRecent(tx, workspaceId, written, now);
      return agreed;
    });
}
