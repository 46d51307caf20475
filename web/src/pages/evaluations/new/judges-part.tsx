import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { buttonClass } from '../../../kit/button.tsx';
import { Checkbox } from '../../../kit/checkbox.tsx';
import { cx } from '../../../kit/cx.ts';
import { Field, Input } from '../../../kit/field.tsx';
import { Notice } from '../../../kit/notice.tsx';
import { Select } from '../../../kit/select.tsx';
import { judgesItself, judgeWord, unitOf } from '../../../parts/evaluation/evaluator-facts.ts';
import { useLinks } from '../../../parts/links.ts';
import { VersionMark } from '../../../parts/version.tsx';
import { Part } from './part.tsx';
import { PlanLine } from './plan-line.tsx';
import type { NewEvaluation } from './use-new-evaluation.ts';

export function JudgesPart({ form }: { form: NewEvaluation }): ReactNode {
  const links = useLinks();
  const ordered = form.chosenJudges.filter((one) => unitOf(one) !== null);
  const toggle = (id: string, on: boolean) =>
    form.set({ evaluators: on ? [...form.judgeIds, id] : form.judgeIds.filter((one) => one !== id) });
  return (
    <Part
      title="Judged by"
      hint={
        <>
          One of them decides, the others inform; each judges by its newest version.{' '}
          <Link {...links.files} className="text-accent-ink underline underline-offset-2">
            Add an evaluator
          </Link>{' '}
          among the files, from the library or in code.
        </>
      }
    >
      {form.judges.length === 0 ? (
        <Notice
          title="There is no evaluator yet"
          actions={
            <Link {...links.files} className={buttonClass({ size: 'sm' })}>
              All files
            </Link>
          }
        >
          An evaluator says how good an answer is: a few lines of code, one of the library, a model, or people.
        </Notice>
      ) : (
        <ul className="max-h-80 overflow-y-auto rounded-md shadow-[inset_0_0_0_1px_var(--line-strong)]">
          {form.judges.map((one) => {
            const on = form.judgeIds.includes(one.id);
            const judging = form.chosenJudges.find((chosen) => chosen.id === one.id) ?? one;
            return (
              <li
                key={one.id}
                className={cx('flex min-h-10 items-center gap-3 border-b border-line px-3 py-1.5 last:border-b-0', on && 'bg-accent-soft')}
              >
                <Checkbox checked={on} onChange={(value) => toggle(one.id, value)} label={`Judge by ${one.path}`} />
                <span className="min-w-0 flex-1 truncate">{one.path}</span>
                {on && <VersionMark hash={judging.content_hash} name={judging.version_name} className="text-meta text-ink-2" />}
                <span className="text-meta text-ink-3 max-sm:hidden">
                  {one.spec.return_type.replace('_', ' ')}, by {judgeWord(one)}
                </span>
                {on && !judgesItself(one) && <span className="text-meta text-undecided">the run does not wait for it</span>}
              </li>
            );
          })}
        </ul>
      )}
      {ordered.length > 0 && (
        <>
          <div className="grid gap-4 sm:grid-cols-2">
            <Field label="Primary evaluator" hint="Its verdict is the verdict. Chosen now, so that it cannot be picked to fit the result.">
              {({ id }) => (
                <Select
                  id={id}
                  value={form.primary?.id ?? null}
                  options={ordered.map((one) => ({ value: one.id, label: one.path }))}
                  onChange={(primary) => form.set({ primary, margin: undefined })}
                />
              )}
            </Field>
            <Field
              label={`Smallest difference worth having${form.primary !== null && unitOf(form.primary) === 'points' ? ', in points' : ''}`}
              error={form.problems.margin}
              hint="A smaller one would not change what you ship. Within it, versions count as equal."
            >
              {(props) => (
                <Input
                  {...props}
                  inputMode="decimal"
                  value={form.marginText}
                  placeholder="none"
                  onChange={(event) => form.set({ margin: event.target.value })}
                  className="num"
                />
              )}
            </Field>
          </div>
          <PlanLine form={form} />
        </>
      )}
    </Part>
  );
}
