import { Check } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from './cx.ts';

export function Checkbox({
  checked,
  onChange,
  label,
  className,
}: {
  checked: boolean;
  onChange: (checked: boolean) => void;
  label: string;
  className?: string;
}): ReactNode {
  return (
    <span className={cx('relative flex size-4 shrink-0', className)}>
      <input
        type="checkbox"
        aria-label={label}
        checked={checked}
        onChange={(event) => onChange(event.target.checked)}
        className="peer size-4 appearance-none rounded-sm bg-raised shadow-[inset_0_0_0_1px_var(--line-strong)] checked:bg-accent before:absolute before:-inset-1.5 before:content-['']"
      />
      <Check
        size={12}
        strokeWidth={2.5}
        className="pointer-events-none absolute inset-0.5 hidden text-on-accent peer-checked:block"
        aria-hidden
      />
    </span>
  );
}
