import { readStored, writeStored } from '../kit/stored.ts';

/** Unsaved work on a file, kept in this browser until it is saved or discarded. */
export interface Draft<C> {
  kernel: C;
  /** The version it was edited from. */
  base: string;
  at: string;
}

const prefix = (slug: string) => `whetstone.draft.${slug}.`;

/** Of the kind that the file is: nobody else writes under its id. */
export function readDraft<C>(slug: string, fileId: string): Draft<C> | null {
  return readStored<Draft<C>>(prefix(slug) + fileId);
}
/** Null forgets it. False when the browser has no room for it: large images. */
export function writeDraft(slug: string, fileId: string, draft: Draft<unknown> | null): boolean {
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
