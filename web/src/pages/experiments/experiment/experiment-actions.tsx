import type { ExperimentResponse, ExperimentResult } from '@whetstone/contract';
import { useNavigate } from '@tanstack/react-router';
import { CircleStop, Copy, Ellipsis, FlaskConical, Pencil, Rocket, SlidersHorizontal, Trash2, UserMinus } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { call } from '../../../api/client.ts';
import { Button, IconButton } from '../../../kit/button.tsx';
import { useCopy } from '../../../kit/copy.tsx';
import { ConfirmDialog } from '../../../kit/dialog.tsx';
import { Menu, MenuItem, MenuLine } from '../../../kit/menu.tsx';
import { useLinks } from '../../../parts/links.ts';
import { useMay } from '../../../parts/session.ts';
import { useAction } from '../../../parts/use-action.ts';
import { startExperiment, type StartRefusal } from '../start.ts';
import { StartDialog } from '../start-dialog.tsx';
import { PromoteDialog } from './promote-dialog.tsx';
import { SharesDialog } from './shares-dialog.tsx';
import { StopDialog } from './stop-dialog.tsx';

/** What can be done with the experiment in the state that it is in. */
export function ExperimentActions({
  experiment,
  result,
  refresh,
}: {
  experiment: ExperimentResponse;
  result: ExperimentResult | undefined;
  refresh: () => void;
}): ReactNode {
  const mayWrite = useMay('write');
  const mayDeploy = useMay('deploy');
  const navigate = useNavigate();
  const links = useLinks();
  const [, copy] = useCopy();
  const [open, setOpen] = useState<'start' | 'stop' | 'promote' | 'shares' | 'delete' | 'hold-out' | null>(null);
  const [refused, setRefused] = useState<StartRefusal | null>(null);
  const starting = useAction('The experiment was not started');
  const changing = useAction('The experiment was not changed', ['experiments.list']);
  const { id, state, environment } = experiment;
  const close = () => setOpen(null);
  const start = async (overrideGates: string | undefined) => {
    let why: StartRefusal | null = null;
    const asked = await starting.run(async () => (why = await startExperiment(id, overrideGates)));
    setRefused(why);
    refresh();
    if (asked && why === null) close();
  };
  const draft = state === 'draft';
  const running = state === 'running';
  const deletable = mayWrite && !running && experiment.hold_out === null;
  return (
    <>
      <Menu trigger={<IconButton icon={Ellipsis} label="More" />}>
        {running && mayWrite && (
          <MenuItem icon={SlidersHorizontal} onSelect={() => setOpen('shares')}>
            Change shares
          </MenuItem>
        )}
        {running && mayDeploy && (
          <MenuItem icon={CircleStop} onSelect={() => setOpen('stop')}>
            Stop the experiment
          </MenuItem>
        )}
        {experiment.hold_out !== null && mayDeploy && (
          <MenuItem icon={UserMinus} onSelect={() => setOpen('hold-out')}>
            End the hold-out
          </MenuItem>
        )}
        <MenuItem icon={Copy} onSelect={() => copy(id)}>
          Copy experiment id
        </MenuItem>
        {deletable && (
          <>
            <MenuLine />
            <MenuItem icon={Trash2} danger onSelect={() => setOpen('delete')}>
              Delete
            </MenuItem>
          </>
        )}
      </Menu>
      {draft && mayWrite && (
        <Button icon={Pencil} onClick={() => void navigate(links.newExperiment({ draft: id }))}>
          Change
        </Button>
      )}
      {draft && mayDeploy && (
        <Button look="primary" icon={FlaskConical} onClick={() => setOpen('start')}>
          Start
        </Button>
      )}
      {(running || state === 'stopped') && mayDeploy && (
        <Button look="primary" icon={Rocket} disabled={result === undefined} onClick={() => setOpen('promote')}>
          Promote
        </Button>
      )}
      {open === 'start' && (
        <StartDialog
          environment={environment.name}
          path={experiment.file.path}
          traffic={experiment.traffic}
          arms={experiment.arms.length}
          busy={starting.busy}
          refused={refused}
          onStart={(overrideGates) => void start(overrideGates)}
          onClose={close}
        />
      )}
      {open === 'stop' && <StopDialog here={{ experiment, refresh }} arm={null} onClose={close} />}
      {open === 'shares' && <SharesDialog experiment={experiment} refresh={refresh} onClose={close} />}
      {open === 'promote' && result && <PromoteDialog here={{ experiment, result, refresh }} onClose={close} />}
      <ConfirmDialog
        open={open === 'delete'}
        onClose={close}
        title={`Delete “${experiment.name}”?`}
        loss={draft ? 'The draft is gone.' : 'What it found and its history are gone. Its logs stay and keep its id.'}
        action="Delete the experiment"
        onConfirm={async () => {
          if (await changing.run(() => call('experiments.delete', { params: { id } }), 'Experiment deleted'))
            await navigate(links.experiments());
        }}
      />
      <ConfirmDialog
        open={open === 'hold-out'}
        onClose={close}
        title="End the hold-out?"
        loss="The users that were kept on control get what is deployed. They cannot be held out again."
        action="End the hold-out"
        onConfirm={async () => {
          await changing.run(() => call('experiments.end_hold_out', { params: { id } }), 'Everybody gets what is deployed');
          refresh();
        }}
      />
    </>
  );
}
