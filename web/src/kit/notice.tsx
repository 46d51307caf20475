import { CircleAlert, Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from './cx.ts';

const looks = {
  info: { icon: Info, className: 'text-ink-3', box: 'bg-sunken' },
  warning: { icon: TriangleAlert, className: 'text-undecided', box: 'bg-undecided-soft' },
  error: { icon: CircleAlert, className: 'text-worse', box: 'bg-worse-soft' },
};

/** What happened, why, and what to do about it. */
export function Notice({
  kind = 'info',
  title,
  children,
  actions,
  className,
}: {
  kind?: keyof typeof looks;
  title?: ReactNode;
  children?: ReactNode;
  actions?: ReactNode;
  className?: string;
}): ReactNode {
  const { icon: Icon, className: tint, box } = looks[kind];
  return (
    <div role={kind === 'error' ? 'alert' : 'status'} className={cx('flex items-start gap-2.5 rounded-md px-3 py-2.5', box, className)}>
      <Icon size={16} strokeWidth={1.5} className={cx('mt-0.5 shrink-0', tint)} aria-hidden />
      <div className="min-w-0 flex-1">
        {title !== undefined && <div className="font-medium">{title}</div>}
        {children !== undefined && <div className="text-ink-2 wrap-anywhere">{children}</div>}
      </div>
      {actions}
    </div>
  );
}

/** Nothing here yet: one sentence that teaches, one action, and what helps to take it. */
export function Empty({
  title,
  children,
  action,
  className,
}: {
  title: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
  className?: string;
}): ReactNode {
  return (
    <div className={cx('mx-auto flex w-full max-w-xl flex-col items-start gap-3 px-4 py-14', className)}>
      <h2 className="text-read font-semibold">{title}</h2>
      {children !== undefined && <div className="max-w-[68ch] text-ink-2">{children}</div>}
      {action}
    </div>
  );
}
