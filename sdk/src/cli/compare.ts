import { type Base, digest } from './state.ts';

/** What happened to a file on one side since both last agreed. */
export type Change = 'none' | 'new' | 'modified' | 'deleted';

export interface Sides {
  /** The text in the directory; null when there is no file. */
  here: string | null;
  base: Base | null;
  /** The version in the workspace; null when there is no file, undefined when there is but not in the environment asked for. */
  there: { id: string; version: string } | null | undefined;
}

export interface Comparison {
  here: Change;
  there: Change;
}

export function compare({ here, base, there }: Sides): Comparison {
  // A file that was deleted and made anew has nothing in common with what was agreed on.
  const agreed = base !== null && there != null && there.id !== base.id ? null : base;
  if (agreed === null) return { here: here === null ? 'none' : 'new', there: there == null ? 'none' : 'new' };
  return {
    here: here === null ? 'deleted' : digest(here) === agreed.text ? 'none' : 'modified',
    there: there === undefined ? 'none' : there === null ? 'deleted' : there.version === agreed.version ? 'none' : 'modified',
  };
}
