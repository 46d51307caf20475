import { cva, type VariantProps } from 'class-variance-authority';
import { LoaderCircle, type LucideIcon } from 'lucide-react';
import type { ComponentProps, ReactNode } from 'react';
import { cx } from './cx.ts';
import { Tip } from './tip.tsx';

const button = cva(
  'inline-flex shrink-0 select-none items-center justify-center gap-1.5 whitespace-nowrap rounded-md font-medium transition-colors disabled:pointer-events-none disabled:opacity-45 aria-disabled:opacity-45 [&_svg]:shrink-0',
  {
    variants: {
      look: {
        primary: 'bg-accent text-on-accent hover:bg-accent-hover',
        plain: 'bg-raised text-ink shadow-[inset_0_0_0_1px_var(--line-strong)] hover:bg-hover active:bg-pressed',
        quiet: 'text-ink-2 hover:bg-hover hover:text-ink active:bg-pressed data-popup-open:bg-pressed data-popup-open:text-ink',
        danger: 'bg-raised text-worse shadow-[inset_0_0_0_1px_var(--line-strong)] hover:bg-worse-soft',
        'danger-solid': 'bg-worse text-page hover:opacity-90',
        link: 'text-accent-ink underline-offset-2 hover:underline',
      },
      size: {
        sm: 'h-6 px-2 text-meta',
        md: 'h-7 px-2.5 text-base pointer-coarse:h-9',
        lg: 'h-9 px-4 text-base',
      },
    },
    defaultVariants: { look: 'plain', size: 'md' },
  },
);
export type ButtonLook = NonNullable<VariantProps<typeof button>['look']>;

export interface ButtonProps extends ComponentProps<'button'>, VariantProps<typeof button> {
  icon?: LucideIcon | undefined;
  /** Shows that what the button started is still going on, and refuses a second press. */
  busy?: boolean | undefined;
}

/** The classes of a button, for links that look like one. */
export function buttonClass(options: VariantProps<typeof button> = {}): string {
  return button(options);
}

export function Button({ look, size, icon: Icon, busy = false, className, children, ...rest }: ButtonProps): ReactNode {
  return (
    <button type="button" {...rest} disabled={rest.disabled === true || busy} className={cx(button({ look, size }), className)}>
      {busy ? (
        <LoaderCircle size={14} className="animate-spin" aria-hidden />
      ) : (
        Icon && <Icon size={size === 'sm' ? 13 : 15} strokeWidth={1.5} aria-hidden />
      )}
      {children}
    </button>
  );
}

export interface IconButtonProps extends Omit<ComponentProps<'button'>, 'children'> {
  icon: LucideIcon;
  /** What it does, in words; shown as its tooltip. */
  label: string;
  /** The key that does the same. */
  keys?: string | undefined;
  active?: boolean | undefined;
}

export function IconButton({ icon: Icon, label, keys, active = false, className, ...rest }: IconButtonProps): ReactNode {
  return (
    <Tip label={label} keys={keys}>
      <button
        type="button"
        aria-label={label}
        {...rest}
        className={cx(
          'inline-flex size-7 shrink-0 items-center justify-center rounded-md text-ink-3 transition-colors hover:bg-hover hover:text-ink disabled:pointer-events-none disabled:opacity-40 data-popup-open:bg-pressed data-popup-open:text-ink pointer-coarse:size-9',
          active && 'bg-pressed text-ink',
          className,
        )}
      >
        <Icon size={16} strokeWidth={1.5} aria-hidden />
      </button>
    </Tip>
  );
}
