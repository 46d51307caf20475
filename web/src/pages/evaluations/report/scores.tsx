import type { ReactNode } from 'react';
import { MeasureCard } from './measure-card.tsx';
import { useReportHere } from './report-context.ts';
import { ScoreCard } from './score-card.tsx';

/** What each evaluator said, the one that decides first; then cost and latency as measures of their own. */
export function Scores(): ReactNode {
  const { report } = useReportHere();
  const ordered = report.evaluators.toSorted((a, b) => Number(b.primary) - Number(a.primary));
  if (ordered.length === 0)
    return <p className="py-6 text-ink-3">Nobody judges this evaluation. Add an evaluator under “Settings” above.</p>;
  return (
    <section aria-label="Scores" className="flex flex-col gap-4 pt-6">
      {ordered.slice(0, 1).map((one) => (
        <ScoreCard key={one.evaluator_version_id} evaluator={one} />
      ))}
      <div className="grid items-start gap-4 empty:hidden @5xl/page:grid-cols-2">
        {ordered.slice(1).map((one) => (
          <ScoreCard key={one.evaluator_version_id} evaluator={one} />
        ))}
        {report.runs.length > 1 && report.measures.map((one) => <MeasureCard key={one.measure} measure={one} />)}
      </div>
    </section>
  );
}
