import type { EvaluatorSpec, Valence } from '@whetstone/contract';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Badge } from '../../kit/badge.tsx';
import { SkeletonRows } from '../../kit/skeleton.tsx';
import { kindName } from '../../parts/feedback/kinds.ts';
import { useFeedbackKinds } from '../../parts/feedback/use-feedback-kinds.ts';
import { useLinks } from '../../parts/links.ts';

const tones: Record<Valence, 'better' | 'worse' | 'soft'> = { positive: 'better', negative: 'worse', neutral: 'soft' };

/** Every kind that can be sent, by the name that a call gives it, and what may be said. */
export function Kinds(): ReactNode {
  const links = useLinks();
  const kinds = useFeedbackKinds();
  if (kinds === undefined) return <SkeletonRows count={6} height={40} />;
  return (
    <ul className="border-t border-line">
      {kinds.map((kind) => (
        <li key={kind.id} className="flex min-h-10 flex-wrap items-center gap-x-4 gap-y-1 border-b border-line py-1.5">
          <Link {...links.file(kind.id)} className="w-40 shrink-0 truncate font-mono text-[12px] hover:underline">
            {kindName(kind.path)}
          </Link>
          <span className="min-w-0 flex-1 basis-52 text-ink-2">{kind.description}</span>
          <span className="flex flex-wrap gap-1">
            <Says spec={kind.spec} />
          </span>
        </li>
      ))}
    </ul>
  );
}

function Says({ spec }: { spec: EvaluatorSpec }): ReactNode {
  const many = spec.return_type === 'multi_select' && <span className="text-meta text-ink-3">several of</span>;
  if (spec.return_type === 'select' || spec.return_type === 'multi_select')
    return (
      <>
        {many}
        {(spec.options ?? []).map(({ name, valence }) => (
          <Badge key={name} tone={tones[valence ?? 'neutral']}>
            {name}
          </Badge>
        ))}
      </>
    );
  if (spec.return_type === 'boolean') {
    const bad = spec.number_valence === 'negative';
    return (
      <>
        <Badge tone={bad ? 'worse' : 'better'}>yes</Badge>
        <Badge tone={bad ? 'better' : 'worse'}>no</Badge>
      </>
    );
  }
  const { min, max } = spec.number_limits ?? {};
  const range = min != null && max != null ? `${min} to ${max}` : 'a number';
  return <span className="text-meta text-ink-3">{spec.return_type === 'number' ? range : 'words'}</span>;
}
