import type { ReportComparison, ReportEvaluator, ReportScore } from '@whetstone/contract';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { Badge } from '../../../kit/badge.tsx';
import { Button } from '../../../kit/button.tsx';
import { cx } from '../../../kit/cx.ts';
import { formatCount } from '../../../kit/format.ts';
import { Tip } from '../../../kit/tip.tsx';
import { scaleOf } from '../../../parts/evaluation/numbers.ts';
import { useLinks } from '../../../parts/links.ts';
import { Distribution } from './distribution.tsx';
import { PairwiseResults } from './pairwise-results.tsx';
import { useReportHere } from './report-context.ts';
import { differenceScaleOf, ScoreRow } from './score-row.tsx';
import { toCases } from './to-cases.ts';

/** What one evaluator said of every run. */
export function ScoreCard({ evaluator }: { evaluator: ReportEvaluator }): ReactNode {
  const { report, live } = useReportHere();
  const links = useLinks();
  const [distribution, setDistribution] = useState(false);
  const scale = scaleOf(evaluator.range, evaluator.scores);
  const differenceScale = differenceScaleOf(evaluator.comparisons);
  const drawn = evaluator.scores.some((one) => one.distribution !== null);
  return (
    <article aria-label={evaluator.name} className="@container min-w-0 rounded-md shadow-[inset_0_0_0_1px_var(--line-strong)]">
      <header className="flex min-h-10 flex-wrap items-center gap-x-2.5 gap-y-1 px-3 py-1.5">
        <h3 className="min-w-0 truncate font-semibold">
          <Link {...links.file(evaluator.evaluator_id, { version: evaluator.evaluator_version_id })} className="hover:underline">
            {evaluator.name}
          </Link>
        </h3>
        {evaluator.primary ? (
          <Tip label="Chosen beforehand: its verdict is the verdict of the page.">
            <span className="inline-flex">
              <Badge tone="accent">decides</Badge>
            </span>
          </Tip>
        ) : (
          <Tip label="Not chosen beforehand: with many evaluators some differ by chance. Take it as a hint.">
            <span className="inline-flex">
              <Badge>exploratory</Badge>
            </span>
          </Tip>
        )}
        <span className="text-meta text-ink-3">{kindWord(evaluator)}</span>
        {drawn && (
          <Button look="quiet" size="sm" aria-expanded={distribution} onClick={() => setDistribution(!distribution)} className="ml-auto">
            {distribution ? 'Hide distribution' : 'Distribution'}
          </Button>
        )}
      </header>
      <div role="table" aria-label={`Scores by ${evaluator.name}`}>
        {report.runs.map((run) => {
          const score = evaluator.scores.find((one) => one.run_id === run.run_id);
          const comparison = evaluator.comparisons.find((one) => one.run_id === run.run_id);
          return (
            <ScoreRow
              key={run.run_id}
              run={run}
              score={score}
              scale={scale}
              unit={evaluator.unit}
              comparison={comparison}
              differenceScale={differenceScale}
              live={live}
              below={
                <>
                  {score && <Missing score={score} live={live} />}
                  {comparison && !live && <Flips evaluator={evaluator} comparison={comparison} />}
                </>
              }
            />
          );
        })}
      </div>
      {!live && evaluator.pairwise !== null && evaluator.pairwise.length > 0 && <PairwiseResults pairs={evaluator.pairwise} />}
      {distribution && <Distribution evaluator={evaluator} />}
      <Footnotes evaluator={evaluator} live={live} />
    </article>
  );
}

function kindWord({ kind, evaluator_type: type, higher_is_better: higher, pairwise }: ReportEvaluator): string {
  const judge = { python: 'code', llm: 'a model', human: 'people', external: 'a program' }[type] ?? type;
  const what = pairwise !== null ? 'two answers compared' : kind === 'boolean' ? 'yes or no' : kind.replace('_', ' ');
  return `${what}, by ${judge}${higher === false ? ', lower is better' : ''}`;
}

/** What the score leaves out: counted, never taken for zero. */
function Missing({ score, live }: { score: ReportScore; live: boolean }): ReactNode {
  const parts = [
    [live ? 0 : score.missing, 'without an answer'],
    [score.failed, 'failed to be judged'],
    [score.abstained, 'abstained'],
    [live ? 0 : score.not_judged, 'not judged yet'],
    [score.neutral, 'neutral'],
  ] as const;
  const said = parts.filter(([count]) => count > 0).map(([count, words]) => `${formatCount(count)} ${words}`);
  if (said.length === 0 && score.warnings.length === 0) return null;
  return <span className="block pl-21 text-meta text-undecided">{[...said, ...score.warnings].join(' · ')}</span>;
}

/** How many cases changed, as ways to them. */
function Flips({ evaluator, comparison }: { evaluator: ReportEvaluator; comparison: ReportComparison }): ReactNode {
  const { onSearch } = useReportHere();
  const link = (count: number, filter: 'better' | 'worse', className: string) => (
    <button
      type="button"
      disabled={count === 0}
      onClick={() => {
        onSearch(
          { evaluator: evaluator.primary ? undefined : evaluator.evaluator_version_id, run: comparison.run_id, filter, slice: undefined },
          true,
        );
        toCases();
      }}
      className={cx('rounded-sm enabled:hover:underline', count === 0 ? 'text-ink-3' : className)}
    >
      {formatCount(count)} {filter}
    </button>
  );
  return (
    <span className="flex flex-wrap gap-x-1.5 pl-21 text-meta text-ink-3">
      {link(comparison.became_better, 'better', 'text-better')}·{link(comparison.became_worse, 'worse', 'text-worse')}·
      <span>{formatCount(comparison.unchanged)} the same</span>
      {comparison.not_compared > 0 && <span>· {formatCount(comparison.not_compared)} not compared</span>}
    </span>
  );
}

function Footnotes({ evaluator, live }: { evaluator: ReportEvaluator; live: boolean }): ReactNode {
  const { report } = useReportHere();
  const label = (runId: string) => report.runs.find((one) => one.run_id === runId)?.label ?? '';
  const notes = live
    ? []
    : evaluator.comparisons.flatMap((one) => [
        ...(evaluator.primary && evaluator.comparisons.length > 1 ? [named(label(one.run_id), one.sentence)] : []),
        ...one.warnings,
        ...(one.missing_as_worst !== null && one.missing_as_worst !== one.missing_as_best
          ? [`What is missing could turn the verdict of ${label(one.run_id)}.`]
          : []),
      ]);
  const rules = evaluator.hard_rules.flatMap((rule) => rule.runs);
  const texts = [...new Set([...(evaluator.scored_by === null ? [] : [evaluator.scored_by]), ...notes])];
  if (texts.length === 0 && rules.length === 0) return null;
  return (
    <footer className="border-t border-line px-3 py-2 text-meta text-ink-3">
      {rules.map((one) => (
        <p
          key={`${one.run_id} ${one.sentence}`}
          className={one.outcome === 'broken' ? 'text-worse' : one.outcome === 'kept' ? '' : 'text-undecided'}
        >
          Hard rule: {one.sentence}
        </p>
      ))}
      {texts.map((one) => (
        <p key={one} className="max-w-[100ch]">
          {one}
        </p>
      ))}
    </footer>
  );
}

/** A sentence that stands among others says whose it is. */
function named(label: string, sentence: string): string {
  return sentence.includes(label) ? sentence : `${label}: ${sentence}`;
}
