import type { OtelRule } from '@whetstone/contract';
import type { ReactNode } from 'react';
import { inWords } from './rule-words.ts';

/** What a rule does, as a sentence to read. */
export function RuleText({ rule }: { rule: OtelRule }): ReactNode {
  return (
    <span className="wrap-anywhere">
      {inWords(rule).map(({ text, code }, at) =>
        code ? (
          <code key={at} className="rounded-sm bg-accent-soft px-1 text-accent-ink">
            {text || '…'}
          </code>
        ) : (
          text
        ),
      )}
    </span>
  );
}
