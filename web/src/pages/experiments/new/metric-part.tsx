import type { ReactNode } from 'react';
import { Checkbox } from '../../../kit/checkbox.tsx';
import { cx } from '../../../kit/cx.ts';
import { Field, Input } from '../../../kit/field.tsx';
import { Segmented } from '../../../kit/segmented.tsx';
import { Select } from '../../../kit/select.tsx';
import { metricChoices, metricProblem, typedUnit } from '../../../parts/experiment/metric.ts';
import { byEvaluator, metricOfEvaluator, ownFormula } from './form.ts';
import { Part } from './part.tsx';
import type { NewExperiment } from './use-new-experiment.ts';

/** The one number that decides, which way is better, and how much of it is worth having. */
export function MetricPart({ form }: { form: NewExperiment }): ReactNode {
  const { choices } = form;
  const chosen = choices.metric ?? metricChoices[0]?.id ?? ownFormula;
  const options = [
    ...metricChoices,
    { id: byEvaluator, label: 'An evaluator’s score', hint: 'Of code, a model or people, as its judgments arrive.' },
    { id: ownFormula, label: 'A formula', hint: 'Of any of these, weighed as you like.' },
  ];
  // Details belong to a metric; another one has its own.
  const choose = (metric: string) =>
    form.set({ metric, direction: undefined, perUnit: undefined, missing: undefined, smallest: undefined });
  return (
    <Part title="What decides" hint="One number per user. Choose it before you start: choosing after looking finds what luck made.">
      <div role="radiogroup" aria-label="Metric" className="grid gap-1.5 sm:grid-cols-3">
        {options.map((one) => (
          <label
            key={one.id}
            className={cx(
              'relative flex cursor-pointer flex-col rounded-md px-3 py-2 shadow-[inset_0_0_0_1px_var(--line-strong)] hover:bg-hover',
              one.id === chosen && 'bg-accent-soft shadow-[inset_0_0_0_2px_var(--accent)] hover:bg-accent-soft',
            )}
          >
            <input
              type="radio"
              name="metric"
              value={one.id}
              checked={one.id === chosen}
              onChange={() => choose(one.id)}
              className="absolute inset-0 appearance-none rounded-md"
            />
            <span className="font-medium">{one.label}</span>
            <span className="text-meta text-ink-3">{one.hint}</span>
          </label>
        ))}
      </div>
      {chosen === byEvaluator && <EvaluatorField form={form} />}
      {chosen === ownFormula && <FormulaField form={form} />}
      <div className="flex flex-wrap gap-x-6 gap-y-4">
        <Smallest form={form} />
        <Counted form={form} />
      </div>
      <fieldset>
        <legend className="mb-1.5 font-medium">Also shown, without deciding</legend>
        <div className="flex flex-wrap gap-x-5 gap-y-2">
          {metricChoices
            .filter((one) => one.id !== chosen)
            .map((one) => {
              const on = choices.secondary?.includes(one.id) === true;
              const others = (choices.secondary ?? []).filter((id) => id !== one.id);
              return (
                <label key={one.id} className="flex items-center gap-2 text-ink-2">
                  <Checkbox
                    checked={on}
                    label={one.label}
                    onChange={(value) => form.set({ secondary: value ? [...others, one.id] : others })}
                  />
                  {one.label.toLowerCase()}
                </label>
              );
            })}
        </div>
      </fieldset>
    </Part>
  );
}

function EvaluatorField({ form }: { form: NewExperiment }): ReactNode {
  const able = form.evaluators.filter((one) => metricOfEvaluator(one) !== null);
  return (
    <Field
      label="Evaluator"
      hint="Its judgments of live logs count: attach it as a monitor, or judge through the API. Users whose logs nobody judged are left out and counted."
    >
      {({ id }) => (
        <Select
          id={id}
          value={form.choices.evaluatorId ?? null}
          placeholder={able.length === 0 ? 'There is no evaluator yet' : 'Choose an evaluator'}
          disabled={able.length === 0}
          options={able.map((one) => ({ value: one.id, label: one.path }))}
          onChange={(evaluatorId) => form.set({ evaluatorId, smallest: undefined })}
        />
      )}
    </Field>
  );
}

function FormulaField({ form }: { form: NewExperiment }): ReactNode {
  const text = form.choices.formula ?? '';
  return (
    <Field
      label="Formula"
      error={text.trim() === '' ? null : metricProblem(text.trim())}
      hint={
        <>
          Terms: <code>vote:good</code>, <code>action:copied</code>, <code>rating</code>, <code>edited</code>, <code>cost</code>,{' '}
          <code>latency</code>, <code>error</code>, <code>&quot;team/tone check&quot;:true</code>; with + − * / ( ), min and max.
        </>
      }
    >
      {(props) => (
        <Input
          {...props}
          value={text}
          maxLength={500}
          spellCheck={false}
          autoCapitalize="off"
          placeholder="vote:good - 0.5 * action:regenerated"
          onChange={(event) => form.set({ formula: event.target.value })}
          className="num"
        />
      )}
    </Field>
  );
}

function Smallest({ form }: { form: NewExperiment }): ReactNode {
  const { label } = typedUnit(form.unit);
  return (
    <Field label="Smallest difference worth having" hint="A smaller one would not change what you do." className="min-w-60">
      {(props) => (
        <span className="flex items-center gap-2">
          <Input
            {...props}
            inputMode="decimal"
            value={form.smallest}
            onChange={(event) => form.set({ smallest: event.target.value })}
            className="num max-w-28"
          />
          <span className="text-ink-3">{label}</span>
        </span>
      )}
    </Field>
  );
}

/** How logs become a number per user; what is usual is right for most. */
function Counted({ form }: { form: NewExperiment }): ReactNode {
  const { metric } = form;
  if (metric === null) return null;
  return (
    <details className="min-w-60 flex-1">
      <summary className="w-fit cursor-default font-medium text-ink-2">
        Better is {metric.direction === 'up' ? 'more' : 'less'}; {perUnit[metric.per_unit ?? 'any']}
      </summary>
      <div className="mt-2 flex flex-col gap-2">
        <Segmented
          label="Direction"
          value={metric.direction ?? 'up'}
          options={[
            { value: 'up', label: 'More is better' },
            { value: 'down', label: 'Less is better' },
          ]}
          onChange={(direction) => form.set({ direction })}
          className="self-start"
        />
        <Segmented
          label="How the logs of a user become one number"
          value={metric.per_unit ?? 'any'}
          options={[
            { value: 'any', label: 'Ever' },
            { value: 'mean', label: 'On average' },
            { value: 'sum', label: 'In total' },
          ]}
          onChange={(next) => form.set({ perUnit: next })}
          className="self-start"
        />
        <Segmented
          label="Users without any judgment"
          value={metric.missing ?? 'zero'}
          options={[
            { value: 'zero', label: 'Silent users count 0' },
            { value: 'drop', label: 'Silent users are left out' },
          ]}
          onChange={(missing) => form.set({ missing })}
          className="self-start"
        />
      </div>
    </details>
  );
}

const perUnit = { any: 'per user, whether it ever held', mean: 'per user, on average', sum: 'per user, in total' };
