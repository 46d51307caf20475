import type { ReactNode } from 'react';
import type { ExperimentResponse } from '@whetstone/contract';

/** The three questions that everybody asks of such a page. */
export function Explained({ mode }: { mode: ExperimentResponse['mode'] }): ReactNode {
  const answers = [
    {
      ask: 'What does “cannot tell yet” mean?',
      tell: 'So few users were counted that both a difference worth having and none at all would look like this. It is no sign that there is no difference: “no difference” is said only when the interval leaves no room for one that is worth having.',
    },
    mode === 'sequential'
      ? {
          ask: 'May I look every day, and stop when I like it?',
          tell: 'Yes. The interval is made to hold at all looks at once: the true difference lies in it at every one of them in 95 of 100 experiments. It is wider for that, which costs about 1.75 times the users of a plan with a single look.',
        }
      : {
          ask: 'Why is there no interval yet?',
          tell: 'This experiment is read once, at its planned size. An interval for a single look, looked at every day, would find differences that are not there in far more than 5 of 100 experiments.',
        },
    {
      ask: 'What is a unit?',
      tell: 'Who gets an arm: the user that a call names, else its session. All that one user does is one outcome, for answers to the same person are alike.',
    },
    {
      ask: 'Why are some users not counted yet?',
      tell: 'A user’s outcome is what was said within the window after the first call. Counting before it is over would favour arms whose users answer faster.',
    },
  ];
  return (
    <details className="mt-8 rounded-md bg-sunken px-4 py-2.5">
      <summary className="cursor-default font-medium">How to read this</summary>
      <dl className="flex max-w-[72ch] flex-col gap-3 pt-2 pb-1.5">
        {answers.map(({ ask, tell }) => (
          <div key={ask}>
            <dt className="font-medium">{ask}</dt>
            <dd className="text-ink-2">{tell}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
