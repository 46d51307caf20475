import type { ImportReport } from '@whetstone/contract';
import type { ReactNode } from 'react';
import { Button } from '../../../kit/button.tsx';
import { formatBytes, formatCount } from '../../../kit/format.ts';
import { Progress, timeLeft } from '../../../kit/progress.tsx';
import type { Stage } from './use-import.ts';

type Running = Extract<Stage, { at: 'packing' | 'sending' | 'working' }>;

interface Shown {
  label: string;
  done: number;
  /** Null while nobody knows. */
  of: number | null;
  /** How to say an amount. */
  say: (amount: number) => string;
  since: number | null;
}

/** What is being done, how far it is, how long it will take, and a way to stop it. */
export function RunningStage({
  stage,
  expected,
  onStop,
}: {
  stage: Running;
  expected: ImportReport | null;
  onStop: () => void;
}): ReactNode {
  const { label, done, of, say, since } = shownOf(stage, expected);
  const share = of === null || of === 0 ? null : Math.min(done / of, 1);
  const left = share === null || since === null ? null : timeLeft(share, since, performance.now());
  const detail = [of === null ? (done > 0 ? say(done) : '') : `${say(done)} of ${say(of)}`, left ?? ''].filter(Boolean).join(', ');
  const carrying = 'dry' in stage && !stage.dry;
  return (
    <Progress label={label} detail={detail} share={share}>
      <div className="mt-3 flex flex-wrap items-center gap-3">
        <Button size="sm" onClick={onStop}>
          {carrying ? 'Stop the import' : 'Cancel'}
        </Button>
        <span className="text-meta text-ink-3">
          {carrying
            ? 'Keep this page open. What has come stays if you stop, and importing again makes nothing twice.'
            : 'Nothing is changed by this.'}
        </span>
      </div>
    </Progress>
  );
}

function shownOf(stage: Running, expected: ImportReport | null): Shown {
  if (stage.at === 'packing') return { label: 'Packing the files', done: stage.done, of: stage.of, say: formatCount, since: null };
  if (stage.at === 'sending') {
    const label = stage.dry ? 'Sending it to be checked' : 'Sending it to be imported';
    return { label, done: stage.sent, of: stage.of, say: formatBytes, since: stage.since };
  }
  const { progress, dry, since } = stage;
  const known = { say: formatCount, since };
  switch (progress?.step) {
    case 'files':
      return { ...known, label: 'Carrying files and versions', done: progress.done, of: progress.total };
    case 'logs':
      return { ...known, label: 'Carrying logs', done: progress.done, of: progress.total ?? expected?.counts.logs.found ?? null };
    case 'evaluations':
      return { ...known, label: 'Carrying evaluations', done: progress.done, of: progress.total };
    case 'settings':
      return { ...known, label: 'Carrying settings', done: progress.done, of: progress.total };
    default:
      return { ...known, label: dry ? 'Checking what is in it' : 'Reading it', done: progress?.done ?? 0, of: progress?.total ?? null };
  }
}
