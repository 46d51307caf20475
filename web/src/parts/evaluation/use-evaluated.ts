import type { ReportEvaluator, ReportScore } from '@whetstone/contract';
import { useQueries, useQuery } from '@tanstack/react-query';
import { query } from '../../api/query.ts';

/** What an evaluation said of a version. */
export interface Evaluated {
  evaluationId: string;
  evaluationName: string | null;
  evaluator: ReportEvaluator;
  score: ReportScore;
}

/** So many evaluations are looked into: a version that none of them ran shows nothing. */
const looked = 4;

/** By version id, the primary score of the newest evaluation of a file that ran it to its end. */
export function useEvaluated(fileId: string): Map<string, Evaluated> {
  const list = useQuery(query('evaluations.list', { query: { file_id: fileId, size: looked } }));
  const reports = useQueries({
    queries: (list.data?.records ?? [])
      .filter((one) => one.runs_count > 0)
      .map((one) => ({ ...query('reports.get', { params: { id: one.id } }), staleTime: 60_000 })),
  });
  const found = new Map<string, Evaluated>();
  for (const { data: report } of reports) {
    const evaluator = report?.evaluators.find((one) => one.primary);
    if (report === undefined || evaluator === undefined) continue;
    for (const run of report.runs) {
      const score = evaluator.scores.find((one) => one.run_id === run.run_id);
      const id = run.version?.version_id;
      if (id === undefined || score === undefined || score.estimate === null || run.status !== 'completed' || found.has(id)) continue;
      found.set(id, { evaluationId: report.evaluation_id, evaluationName: report.name, evaluator, score });
    }
  }
  return found;
}
