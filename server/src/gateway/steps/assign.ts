import type { Scope } from '@whetstone/contract';
import type { Assigned } from '../../experiments/index.ts';
import type { Snapshot } from '../../files/index.ts';
import type { Asked, NamedPrompt, Room } from '../room.ts';

export interface Chosen {
  prompt: NamedPrompt | null;
  /** Null: no experiment decides here. */
  assigned: Assigned | null;
}

/** Whose calls are traffic: what the workspace does to itself is not. */
const traffic = new Set<Asked['log']['origin']>(['api', 'gateway', 'demo']);

/**
 * Step 2: an experiment may choose another version than the deployed one, by a hash of the call's unit. A call that names a
 * version takes no part. What decides is in memory, so that there is no promise where nothing changes.
 */
export function assign(room: Room, scope: Scope, prompt: NamedPrompt | null, asked: Asked): Chosen | Promise<Chosen> {
  if (prompt === null || prompt.environmentId === null || room.experiments === null || !traffic.has(asked.log.origin))
    return { prompt, assigned: null };
  const place = { fileId: prompt.snapshot.file.id, environmentId: prompt.environmentId, unit: asked.log.unit ?? null };
  const found = room.experiments.assign(scope, place);
  if (found === null) return { prompt, assigned: null };
  return found instanceof Promise ? found.then((assigned) => served(room, scope, prompt, assigned)) : served(room, scope, prompt, found);
}

function served(room: Room, scope: Scope, prompt: NamedPrompt, assigned: Assigned | null): Chosen | Promise<Chosen> {
  if (assigned === null) return { prompt, assigned: null };
  if (assigned.versionId === prompt.snapshot.version.id) return { prompt, assigned };
  return versionOf(room, scope, prompt, assigned);
}

async function versionOf(room: Room, scope: Scope, prompt: NamedPrompt, assigned: Assigned): Promise<Chosen> {
  const snapshot = (await room.files.versionsById(scope, [assigned.versionId])).get(assigned.versionId);
  // An arm's version cannot be deleted; one that cannot be read now is no reason to refuse the call.
  if (snapshot === undefined) return { prompt, assigned: null };
  return { prompt: { snapshot: snapshot as Snapshot<'prompt'>, environmentId: prompt.environmentId }, assigned };
}
