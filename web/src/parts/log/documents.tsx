import type { ReactNode } from 'react';
import type { RetrievedDocument } from './content.ts';
import { Prose } from './prose.tsx';

/** What was retrieved, best first as it came, with its score. */
export function Documents({ documents }: { documents: RetrievedDocument[] }): ReactNode {
  return (
    <ol className="flex flex-col">
      {documents.map((one, at) => (
        <li key={at} className="border-b border-line py-2.5 last:border-b-0">
          <div className="mb-0.5 flex items-baseline gap-2">
            <span className="num text-ink-3">{at + 1}</span>
            <span className="truncate font-medium">{one.title ?? one.id ?? 'Document'}</span>
            {one.title !== null && one.id !== null && <span className="num truncate text-ink-3">{one.id}</span>}
            {one.score !== null && <Score score={one.score} />}
          </div>
          <Prose text={one.text} markdown={false} className="text-base text-ink-2" />
        </li>
      ))}
    </ol>
  );
}

/** A bar only where the scale is known: scores outside 0 to 1 are numbers. */
function Score({ score }: { score: number }): ReactNode {
  return (
    <span className="ml-auto flex shrink-0 items-center gap-2">
      {score >= 0 && score <= 1 && (
        <span aria-hidden className="h-1 w-16 overflow-hidden rounded-full bg-pressed">
          <span className="block h-full bg-ink-3" style={{ width: `${score * 100}%` }} />
        </span>
      )}
      <span className="num">{Number(score.toFixed(3))}</span>
    </span>
  );
}
