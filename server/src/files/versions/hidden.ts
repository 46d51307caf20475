import { createHash } from 'node:crypto';
import { notFound } from '@whetstone/contract';
import type { Scope } from '@whetstone/contract';
import { canonicalText, normalisePath, parsePath, pathProblem, versionId } from '@whetstone/domain';
import type { Room } from '../context.ts';
import { listEnvironments } from '../deployments/store.ts';
import type { FileRef, Files, Snapshot } from '../index.ts';
import { kinds } from '../kinds/index.ts';
import { freeze, toSnapshot } from '../snapshot.ts';
import type { FileRow } from '../tables.ts';
import { findFile } from '../tree/store.ts';
import { findOrMakeFile, findOrMakeVersion, pathTaken, prepareSaving } from './save.ts';
import type { Saving } from './save.ts';
import { findByContent, findSnapshots, insertDraft } from './store.ts';

export type HiddenInput = Parameters<Files['upsertHidden']>[1];

/**
 * A version that nobody saved: what the gateway was called with, or a draft of the playground. Called for every request,
 * so equal content is answered from memory, and many at once look it up or make it once.
 */
export async function upsertHidden(room: Room, scope: Scope, input: HiddenInput): Promise<Snapshot<'prompt'>> {
  const { workspaceId } = scope;
  const { fileId, reason, ...rest } = input;
  const content = createHash('sha256').update(JSON.stringify(input.kernel)).digest('base64');
  const id = fileId ?? rest.id;
  const path = id ? null : (rest.path ?? `${reason === 'gateway' ? 'gateway' : 'playground'}/${input.kernel.model}`);
  const key = JSON.stringify(['hidden', workspaceId, reason, id ?? null, path, content]);
  const { snapshot } = await room.known.get(workspaceId, key, async () => {
    const { file, path: free } = await place(room, scope, reason, id ? { id: canonicalText(id).text } : { path: path ?? '' });
    const saving: Saving = prepareSaving(
      room,
      scope,
      'prompt',
      { ...rest, id, path: free, versionName: null, versionDescription: null },
      true,
    );
    const found = (await findDraft(room, saving)) ?? (file && (await addDraft(room, saving, file))) ?? (await makeDraft(room, saving));
    return { snapshot: freeze(found), fileId: found.file.id };
  });
  return snapshot as Snapshot<'prompt'>;
}

async function findDraft(room: Room, { scope, ref, hash }: Saving): Promise<Snapshot | null> {
  const row = await findByContent(room.db, scope.workspaceId, ref, hash);
  if (!row || row.kind !== 'prompt' || row.status === 'deleted') return null;
  return toSnapshot(row, await listEnvironments(room.db, scope.workspaceId));
}

/** The usual case, one statement and no lock: the file is there, and nothing but the row is new. */
async function addDraft(room: Room, saving: Saving, file: FileRow): Promise<Snapshot | null> {
  const { scope, hash, kernel, input, at } = saving;
  const added = await insertDraft(room.db, {
    workspace_id: scope.workspaceId,
    id: versionId(kinds.prompt.versionPrefix, file.id, hash),
    file_id: file.id,
    content_hash: hash,
    kernel: JSON.stringify(kernel),
    name: null,
    description: null,
    status: 'uncommitted',
    parent_version_id: input.parentVersionId ?? null,
    created_at: at,
    created_by: scope.actor.id,
  });
  return added ? findDraft(room, saving) : null;
}

/** A new file, or a version that was deleted. */
function makeDraft(room: Room, saving: Saving): Promise<Snapshot> {
  const { scope } = saving;
  return room.write(scope.workspaceId, async (tx) => {
    const { file, created } = await findOrMakeFile(room, tx, saving, false);
    const version = await findOrMakeVersion(tx, saving, file, created);
    // Nobody is told: what is deployed or committed stays what it was, and every new content would empty the memory.
    const [row] = await findSnapshots(tx, scope.workspaceId, [version.versionId]);
    if (!row) throw notFound('Prompt version', version.versionId);
    return toSnapshot(row, await listEnvironments(tx, scope.workspaceId));
  });
}

/** A model's name may be anything and its path may be taken by a tool: neither may keep a call from being logged. */
async function place(
  room: Room,
  scope: Scope,
  reason: HiddenInput['reason'],
  ref: FileRef,
): Promise<{ file: FileRow | undefined; path: string | null }> {
  const path = 'path' in ref ? (reason === 'gateway' ? mendedPath(ref.path) : parsePath(ref.path)) : null;
  const file = await findFile(room.db, scope.workspaceId, path === null ? ref : { path });
  if (!file || file.kind === 'prompt') return { file, path };
  if (path === null) throw notFound('Prompt', file.id);
  if (reason === 'draft') throw pathTaken(file);
  const other = `${path} (gateway)`;
  return { file: await findFile(room.db, scope.workspaceId, { path: other }), path: other };
}

export function mendedPath(path: string): string {
  const segments = normalisePath(path.toWellFormed())
    .split('/')
    .map((segment) => segment.replace(/[\p{C}\u2028\u2029]/gu, '_').slice(0, 200))
    .filter((segment) => segment !== '' && segment !== '.' && segment !== '..');
  const mended = normalisePath(segments.join('/').slice(0, 900)).replace(/\/+$/, '');
  return pathProblem(mended) === null ? mended : 'gateway/unknown';
}
