import { Checkbox as BaseCheckbox } from '@base-ui/react/checkbox';
import { Check } from 'lucide-react';
import type { ReactNode } from 'react';

export function Checkbox({
  checked,
  onChange,
  label,
  className = '',
}: {
  checked: boolean;
  onChange: (checked: boolean) => void;
  label: string;
  className?: string;
}): ReactNode {
  return (
    <BaseCheckbox.Root
      checked={checked}
      onCheckedChange={onChange}
      aria-label={label}
      className={`flex size-4 shrink-0 items-center justify-center rounded-sm bg-raised text-on-accent shadow-[inset_0_0_0_1px_var(--line-strong)] data-checked:bg-accent ${className}`}
    >
      <BaseCheckbox.Indicator>
        <Check size={12} strokeWidth={2.5} aria-hidden />
      </BaseCheckbox.Indicator>
    </BaseCheckbox.Root>
  );
}
