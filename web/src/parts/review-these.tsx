import { Link } from '@tanstack/react-router';
import { MessageSquareText } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button, buttonClass } from '../kit/button.tsx';
import { Tip } from '../kit/tip.tsx';
import { useLinks } from './links.ts';
import { useMay } from './session.ts';

/** What an address holds. */
const most = 300;

/** To a new review queue of these logs. */
export function ReviewThese({ logIds, label = 'Review these' }: { logIds: readonly string[]; label?: string }): ReactNode {
  const links = useLinks();
  const mayWrite = useMay('write');
  if (!mayWrite || logIds.length === 0) return null;
  if (logIds.length > most)
    return (
      <Tip label={`${most} at most can be named; make a queue of a filter instead`}>
        <span>
          <Button size="sm" icon={MessageSquareText} disabled>
            {label}
          </Button>
        </span>
      </Tip>
    );
  return (
    <Link {...links.newReview({ logs: logIds.join(',') })} className={buttonClass({ size: 'sm' })}>
      <MessageSquareText size={13} strokeWidth={1.5} aria-hidden /> {label}
    </Link>
  );
}
