import type { AnyObject } from '@whetstone/contract';
import { briefFile, briefLog, pick, shorten } from '../brief.ts';
import { type McpTool, operationTool } from '../tool.ts';

const briefRun = (run: object): AnyObject => {
  const record = run as AnyObject;
  return {
    ...pick(run, ['id', 'status', 'created_at', 'control', 'progress']),
    version: record['version'] == null ? null : briefFile(record['version']),
    dataset: record['dataset'] == null ? null : briefFile(record['dataset']),
  };
};

const briefEvaluation = (evaluation: object): AnyObject => {
  const record = evaluation as AnyObject;
  const evaluators = (record['evaluators'] ?? []) as AnyObject[];
  return {
    ...pick(evaluation, ['id', 'name', 'file_id', 'created_at', 'updated_at', 'runs_count', 'url']),
    evaluators: evaluators.map((each) => (each['version'] == null ? each : briefFile(each['version']))),
  };
};

export const evaluationTools: readonly McpTool[] = [
  operationTool('list_evaluations', 'List evaluations', 'evaluations.list', {
    show: ({ records, total }) => ({ evaluations: records.map(briefEvaluation), total }),
  }),
  operationTool('read_evaluation', 'Read an evaluation', 'evaluations.get', { show: briefEvaluation }),
  operationTool('list_runs', 'List the runs of an evaluation', 'evaluations.list_runs_for_evaluation', {
    show: ({ runs }) => ({ runs: runs.map(briefRun) }),
  }),
  operationTool('evaluation_results', 'Results of an evaluation', 'evaluations.get_stats', {
    more: 'What the evaluators said of each run, side by side.',
    show: (stats) => {
      const { run_stats: runs, ...rest } = stats as unknown as AnyObject;
      return shorten({ ...rest, run_stats: runs });
    },
  }),
  operationTool('evaluation_logs', 'Logs of an evaluation', 'evaluations.get_logs', {
    more: 'Case by case: the datapoint, what came out, what was said of it.',
    show: (answer) => {
      const { records, ...rest } = answer as unknown as { records: AnyObject[] };
      return shorten({ ...rest, records: records.map(caseOf) }, 1_500);
    },
  }),
  operationTool('list_datapoints', 'List the datapoints of a dataset', 'datasets.list_datapoints', { show: (answer) => shorten(answer) }),
];

function caseOf(record: AnyObject): AnyObject {
  const log = record['log'] as AnyObject | undefined;
  const judgments = (record['evaluator_logs'] ?? []) as AnyObject[];
  return {
    ...pick(record, ['run_id']),
    datapoint: record['datapoint'],
    log: log === undefined ? null : { ...briefLog(log), output: log['output'] },
    judgments: judgments.map((each) => ({
      ...pick(each, ['judgment', 'error']),
      evaluator: (each['evaluator'] as AnyObject | undefined)?.['path'],
    })),
  };
}
