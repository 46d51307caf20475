import type { ExperimentResponse } from '@whetstone/contract';
import { CircleCheck, CircleDot, CircleStop, type LucideIcon, PencilLine } from 'lucide-react';
import type { ComponentProps, ReactNode } from 'react';
import { Badge } from '../../kit/badge.tsx';

type State = ExperimentResponse['state'];

const looks: Record<State, { word: string; icon: LucideIcon; tone: NonNullable<ComponentProps<typeof Badge>['tone']> }> = {
  draft: { word: 'draft', icon: PencilLine, tone: 'plain' },
  running: { word: 'running', icon: CircleDot, tone: 'accent' },
  stopped: { word: 'stopped', icon: CircleStop, tone: 'soft' },
  promoted: { word: 'promoted', icon: CircleCheck, tone: 'better' },
};

export function StateBadge({ state }: { state: State }): ReactNode {
  const { word, icon: Icon, tone } = looks[state];
  return (
    <Badge tone={tone}>
      <Icon size={12} strokeWidth={1.75} aria-hidden /> {word}
    </Badge>
  );
}
