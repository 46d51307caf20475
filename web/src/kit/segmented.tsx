import { ToggleGroup } from '@base-ui/react/toggle-group';
import { Toggle } from '@base-ui/react/toggle';
import type { ReactNode } from 'react';
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
  return (
    <ToggleGroup
      aria-label={label}
      value={[value]}
      onValueChange={(next) => {
        const chosen = options.find((option) => option.value === next[0]);
        if (chosen) onChange(chosen.value);
      }}
      className={cx('inline-flex h-7 shrink-0 items-center rounded-md bg-pressed p-0.5', className)}
    >
      {options.map((option) => (
        <Toggle
          key={option.value}
          value={option.value}
          className="h-6 rounded-[5px] px-2 text-meta whitespace-nowrap text-ink-2 transition-colors hover:text-ink data-pressed:bg-raised data-pressed:font-medium data-pressed:text-ink data-pressed:shadow-[0_0_0_1px_var(--line)]"
        >
          {option.label}
        </Toggle>
      ))}
    </ToggleGroup>
  );
}
