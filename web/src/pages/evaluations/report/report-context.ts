import type { EvaluationReport, ReportEvaluator, ReportRun, RunResponse } from '@whetstone/contract';
import { createContext, use } from 'react';
import type { EvaluationSearch } from '../../../parts/evaluation/search.ts';

export interface ReportHere {
  id: string;
  report: EvaluationReport;
  /** The runs as the evaluation has them: how far they are, what they may cost. */
  progress: ReadonlyMap<string, RunResponse>;
  /** Something is still under way: what is shown is so far, and nothing is decided yet. */
  live: boolean;
  baseline: ReportRun | null;
  /** The run that cases and slices compare with the baseline. */
  run: ReportRun | null;
  /** The evaluator that cases and slices are about. */
  evaluator: ReportEvaluator | null;
  search: EvaluationSearch;
  /** Changes the address. `push` makes a step that Back undoes. */
  onSearch: (change: Partial<EvaluationSearch>, push?: boolean) => void;
  /** Reads everything anew. */
  refresh: () => void;
}

export const ReportContext = createContext<ReportHere | null>(null);

export function useReportHere(): ReportHere {
  const here = use(ReportContext);
  if (here === null) throw new Error('Only below a report.');
  return here;
}

/** What the page is about, from the address and the report. */
export function chosenOf(report: EvaluationReport, search: EvaluationSearch): Pick<ReportHere, 'baseline' | 'run' | 'evaluator'> {
  const baseline = report.runs.find((one) => one.baseline) ?? null;
  const others = report.runs.filter((one) => !one.baseline);
  return {
    baseline,
    run: others.find((one) => one.run_id === search.run) ?? others.at(-1) ?? null,
    evaluator:
      report.evaluators.find((one) => one.evaluator_version_id === search.evaluator) ??
      report.evaluators.find((one) => one.primary) ??
      report.evaluators[0] ??
      null,
  };
}

/** The address without what is at rest. */
export function tidied(search: EvaluationSearch): EvaluationSearch {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined && value !== ''));
}
