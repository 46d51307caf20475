import { Image as ImageIcon } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { SafeLink } from './safe-link.tsx';

/** An image of a log. What is inside the log is shown; what lies elsewhere is never loaded into the page. */
export function LoggedImage({ url }: { url: string }): ReactNode {
  const inside = /^data:image\/(?:png|jpe?g|gif|webp|avif);/i.test(url) || url.startsWith('/v5/');
  const [failed, setFailed] = useState(false);
  if (inside && !failed) {
    return (
      <img
        src={url}
        alt="Image in the log"
        referrerPolicy="no-referrer"
        onError={() => setFailed(true)}
        className="max-h-80 max-w-full self-start rounded-md border border-line object-contain"
      />
    );
  }
  const host = /^https?:\/\/([^/]+)/i.exec(url)?.[1];
  return (
    <div className="flex max-w-lg items-center gap-2.5 rounded-md bg-sunken px-3 py-2">
      <ImageIcon size={16} strokeWidth={1.5} className="shrink-0 text-ink-3" aria-hidden />
      <span className="min-w-0 flex-1 truncate text-ink-2">
        {failed
          ? 'This image is damaged.'
          : host === undefined
            ? `Image of a kind that is not shown (${url.slice(0, 40)})`
            : `Image at ${host}, not loaded: asking for it would tell that site who looks.`}
      </span>
      {host !== undefined && <SafeLink href={url}>Look</SafeLink>}
    </div>
  );
}
