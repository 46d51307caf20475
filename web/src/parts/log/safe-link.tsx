import { ExternalLink } from 'lucide-react';
import type { ReactNode } from 'react';
import { buttonClass } from '../../kit/button.tsx';
import { CopyButton } from '../../kit/copy.tsx';
import { Popover } from '../../kit/popover.tsx';

/** A link from untrusted text: it shows where it leads and is followed only by a second press. */
export function SafeLink({
  href,
  why = 'This link was written by a model or a user. It leads to',
  children,
}: {
  href: string;
  /** What a person should know before following it. */
  why?: string;
  children: ReactNode;
}): ReactNode {
  const safe = /^https?:\/\//i.test(href);
  return (
    <Popover
      className="w-[min(380px,calc(100vw-16px))]"
      trigger={
        <button type="button" className="text-accent-ink underline decoration-dotted underline-offset-2">
          {children}
        </button>
      }
    >
      <p className="text-meta text-ink-2">{why}</p>
      <p className="num mt-1 flex items-start gap-1 wrap-anywhere">
        <span className="flex-1">{href}</span>
        <CopyButton text={href} />
      </p>
      {safe && (
        <a href={href} target="_blank" rel="noreferrer noopener nofollow" className={buttonClass({ size: 'sm' }) + ' mt-2'}>
          <ExternalLink size={13} aria-hidden /> Open in a new tab
        </a>
      )}
    </Popover>
  );
}
