import type { LogResponse } from '@whetstone/contract';
import { CircleAlert, CircleSlash, CircleDashed } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from '../../kit/cx.ts';
import { formatCount, formatDuration, formatMoney, shortId } from '../../kit/format.ts';
import { Ago } from '../../kit/time.tsx';
import { Stripe, shortHash } from '../version.tsx';
import { FeedbackMarks } from '../feedback/feedback-marks.tsx';
import { armWord } from '../experiment/arm-word.ts';
import { JudgmentMarks } from './judgment-marks.tsx';
import { byEvaluators, byPeople, fileOf, previewsOf, tokensOf } from './log-file.ts';
import type { LogSort } from './filters.ts';

export interface Column {
  id: string;
  label: string;
  /** A grid track. */
  track: string;
  right?: boolean;
  sort?: Extract<LogSort, 'at' | 'latency' | 'cost'>;
  cell: (log: LogResponse) => ReactNode;
}

const faint = <span className="text-ink-3">–</span>;

/** Every column that the list can show, in order. */
export const columns: Column[] = [
  { id: 'time', label: 'Time', track: '76px', sort: 'at', cell: (log) => <Ago at={log.created_at} className="text-ink-3" /> },
  { id: 'version', label: 'File and version', track: 'minmax(120px,190px)', cell: (log) => <FileCell log={log} /> },
  {
    id: 'input',
    label: 'Input',
    track: 'minmax(120px,1fr)',
    cell: (log) => <span className="truncate text-ink-2">{previewsOf(log).input || faint}</span>,
  },
  { id: 'output', label: 'Output', track: 'minmax(160px,1.6fr)', cell: (log) => <OutputCell log={log} /> },
  { id: 'feedback', label: 'Feedback', track: '116px', cell: (log) => <FeedbackMarks judgments={byPeople(log)} /> },
  { id: 'judgments', label: 'Judgments', track: '84px', cell: (log) => <JudgmentMarks judgments={byEvaluators(log)} /> },
  {
    id: 'model',
    label: 'Model',
    track: 'minmax(80px,130px)',
    cell: (log) => <span className="truncate text-ink-2">{log.model ?? faint}</span>,
  },
  {
    id: 'environment',
    label: 'Environment',
    track: '96px',
    cell: (log) => <span className="truncate text-ink-2">{log.environment ?? faint}</span>,
  },
  { id: 'tokens', label: 'Tokens', track: '72px', right: true, cell: (log) => <Tokens log={log} /> },
  {
    id: 'latency',
    label: 'Latency',
    track: '72px',
    right: true,
    sort: 'latency',
    cell: (log) => <span className="num">{formatDuration(log.latency_ms)}</span>,
  },
  {
    id: 'cost',
    label: 'Cost',
    track: '80px',
    right: true,
    sort: 'cost',
    cell: (log) => (
      <span className={cx('num', log.estimated && 'text-ink-3')}>
        {log.estimated && log.cost_usd !== null ? '~' : ''}
        {formatMoney(log.cost_usd)}
      </span>
    ),
  },
  {
    id: 'user',
    label: 'User',
    track: 'minmax(70px,110px)',
    cell: (log) => <span className="truncate text-ink-2">{log.user ?? faint}</span>,
  },
  { id: 'session', label: 'Session', track: '96px', cell: (log) => <span className="truncate text-ink-2">{log.session ?? faint}</span> },
  {
    id: 'experiment',
    label: 'Experiment',
    track: '96px',
    cell: (log) => (log.experiment_id == null ? faint : <span className="num truncate text-ink-3">{shortId(log.experiment_id)}</span>),
  },
  {
    id: 'arm',
    label: 'Arm',
    track: '88px',
    cell: (log) => (log.arm_id == null ? faint : <span className="truncate text-ink-2">{armWord(log.arm_id)}</span>),
  },
  { id: 'origin', label: 'Origin', track: '84px', cell: (log) => <span className="truncate text-ink-2">{log.origin}</span> },
  { id: 'id', label: 'Id', track: '80px', cell: (log) => <span className="num text-ink-3">{shortId(log.id)}</span> },
];
export const defaultColumns = ['time', 'version', 'input', 'output', 'feedback', 'judgments', 'latency', 'cost', 'user'];

function FileCell({ log }: { log: LogResponse }): ReactNode {
  const file = fileOf(log);
  return (
    <span className="flex min-w-0 items-center gap-1.5">
      <Stripe hash={file.hash} />
      <span className="max-w-3/5 shrink-0 truncate">{file.name}</span>
      <span className={cx('truncate text-ink-3', file.versionName === null && 'num')}>{file.versionName ?? shortHash(file.hash)}</span>
    </span>
  );
}

export function OutputCell({ log }: { log: LogResponse }): ReactNode {
  const { output } = previewsOf(log);
  return (
    <span className="flex min-w-0 items-center gap-1.5">
      <StatusIcon status={log.status} />
      <span className={cx('truncate', log.status === 'error' && 'text-worse', output === '' && 'text-ink-3')}>
        {output || (log.payload === 'dropped' ? 'not kept' : 'no text')}
      </span>
    </span>
  );
}

/** Nothing for what went well: the eye should fall on the rest. */
export function StatusIcon({ status }: { status: LogResponse['status'] }): ReactNode {
  if (status === 'ok') return null;
  const [Icon, label, tint] =
    status === 'error'
      ? ([CircleAlert, 'Failed', 'text-worse'] as const)
      : status === 'cancelled'
        ? ([CircleSlash, 'Cancelled', 'text-ink-3'] as const)
        : ([CircleDashed, 'Still running', 'text-undecided'] as const);
  return <Icon size={14} strokeWidth={1.75} className={cx('shrink-0', tint)} role="img" aria-label={label} />;
}

function Tokens({ log }: { log: LogResponse }): ReactNode {
  const { input, output } = tokensOf(log);
  if (input === null && output === null) return faint;
  return <span className="num">{formatCount((input ?? 0) + (output ?? 0))}</span>;
}
