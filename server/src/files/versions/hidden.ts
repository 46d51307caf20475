import { createHash } from 'node:crypto';
import { AppError, notFound } from '@whetstone/contract';
import type { Scope } from '@whetstone/contract';
import { normalisePath, parsePath, pathProblem } from '@whetstone/domain';
import type { Room } from '../context.ts';
import { listEnvironments } from '../deployments/store.ts';
import type { Files, Snapshot } from '../index.ts';
import { freeze, toSnapshot } from '../snapshot.ts';
import { findFile } from '../tree/store.ts';
import { findOrMakeFile, findOrMakeVersion, prepareSaving } from './save.ts';
import type { Saving } from './save.ts';
import { findByContent, findSnapshots } from './store.ts';

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
    const named = { ...rest, id, path: await freePath(room, scope, reason, path) };
    const saving = prepareSaving(room, scope, 'prompt', named, true) as unknown as Saving;
    const found = (await findDraft(room, saving)) ?? (await makeDraft(room, saving));
    return { snapshot: freeze(found), fileId: found.file.id };
  });
  return snapshot as Snapshot<'prompt'>;
}

async function findDraft(room: Room, { scope, ref, hash }: Saving): Promise<Snapshot | null> {
  const row = await findByContent(room.db, scope.workspaceId, ref, hash);
  if (!row || row.kind !== 'prompt' || row.status === 'deleted') return null;
  return toSnapshot(row, await listEnvironments(room.db, scope.workspaceId));
}

function makeDraft(room: Room, saving: Saving): Promise<Snapshot> {
  const { scope } = saving;
  return room.write(scope.workspaceId, async (tx) => {
    const { file } = await findOrMakeFile(room, tx, saving);
    const version = await findOrMakeVersion(tx, saving, file);
    // Nobody is told: what is deployed or committed stays what it was, and every new content would empty the memory.
    const [row] = await findSnapshots(tx, scope.workspaceId, [version.versionId]);
    if (!row) throw notFound('Prompt version', version.versionId);
    return toSnapshot(row, await listEnvironments(tx, scope.workspaceId));
  });
}

/** A model's name may be anything and its path may be taken by a tool: neither may keep a call from being logged. */
async function freePath(room: Room, scope: Scope, reason: HiddenInput['reason'], path: string | null): Promise<string | null> {
  if (path === null) return null;
  const clean = reason === 'gateway' ? mendedPath(path) : parsePath(path);
  const holder = await findFile(room.db, scope.workspaceId, { path: clean });
  if (!holder || holder.kind === 'prompt') return clean;
  if (reason === 'draft') throw new AppError('conflict', `The path \`${clean}\` is taken by another kind of file.`);
  return `${clean} (gateway)`;
}

export function mendedPath(path: string): string {
  const segments = normalisePath(path.toWellFormed())
    .split('/')
    .map((segment) => segment.replace(/[\p{C}\u2028\u2029]/gu, '_').slice(0, 200))
    .filter((segment) => segment !== '' && segment !== '.' && segment !== '..');
  const mended = normalisePath(segments.join('/').slice(0, 900)).replace(/\/+$/, '');
  return pathProblem(mended) === null ? mended : 'gateway/unknown';
}
