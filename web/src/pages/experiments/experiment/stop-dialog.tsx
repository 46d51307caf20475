import type { ExperimentArm } from '@whetstone/contract';
import { type ReactNode, useState } from 'react';
import { call } from '../../../api/client.ts';
import { Button } from '../../../kit/button.tsx';
import { Dialog, DialogActions } from '../../../kit/dialog.tsx';
import { Field, Input } from '../../../kit/field.tsx';
import { useAction } from '../../../parts/use-action.ts';
import type { Here } from './use-experiment.ts';

/** Ends the experiment, or takes the traffic of one arm. */
export function StopDialog({
  here: { experiment, refresh },
  arm,
  onClose,
}: {
  here: Pick<Here, 'experiment' | 'refresh'>;
  /** Null: all of it. */
  arm: ExperimentArm | null;
  onClose: () => void;
}): ReactNode {
  const [reason, setReason] = useState('');
  const { busy, run } = useAction(arm === null ? 'The experiment was not stopped' : 'The arm was not stopped');
  const stop = async () => {
    const body = { arm_id: arm?.id, reason: reason.trim() === '' ? undefined : reason.trim() };
    const done = await run(
      () => call('experiments.stop', { params: { id: experiment.id }, body }),
      arm === null ? 'Stopped. Everybody gets what is deployed.' : `${arm.name} is stopped. Its users get control.`,
    );
    refresh();
    if (done) onClose();
  };
  return (
    <Dialog open onClose={onClose} title={arm === null ? `Stop “${experiment.name}”?` : `Stop “${arm.name}”?`}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void stop();
        }}
      >
        <p className="text-ink-2">
          {arm === null
            ? `All users of ${experiment.file.path} in ${experiment.environment.name} get what is deployed, at once. What was found stays, and an arm can still be promoted; the experiment cannot go on.`
            : 'Its users get control from now on and are compared no longer. The other arms go on. A stopped arm cannot come back.'}
        </p>
        <Field label="Why" hint="One line for those who read the history. Optional.">
          {(props) => <Input {...props} value={reason} maxLength={1000} onChange={(event) => setReason(event.target.value)} />}
        </Field>
        <DialogActions className="mt-0">
          <Button onClick={onClose}>Let it run</Button>
          <Button type="submit" look="danger-solid" busy={busy}>
            {arm === null ? 'Stop the experiment' : 'Stop the arm'}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
