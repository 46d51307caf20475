import type { RunResponse } from '@whetstone/contract';
import { Play } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { call } from '../../../api/client.ts';
import { Button } from '../../../kit/button.tsx';
import { Input } from '../../../kit/field.tsx';
import { Notice } from '../../../kit/notice.tsx';
import { useMay } from '../../../parts/session.ts';
import { useAction } from '../../../parts/use-action.ts';
import { useReportHere } from './report-context.ts';

/** Why a run ended before its time, and going on with it. */
export function RunStopped({ run }: { run: RunResponse }): ReactNode {
  const { id, refresh } = useReportHere();
  const mayWrite = useMay('write');
  const { busy, run: act } = useAction('The run does not go on');
  const byCost = run.stopped_because === 'cost' || run.stopped_because === 'unknown_cost';
  const [cap, setCap] = useState(run.max_cost_usd === null ? '' : String(Number((run.max_cost_usd * 2).toPrecision(3))));
  const resume = () =>
    void act(async () => {
      const body = byCost
        ? { status: 'running' as const, max_cost_usd: cap.trim() === '' ? null : Number(cap) }
        : { status: 'running' as const };
      await call('evaluations.update_evaluation_run', { params: { id, run_id: run.id }, body });
      refresh();
    });
  return (
    <Notice
      kind={run.stopped_because === 'caller' ? 'info' : 'warning'}
      className="mb-2 max-sm:flex-wrap"
      actions={
        mayWrite &&
        run.orchestrated && (
          <span className="flex items-center gap-2">
            {byCost && (
              <Input
                aria-label="New cap in USD"
                inputMode="decimal"
                value={cap}
                placeholder="no cap"
                onChange={(event) => setCap(event.target.value)}
                className="num h-7 w-24"
              />
            )}
            <Button size="sm" icon={Play} busy={busy} disabled={byCost && cap.trim() !== '' && !(Number(cap) > 0)} onClick={resume}>
              Resume
            </Button>
          </span>
        )
      }
    >
      {run.stopped_message ?? 'Cancelled. What was answered stays and counts.'}
    </Notice>
  );
}
