import type { EvaluatorSpec, LogResponse, TriedJudgment } from '@whetstone/contract';
import { type ReactNode, useEffect, useRef } from 'react';
import { cx } from '../../../kit/cx.ts';
import { previewsOf } from '../../../parts/logs/log-file.ts';
import { Verdict, whyOf } from './verdict.tsx';

/** The logs of a trial: what came out, what the evaluator said, and why. */
export function TrialTable({
  spec,
  logs,
  trials,
  here,
  onLook,
}: {
  spec: EvaluatorSpec;
  logs: readonly LogResponse[];
  trials: ReadonlyMap<string, TriedJudgment>;
  here: string | null;
  onLook: (id: string) => void;
}): ReactNode {
  const body = useRef<HTMLTableSectionElement>(null);
  useEffect(() => {
    body.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [here]);
  return (
    <table className="w-full table-fixed" role="grid" aria-label="Logs that it is tried on">
      <thead className="sticky top-0 z-10 bg-page text-left text-meta text-ink-3">
        <tr className="h-7">
          <th className="pl-4 font-normal">Output</th>
          <th className="w-26 pr-2 font-normal">Judgment</th>
          <th className="w-2/5 pr-4 font-normal">Why</th>
        </tr>
      </thead>
      <tbody ref={body}>
        {logs.map((log) => {
          const tried = trials.get(log.id);
          const { output, input } = previewsOf(log);
          return (
            <tr
              key={log.id}
              aria-selected={log.id === here}
              onClick={() => onLook(log.id)}
              className={cx(
                'h-8 border-t border-line hover:bg-hover',
                log.id === here && 'bg-pressed shadow-[inset_2px_0_0_var(--accent)] hover:bg-pressed',
              )}
            >
              <td className="max-w-0 pl-4">
                <button type="button" className="block w-full truncate pr-3 text-left" onClick={() => onLook(log.id)}>
                  {output || <span className="text-ink-3">{input || 'no output'}</span>}
                </button>
              </td>
              <td className="max-w-0 truncate pr-2">
                <Verdict spec={spec} tried={tried} />
              </td>
              <td className={cx('max-w-0 truncate pr-4', tried?.outcome === 'failed' ? 'text-worse' : 'text-ink-2')}>{whyOf(tried)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
