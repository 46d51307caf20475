import { systemScope } from '@whetstone/contract';
import type { People, WorkspaceSettings } from './people/index.ts';

const freshMs = 1000;

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
      return last.settings;
    } finally {
      asked.delete(workspaceId);
    }
  };
  return (workspaceId) => {
    const last = known.get(workspaceId);
    if (last !== undefined && performance.now() - last.at < freshMs) return last.settings;
    const pending = asked.get(workspaceId) ?? ask(workspaceId);
    asked.set(workspaceId, pending);
    // A stale answer now is better than a wait on the way of a call.
    return last === undefined ? pending : last.settings;
  };
}
