import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { Tip } from '../../kit/tip.tsx';

/** Said beside work that would not outlive the page. */
export function NotKept(): ReactNode {
  return (
    <Tip label="The images make it too large for this browser’s storage. Save it before you leave or reload the page.">
      <span className="flex items-center gap-1 px-1.5 text-meta whitespace-nowrap text-undecided">
        <TriangleAlert size={13} strokeWidth={1.5} aria-hidden />
        not kept
      </span>
    </Tip>
  );
}
