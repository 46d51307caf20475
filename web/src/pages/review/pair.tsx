import type { ReviewSubject } from '@whetstone/contract';
import type { ReactNode } from 'react';
import { cx } from '../../kit/cx.ts';
import { Answered, Asked } from './subject.tsx';

/** Two outputs for the same input. Which run stands at which side is by chance. */
export function PairSubjects({
  left,
  right,
  markdown,
  choice,
  onChoose,
}: {
  left: ReviewSubject;
  right: ReviewSubject;
  markdown: boolean;
  choice: 'left' | 'right' | 'tie' | null;
  onChoose: (choice: 'left' | 'right') => void;
}): ReactNode {
  const side = (subject: ReviewSubject, name: 'left' | 'right') => (
    <section
      aria-label={name === 'left' ? 'Left' : 'Right'}
      onDoubleClick={() => onChoose(name)}
      className={cx('min-w-0 rounded-lg border border-line px-4 pb-4', choice === name && 'border-accent bg-accent-soft/40')}
    >
      <Answered subject={{ ...subject, target: null }} markdown={markdown} title={name === 'left' ? 'Left' : 'Right'} />
    </section>
  );
  return (
    <>
      <Asked subject={left} markdown={markdown} />
      <div className="mt-5 grid gap-4 xl:grid-cols-2">
        {side(left, 'left')}
        {side(right, 'right')}
      </div>
    </>
  );
}
