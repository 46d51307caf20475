import type { ReactNode } from 'react';
import { formatCount } from '../../../kit/format.ts';
import { rangeOf, unitOf } from '../../../parts/evaluation/evaluator-facts.ts';
import { formatSize } from '../../../parts/evaluation/numbers.ts';
import { casesFor, casesForScore, tellable, usualFlips } from '../../../parts/evaluation/plan.ts';
import type { NewEvaluation } from './use-new-evaluation.ts';

/** Whether so many cases can show what is worth having, before anything is spent. */
export function PlanLine({ form }: { form: NewEvaluation }): ReactNode {
  const { primary, dataset, margin, chosen, others } = form;
  if (primary === null || dataset === null || chosen.length + others.length < 2) return null;
  const cases = dataset.datapoints_count;
  const range = rangeOf(primary);
  const valid = margin !== null && margin > 0 ? margin : null;
  if (unitOf(primary) === 'points') {
    const least = tellable(cases);
    const needed = valid === null || valid > 1 ? null : casesFor(valid);
    return (
      <Said enough={needed === null || needed <= cases}>
        {least === null
          ? `${formatCount(cases)} cases are too few to show any difference. `
          : `With ${formatCount(cases)} cases a difference of ${formatSize('points', least)} is found four times in five. `}
        {needed !== null &&
          needed > cases &&
          valid !== null &&
          `For ${formatSize('points', valid)} it takes about ${formatCount(needed)} cases. `}
        Assumes that {Math.round(usualFlips * 100)} % of the cases change their outcome.
      </Said>
    );
  }
  if (valid === null || range === null || valid >= range)
    return (
      <Said enough>
        How small a difference {formatCount(cases)} cases can show depends on how far scores spread: the report of a first run says it.
      </Said>
    );
  const needed = casesForScore(valid, range);
  return (
    <Said enough={needed <= cases}>
      {needed <= cases
        ? `${formatCount(cases)} cases find a difference of ${formatSize('number', valid)} four times in five or more often.`
        : `To find a difference of ${formatSize('number', valid)} four times in five takes about ${formatCount(needed)} cases; there are ${formatCount(cases)}.`}{' '}
      Assumes that differences spread by a quarter of the scale.
    </Said>
  );
}

function Said({ enough, children }: { enough: boolean; children: ReactNode }): ReactNode {
  return (
    <p role="status" className={`rounded-md px-3 py-2 ${enough ? 'bg-sunken text-ink-2' : 'bg-undecided-soft text-ink'}`}>
      {children}
    </p>
  );
}
