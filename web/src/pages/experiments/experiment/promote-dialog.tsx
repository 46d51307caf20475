import { type ReactNode, useState } from 'react';
import { Rocket } from 'lucide-react';
import { call } from '../../../api/client.ts';
import { ApiError } from '../../../api/errors.ts';
import { Button } from '../../../kit/button.tsx';
import { Dialog, DialogActions } from '../../../kit/dialog.tsx';
import { Field, Input } from '../../../kit/field.tsx';
import { Notice } from '../../../kit/notice.tsx';
import { Segmented } from '../../../kit/segmented.tsx';
import { GateState, useGates } from '../../../parts/deploy/gate-state.tsx';
import { VerdictBadge } from '../../../parts/evaluation/verdict-badge.tsx';
import { ArmMark } from '../../../parts/experiment/arm-mark.tsx';
import { changedBy } from '../../../parts/file-query.ts';
import { useMay } from '../../../parts/session.ts';
import { useAction } from '../../../parts/use-action.ts';
import { armOf, type Here } from './use-experiment.ts';

const holdOuts = [
  { value: '0', label: 'Nobody' },
  { value: '0.01', label: '1 %' },
  { value: '0.05', label: '5 %' },
  { value: '0.1', label: '10 %' },
] as const;
type HoldOut = (typeof holdOuts)[number]['value'];

/** Deploys an arm and ends the experiment, with the evidence in sight. */
export function PromoteDialog({ here: { experiment, result, refresh }, onClose }: { here: Here; onClose: () => void }): ReactNode {
  const admin = useMay('admin');
  const winner = result.verdict.kind === 'better' ? result.verdict.arm_id : null;
  const [armId, setArm] = useState(winner ?? experiment.arms.find((arm) => !arm.control)?.id ?? '');
  const [holdOut, setHoldOut] = useState<HoldOut>('0');
  const [message, setMessage] = useState('');
  const [nevertheless, setNevertheless] = useState('');
  const kind = experiment.file.type === 'agent' ? 'agent' : 'prompt';
  const { busy, run } = useAction('The arm was not promoted', changedBy(kind));
  const arm = armOf(experiment, armId);
  const gates = useGates(experiment.environment.id, arm?.version?.id, arm?.control === false);
  const evidence = result.primary.comparisons.find((one) => one.arm_id === armId);
  const [refused, setRefused] = useState<string | null>(null);
  const promote = async () => {
    let promoted = false;
    await run(async () => {
      try {
        await call('experiments.promote', {
          params: { id: experiment.id },
          body: {
            arm_id: armId,
            hold_out: arm?.control === true || holdOut === '0' ? undefined : Number(holdOut),
            message: message.trim() === '' ? undefined : message.trim(),
            override_gates: gates.refused && nevertheless.trim() !== '' ? nevertheless.trim() : undefined,
          },
        });
        promoted = true;
      } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 409) throw error;
        if (!('gates' in error.data)) setRefused(error.message);
        await gates.again();
      }
    });
    refresh();
    if (promoted) onClose();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title="Promote an arm"
      width="max-w-xl"
      description={`Ends the experiment and deploys the arm to ${experiment.environment.name} for everybody.`}
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void promote();
        }}
      >
        <fieldset>
          <legend className="mb-1.5 font-medium">Arm</legend>
          <div className="overflow-hidden rounded-md shadow-[inset_0_0_0_1px_var(--line-strong)]">
            {experiment.arms.map((one) => {
              const found = result.primary.comparisons.find((each) => each.arm_id === one.id);
              return (
                <label
                  key={one.id}
                  className="flex min-h-10 items-center gap-2.5 border-b border-line px-3 last:border-b-0 has-checked:bg-accent-soft"
                >
                  <input type="radio" name="arm" checked={one.id === armId} onChange={() => setArm(one.id)} className="accent-(--accent)" />
                  <ArmMark arm={one} className="flex-1" />
                  {one.control ? <span className="text-meta text-ink-3">as it was</span> : found && <VerdictBadge word={found.verdict} />}
                </label>
              );
            })}
          </div>
        </fieldset>
        {evidence && (
          <Notice kind={evidence.verdict === 'better' ? 'info' : 'warning'} title="The evidence">
            {evidence.words}
            {evidence.verdict === 'cannot_tell' && ' You would decide by something else than this experiment.'}
          </Notice>
        )}
        {result.sample_ratio.alarm && (
          <Notice kind="error" title="Users were not split as planned">
            {result.sample_ratio.words}
          </Notice>
        )}
        {arm?.control === false && (
          <div className="flex flex-col gap-1.5">
            <span className="font-medium">Keep on control</span>
            <Segmented label="Keep on control" value={holdOut} options={holdOuts} onChange={setHoldOut} className="self-start" />
            <p className="text-meta text-ink-3">
              A hold-out shows later whether the gain lasted: these users stay on control, always the same ones, until you end it.
            </p>
          </div>
        )}
        <GateState
          checks={gates.checks}
          waiting={gates.waiting}
          environment={experiment.environment.name}
          reason={nevertheless}
          onReason={admin ? setNevertheless : null}
        />
        {refused !== null && (
          <Notice kind="error" title="It was not promoted">
            {refused}
          </Notice>
        )}
        <Field label="Why" hint="The evidence is added to the deployment by itself. Optional.">
          {(props) => <Input {...props} value={message} maxLength={1000} onChange={(event) => setMessage(event.target.value)} />}
        </Field>
        <DialogActions className="mt-0">
          <Button onClick={onClose}>Not yet</Button>
          <Button
            type="submit"
            look="primary"
            icon={Rocket}
            busy={busy}
            disabled={arm === undefined || (gates.refused && nevertheless.trim() === '')}
          >
            Deploy {arm?.name} to {experiment.environment.name}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
