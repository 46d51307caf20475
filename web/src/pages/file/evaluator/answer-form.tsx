import type { EvaluatorSpec, ReturnType, Valence } from '@whetstone/contract';
import { Plus, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button, IconButton } from '../../../kit/button.tsx';
import { Checkbox } from '../../../kit/checkbox.tsx';
import { Input } from '../../../kit/field.tsx';
import { Segmented } from '../../../kit/segmented.tsx';
import { Select } from '../../../kit/select.tsx';
import { removeAt, replaceAt } from '../../../parts/prompt/kernel.ts';

const types: { value: ReturnType; label: string; hint: string }[] = [
  { value: 'boolean', label: 'Yes or no', hint: 'yes is good' },
  { value: 'number', label: 'A number', hint: 'a score, a count' },
  { value: 'select', label: 'One of some options', hint: '' },
  { value: 'multi_select', label: 'Any of some options', hint: '' },
  { value: 'text', label: 'Words', hint: 'a remark, a correction' },
];
const valences: { value: Valence; label: string }[] = [
  { value: 'positive', label: 'good' },
  { value: 'neutral', label: 'neither' },
  { value: 'negative', label: 'bad' },
];

/** What a judgment may be, and whether it compares with a datapoint. */
export function AnswerForm({ spec, onChange }: { spec: EvaluatorSpec; onChange: (spec: EvaluatorSpec) => void }): ReactNode {
  const chooses = spec.return_type === 'select' || spec.return_type === 'multi_select';
  const people = spec.evaluator_type === 'human';
  const retype = (return_type: ReturnType) => {
    const options = return_type.endsWith('select') ? (spec.options ?? [{ name: 'good', valence: 'positive' as const }]) : null;
    const numbers = return_type === 'number' ? {} : { number_limits: null, number_valence: null };
    onChange({ ...spec, ...numbers, return_type, options });
  };
  return (
    <section aria-label="Answer" className="flex flex-col gap-3 border-t border-line px-3 py-3 lg:px-5">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <label htmlFor="return-type" className="font-medium">
          Answers with
        </label>
        <Select id="return-type" value={spec.return_type} options={types} onChange={retype} className="w-48" />
        {!people && (
          <span className="flex items-center gap-2">
            <Checkbox
              checked={spec.arguments_type === 'target_required'}
              onChange={(on) => onChange({ ...spec, arguments_type: on ? 'target_required' : 'target_free' })}
              label="Compares with the datapoint’s target"
            />
            <span>Compares with the datapoint’s target</span>
          </span>
        )}
      </div>
      {spec.return_type === 'number' && <NumberForm spec={spec} onChange={onChange} />}
      {chooses && <Options spec={spec} onChange={onChange} />}
    </section>
  );
}

function NumberForm({ spec, onChange }: { spec: EvaluatorSpec; onChange: (spec: EvaluatorSpec) => void }): ReactNode {
  const limits = spec.number_limits ?? {};
  const set = (key: 'min' | 'max' | 'step', text: string) => {
    const value = text.trim() === '' || !Number.isFinite(Number(text)) ? null : Number(text);
    const next = { ...limits, [key]: value };
    onChange({ ...spec, number_limits: next.min == null && next.max == null && next.step == null ? null : next });
  };
  const fields = [['min', 'from'], ['max', 'to'], ...(spec.evaluator_type === 'human' ? [['step', 'in steps of'] as const] : [])] as const;
  return (
    <div className="flex flex-wrap items-center gap-2">
      {fields.map(([key, label]) => (
        <label key={key} className="flex items-center gap-2 text-ink-2">
          {label}
          <Input
            type="number"
            step="any"
            value={limits[key] ?? ''}
            onChange={(event) => set(key, event.target.value)}
            placeholder="any"
            className="num w-20"
          />
        </label>
      ))}
      <span className="flex items-center gap-2 text-ink-2">
        better is
        <Segmented
          label="Which numbers are better"
          value={spec.number_valence ?? 'neutral'}
          onChange={(number_valence) => onChange({ ...spec, number_valence })}
          options={[
            { value: 'positive', label: 'higher' },
            { value: 'neutral', label: 'neither' },
            { value: 'negative', label: 'lower' },
          ]}
        />
      </span>
    </div>
  );
}

function Options({ spec, onChange }: { spec: EvaluatorSpec; onChange: (spec: EvaluatorSpec) => void }): ReactNode {
  const options = spec.options ?? [];
  const set = (next: typeof options) => onChange({ ...spec, options: next });
  const names = options.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  return (
    <div className="flex flex-col gap-1.5">
      {options.map((option, at) => (
        <div key={at} className="flex items-center gap-2">
          <span className="num w-4 text-right text-ink-3" aria-hidden>
            {at + 1}
          </span>
          <Input
            aria-label={`Option ${at + 1}`}
            value={option.name}
            onChange={(event) => set(replaceAt(options, at, { ...option, name: event.target.value }))}
            className="max-w-56"
          />
          <Segmented
            label={`What option ${at + 1} says`}
            value={option.valence ?? 'neutral'}
            onChange={(valence) => set(replaceAt(options, at, { ...option, valence }))}
            options={valences}
          />
          <IconButton icon={X} label={`Take option ${at + 1} out`} onClick={() => set(removeAt(options, at))} className="size-6" />
        </div>
      ))}
      {twice !== undefined && (
        <p className="text-meta text-worse">Two options are called “{twice}”: their judgments could not be told apart.</p>
      )}
      {options.length === 0 && <p className="text-meta text-worse">Without an option nothing can be answered.</p>}
      <Button look="quiet" size="sm" icon={Plus} onClick={() => set([...options, { name: '', valence: 'neutral' }])} className="self-start">
        Add option
      </Button>
    </div>
  );
}
