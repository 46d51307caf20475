import type { LogResponse } from '@whetstone/contract';
import { ThumbsDown, ThumbsUp } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '../../kit/button.tsx';
import { Tip } from '../../kit/tip.tsx';
import { Ago } from '../../kit/time.tsx';
import { JudgmentMark, judgmentText } from '../logs/judgment-marks.tsx';
import { judgmentsOf } from '../logs/log-file.ts';
import { judgeOf, reasonOf, useVote } from './use-vote.ts';

/** What was said about the log, by whom and when; and a vote of one's own. */
export function Judgments({ log }: { log: LogResponse }): ReactNode {
  const { may, vote } = useVote(log);
  const judgments = judgmentsOf(log);
  return (
    <div>
      {judgments.length === 0 && <p className="py-1 text-ink-3">Nobody has judged this yet.</p>}
      <ul>
        {judgments.map((judgment) => (
          <li key={judgment.id} className="flex items-start gap-2 border-b border-line py-2 last:border-b-0">
            <span className="flex h-5 items-center">
              <JudgmentMark judgment={judgment} />
            </span>
            <div className="min-w-0 flex-1">
              <div className="flex items-baseline gap-2">
                <span className="truncate font-medium">{judgment.evaluator.name}</span>
                <span className="truncate text-ink-2">{judgmentText(judgment)}</span>
                <Ago at={judgment.created_at} className="ml-auto text-meta text-ink-3" />
              </div>
              <div className="text-meta text-ink-3">by {judgeOf(judgment)}</div>
              {reasonOf(judgment) !== null && <p className="mt-0.5 text-ink-2 wrap-anywhere">{reasonOf(judgment)}</p>}
            </div>
          </li>
        ))}
      </ul>
      {may && (
        <div className="mt-2 flex gap-2">
          <Tip label="Judge good" keys="g g">
            <Button size="sm" icon={ThumbsUp} onClick={() => vote('good')}>
              Good
            </Button>
          </Tip>
          <Tip label="Judge bad" keys="g b">
            <Button size="sm" icon={ThumbsDown} onClick={() => vote('bad')}>
              Bad
            </Button>
          </Tip>
        </div>
      )}
    </div>
  );
}
