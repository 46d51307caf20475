import type { ReportRun } from '@whetstone/contract';
import { CircleStop, Copy, Ellipsis, Flag, Play, Trash2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { call } from '../../../api/client.ts';
import { IconButton } from '../../../kit/button.tsx';
import { useCopy } from '../../../kit/copy.tsx';
import { ConfirmDialog } from '../../../kit/dialog.tsx';
import { Menu, MenuItem, MenuLine } from '../../../kit/menu.tsx';
import { useMay } from '../../../parts/session.ts';
import { useAction } from '../../../parts/use-action.ts';
import { useReportHere } from './report-context.ts';

/** What can be done with a run. */
export function RunMenu({ run }: { run: ReportRun }): ReactNode {
  const { id, onSearch, refresh, progress } = useReportHere();
  const mayWrite = useMay('write');
  const [, copy] = useCopy();
  const [removing, setRemoving] = useState(false);
  const { run: act } = useAction('The run was not changed');
  const params = { id, run_id: run.run_id };
  const change = (body: { control?: boolean; status?: 'cancelled' | 'running' }, done: string) =>
    void act(async () => {
      await call('evaluations.update_evaluation_run', { params, body });
      if (body.control === true) onSearch({ baseline: undefined, run: undefined });
      refresh();
    }, done);
  const open = run.status === 'running' || run.status === 'pending';
  const orchestrated = progress.get(run.run_id)?.orchestrated === true;
  return (
    <>
      <Menu trigger={<IconButton icon={Ellipsis} label={`More about ${run.label}`} />}>
        {!run.baseline && (
          <MenuItem icon={Flag} onSelect={() => onSearch({ baseline: run.run_id, run: undefined }, true)}>
            Compare with this one, here only
          </MenuItem>
        )}
        {mayWrite && !run.control && (
          <MenuItem icon={Flag} onSelect={() => change({ control: true }, `${run.label} is the baseline`)}>
            Make it the baseline for everybody
          </MenuItem>
        )}
        <MenuItem icon={Copy} onSelect={() => copy(run.run_id)}>
          Copy run id
        </MenuItem>
        {mayWrite && (
          <>
            <MenuLine />
            {open && (
              <MenuItem icon={CircleStop} onSelect={() => change({ status: 'cancelled' }, 'Cancelled. What was answered stays.')}>
                Cancel the run
              </MenuItem>
            )}
            {run.status === 'cancelled' && orchestrated && (
              <MenuItem icon={Play} onSelect={() => change({ status: 'running' }, 'The run goes on')}>
                Resume
              </MenuItem>
            )}
            <MenuItem icon={Trash2} danger onSelect={() => setRemoving(true)}>
              Remove from this evaluation
            </MenuItem>
          </>
        )}
      </Menu>
      <ConfirmDialog
        open={removing}
        onClose={() => setRemoving(false)}
        title={`Remove the run of ${run.label}?`}
        loss="The evaluation no longer shows it. Its logs and their judgments stay."
        action="Remove run"
        onConfirm={() =>
          act(async () => {
            await call('evaluations.remove_run', { params });
            onSearch({ baseline: undefined, run: undefined });
            refresh();
          }, 'Run removed')
        }
      />
    </>
  );
}
