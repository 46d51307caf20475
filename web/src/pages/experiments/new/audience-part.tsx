import type { ReactNode } from 'react';
import { Field, Input } from '../../../kit/field.tsx';
import { Segmented } from '../../../kit/segmented.tsx';
import { formatWindow } from '../../../parts/experiment/metric.ts';
import { typed } from './form.ts';
import { Part } from './part.tsx';
import type { NewExperiment } from './use-new-experiment.ts';

/** Who takes part, how long each is watched, and how the answer is read. */
export function AudiencePart({ form }: { form: NewExperiment }): ReactNode {
  const { choices } = form;
  const traffic = choices.traffic ?? '100';
  const hours = choices.windowHours ?? '24';
  const windowHours = typed(hours);
  return (
    <Part title="Who takes part, and for how long">
      <div className="grid gap-x-6 gap-y-4 sm:grid-cols-2">
        <Field label="Share of users that take part" hint="The rest gets what is deployed. It can grow while it runs; who is in stays in.">
          {(props) => (
            <span className="flex items-center gap-3">
              <input
                type="range"
                aria-label="Share of users that take part"
                min={1}
                max={100}
                value={typed(traffic) || 0}
                onChange={(event) => form.set({ traffic: event.target.value })}
                className="min-w-0 flex-1 accent-(--accent)"
              />
              <Input
                {...props}
                inputMode="decimal"
                value={traffic}
                onChange={(event) => form.set({ traffic: event.target.value })}
                className="num w-16 text-right"
              />
              <span className="text-ink-3">%</span>
            </span>
          )}
        </Field>
        <Field
          label="A user counts after"
          hint={
            windowHours !== null && windowHours > 0
              ? `What is said within ${formatWindow(windowHours)} of the first call counts; later feedback is shown, not tested.`
              : 'A number of hours.'
          }
        >
          {(props) => (
            <span className="flex items-center gap-2">
              <Input
                {...props}
                inputMode="decimal"
                value={hours}
                onChange={(event) => form.set({ windowHours: event.target.value })}
                className="num w-24 text-right"
              />
              <span className="text-ink-3">hours</span>
            </span>
          )}
        </Field>
      </div>
      <div className="flex flex-col gap-1.5">
        <span className="font-medium">How the answer is read</span>
        <Segmented
          label="How the answer is read"
          value={choices.mode ?? 'sequential'}
          options={[
            { value: 'sequential', label: 'Look at any time' },
            { value: 'fixed', label: 'Once, at the planned size' },
          ]}
          onChange={(mode) => form.set({ mode })}
          className="self-start"
        />
        <p className="max-w-[72ch] text-meta text-ink-3">
          {(choices.mode ?? 'sequential') === 'sequential'
            ? 'The interval holds however often anybody looks, so you may stop as soon as it tells. That costs about 1.75 times a fixed plan’s users when the difference is just worth having, and fewer when it is larger.'
            : 'Fewer users, but the interval is hidden until the planned number is reached: looking early and stopping then would find differences that are not there.'}
        </p>
      </div>
    </Part>
  );
}
