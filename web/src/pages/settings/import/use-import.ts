import { idsTaken, type ImportEvent, type ImportReport, type ImportSource } from '@whetstone/contract';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { currentWorkspace } from '../../../api/client.ts';
import { ApiError, messageOf } from '../../../api/errors.ts';
import { upload } from '../../../api/upload.ts';
import { packed, type PickedFile, whyNot } from './picked.ts';

/** What is brought, and how. */
export interface Bring {
  source: ImportSource;
  /** Directory to put it under; empty: the top. */
  to: string;
  files: readonly PickedFile[];
  /** Other ids for what came into another workspace of this server before. */
  newIds?: boolean;
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
  /** `taken`: another workspace has these ids, and new ones would help. */
  | { at: 'failed'; dry: boolean; why: string; taken: boolean };

/** What went wrong at the server, in its words. */
class ImportFailure extends Error {
  readonly taken: boolean;
  constructor(message: string, taken: boolean) {
    super(message);
    this.taken = taken;
  }
}

/** One import: packed, looked at without changing anything, and, when the person says so, carried over. */
export function useImport() {
  const client = useQueryClient();
  const [bring, setBring] = useState<Bring | null>(null);
  const [stage, setStage] = useState<Stage>({ at: 'choosing' });
  /** What the dry run found, for telling how far the import is. */
  const [expected, setExpected] = useState<ImportReport | null>(null);
  const body = useRef<Blob | null>(null);
  /** Under which the server keeps what it looked at. */
  const kept = useRef<string | null>(null);
  const stopping = useRef<AbortController | null>(null);
  useEffect(() => () => stopping.current?.abort(), []);

  const run = async (what: Bring, dry: boolean) => {
    const problem = whyNot(what.files);
    setBring(what);
    if (problem !== null) return setStage({ at: 'failed', dry, why: problem, taken: false });
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
      const { report, upload: name } = await sentOnce(what, { body: body.current, kept: kept.current }, dry, show, signal);
      kept.current = name;
      if (dry) setExpected(report);
      show({ at: dry ? 'checked' : 'done', report });
    } catch (error) {
      if (signal.aborted && dry) return;
      const why = signal.aborted
        ? 'You stopped it. What came until then stays; importing again goes on with the rest and makes nothing twice.'
        : messageOf(error);
      kept.current = null;
      setStage({ at: 'failed', dry, why, taken: !signal.aborted && error instanceof ImportFailure && error.taken });
    } finally {
      if (!dry) void client.invalidateQueries({ queryKey: [currentWorkspace()] });
    }
  };
  const restart = () => {
    stopping.current?.abort();
    body.current = null;
    kept.current = null;
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
      kept.current = null;
      return run(what, true);
    },
    carry: () => bring && run(bring, false),
    /** The same, looked at once more with ids of its own. */
    renew: () => bring && run({ ...bring, newIds: true }, true),
    again: () => bring && stage.at === 'failed' && run(bring, stage.dry),
    /** A dry run is forgotten; an import says that it was stopped. */
    stop: () => ('dry' in stage && !stage.dry ? stopping.current?.abort() : restart()),
    restart,
    running: stage.at === 'packing' || stage.at === 'sending' || stage.at === 'working',
  };
}
export type Import = ReturnType<typeof useImport>;

interface Sent {
  report: ImportReport;
  upload: string | null;
}
interface Sending {
  body: Blob;
  /** Name of what the server has already; null: it is sent. */
  kept: string | null;
}

/** What the server still has is not sent again; what it has no more is. */
async function sentOnce(what: Bring, sending: Sending, dry: boolean, show: (stage: Stage) => void, signal: AbortSignal): Promise<Sent> {
  if (sending.kept === null) return sent(what, sending, dry, show, signal);
  try {
    return await sent(what, sending, dry, show, signal);
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404)) throw error;
    return sent(what, { ...sending, kept: null }, dry, show, signal);
  }
}

async function sent(what: Bring, { body, kept }: Sending, dry: boolean, show: (stage: Stage) => void, signal: AbortSignal): Promise<Sent> {
  const since = performance.now();
  let end: Sent | null = null;
  let failure: ImportFailure | null = null;
  let step: Progress['step'] | null = null;
  let stepSince = since;
  const working = (progress: Progress | null, from: number) => show({ at: 'working', dry, progress, since: from });
  if (kept === null) show({ at: 'sending', dry, sent: 0, of: body.size, since });
  else working(null, since);
  const query = {
    dry_run: dry,
    to: what.to.trim() === '' ? undefined : what.to.trim(),
    new_ids: what.newIds,
    keep: dry,
    upload: kept ?? undefined,
  };
  await upload('imports.run', [{ params: { source: what.source }, query }], {
    body: kept === null ? body : new Blob(),
    type: 'application/zip',
    signal,
    onSent: (bytes) => {
      if (kept !== null) return;
      if (bytes >= body.size) working(null, performance.now());
      else show({ at: 'sending', dry, sent: bytes, of: body.size, since });
    },
    onLine: (event) => {
      if (event.type === 'report') end = { report: event.report, upload: event.upload ?? null };
      else if (event.type === 'error') failure = new ImportFailure(event.message, event.code === idsTaken);
      else {
        if (event.step !== step) [step, stepSince] = [event.step, performance.now()];
        working(event, stepSince);
      }
    },
  });
  if (failure !== null) throw failure;
  if (end === null) throw new Error('The answer of the server ended before its report. Its log may say why; try again.');
  return end;
}
