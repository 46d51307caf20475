import { type ComponentProps, type ReactNode, useId } from 'react';
import { cx } from './cx.ts';

export const inputClass =
  'w-full rounded-md bg-raised px-2.5 text-ink placeholder:text-ink-3 shadow-[inset_0_0_0_1px_var(--line-strong)] outline-none transition-shadow focus:shadow-[inset_0_0_0_1px_var(--accent),0_0_0_3px_var(--accent-soft)] disabled:opacity-50 aria-invalid:shadow-[inset_0_0_0_1px_var(--worse)]';

export function Input({ className, ...rest }: ComponentProps<'input'>): ReactNode {
  return <input {...rest} className={cx(inputClass, 'h-8 pointer-coarse:h-10', className)} />;
}

/** A label above a control, with a hint or an error below it. The control gets its id and is described by the text. */
export function Field({
  label,
  hint,
  error,
  className,
  children,
}: {
  label: ReactNode;
  hint?: ReactNode;
  error?: string | null | undefined;
  className?: string;
  children: (props: { id: string; 'aria-describedby': string; 'aria-invalid': boolean }) => ReactNode;
}): ReactNode {
  const id = useId();
  const failed = error !== null && error !== undefined && error !== '';
  return (
    <div className={cx('flex flex-col gap-1.5', className)}>
      <label htmlFor={id} className="font-medium text-ink">
        {label}
      </label>
      {children({ id, 'aria-describedby': `${id}-text`, 'aria-invalid': failed })}
      <p id={`${id}-text`} className={cx('text-meta', failed ? 'text-worse' : 'text-ink-3', !failed && hint === undefined && 'hidden')}>
        {failed ? error : hint}
      </p>
    </div>
  );
}
