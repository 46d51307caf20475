import { type ReactNode, useId } from 'react';
import { cx } from './cx.ts';

/** One of two to five, all visible. */
export function Segmented<V extends string>({
  value,
  options,
  onChange,
  label,
  className,
}: {
  value: V;
  options: readonly { value: V; label: ReactNode }[];
  onChange: (value: V) => void;
  label: string;
  className?: string;
}): ReactNode {
  const name = useId();
  return (
    <div
      role="radiogroup"
      aria-label={label}
      className={cx('inline-flex h-7 shrink-0 items-stretch rounded-md bg-pressed p-0.5 pointer-coarse:h-10', className)}
    >
      {options.map((option) => (
        <label
          key={option.value}
          className="relative flex items-center justify-center rounded-[5px] px-2 text-meta whitespace-nowrap text-ink-2 transition-colors hover:text-ink has-checked:bg-raised has-checked:font-medium has-checked:text-ink has-checked:shadow-[0_0_0_1px_var(--line)] pointer-coarse:px-3"
        >
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
            className="absolute inset-0 appearance-none rounded-[5px]"
          />
          {option.label}
        </label>
      ))}
    </div>
  );
}
