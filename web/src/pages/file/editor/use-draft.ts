import type { EvaluatorKernel, EvaluatorResponse, PromptKernel, PromptResponse } from '@whetstone/contract';
import { contentHash, kernelOf } from '@whetstone/domain';
import { useEffect, useMemo, useState } from 'react';
import { type Draft, readDraft, writeDraft } from '../../../parts/drafts.ts';
import type { VersionedFile } from '../../../parts/file-query.ts';

/** How a kind of file is read out of its versions and named. */
export interface Draftable<F extends VersionedFile, C> {
  contentOf: (version: F) => C;
  hashOf: (content: C) => string;
}
export const promptDrafts: Draftable<PromptResponse, PromptKernel> = {
  contentOf: kernelOf,
  hashOf: (kernel) => contentHash('prompt', kernel),
};
export const evaluatorDrafts: Draftable<EvaluatorResponse, EvaluatorKernel> = {
  contentOf: ({ spec }) => ({ spec }),
  hashOf: (kernel) => contentHash('evaluator', kernel),
};

export interface DraftState<F extends VersionedFile = PromptResponse, C = PromptKernel> {
  kernel: C;
  /** What the version consists of from which it was edited. */
  saved: C;
  /** The content hash of what is in the editor, by which it has its colour. */
  hash: string;
  dirty: boolean;
  /** The version it was edited from. */
  base: F;
  /** A saved version with exactly this content, if there is one. */
  same: F | null;
  /** When the draft that was found here was last touched; null when there was none. */
  restoredFrom: string | null;
  /** False when the browser has no room for it: it will not outlive the page. */
  kept: boolean;
  set: (kernel: C) => void;
  discard: () => void;
}

const writeDelayMs = 300;

/** What is in the editor: a version, or unsaved work on it that outlives a reload. An asked-for version wins over a draft of another. */
export function useDraft<F extends VersionedFile, C>(
  { contentOf, hashOf }: Draftable<F, C>,
  slug: string,
  version: F,
  versions: readonly F[],
  asked: string | null,
): DraftState<F, C> {
  const fileId = version.id;
  const [draft, setDraft] = useState<Draft<C> | null>(() => {
    const found = readDraft<C>(slug, fileId);
    return found !== null && (asked === null || asked === found.base) ? found : null;
  });
  const [restoredFrom, setRestoredFrom] = useState(draft?.at ?? null);
  const [kept, setKept] = useState(true);
  const base = versions.find((one) => one.version_id === draft?.base) ?? version;
  const saved = useMemo(() => contentOf(base), [contentOf, base]);
  const kernel = draft?.kernel ?? saved;
  const hash = useMemo(() => hashOf(kernel), [hashOf, kernel]);
  const dirty = draft !== null && hash !== base.content_hash;
  useEffect(() => {
    if (draft === null) return;
    const timer = window.setTimeout(() => setKept(writeDraft(slug, fileId, dirty ? draft : null)), writeDelayMs);
    return () => window.clearTimeout(timer);
  }, [slug, fileId, draft, dirty]);
  return {
    kernel,
    saved,
    hash,
    dirty,
    base,
    same: versions.find((one) => one.content_hash === hash) ?? null,
    restoredFrom: dirty ? restoredFrom : null,
    kept,
    set: (next) => setDraft({ kernel: next, base: base.version_id, at: new Date().toISOString() }),
    discard: () => {
      setDraft(null);
      setRestoredFrom(null);
      writeDraft(slug, fileId, null);
    },
  };
}
