import type { ReactNode } from 'react';
import { Checkbox } from '../../../kit/checkbox.tsx';
import { Field, Input } from '../../../kit/field.tsx';
import { formatMoney } from '../../../kit/format.ts';
import { EstimateLine } from '../../../parts/evaluation/estimate-line.tsx';
import { runsOnServer } from './form.ts';
import { Part } from './part.tsx';
import type { NewEvaluation } from './use-new-evaluation.ts';

export function CostPart({ form }: { form: NewEvaluation }): ReactNode {
  if (form.file !== null && !runsOnServer(form.file.type)) return null;
  const runs = form.chosen.length + form.others.length;
  const each = form.plan?.capUsd != null && runs > 1 ? form.plan.capUsd / runs : null;
  return (
    <Part title="What it may cost">
      {form.plan === null ? (
        <p className="text-ink-3">The estimate comes once file, versions, cases and evaluators are chosen.</p>
      ) : (
        <EstimateLine estimate={form.estimate.data} error={form.estimate.error} />
      )}
      <div className="grid gap-4 sm:grid-cols-2">
        <Field
          label="Stop at, in USD"
          error={form.problems.cap}
          hint={
            each === null
              ? 'For all versions together; nothing is no cap.'
              : `${formatMoney(each)} for each version. A stopped run goes on with a higher cap.`
          }
        >
          {(props) => (
            <Input
              {...props}
              inputMode="decimal"
              value={form.capText}
              placeholder="no cap"
              onChange={(event) => form.set({ cap: event.target.value })}
              className="num"
            />
          )}
        </Field>
        <label className="flex items-start gap-2.5 sm:pt-7">
          <Checkbox checked={form.cache} onChange={(cache) => form.set({ cache })} label="Reuse earlier results" className="mt-0.5" />
          <span>
            Reuse earlier results
            <span className="block text-meta text-ink-3">
              Equal version, equal case: the answer of an earlier run is taken again, and the report says so.
            </span>
          </span>
        </label>
      </div>
    </Part>
  );
}
