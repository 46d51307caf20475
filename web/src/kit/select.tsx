import type { ReactNode } from 'react';
import { ChevronsUpDown } from 'lucide-react';
import { OnDemand } from './on-demand.tsx';
import { cx } from './cx.ts';
import { inputClass } from './field.tsx';

const load = () => import('./select-popup.tsx');

export interface Option<V extends string> {
  value: V;
  label: ReactNode;
  hint?: ReactNode;
}

export interface SelectProps<V extends string> {
  value: V | null;
  options: readonly Option<V>[];
  onChange: (value: V) => void;
  /** Its name for screen readers where no label element points at it. */
  label?: string;
  id?: string;
  bare?: boolean;
  disabled?: boolean;
  placeholder?: string;
  className?: string;
}

/** One of a few. `bare` looks like text until it is pointed at. */
export function Select<V extends string>(props: SelectProps<V>): ReactNode {
  const { id, label, disabled = false } = props;
  return (
    <OnDemand
      popup="listbox"
      load={load}
      trigger={
        <button
          type="button"
          role="combobox"
          {...(id === undefined ? {} : { id })}
          aria-label={label}
          disabled={disabled}
          className={selectClass(props)}
        >
          <SelectFace {...props} />
        </button>
      }
    >
      {(parts) => <parts.SelectPopup {...props} />}
    </OnDemand>
  );
}

export function selectClass({ bare = false, className }: Pick<SelectProps<string>, 'bare' | 'className'>): string {
  return cx(
    bare
      ? 'inline-flex h-7 items-center gap-1 rounded-md px-2 text-left text-ink-2 transition-colors hover:bg-hover hover:text-ink data-popup-open:bg-pressed pointer-coarse:h-9'
      : cx(inputClass, 'flex h-8 items-center gap-2 text-left pointer-coarse:h-10'),
    className,
  );
}

/** What stands in the closed control. */
export function SelectFace<V extends string>({ value, options, placeholder = 'Choose' }: SelectProps<V>): ReactNode {
  const chosen = options.find((option) => option.value === value);
  return (
    <>
      <span className={cx('min-w-0 flex-1 truncate', chosen === undefined && 'text-ink-3')}>{chosen?.label ?? placeholder}</span>
      <ChevronsUpDown size={12} strokeWidth={1.5} className="shrink-0 text-ink-3" aria-hidden />
    </>
  );
}
