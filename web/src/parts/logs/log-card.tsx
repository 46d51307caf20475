import type { LogResponse } from '@whetstone/contract';
import type { CSSProperties, ReactNode } from 'react';
import { cx } from '../../kit/cx.ts';
import { formatDuration } from '../../kit/format.ts';
import { Ago } from '../../kit/time.tsx';
import { Stripe } from '../version.tsx';
import { OutputCell } from './columns.tsx';
import { FeedbackMarks } from '../feedback/feedback-marks.tsx';
import { JudgmentMarks } from './judgment-marks.tsx';
import { byEvaluators, byPeople, fileOf } from './log-file.ts';

/** A log in two lines, for narrow screens. */
export function LogCard({
  log,
  here,
  style,
  onOpen,
}: {
  log: LogResponse;
  here: boolean;
  style: CSSProperties;
  onOpen: (id: string) => void;
}): ReactNode {
  const file = fileOf(log);
  return (
    <button
      type="button"
      data-log={log.id}
      onClick={() => onOpen(log.id)}
      style={style}
      className={cx(
        'absolute inset-x-0 top-0 flex flex-col justify-center gap-0.5 border-b border-line px-3 text-left',
        here && 'bg-pressed',
      )}
    >
      <span className="flex w-full items-center gap-1.5">
        <Stripe hash={file.hash} />
        <span className="min-w-0 flex-1 truncate font-medium">{file.name}</span>
        <FeedbackMarks judgments={byPeople(log)} limit={3} />
        <JudgmentMarks judgments={byEvaluators(log)} limit={2} />
        <span className="num text-ink-3">{formatDuration(log.latency_ms)}</span>
        <Ago at={log.created_at} className="text-meta text-ink-3" />
      </span>
      <span className="w-full truncate">
        <OutputCell log={log} />
      </span>
    </button>
  );
}
