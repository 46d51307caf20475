import { Select as Base } from '@base-ui/react/select';
import { Check } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from './cx.ts';
import { popupClass, rowClass } from './popup.ts';
import { selectClass, SelectFace, type SelectProps } from './select.tsx';

/** The control with its list, open from the start. */
export function SelectPopup<V extends string>(props: SelectProps<V>): ReactNode {
  const { value, options, onChange, label, id, disabled = false } = props;
  return (
    <Base.Root value={value} onValueChange={(next) => next !== null && onChange(next)} disabled={disabled} defaultOpen>
      <Base.Trigger {...(id === undefined ? {} : { id })} aria-label={label} className={selectClass(props)}>
        <SelectFace {...props} />
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
