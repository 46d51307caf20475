import type { ExperimentResponse } from '@whetstone/contract';
import { type ReactNode, useState } from 'react';
import { call } from '../../../api/client.ts';
import { Button } from '../../../kit/button.tsx';
import { Dialog, DialogActions } from '../../../kit/dialog.tsx';
import { Field, Input } from '../../../kit/field.tsx';
import { Notice } from '../../../kit/notice.tsx';
import { ArmMark } from '../../../parts/experiment/arm-mark.tsx';
import { useAction } from '../../../parts/use-action.ts';

const percent = (share: number): string => String(Number((share * 100).toFixed(2)));

/** Who takes part and how arms share them; while it runs that opens an epoch. */
export function SharesDialog({
  experiment,
  refresh,
  onClose,
}: {
  experiment: ExperimentResponse;
  refresh: () => void;
  onClose: () => void;
}): ReactNode {
  const active = experiment.arms.filter((arm) => arm.state === 'active');
  const [traffic, setTraffic] = useState(percent(experiment.traffic));
  const [weights, setWeights] = useState(() => Object.fromEntries(active.map((arm) => [arm.id, percent(arm.weight)])));
  const { busy, run } = useAction('The shares were not changed');
  const shares = active.map((arm) => Number((weights[arm.id] ?? '').replace(',', '.')));
  const sum = shares.reduce((a, b) => a + b, 0);
  const wrong = shares.some((share) => !(share > 0)) || Math.abs(sum - 100) > 0.05;
  const part = Number(traffic.replace(',', '.'));
  const trafficWrong = !(part > 0 && part <= 100);
  const moved = active.some((arm) => percent(arm.weight) !== weights[arm.id]);
  const changed = moved || percent(experiment.traffic) !== traffic;
  const save = async () => {
    const arms = experiment.arms.map((arm) => ({
      id: arm.id,
      version_id: arm.control ? undefined : arm.version?.id,
      weight: arm.state === 'stopped' ? 0 : (shares[active.indexOf(arm)] ?? 0) / sum,
    }));
    const done = await run(
      () =>
        call('experiments.update', {
          params: { id: experiment.id },
          body: { ...(part / 100 === experiment.traffic ? {} : { traffic: part / 100 }), ...(moved ? { arms } : {}) },
        }),
      'Shares changed: a new epoch began',
    );
    refresh();
    if (done) onClose();
  };
  return (
    <Dialog open onClose={onClose} title="Change shares">
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Field
          label="Share of users that take part"
          error={trafficWrong ? 'From 0.1 to 100.' : null}
          hint="A larger share keeps who is in, and adds others."
        >
          {(props) => (
            <span className="flex items-center gap-2">
              <Input
                {...props}
                inputMode="decimal"
                value={traffic}
                onChange={(event) => setTraffic(event.target.value)}
                className="num w-20 text-right"
              />
              <span className="text-ink-3">%</span>
            </span>
          )}
        </Field>
        <fieldset>
          <legend className="mb-1.5 font-medium">Of these</legend>
          {active.map((arm) => (
            <label key={arm.id} className="flex min-h-10 items-center gap-3 border-b border-line">
              <ArmMark arm={arm} className="flex-1" />
              <Input
                aria-label={`Share of ${arm.name} in percent`}
                inputMode="decimal"
                value={weights[arm.id] ?? ''}
                onChange={(event) => setWeights((now) => ({ ...now, [arm.id]: event.target.value }))}
                className="num w-20 text-right"
              />
              <span className="text-ink-3">%</span>
            </label>
          ))}
          {wrong && <p className="pt-1.5 text-meta text-worse">Together they make {Number(sum.toFixed(2))} %; they must make 100 %.</p>}
        </fieldset>
        {changed && (
          <Notice title="This opens a new epoch">
            Arms are compared within epochs and pooled.{' '}
            {moved && 'Users who get another arm by this are left out from then on: changing shares costs users.'}
          </Notice>
        )}
        <DialogActions className="mt-0">
          <Button onClick={onClose}>Keep them</Button>
          <Button type="submit" look="primary" busy={busy} disabled={!changed || wrong || trafficWrong}>
            Change shares
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
