import type { CheckedEvaluator, EvaluatorSpec } from '@whetstone/contract';
import type { ReactNode } from 'react';
import { AnswerForm } from './answer-form.tsx';
import { CodeForm } from './code-form.tsx';
import { LibraryForm } from './library-form.tsx';
import { ModelForm } from './model-form.tsx';
import { NeedsLine } from './needs-line.tsx';
import { OutsideForm } from './outside-form.tsx';
import { PeopleForm } from './people-form.tsx';

/** What an evaluator consists of, for whoever judges by it. */
export function SpecForm({
  spec,
  path,
  onChange,
  found,
  current,
  roots,
  readOnly,
}: {
  spec: EvaluatorSpec;
  path: string;
  onChange: (spec: EvaluatorSpec) => void;
  found: CheckedEvaluator | null;
  current: boolean;
  roots: readonly [log: unknown, testcase: unknown];
  readOnly: boolean;
}): ReactNode {
  const { library } = spec.evaluator_type === 'external' ? spec : { library: null };
  const own = library == null;
  return (
    <>
      <fieldset disabled={readOnly} className="flex min-h-0 min-w-0 flex-1 flex-col">
        {spec.evaluator_type === 'python' && <CodeForm {...{ spec, onChange, found, current, roots, readOnly }} />}
        {spec.evaluator_type === 'llm' && <ModelForm {...{ spec, onChange, roots }} />}
        {spec.evaluator_type === 'human' && (
          <div className="min-h-0 flex-1 overflow-y-auto">
            <PeopleForm spec={spec} onChange={onChange} />
            <AnswerForm spec={spec} onChange={onChange} />
          </div>
        )}
        {spec.evaluator_type === 'external' &&
          (spec.library != null ? (
            <LibraryForm spec={{ ...spec, library: spec.library }} onChange={onChange} found={found} current={current} />
          ) : (
            <div className="min-h-0 flex-1 overflow-y-auto">
              <OutsideForm spec={spec} path={path} />
              <AnswerForm spec={spec} onChange={onChange} />
            </div>
          ))}
        {own && (spec.evaluator_type === 'python' || (spec.evaluator_type === 'llm' && spec.pairwise !== true)) && (
          <div className="max-h-[45%] shrink-0 overflow-y-auto">
            <AnswerForm spec={spec} onChange={onChange} />
          </div>
        )}
      </fieldset>
      <NeedsLine found={found} />
    </>
  );
}
