import { type ReactNode, useState } from 'react';
import { Checkbox } from '../../kit/checkbox.tsx';
import { Field, Input, inputClass } from '../../kit/field.tsx';
import { Select } from '../../kit/select.tsx';
import { cx } from '../../kit/cx.ts';
import { TextEditor } from '../editor/text-editor.tsx';
import { readObject } from '../prompt/kernel.ts';
import { controlOf, fieldsOfSchema, type OptionField } from './option-schema.ts';

export interface OptionFieldsProps {
  /** JSON schema of the options. */
  schema: Record<string, unknown>;
  values: Record<string, unknown>;
  onChange: (values: Record<string, unknown>) => void;
  /** What is wrong, by option. */
  problems: ReadonlyMap<string, string>;
}

/** A form out of a JSON schema. What is left as it starts is not kept: the library's defaults are. */
export function OptionFields({ schema, values, onChange, problems }: OptionFieldsProps): ReactNode {
  const set = (name: string, value: unknown) => {
    const { [name]: _before, ...rest } = values;
    onChange(value === undefined ? rest : { ...rest, [name]: value });
  };
  return (
    <div className="flex max-w-[72ch] flex-col gap-4">
      {fieldsOfSchema(schema).map((field) => (
        <OptionControl
          key={field.name}
          field={field}
          value={values[field.name]}
          onChange={(value) => set(field.name, value)}
          problem={problems.get(field.name)}
        />
      ))}
    </div>
  );
}

interface ControlProps {
  field: OptionField;
  /** Undefined: as it starts. */
  value: unknown;
  onChange: (value: unknown) => void;
  problem: string | undefined;
}

function OptionControl({ field, value, onChange, problem }: ControlProps): ReactNode {
  const control = controlOf(field);
  const now = value === undefined ? field.start : value;
  const label = <span>{field.title}</span>;
  if (control === 'flag')
    return (
      <div className="flex items-start gap-2">
        <Checkbox checked={now === true} onChange={onChange} label={field.title} className="mt-0.5" />
        <div>
          <div className="font-medium">{field.title}</div>
          <p className="text-meta text-ink-3">{field.description}</p>
        </div>
      </div>
    );
  return (
    <Field label={label} hint={field.description} error={problem}>
      {(props) => {
        if (control === 'one')
          return (
            <Select
              id={props.id}
              value={String(now)}
              options={field.choices.map((choice) => ({ value: choice, label: choice.replaceAll('_', ' ') }))}
              onChange={onChange}
              className="max-w-60"
            />
          );
        if (control === 'some') return <Some {...{ field, onChange }} now={Array.isArray(now) ? now.map(String) : []} />;
        if (control === 'lines') return <Lines {...props} now={Array.isArray(now) ? now.map(String) : []} onChange={onChange} />;
        if (control === 'number')
          return (
            <Input
              {...props}
              type="number"
              step="any"
              value={typeof now === 'number' ? now : ''}
              placeholder={field.nullable ? 'none' : ''}
              onChange={(event) => onChange(event.target.value.trim() === '' ? undefined : Number(event.target.value))}
              className="num max-w-40"
            />
          );
        if (control === 'json') return <JsonOption {...{ now, onChange }} label={field.title} />;
        return (
          <Input
            {...props}
            value={typeof now === 'string' ? now : ''}
            placeholder={field.nullable ? 'by itself' : ''}
            onChange={(event) => onChange(event.target.value === '' ? undefined : event.target.value)}
            spellCheck={false}
            className="max-w-100 font-mono text-[12px]"
          />
        );
      }}
    </Field>
  );
}

function Some({ field, now, onChange }: { field: OptionField; now: readonly string[]; onChange: (value: unknown) => void }): ReactNode {
  return (
    <div className="flex flex-wrap gap-x-4 gap-y-1.5">
      {field.choices.map((choice) => (
        <span key={choice} className="flex items-center gap-2">
          <Checkbox
            checked={now.includes(choice)}
            onChange={(on) => onChange(field.choices.filter((one) => (one === choice ? on : now.includes(one))))}
            label={choice.replaceAll('_', ' ')}
          />
          {choice.replaceAll('_', ' ')}
        </span>
      ))}
    </div>
  );
}

/** A list of texts, one a line. What is being typed stays as typed. */
function Lines({
  now,
  onChange,
  ...props
}: {
  id: string;
  'aria-describedby': string;
  'aria-invalid': boolean;
  now: readonly string[];
  onChange: (value: unknown) => void;
}): ReactNode {
  const [text, setText] = useState(() => now.join('\n'));
  return (
    <textarea
      {...props}
      value={text}
      rows={3}
      placeholder="One a line"
      onChange={(event) => {
        setText(event.target.value);
        const lines = event.target.value.split('\n').filter((line) => line.trim() !== '');
        onChange(lines.length === 0 ? undefined : lines);
      }}
      spellCheck={false}
      className={cx(inputClass, 'field-sizing-content max-h-60 max-w-100 py-1.5 font-mono text-[12px]')}
    />
  );
}

function JsonOption({ now, onChange, label }: { now: unknown; onChange: (value: unknown) => void; label: string }): ReactNode {
  const [text, setText] = useState(() => JSON.stringify(now ?? {}, null, 2));
  const read = readObject(text);
  return (
    <div>
      <div className="max-h-80 overflow-y-auto rounded-md bg-sunken p-2.5">
        <TextEditor
          language="json"
          label={label}
          value={text}
          onChange={(next) => {
            setText(next);
            const object = readObject(next);
            if ('value' in object) onChange(object.value);
          }}
        />
      </div>
      {'problem' in read && <p className="mt-1 text-meta text-worse">{read.problem} The last valid one is kept.</p>}
    </div>
  );
}
