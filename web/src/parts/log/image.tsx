import { Image as ImageIcon } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { cx } from '../../kit/cx.ts';
import { formatBytes } from '../../kit/format.ts';
import { dataFacts, isPictureData } from './pictures.ts';
import { SafeLink } from './safe-link.tsx';

/** An image of a message. What is inside the message is shown; what lies elsewhere is never loaded into the page. */
export function LoggedImage({ url, alt = 'Image in the log', className }: { url: string; alt?: string; className?: string }): ReactNode {
  const [failed, setFailed] = useState(false);
  if (isPictureData(url) && !failed) {
    return (
      <img
        src={url}
        alt={alt}
        referrerPolicy="no-referrer"
        onError={() => setFailed(true)}
        className={cx('max-h-80 max-w-full self-start rounded-md border border-line object-contain', className)}
      />
    );
  }
  const facts = dataFacts(url);
  if (failed || facts !== null) {
    return (
      <NotShown>
        {failed ? 'This image is damaged' : 'An image of a kind that is not shown'}
        {facts !== null && ` (${facts.type}, ${formatBytes(facts.bytes)})`}
      </NotShown>
    );
  }
  return <RemoteImage url={url} alt="" />;
}

/** Where an image lies that was not loaded; pressing tells whole where it leads and what looking at it tells that site. */
export function RemoteImage({ url, alt }: { url: string; alt: string }): ReactNode {
  const host = /^https?:\/\/([^/?#]+)/i.exec(url)?.[1];
  if (host === undefined) return <NotShown>Image {alt || url.slice(0, 60)}</NotShown>;
  return (
    <NotShown>
      {alt !== '' && <span className="text-ink">{alt} </span>}
      Image at <span className="num text-ink">{host}</span>, not loaded{' '}
      <SafeLink href={url} why={`This image lies at ${host}. Looking at it tells that site who looks, when, and from where.`}>
        Show image
      </SafeLink>
    </NotShown>
  );
}

function NotShown({ children }: { children: ReactNode }): ReactNode {
  return (
    <span className="inline-flex max-w-full items-center gap-2 rounded-md bg-sunken px-2.5 py-1.5 text-base text-ink-2">
      <ImageIcon size={16} strokeWidth={1.5} className="shrink-0 text-ink-3" aria-hidden />
      <span className="min-w-0 wrap-anywhere">{children}</span>
    </span>
  );
}
