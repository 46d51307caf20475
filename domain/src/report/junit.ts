import type { EvaluationReport, ReportCase, ReportComparison } from '@whetstone/contract';

/**
 * A report as JUnit, in pieces. The suite of verdicts fails for what is supported: a primary evaluator that is worse, a rule that is broken.
 * Then a suite a run and evaluator with every case: failed is a bad judgment, an error is one that could not be made, skipped has none.
 */
export function junitHead(report: EvaluationReport): string {
  const { evaluators, name } = report;
  const verdicts = evaluators.flatMap((each) =>
    each.primary ? each.comparisons.map((comparison) => verdictCase(comparison, each.path, report)) : [],
  );
  const rules = evaluators.flatMap(({ path, hard_rules }) =>
    hard_rules.flatMap(({ at_least, at_most, runs }) =>
      runs.map(({ run_id, outcome, sentence }) => {
        const bounds = [at_least === null ? '' : ` at least ${at_least}`, at_most === null ? '' : ` at most ${at_most}`].join('');
        return testcase(
          'rules',
          `${path}${bounds}, ${labelOf(report, run_id)}`,
          outcome === 'broken' ? 'failure' : outcome === 'kept' ? null : 'skipped',
          sentence,
        );
      }),
    ),
  );
  const all = [...verdicts, ...rules];
  const failures = all.filter((each) => each.includes('<failure')).length;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="${attribute(name ?? 'evaluation')}">\n<testsuite name="verdicts" tests="${all.length}" failures="${failures}">\n${all.join('')}</testsuite>\n<testsuite name="cases">\n`;
}

export function junitCase(report: EvaluationReport, each: ReportCase): string {
  return report.runs
    .flatMap((run) =>
      report.evaluators.map((evaluator) => {
        const className = `${evaluator.path} · ${run.label}`;
        const logs = each.runs.find(({ run_id }) => run_id === run.run_id)?.logs ?? [];
        const judged = logs.flatMap(({ judgments }) =>
          judgments.filter((judgment) => judgment.evaluator_version_id === evaluator.evaluator_version_id),
        );
        const name = each.position === null ? each.datapoint.id : `case ${each.position + 1} ${each.datapoint.id}`;
        const failed = judged.find(({ error }) => error !== null) ?? null;
        const bad = judged.find(({ outcome }) => outcome === 'bad') ?? null;
        if (bad !== null) return testcase(className, name, 'failure', bad.reason ?? `${evaluator.path} says ${JSON.stringify(bad.value)}`);
        if (failed !== null) return testcase(className, name, 'error', failed.error ?? '');
        if (judged.length === 0) return testcase(className, name, 'skipped', logs.length === 0 ? 'There is no log.' : 'Nobody judged it.');
        return testcase(className, name, null, '');
      }),
    )
    .join('');
}

export const junitTail = '</testsuite>\n</testsuites>\n';

function verdictCase(comparison: ReportComparison, path: string, report: EvaluationReport): string {
  const { verdict, sentence, run_id, baseline_run_id, exploratory } = comparison;
  const outcome = verdict === 'worse' && !exploratory ? 'failure' : verdict === 'cannot_tell' ? 'skipped' : null;
  return testcase('verdicts', `${path}: ${labelOf(report, run_id)} against ${labelOf(report, baseline_run_id)}`, outcome, sentence);
}

function labelOf({ runs }: EvaluationReport, id: string): string {
  return runs.find(({ run_id }) => run_id === id)?.label ?? id;
}

function testcase(className: string, name: string, outcome: 'failure' | 'error' | 'skipped' | null, message: string): string {
  const inside = outcome === null ? '' : `<${outcome} message="${attribute(message)}"/>`;
  return `<testcase classname="${attribute(className)}" name="${attribute(name)}">${inside}</testcase>\n`;
}

/** XML 1.0 knows no other control characters than these three, and nothing beyond them may break a parser. */
function attribute(text: string): string {
  const plain = text
    .toWellFormed()
    // oxlint-disable-next-line no-control-regex
    .replaceAll(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, '\uFFFD');
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    '\n': '&#10;',
    '\r': '&#13;',
    '\t': '&#9;',
  };
  return plain.replaceAll(/[&<>"\n\r\t]/g, (sign) => entities[sign] ?? sign);
}
