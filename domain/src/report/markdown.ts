import type { EvaluationReport, ReportComparison, ReportEvaluator } from '@whetstone/contract';
import { intervalWords, pairWords, positionWords, scoreWords } from './words.ts';

/** The report as Markdown, for a pull request or a page of notes. What is said is the report's own; nothing is computed here. */
export function reportMarkdown(report: EvaluationReport): string {
  const { runs, evaluators, measures, warnings, name, verdict, cases } = report;
  const parts = [
    `# ${escaped(name ?? 'Evaluation')}`,
    `**${escaped(verdict.sentence)}**`,
    `${cases} cases. Intervals are ${Math.round(100 * report.settings.level)} %; differences are paired by case.`,
    ...(evaluators.length === 0 ? [] : [scoreTable(report)]),
    ...evaluators.flatMap((each) => comparisonPart(each, runs)),
    ...rulePart(evaluators),
    ...(measures.every(({ comparisons }) => comparisons.length === 0) ? [] : [measureTable(report)]),
    ...(report.flaky_total === 0 ? [] : [flakyPart(report)]),
    ...(warnings.length === 0 ? [] : [warnings.map((warning) => `> ${escaped(warning)}`).join('\n>\n')]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function scoreTable({ runs, evaluators }: EvaluationReport): string {
  const header = ['Evaluator', ...runs.map(({ label, baseline }) => `${label}${baseline ? ' (baseline)' : ''}`)];
  const rows = evaluators.map((each) => [
    `${each.path}${each.primary ? ' (primary)' : ''}`,
    ...each.scores.map((score) => {
      if (score.estimate === null) return score.reason_text ?? 'not measured';
      const without = score.missing + score.failed + score.wrong_type + score.abstained + score.not_judged;
      return `${intervalWords(each.unit, score)}, n ${score.n}${without === 0 ? '' : `, ${without} without a judgment`}`;
    }),
  ]);
  return table(header, rows);
}

function comparisonPart({ path, primary, comparisons, pairwise }: ReportEvaluator, runs: EvaluationReport['runs']): string[] {
  if (comparisons.length === 0) return [];
  const label = (id: string) => runs.find(({ run_id }) => run_id === id)?.label ?? id;
  const line = (each: ReportComparison) =>
    `- ${escaped(label(each.run_id))}: ${escaped(each.sentence)} ${each.became_better} cases better, ${each.became_worse} worse, ${each.unchanged} alike${each.not_compared === 0 ? '' : `, ${each.not_compared} not compared`}.`;
  const exploratory = comparisons.every((each) => each.exploratory);
  const compared = (pairwise ?? []).map(
    (each) =>
      `- ${escaped(label(each.run_id))} against ${escaped(label(each.baseline_run_id))}: ${pairWords(each)}. ${positionWords(each)}`,
  );
  return [
    `## ${escaped(path)}${primary ? ' (primary)' : ''}${exploratory ? ', exploratory' : ''}`,
    [...comparisons.map(line), ...compared].join('\n'),
  ];
}

function rulePart(evaluators: readonly ReportEvaluator[]): string[] {
  const lines = evaluators.flatMap(({ path, hard_rules }) =>
    hard_rules.flatMap(({ runs }) => runs.map(({ sentence }) => `- ${escaped(`${path}: ${sentence}`)}`)),
  );
  return lines.length === 0 ? [] : ['## Rules', lines.join('\n')];
}

function measureTable({ runs, measures }: EvaluationReport): string {
  const names = { cost_usd: 'Cost a case', latency_ms: 'Latency' };
  const rows = measures.map(({ measure, unit, scores }) => [
    names[measure],
    ...scores.map((score) => (score.n === 0 ? scoreWords(unit, null) : intervalWords(unit, score))),
  ]);
  return table(['Median', ...runs.map(({ label }) => label)], rows);
}

function flakyPart({ flaky, flaky_total: total, runs, evaluators }: EvaluationReport): string {
  const lines = flaky.slice(0, 10).map((each) => {
    const run = runs.find(({ run_id }) => run_id === each.run_id)?.label ?? each.run_id;
    const by = evaluators.find(({ evaluator_version_id: id }) => id === each.evaluator_version_id)?.path ?? '';
    return `- ${each.datapoint_id}: passed ${Math.round(each.pass_rate * each.n)} of ${each.n} in ${escaped(run)}, ${escaped(by)}`;
  });
  return `## Flaky cases\n\n${total} cases whose repeats disagree.\n\n${lines.join('\n')}`;
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(escaped).join(' | ')} |`;
  return [line(header), `| ${header.map(() => '---').join(' | ')} |`, ...rows.map(line)].join('\n');
}

/** Names come from people and models: none of them may open a tag, a link or a cell. */
function escaped(text: string): string {
  return text.replaceAll(/[\\`*_[\]<>|#]/g, '\\$&').replaceAll(/\s*\n\s*/g, ' ');
}
