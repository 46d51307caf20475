import { Select as Base } from '@base-ui/react/select';
import { Check, ChevronsUpDown } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from './cx.ts';
import { inputClass } from './field.tsx';
import { popupClass, rowClass } from './popup.ts';

export interface Option<V extends string> {
  value: V;
  label: ReactNode;
  hint?: ReactNode;
}

/** One of a few. `bare` looks like text until it is pointed at. */
export function Select<V extends string>({
  value,
  options,
  onChange,
  label,
  id,
  bare = false,
  disabled = false,
  placeholder = 'Choose',
  className,
}: {
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
}): ReactNode {
  const chosen = options.find((option) => option.value === value);
  return (
    <Base.Root value={value} onValueChange={(next) => next !== null && onChange(next)} disabled={disabled}>
      <Base.Trigger
        {...(id === undefined ? {} : { id })}
        aria-label={label}
        className={cx(
          bare
            ? 'inline-flex h-7 items-center gap-1 rounded-md px-2 text-left text-ink-2 transition-colors hover:bg-hover hover:text-ink data-popup-open:bg-pressed pointer-coarse:h-9'
            : cx(inputClass, 'flex h-8 items-center gap-2 text-left pointer-coarse:h-10'),
          className,
        )}
      >
        <span className={cx('min-w-0 flex-1 truncate', chosen === undefined && 'text-ink-3')}>{chosen?.label ?? placeholder}</span>
        <ChevronsUpDown size={12} strokeWidth={1.5} className="shrink-0 text-ink-3" aria-hidden />
      </Base.Trigger>
      <Base.Portal>
        <Base.Positioner sideOffset={5} alignItemWithTrigger={false} className="z-50 outline-none">
          <Base.Popup
            className={cx(
              popupClass,
              'max-h-[min(24rem,var(--available-height))] min-w-[max(9rem,var(--anchor-width))] overflow-y-auto p-1',
            )}
          >
            {options.map((option) => (
              <Base.Item key={option.value} value={option.value} className={rowClass}>
                <span className="flex size-4 shrink-0 items-center justify-center">
                  <Base.ItemIndicator>
                    <Check size={14} strokeWidth={2} aria-hidden />
                  </Base.ItemIndicator>
                </span>
                <Base.ItemText className="min-w-0 flex-1 truncate">{option.label}</Base.ItemText>
                {option.hint !== undefined && <span className="text-meta text-ink-3">{option.hint}</span>}
              </Base.Item>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
