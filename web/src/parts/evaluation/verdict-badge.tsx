import type { ReportComparison } from '@whetstone/contract';
import { ArrowDown, ArrowUp, CircleHelp, Equal, type LucideIcon } from 'lucide-react';
import type { ComponentProps, ReactNode } from 'react';
import { Badge } from '../../kit/badge.tsx';
import { Tip } from '../../kit/tip.tsx';

export type VerdictWord = ReportComparison['verdict'] | 'mixed' | 'nothing';

const looks: Record<VerdictWord, { word: string; icon: LucideIcon | null; tone: NonNullable<ComponentProps<typeof Badge>['tone']> }> = {
  better: { word: 'better', icon: ArrowUp, tone: 'better' },
  worse: { word: 'worse', icon: ArrowDown, tone: 'worse' },
  no_difference: { word: 'no difference', icon: Equal, tone: 'soft' },
  cannot_tell: { word: 'cannot tell', icon: CircleHelp, tone: 'undecided' },
  mixed: { word: 'mixed', icon: CircleHelp, tone: 'undecided' },
  nothing: { word: 'nothing to compare', icon: null, tone: 'plain' },
};

/** A verdict as a word; the sentence on hover. */
export function VerdictBadge({ word, sentence }: { word: VerdictWord; sentence?: string }): ReactNode {
  const { word: said, icon: Icon, tone } = looks[word];
  const badge = (
    <Badge tone={tone}>
      {Icon && <Icon size={12} strokeWidth={1.75} aria-hidden />}
      {said}
    </Badge>
  );
  return sentence === undefined ? (
    badge
  ) : (
    <Tip label={sentence}>
      <span className="inline-flex shrink-0">{badge}</span>
    </Tip>
  );
}
