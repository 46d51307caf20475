import { notFound, type Scope } from '@whetstone/contract';
import { canonicalText, idRandomBytes, makeId } from '@whetstone/domain';
import type { Snapshot } from '../files/index.ts';
import type { Sampled } from '../logs/index.ts';
import type { RuleChoice, RulesDeps } from './index.ts';
import { findRule } from './store.ts';
import type { Db, RuleRow, RuleTables } from './tables.ts';

/** What the verbs of the room share. */
export interface Room extends RulesDeps {
  readonly db: Db;
  newId(prefix: string): string;
}

export function openRoom(deps: RulesDeps): Room {
  return {
    ...deps,
    db: deps.storage.database<RuleTables>(),
    newId: (prefix) => makeId(prefix, deps.randomBytes(idRandomBytes)),
  };
}

export const clean = (text: string): string => canonicalText(text).text;

/** The newest version: what a rule adds to is what was saved last, deployed or not. @throws AppError 404 */
export async function datasetOf(room: Room, scope: Scope, id: string): Promise<Snapshot<'dataset'>> {
  const known = await room.files.get(scope, 'dataset', { id: clean(id) });
  const [newest] = await room.files.versions(scope, 'dataset', known.file.id);
  return newest ?? known;
}

/** @throws AppError 404 */
export async function ruleOf(room: Room, { workspaceId }: Scope, datasetId: string, id: string): Promise<RuleRow> {
  const row = await findRule(room.db, workspaceId, clean(datasetId), clean(id));
  if (row === undefined) throw notFound('Rule', id);
  return row;
}

export async function sampledBy(room: Room, scope: Scope, which: Pick<RuleChoice, 'fileId' | 'filter' | 'rate'>): Promise<Sampled> {
  const expression = which.filter === null ? null : await room.readFilter(scope, which.filter);
  return {
    filter: { ...(which.fileId === null ? {} : { fileIds: [which.fileId] }), ...(expression === null ? {} : { expression }) },
    rate: which.rate,
  };
}

export function midnightOf(at: Date): Date {
  return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()));
}
