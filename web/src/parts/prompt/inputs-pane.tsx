import type { ReactNode } from 'react';
import { cx } from '../../kit/cx.ts';
import { readInput } from './kernel.ts';

/** A value for each variable of the template. Lists and objects are written as JSON. */
export function InputsPane({
  names,
  values,
  onChange,
}: {
  names: readonly string[];
  values: Record<string, string>;
  onChange: (values: Record<string, string>) => void;
}): ReactNode {
  if (names.length === 0) {
    return (
      <p className="text-ink-3">
        No variables. Write <code className="tpl-variable">{'{{name}}'}</code> in a message to make one.
      </p>
    );
  }
  return (
    <div className="flex flex-col gap-2.5">
      {names.map((name) => (
        <label key={name} className="block">
          <code className="tpl-variable">{name}</code>
          <textarea
            value={values[name] ?? ''}
            onChange={(event) => onChange({ ...values, [name]: event.target.value })}
            rows={1}
            placeholder="empty"
            spellCheck={false}
            className={cx(
              'mt-1 field-sizing-content block max-h-56 min-h-8 w-full resize-y rounded-md bg-raised px-2.5 py-1.5 shadow-[inset_0_0_0_1px_var(--line-strong)] outline-none placeholder:text-ink-3 focus:shadow-[inset_0_0_0_1px_var(--accent),0_0_0_3px_var(--accent-soft)]',
              typeof readInput(values[name] ?? '') !== 'string' && 'font-mono text-[12px]',
            )}
          />
        </label>
      ))}
    </div>
  );
}
