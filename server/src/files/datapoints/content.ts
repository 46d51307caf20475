import { createHash } from 'node:crypto';
import type { Datapoint } from '@whetstone/contract';
import { canonicalJson, canonicalMessage, idPrefixes, makeId, stableJson } from '@whetstone/domain';

/** What a datapoint is named by, and where the list of a version is cut. */

export interface Given {
  hash: string;
  /** Of inputs, messages and target alone: what clients of v5 know of it. The same as `hash` where there are no labels. */
  caseHash: string;
  /** As it is stored: JSON text. */
  content: string;
  /** An imported id lives on. */
  id?: string | undefined;
}

/** Nulls are dropped; empty inputs, messages, targets and labels say nothing. Tags are a set. */
export function givenOf(datapoint: Datapoint & { id?: string | undefined }): Given {
  const { inputs, messages, target, metadata, split, tags } = canonicalJson({
    inputs: datapoint.inputs ?? null,
    messages: datapoint.messages ?? null,
    target: datapoint.target ?? null,
    metadata: datapoint.metadata ?? null,
    split: datapoint.split?.trim() ?? '',
    tags: datapoint.tags?.map((tag) => tag.trim()).filter((tag) => tag !== '') ?? [],
  }).value;
  const core = {
    ...(inputs && Object.keys(inputs).length > 0 ? { inputs } : {}),
    ...(messages && messages.length > 0 ? { messages: messages.map(canonicalMessage) } : {}),
    ...(target && Object.keys(target).length > 0 ? { target } : {}),
  };
  const labels = {
    ...(metadata && Object.keys(metadata).length > 0 ? { metadata } : {}),
    ...(split === '' ? {} : { split }),
    ...(tags.length > 0 ? { tags: [...new Set(tags)].toSorted() } : {}),
  };
  const content = { ...core, ...labels };
  const caseHash = sha256(stableJson(core)).toString('hex');
  return {
    hash: Object.keys(labels).length === 0 ? caseHash : sha256(stableJson(content)).toString('hex'),
    caseHash,
    content: JSON.stringify(content),
    ...(datapoint.id === undefined ? {} : { id: datapoint.id }),
  };
}

/** The same content in the same dataset is the same datapoint. */
export function datapointId(fileId: string, hash: string): string {
  return makeId(idPrefixes.datapoint, sha256(`${fileId}\n${hash}`));
}

/** Names a set of datapoints, whatever their order; null for none. */
export function digestOf(hashes: readonly string[]): string | null {
  return hashes.length === 0 ? null : sha256(hashes.toSorted().join('\n')).toString('hex');
}

/** Cuts come after one id in so many on average, and never later than that. */
const averagePage = 256;
const largestPage = 1024;

export interface Member {
  id: string;
  hash: string;
}
export interface Page {
  hash: string;
  members: Member[];
}

/**
 * A list cut where the ids themselves say so: a change moves the cuts beside it and no others, so two versions that share a
 * stretch of the list share the pages of it.
 */
export function pagesOf(list: readonly Member[]): Page[] {
  const pages: Page[] = [];
  let open: Member[] = [];
  const close = (): void => {
    if (open.length > 0) pages.push({ hash: sha256(open.map(({ id }) => id).join('\n')).toString('base64url'), members: open });
    open = [];
  };
  for (const member of list) {
    open.push(member);
    if (spread(member.id) % averagePage === 0 || open.length >= largestPage) close();
  }
  close();
  return pages;
}

/** FNV-1a, 32 bits. */
function spread(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
