import type { ImportEvent, ImportReport, ImportSource } from '@whetstone/contract';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { currentWorkspace } from '../../../api/client.ts';
import { messageOf } from '../../../api/errors.ts';
import { upload } from '../../../api/upload.ts';
import { packed, type PickedFile, whyNot } from './picked.ts';

/** What is brought, and how. */
export interface Bring {
  source: ImportSource;
  /** Directory to put it under; empty: the top. */
  to: string;
  files: readonly PickedFile[];
}
type Progress = Extract<ImportEvent, { type: 'progress' }>;

/** From choosing to the report. `dry`: it is only looked at. */
export type Stage =
  | { at: 'choosing' }
  | { at: 'packing'; done: number; of: number }
  | { at: 'sending'; dry: boolean; sent: number; of: number; since: number }
  /** `since`: when its present step began, on the clock of `performance`. */
  | { at: 'working'; dry: boolean; progress: Progress | null; since: number }
  | { at: 'checked'; report: ImportReport }
  | { at: 'done'; report: ImportReport }
  | { at: 'failed'; dry: boolean; why: string };

/** One import: packed, looked at without changing anything, and, when the person says so, carried over. */
export function useImport() {
  const client = useQueryClient();
  const [bring, setBring] = useState<Bring | null>(null);
  const [stage, setStage] = useState<Stage>({ at: 'choosing' });
  /** What the dry run found, for telling how far the import is. */
  const [expected, setExpected] = useState<ImportReport | null>(null);
  const body = useRef<Blob | null>(null);
  const stopping = useRef<AbortController | null>(null);
  useEffect(() => () => stopping.current?.abort(), []);

  const run = async (what: Bring, dry: boolean) => {
    const problem = whyNot(what.files);
    setBring(what);
    if (problem !== null) return setStage({ at: 'failed', dry, why: problem });
    const controller = new AbortController();
    const { signal } = controller;
    stopping.current = controller;
    const show = (next: Stage) => !signal.aborted && setStage(next);
    try {
      const of = what.files.length;
      if (body.current === null) {
        show({ at: 'packing', done: 0, of });
        body.current = await packed(what.files, (done) => show({ at: 'packing', done, of }), signal);
      }
      const report = await sent(what, body.current, dry, show, signal);
      if (dry) setExpected(report);
      show({ at: dry ? 'checked' : 'done', report });
    } catch (error) {
      if (signal.aborted && dry) return;
      const why = signal.aborted
        ? 'You stopped it. What came until then stays; importing again goes on with the rest and makes nothing twice.'
        : messageOf(error);
      setStage({ at: 'failed', dry, why });
    } finally {
      if (!dry) void client.invalidateQueries({ queryKey: [currentWorkspace()] });
    }
  };
  const restart = () => {
    stopping.current?.abort();
    body.current = null;
    setBring(null);
    setExpected(null);
    setStage({ at: 'choosing' });
  };
  return {
    bring,
    stage,
    expected,
    check: (what: Bring) => {
      body.current = null;
      return run(what, true);
    },
    carry: () => bring && run(bring, false),
    again: () => bring && stage.at === 'failed' && run(bring, stage.dry),
    /** A dry run is forgotten; an import says that it was stopped. */
    stop: () => ('dry' in stage && !stage.dry ? stopping.current?.abort() : restart()),
    restart,
    running: stage.at === 'packing' || stage.at === 'sending' || stage.at === 'working',
  };
}
export type Import = ReturnType<typeof useImport>;

async function sent(what: Bring, body: Blob, dry: boolean, show: (stage: Stage) => void, signal: AbortSignal): Promise<ImportReport> {
  const since = performance.now();
  let report: ImportReport | null = null;
  let failure: string | null = null;
  let step: Progress['step'] | null = null;
  let stepSince = since;
  show({ at: 'sending', dry, sent: 0, of: body.size, since });
  const query = { dry_run: dry, to: what.to.trim() === '' ? undefined : what.to.trim() };
  await upload('imports.run', [{ params: { source: what.source }, query }], {
    body,
    type: 'application/zip',
    signal,
    onSent: (bytes) =>
      show(
        bytes >= body.size
          ? { at: 'working', dry, progress: null, since: performance.now() }
          : { at: 'sending', dry, sent: bytes, of: body.size, since },
      ),
    onLine: (event) => {
      if (event.type === 'report') report = event.report;
      else if (event.type === 'error') failure = event.message;
      else {
        if (event.step !== step) [step, stepSince] = [event.step, performance.now()];
        show({ at: 'working', dry, progress: event, since: stepSince });
      }
    },
  });
  if (failure !== null) throw new Error(failure);
  if (report === null) throw new Error('The answer of the server ended before its report. Its log may say why; try again.');
  return report;
}
