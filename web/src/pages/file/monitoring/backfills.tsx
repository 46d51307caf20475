import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { call } from '../../../api/client.ts';
import { query, queryKey } from '../../../api/query.ts';
import { Button } from '../../../kit/button.tsx';
import { formatCount, formatDuration, formatMoney } from '../../../kit/format.ts';
import { Notice } from '../../../kit/notice.tsx';
import { Progress } from '../../../kit/progress.tsx';
import { useMay } from '../../../parts/session.ts';
import { useAction } from '../../../parts/use-action.ts';

const dayMs = 86_400_000;

/** A back-fill that is under way, and the last one when it did not end well. */
export function Backfills({ monitorId }: { monitorId: string }): ReactNode {
  const client = useQueryClient();
  const mayWrite = useMay('write');
  const { busy, run } = useAction('The back-fill was not stopped', ['monitors.list_backfills']);
  const found = useQuery({
    ...query('monitors.list_backfills', { params: { id: monitorId } }),
    refetchInterval: ({ state }) => (state.data?.records.some((each) => each.state === 'running') ? 1_000 : false),
  });
  const records = found.data?.records ?? [];
  const running = records.filter(({ state }) => state === 'running');
  const was = useRef(0);
  useEffect(() => {
    // What it judged belongs into the chart.
    if (was.current > running.length) void client.invalidateQueries({ queryKey: queryKey('monitors.series') });
    was.current = running.length;
  }, [client, running.length]);
  const [last] = records;
  const failed = last?.state === 'failed' && Date.now() - new Date(last.created_at).getTime() < dayMs ? last : null;
  return (
    <>
      {running.map((each) => (
        <div key={each.id} className="mt-4 rounded-md bg-sunken px-4 py-3">
          <Progress
            label="Judging old logs"
            detail={
              <>
                {formatCount(each.looked_at)} of {formatCount(each.total)}
                {each.failed > 0 && `, ${formatCount(each.failed)} failed`}
                {each.cost_usd > 0 && `, ${formatMoney(each.cost_usd)}`}
                {each.seconds_left !== null && each.seconds_left > 1 && `, about ${formatDuration(each.seconds_left * 1000)} left`}
              </>
            }
            share={each.total === 0 ? null : Math.min(1, each.looked_at / each.total)}
          >
            {mayWrite && (
              <Button
                size="sm"
                className="mt-3"
                busy={busy}
                onClick={() =>
                  void run(
                    () => call('monitors.cancel_backfill', { params: { id: monitorId, backfill_id: each.id } }),
                    'Stopped; what was judged stays',
                  )
                }
              >
                Stop
              </Button>
            )}
          </Progress>
        </div>
      ))}
      {failed !== null && (
        <Notice kind="warning" title="The last back-fill stopped before its end" className="mt-4">
          {failed.reason} {formatCount(failed.looked_at)} of {formatCount(failed.total)} logs were looked at.
        </Notice>
      )}
    </>
  );
}
