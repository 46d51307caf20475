import type { EvaluationReport, ReportCase, Scope } from '@whetstone/contract';
import {
  csvCell as cell,
  judgeOf,
  junitCase,
  junitHead,
  junitTail,
  type Prepared,
  prepareReport,
  reportMarkdown,
  reportOf,
} from '@whetstone/domain';
import { presentCases } from './case-payload.ts';
import { factsOfCases } from './cases.ts';
import type { Room } from './create-reports.ts';
import type { Reports } from './index.ts';
import { load, type Loaded } from './load.ts';

/** Cases whose payloads are in memory at a time. */
const atOnce = 50;

export async function* exported(
  room: Room,
  scope: Scope,
  id: string,
  { format, ...asked }: Parameters<Reports['export']>[2],
  signal: AbortSignal,
): AsyncGenerator<string, void, undefined> {
  const loaded = await load(room, scope, id, asked);
  const prepared = prepareReport(loaded.input);
  const report = reportOf(prepared);
  if (format === 'markdown') return yield reportMarkdown(report);
  yield format === 'csv' ? csvHead(report) : format === 'junit' ? junitHead(report) : line({ type: 'report', ...report });
  for await (const each of everyCase(room, scope, loaded, prepared, signal)) {
    if (format === 'csv') yield csvRows(report, each);
    else yield format === 'junit' ? junitCase(report, each) : line({ type: 'case', ...each });
  }
  if (format === 'junit') yield junitTail;
}

async function* everyCase(
  room: Room,
  scope: Scope,
  loaded: Loaded,
  prepared: Prepared,
  signal: AbortSignal,
): AsyncGenerator<ReportCase, void, undefined> {
  const judge = judgeOf(prepared, null);
  const facts = factsOfCases(prepared, judge, prepared.runs[1] ?? null);
  for (let i = 0; i < facts.length; i += atOnce) {
    signal.throwIfAborted();
    yield* await presentCases(room, scope, loaded, prepared, judge, facts.slice(i, i + atOnce), Infinity);
  }
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

const columns = [
  'case',
  'datapoint_id',
  'inputs',
  'messages',
  'target',
  'run',
  'run_id',
  'version',
  'repetition',
  'log_id',
  'status',
  'output',
  'error',
  'cost_usd',
  'latency_ms',
];

function csvHead({ evaluators }: EvaluationReport): string {
  const judged = evaluators.flatMap(({ path }) => [path, `${path} reason`, `${path} error`]);
  return `${[...columns, ...judged].map(cell).join(',')}\r\n`;
}

/** A row a log; a case that a run has no log for is a row without one, so that nothing is missing silently. */
function csvRows({ runs, evaluators }: EvaluationReport, each: ReportCase): string {
  const { id, inputs, messages, target } = each.datapoint;
  return each.runs
    .flatMap(({ run_id, logs }) => {
      const run = runs.find((one) => one.run_id === run_id);
      const start = [
        each.position === null ? null : each.position + 1,
        id,
        inputs,
        messages,
        target,
        run?.label,
        run_id,
        run?.version?.content_hash,
      ];
      const rows: (ReportCase['runs'][number]['logs'][number] | null)[] = logs.length === 0 ? [null] : logs;
      return rows.map((log, repetition) => {
        const own = log === null ? [] : [repetition + 1, log.log_id, log.status, log.output, log.error, log.cost_usd, log.latency_ms];
        const filled = Array.from({ length: 7 }, (_, i) => own[i] ?? null);
        const judged = evaluators.flatMap(({ evaluator_version_id: version }) => {
          const judgment = log?.judgments.find(({ evaluator_version_id }) => evaluator_version_id === version);
          return [judgment?.value, judgment?.reason, judgment?.error];
        });
        return `${[...start, ...filled, ...judged].map(cell).join(',')}\r\n`;
      });
    })
    .join('');
}
