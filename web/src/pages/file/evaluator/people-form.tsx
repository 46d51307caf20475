import type { EvaluatorSpec } from '@whetstone/contract';
import type { ReactNode } from 'react';
import { cx } from '../../../kit/cx.ts';
import { Field, inputClass } from '../../../kit/field.tsx';

type HumanSpec = Extract<EvaluatorSpec, { evaluator_type: 'human' }>;

/** What people are told before they answer. */
export function PeopleForm({ spec, onChange }: { spec: HumanSpec; onChange: (spec: HumanSpec) => void }): ReactNode {
  return (
    <div className="px-3 py-4 lg:px-5">
      <Field
        label="Instructions"
        hint="Shown beside every log in a review. Say what counts as good, with an example of each: two people who read it should answer alike."
      >
        {(props) => (
          <textarea
            {...props}
            value={spec.instructions ?? ''}
            onChange={(event) => onChange({ ...spec, instructions: event.target.value === '' ? null : event.target.value })}
            rows={6}
            placeholder="Good: it answers the question that was asked, and says where it knows that from."
            className={cx(inputClass, 'field-sizing-content min-h-28 max-w-[80ch] py-2 text-read')}
          />
        )}
      </Field>
    </div>
  );
}
