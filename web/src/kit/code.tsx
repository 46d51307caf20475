import type { ReactNode } from 'react';
import { CopyButton } from './copy.tsx';
import { cx } from './cx.ts';

/** Code to read or copy, as it is. */
export function Code({
  text,
  wrap = false,
  className,
  copy = true,
  maxHeight = '28rem',
}: {
  text: string;
  wrap?: boolean;
  className?: string;
  copy?: boolean;
  maxHeight?: string;
}): ReactNode {
  return (
    <div className={cx('group/code relative rounded-md bg-sunken', className)}>
      <pre
        tabIndex={0}
        style={{ maxHeight }}
        className={cx('overflow-auto p-3 leading-5 text-ink', wrap && 'whitespace-pre-wrap wrap-anywhere')}
      >
        {text}
      </pre>
      {copy && (
        <CopyButton
          text={text}
          className="absolute top-1.5 right-1.5 bg-sunken opacity-0 group-focus-within/code:opacity-100 group-hover/code:opacity-100 pointer-coarse:opacity-100"
        />
      )}
    </div>
  );
}
