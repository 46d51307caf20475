import { Menu as Base } from '@base-ui/react/menu';
import { Check, type LucideIcon } from 'lucide-react';
import type { HTMLAttributes, ReactElement, ReactNode } from 'react';
import { cx } from './cx.ts';
import { Keys } from './keys.tsx';
import { popupClass, rowClass } from './popup.ts';

/** The menu with its trigger, open from the start. */
export function Menu({
  trigger,
  align = 'end',
  side = 'bottom',
  className,
  children,
}: {
  trigger: ReactElement<HTMLAttributes<HTMLElement>>;
  align?: 'start' | 'center' | 'end';
  side?: 'top' | 'bottom' | 'left' | 'right';
  className?: string;
  children: ReactNode;
}): ReactNode {
  return (
    <Base.Root defaultOpen>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner align={align} side={side} sideOffset={5} className="z-50 outline-none">
          <Base.Popup className={cx(popupClass, 'min-w-44 max-w-80 p-1', className)}>{children}</Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

export function MenuItem({
  icon: Icon,
  keys,
  danger = false,
  disabled = false,
  onSelect,
  children,
}: {
  icon?: LucideIcon;
  keys?: string;
  danger?: boolean;
  disabled?: boolean;
  onSelect?: () => void;
  children: ReactNode;
}): ReactNode {
  return (
    <Base.Item disabled={disabled} {...(onSelect ? { onClick: onSelect } : {})} className={cx(rowClass, danger && 'text-worse')}>
      {Icon && <Icon size={15} strokeWidth={1.5} className={danger ? '' : 'text-ink-3'} aria-hidden />}
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {keys !== undefined && <Keys keys={keys} />}
    </Base.Item>
  );
}

export function MenuCheck({
  checked,
  onChange,
  children,
}: {
  checked: boolean;
  onChange: (checked: boolean) => void;
  children: ReactNode;
}): ReactNode {
  return (
    <Base.CheckboxItem checked={checked} onCheckedChange={onChange} closeOnClick={false} className={rowClass}>
      <span className="flex size-4 items-center justify-center">{checked && <Check size={14} strokeWidth={2} aria-hidden />}</span>
      <span className="min-w-0 flex-1 truncate">{children}</span>
    </Base.CheckboxItem>
  );
}

export function MenuRadio({
  value,
  onChange,
  options,
}: {
  value: string;
  onChange: (value: string) => void;
  options: readonly { value: string; label: ReactNode }[];
}): ReactNode {
  return (
    <Base.RadioGroup value={value} onValueChange={(next: string) => onChange(next)}>
      {options.map((option) => (
        <Base.RadioItem key={option.value} value={option.value} closeOnClick className={rowClass}>
          <span className="flex size-4 items-center justify-center">
            {option.value === value && <Check size={14} strokeWidth={2} aria-hidden />}
          </span>
          <span className="min-w-0 flex-1 truncate">{option.label}</span>
        </Base.RadioItem>
      ))}
    </Base.RadioGroup>
  );
}

export function MenuLabel({ children }: { children: ReactNode }): ReactNode {
  return <div className="px-2 pt-1.5 pb-1 text-meta text-ink-3">{children}</div>;
}
export function MenuLine(): ReactNode {
  return <Base.Separator className="mx-1 my-1 h-px bg-line" />;
}
