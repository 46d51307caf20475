import type { EvaluatorStats } from '@whetstone/contract';
import type { RunStats } from './index.ts';

/** Texts that clients print on a terminal. */

interface Named {
  path: string;
  versionId: string;
}

export function progressText(
  runs: readonly RunStats[],
  datapoints: ReadonlyMap<string, number | null>,
  evaluators: readonly Named[],
): string {
  const lines = runs.map(({ run, logs, evaluators: stats }) => {
    const wanted = datapoints.get(run.id);
    const judged = stats.map((each) => `${nameOf(each, evaluators)} ${judgedCount(each)}/${logs}`);
    return `${run.id}  ${run.status}  logs ${logs}${wanted == null ? '' : `/${wanted}`}${judged.length === 0 ? '' : `  ${judged.join('  ')}`}`;
  });
  return `${lines.join('\n')}\n`;
}

/** One line a run, newest first; one column an evaluator. */
export function reportText(runs: readonly RunStats[], evaluators: readonly Named[]): string {
  const header = ['Run', 'Version', 'Status', 'Logs', ...evaluators.map(({ path }) => path)];
  const rows = runs.map(({ run, logs, evaluators: stats }) => [
    run.control ? `${run.id} (control)` : run.id,
    run.version === null ? '' : (run.version.version.name ?? run.version.version.contentHash.slice(0, 7)),
    run.status,
    String(logs),
    ...evaluators.map(({ versionId }) => score(stats.find((each) => each.evaluator_version_id === versionId))),
  ]);
  const widths = header.map((_title, column) => Math.max(...[header, ...rows].map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return `${[header, widths.map((width) => '-'.repeat(width)), ...rows].map(line).join('\n')}\n`;
}

function nameOf(stats: EvaluatorStats, evaluators: readonly Named[]): string {
  return evaluators.find(({ versionId }) => versionId === stats.evaluator_version_id)?.path ?? stats.evaluator_version_id;
}

function judgedCount(stats: EvaluatorStats): number {
  return stats.num_judgments + stats.num_nulls + stats.num_errors;
}

function score(stats: EvaluatorStats | undefined): string {
  if (stats === undefined || judgedCount(stats) === 0) return '';
  const errors = stats.num_errors === 0 ? '' : `, ${stats.num_errors} failed`;
  if ('num_true' in stats) return `${stats.num_true}/${stats.num_judgments} true${errors}`;
  if ('percentiles' in stats) return `${stats.mean === null ? 'no mean' : `mean ${Number(stats.mean.toPrecision(4))}`}${errors}`;
  if ('num_judgments_per_option' in stats) {
    const options = Object.entries(stats.num_judgments_per_option).map(([name, count]) => `${name} ${count}`);
    return `${options.join(', ')}${errors}`;
  }
  return `${stats.num_judgments} judged${errors}`;
}
