import type { ReactNode } from 'react';
import { Field } from '../../../kit/field.tsx';
import { Notice } from '../../../kit/notice.tsx';
import { Select } from '../../../kit/select.tsx';
import { SkeletonRows } from '../../../kit/skeleton.tsx';
import { OtherModels } from '../../../parts/evaluation/other-models.tsx';
import { VersionChoice } from '../../../parts/evaluation/version-choice.tsx';
import { kindOf, kinds } from '../../../parts/kinds.ts';
import { Part } from './part.tsx';
import type { NewEvaluation } from './use-new-evaluation.ts';

export function SubjectPart({ form }: { form: NewEvaluation }): ReactNode {
  return (
    <Part title="What to run" hint="Versions of one file. With two or more, the others are compared with the baseline, case by case.">
      <Field label="File">
        {({ id }) => (
          <Select
            id={id}
            value={form.file?.id ?? null}
            placeholder="Choose a prompt, agent, tool or flow"
            options={form.subjects.map((one) => ({ value: one.id, label: one.path, hint: kinds[kindOf(one.type)].one }))}
            onChange={(fileId) =>
              form.set({
                fileId,
                versions: undefined,
                others: undefined,
                baseline: undefined,
                evaluators: undefined,
                primary: undefined,
                margin: undefined,
              })
            }
          />
        )}
      </Field>
      {form.file !== null && form.versions.length === 0 && <SkeletonRows count={2} height={40} />}
      {form.file !== null && form.versions.length > 0 && (
        <fieldset className="min-w-0">
          <legend className="mb-1.5 font-medium">Versions</legend>
          <VersionChoice
            versions={form.versions}
            chosen={form.chosen}
            onChange={(versions) => form.set({ versions })}
            baseline={form.baseline}
            onBaseline={(baseline) => form.set({ baseline })}
          />
          {form.file.type === 'prompt' && (
            <OtherModels versions={form.versions} usual={form.baseline} chosen={form.others} onChange={(others) => form.set({ others })} />
          )}
        </fieldset>
      )}
      {form.file?.type === 'flow' && (
        <Notice title="A flow is your own code">
          The server cannot run it. The evaluation waits until your program has logged an answer for every case; its page says how.
        </Notice>
      )}
    </Part>
  );
}
