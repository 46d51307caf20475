import type { EvaluatorLogResponse } from '@whetstone/contract';
import type { ReactNode } from 'react';
import { Badge } from '../../kit/badge.tsx';
import { Ago } from '../../kit/time.tsx';
import { judgmentText } from '../logs/judgment-marks.tsx';
import { reasonOf } from '../log/use-vote.ts';
import { EditFacts } from './correction.tsx';
import { isCorrection } from './kinds.ts';
import { useJudgeName } from './use-judge-name.ts';

const tones = { positive: 'better', negative: 'worse', neutral: 'soft' } as const;

/** What people said of a log, newest first. */
export function Said({ judgments }: { judgments: readonly EvaluatorLogResponse[] }): ReactNode {
  const nameOf = useJudgeName(judgments);
  return (
    <ul>
      {judgments
        .toSorted((a, b) => (a.created_at < b.created_at ? 1 : -1))
        .map((one) => (
          <li key={one.id} className="border-b border-line py-2 last:border-b-0">
            <div className="flex items-baseline gap-2">
              <span className="shrink-0 font-medium">{one.evaluator.name}</span>
              <Value judgment={one} />
              <Ago at={one.created_at} className="ml-auto shrink-0 text-meta text-ink-3" />
            </div>
            <div className="truncate text-meta text-ink-3">by {nameOf(one)}</div>
            {isText(one) && !isCorrection(one.evaluator) && <p className="mt-0.5 whitespace-pre-wrap wrap-anywhere">{judgmentText(one)}</p>}
            {isCorrection(one.evaluator) && one.edit && <EditFacts edit={one.edit} />}
            {reasonOf(one) !== null && <p className="mt-0.5 text-ink-2 wrap-anywhere">“{reasonOf(one)}”</p>}
          </li>
        ))}
    </ul>
  );
}

function isText({ evaluator }: EvaluatorLogResponse): boolean {
  return evaluator.spec.return_type === 'text';
}

/** Options by what they speak for; numbers and texts as they are. */
function Value({ judgment }: { judgment: EvaluatorLogResponse }): ReactNode {
  const { judgment: value, evaluator } = judgment;
  if (isText(judgment)) return null;
  if (typeof value === 'number' || value === null) return <span className="num">{judgmentText(judgment)}</span>;
  const named = typeof value === 'boolean' ? [value ? 'yes' : 'no'] : [value].flat();
  const valenceOf = (name: string) =>
    evaluator.spec.options?.find((option) => option.name === name)?.valence ??
    (typeof value === 'boolean' ? (value === (evaluator.spec.number_valence !== 'negative') ? 'positive' : 'negative') : 'neutral');
  return (
    <span className="flex min-w-0 flex-wrap gap-1">
      {named.map((name) => (
        <Badge key={name} tone={tones[valenceOf(name)]}>
          {name}
        </Badge>
      ))}
    </span>
  );
}
