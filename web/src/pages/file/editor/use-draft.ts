import type { PromptKernel, PromptResponse } from '@whetstone/contract';
import { contentHash, kernelOf } from '@whetstone/domain';
import { useEffect, useMemo, useState } from 'react';
import { type Draft, readDraft, writeDraft } from '../../../parts/drafts.ts';

export interface DraftState {
  kernel: PromptKernel;
  /** The content hash of what is in the editor, by which it has its colour. */
  hash: string;
  dirty: boolean;
  /** The version it was edited from. */
  base: PromptResponse;
  /** A saved version with exactly this content, if there is one. */
  same: PromptResponse | null;
  /** When the draft that was found here was last touched; null when there was none. */
  restoredFrom: string | null;
  /** False when the browser has no room for it: it will not outlive the page. */
  kept: boolean;
  set: (kernel: PromptKernel) => void;
  discard: () => void;
}

const writeDelayMs = 300;

/** What is in the editor: a version, or unsaved work on it that outlives a reload. An asked-for version wins over a draft of another. */
export function useDraft(slug: string, version: PromptResponse, versions: readonly PromptResponse[], asked: string | null): DraftState {
  const fileId = version.id;
  const [draft, setDraft] = useState<Draft | null>(() => {
    const found = readDraft(slug, fileId);
    return found !== null && (asked === null || asked === found.base) ? found : null;
  });
  const [restoredFrom, setRestoredFrom] = useState(draft?.at ?? null);
  const [kept, setKept] = useState(true);
  const base = versions.find((one) => one.version_id === draft?.base) ?? version;
  const saved = useMemo(() => kernelOf(base), [base]);
  const kernel = draft?.kernel ?? saved;
  const hash = useMemo(() => contentHash('prompt', kernel), [kernel]);
  const dirty = draft !== null && hash !== base.content_hash;
  useEffect(() => {
    if (draft === null) return;
    const timer = window.setTimeout(() => setKept(writeDraft(slug, fileId, dirty ? draft : null)), writeDelayMs);
    return () => window.clearTimeout(timer);
  }, [slug, fileId, draft, dirty]);
  return {
    kernel,
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
