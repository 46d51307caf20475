import type { PromptKernel } from '@whetstone/contract';
import { type ReactNode, useEffect, useState } from 'react';
import { Input } from '../../kit/field.tsx';
import { Select } from '../../kit/select.tsx';
import { withField } from './kernel.ts';

type NumberField = 'temperature' | 'max_tokens' | 'top_p' | 'presence_penalty' | 'frequency_penalty' | 'seed';
const numbers: { field: NumberField; label: string; hint: string; step: number; min?: number; max?: number; whole?: boolean }[] = [
  { field: 'temperature', label: 'Temperature', hint: '0 to 2', step: 0.1, min: 0, max: 2 },
  { field: 'max_tokens', label: 'Max tokens', hint: 'of the answer', step: 64, min: 1, whole: true },
  { field: 'top_p', label: 'Top p', hint: '0 to 1', step: 0.05, min: 0, max: 1 },
  { field: 'presence_penalty', label: 'Presence penalty', hint: '−2 to 2', step: 0.1, min: -2, max: 2 },
  { field: 'frequency_penalty', label: 'Frequency penalty', hint: '−2 to 2', step: 0.1, min: -2, max: 2 },
  { field: 'seed', label: 'Seed', hint: 'same answer again, where supported', step: 1, whole: true },
];
const efforts = ['default', 'none', 'minimal', 'low', 'medium', 'high', 'xhigh'] as const;

/** What is left empty is left to the provider. */
export function Parameters({ kernel, onChange }: { kernel: PromptKernel; onChange: (kernel: PromptKernel) => void }): ReactNode {
  return (
    <div className="flex flex-col gap-1.5">
      <p className="pb-1 text-meta text-ink-3">Empty means the provider’s default.</p>
      {numbers.map((one) => (
        <Row key={one.field} label={one.label} hint={one.hint}>
          <NumberInput
            label={one.label}
            value={kernel[one.field] ?? null}
            onChange={(value) => onChange(withField(kernel, one.field, value))}
            step={one.step}
            min={one.min}
            max={one.max}
            whole={one.whole ?? false}
          />
        </Row>
      ))}
      <Row label="Reasoning effort" hint="for models that reason">
        <Select
          label="Reasoning effort"
          value={typeof kernel.reasoning_effort === 'string' ? kernel.reasoning_effort : 'default'}
          options={efforts.map((value) => ({ value, label: value }))}
          onChange={(value) => onChange(withField(kernel, 'reasoning_effort', value === 'default' ? null : value))}
          className="w-28"
        />
      </Row>
      <Row label="Stop" hint="one a line">
        <StopInput value={kernel.stop ?? null} onChange={(value) => onChange(withField(kernel, 'stop', value))} />
      </Row>
      <Row label="Template language" hint="how {{ }} is read">
        <Select
          label="Template language"
          value={kernel.template_language ?? 'default'}
          options={[
            { value: 'default', label: 'default' },
            { value: 'jinja', label: 'Jinja' },
          ]}
          onChange={(value) => onChange(withField(kernel, 'template_language', value === 'default' ? null : value))}
          className="w-28"
        />
      </Row>
    </div>
  );
}

function Row({ label, hint, children }: { label: string; hint: string; children: ReactNode }): ReactNode {
  return (
    <div className="flex min-h-8 items-center gap-3">
      <span className="min-w-0 flex-1">
        {label} <span className="text-meta text-ink-3">{hint}</span>
      </span>
      {children}
    </div>
  );
}

function NumberInput({
  label,
  value,
  onChange,
  step,
  min,
  max,
  whole,
}: {
  label: string;
  value: number | null;
  onChange: (value: number | null) => void;
  step: number;
  min?: number | undefined;
  max?: number | undefined;
  whole: boolean;
}): ReactNode {
  const [text, setText] = useState(value === null ? '' : String(value));
  useEffect(() => {
    setText((before) => (before !== '' && Number(before) === value ? before : value === null ? '' : String(value)));
  }, [value]);
  const number = text === '' ? null : Number(text);
  const wrong =
    number !== null &&
    (!Number.isFinite(number) ||
      (whole && !Number.isInteger(number)) ||
      (min !== undefined && number < min) ||
      (max !== undefined && number > max));
  return (
    <Input
      aria-label={label}
      aria-invalid={wrong}
      type="number"
      inputMode="decimal"
      value={text}
      step={step}
      min={min}
      max={max}
      placeholder="default"
      className="num w-28"
      onChange={(event) => {
        setText(event.target.value);
        const next = event.target.value === '' ? null : Number(event.target.value);
        if (next === null || (Number.isFinite(next) && (!whole || Number.isInteger(next)))) onChange(next);
      }}
    />
  );
}

function StopInput({
  value,
  onChange,
}: {
  value: string | string[] | null;
  onChange: (value: string | string[] | null) => void;
}): ReactNode {
  const [text, setText] = useState([value ?? []].flat().join('\n'));
  return (
    <textarea
      aria-label="Stop sequences"
      rows={1}
      value={text}
      onChange={(event) => {
        setText(event.target.value);
        const lines = event.target.value.split('\n').filter((line) => line !== '');
        onChange(lines.length === 0 ? null : lines);
      }}
      className="num field-sizing-content min-h-8 w-28 rounded-md bg-raised px-2.5 py-1.5 shadow-[inset_0_0_0_1px_var(--line-strong)] outline-none focus:shadow-[inset_0_0_0_1px_var(--accent)]"
    />
  );
}
