import { lazy, type ReactNode, Suspense, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { cx } from '../../kit/cx.ts';
import { formatCount } from '../../kit/format.ts';

const Markdown = lazy(() => import('./markdown.tsx'));
const shownAtFirst = 6_000;

/** Text that a model or a user wrote: as it is, or as Markdown through a sanitiser when asked. Long text is cut until it is asked for. */
export function Prose({ text, markdown, className }: { text: string; markdown: boolean; className?: string }): ReactNode {
  const [all, setAll] = useState(false);
  const cut = !all && text.length > shownAtFirst * 1.2;
  const shown = cut ? text.slice(0, shownAtFirst) : text;
  const raw = <div className="whitespace-pre-wrap wrap-anywhere">{shown}</div>;
  return (
    <div className={cx('max-w-[76ch] text-read', className)}>
      {markdown ? (
        <Suspense fallback={raw}>
          <Markdown text={shown} />
        </Suspense>
      ) : (
        raw
      )}
      {cut && (
        <Button size="sm" className="mt-2" onClick={() => setAll(true)}>
          Show all {formatCount(text.length)} characters
        </Button>
      )}
    </div>
  );
}
