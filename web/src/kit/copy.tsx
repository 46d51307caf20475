import { Check, Copy } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { IconButton } from './button.tsx';
import { cx } from './cx.ts';
import { Tip } from './tip.tsx';

/** Copies and says for a moment that it did. */
export function useCopy(): [copied: boolean, copy: (text: string) => void] {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = window.setTimeout(() => setCopied(false), 1400);
    return () => window.clearTimeout(timer);
  }, [copied]);
  return [copied, (text) => void writeClipboard(text).then(() => setCopied(true))];
}

/** The clipboard needs a secure context; on plain http a selection does. */
async function writeClipboard(text: string): Promise<void> {
  if (window.isSecureContext) return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}

export function CopyButton({
  text,
  label = 'Copy',
  className,
}: {
  text: string | (() => string);
  label?: string;
  className?: string;
}): ReactNode {
  const [copied, copy] = useCopy();
  return (
    <IconButton
      icon={copied ? Check : Copy}
      label={copied ? 'Copied' : label}
      onClick={(event) => {
        event.stopPropagation();
        copy(typeof text === 'string' ? text : text());
      }}
      className={cx('size-6', copied && 'text-better', className)}
    />
  );
}

/** An id that copies itself when it is pressed. */
export function CopyId({ id, shown, className }: { id: string; shown?: string; className?: string }): ReactNode {
  const [copied, copy] = useCopy();
  return (
    <Tip
      label={
        copied ? (
          'Copied'
        ) : (
          <>
            Copy <span className="font-mono">{id}</span>
          </>
        )
      }
    >
      <button
        type="button"
        onClick={(event) => {
          event.stopPropagation();
          copy(id);
        }}
        className={cx('num rounded-sm px-1 text-ink-2 hover:bg-hover hover:text-ink', copied && 'text-better', className)}
      >
        {shown ?? id}
      </button>
    </Tip>
  );
}
