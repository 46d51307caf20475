import type { PromptKernel } from '@whetstone/contract';
import { readStored, writeStored } from '../kit/stored.ts';

/** Unsaved work on a prompt, kept in this browser until it is saved or discarded. */
export interface Draft {
  kernel: PromptKernel;
  /** The version it was edited from. */
  base: string;
  at: string;
}

const prefix = (slug: string) => `whetstone.draft.${slug}.`;

export function readDraft(slug: string, fileId: string): Draft | null {
  return readStored<Draft>(prefix(slug) + fileId);
}
/** Null forgets it. False when the browser has no room for it: large images. */
export function writeDraft(slug: string, fileId: string, draft: Draft | null): boolean {
  return writeStored(prefix(slug) + fileId, draft);
}
/** Ids of the files that have a draft here. */
export function storedDrafts(slug: string): string[] {
  try {
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(prefix(slug)))
      .map((key) => key.slice(prefix(slug).length));
  } catch {
    return [];
  }
}
