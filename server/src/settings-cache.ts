import { systemScope } from '@whetstone/contract';
import type { People, WorkspaceSettings } from './people/index.ts';

const freshMs = 1000;
/** Up to here an answer is given while the next is fetched; an older one is waited for, so a new redaction rule never comes late. */
const staleMs = 3000;
/** PostgreSQL that takes longer counts as away. */
const patienceMs = 500;

/**
 * Settings of a workspace for those who ask on every write: at most a second old, one query at a time, and the last
 * known while PostgreSQL is away, for a log must be kept even then.
 */
export function cacheSettings(people: Pick<People, 'workspaces'>): (workspaceId: string) => WorkspaceSettings | Promise<WorkspaceSettings> {
  const known = new Map<string, { at: number; settings: WorkspaceSettings }>();
  const asked = new Map<string, Promise<WorkspaceSettings>>();
  const ask = async (workspaceId: string): Promise<WorkspaceSettings> => {
    const last = known.get(workspaceId);
    try {
      const settings = await people.workspaces.get(systemScope(workspaceId, 'settings'));
      const same = last !== undefined && JSON.stringify(last.settings) === JSON.stringify(settings);
      // The same rules stay the same object, which saves compiling them again.
      const kept = same ? last.settings : settings;
      known.set(workspaceId, { at: performance.now(), settings: kept });
      return kept;
    } catch (error) {
      if (last === undefined) throw error;
      known.set(workspaceId, { at: performance.now(), settings: last.settings });
      return last.settings;
    } finally {
      asked.delete(workspaceId);
    }
  };
  const orLast = async (workspaceId: string, pending: Promise<WorkspaceSettings>, last: WorkspaceSettings): Promise<WorkspaceSettings> => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), patienceMs);
    });
    const settings = await Promise.race([pending, late]);
    clearTimeout(timer);
    if (settings !== null) return settings;
    // Whoever comes next does not wait again at once.
    known.set(workspaceId, { at: performance.now(), settings: last });
    return last;
  };
  return (workspaceId) => {
    const last = known.get(workspaceId);
    const ageMs = last === undefined ? Number.POSITIVE_INFINITY : performance.now() - last.at;
    if (last !== undefined && ageMs < freshMs) return last.settings;
    const pending = asked.get(workspaceId) ?? ask(workspaceId);
    asked.set(workspaceId, pending);
    if (last === undefined) return pending;
    return ageMs > staleMs ? orLast(workspaceId, pending, last.settings) : last.settings;
  };
}
