import type { Conclusion } from '../conclude.ts';
import type { EvaluationResult, Judged } from '../results.ts';
import { interval, nameOf, oneLine, statusWords, tell } from './table.ts';

export interface Concluded {
  result: EvaluationResult;
  conclusion: Conclusion;
}
/** An evaluation that could not be begun. */
export interface Broken {
  name: string;
  file: string | null;
  message: string;
}

/**
 * JUnit's XML: a suite an evaluation, first a test case that says whether the evaluation passes, then one a case and score. Only the
 * first decides the job: a case that fails is told as skipped, because single failures are what a rate below 100 % consists of.
 */
export function junitText(concluded: readonly Concluded[], broken: readonly Broken[]): string {
  const suites = [...concluded.map(suiteOf), ...broken.map(brokenSuite)];
  const sum = (key: 'tests' | 'failures' | 'errors' | 'skipped'): number => suites.reduce((total, suite) => total + suite[key], 0);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="whetstone eval" tests="${sum('tests')}" failures="${sum('failures')}" errors="${sum('errors')}" skipped="${sum('skipped')}">`,
    ...suites.map(({ text }) => text),
    '</testsuites>',
    '',
  ].join('\n');
}

interface Suite {
  text: string;
  tests: number;
  failures: number;
  errors: number;
  skipped: number;
}

function suiteOf({ result, conclusion }: Concluded): Suite {
  const { status, because, warnings, scores } = conclusion;
  const told = scores.map(
    ({ name, here, unit, comparison }) =>
      `${name}: ${tell(here, unit)} (${interval(here, unit)})${comparison === null ? '' : ` ${comparison.sentence}`}`,
  );
  const body = [...because, ...warnings, ...told].join('\n');
  const [first = statusWords[status]] = because;
  const verdict =
    status === 'failed'
      ? `<failure message=${quoted(first)}>${escaped(body)}</failure>`
      : status === 'not_measured'
        ? `<error message=${quoted(first)}>${escaped(body)}</error>`
        : `<system-out>${escaped(body)}</system-out>`;
  const name = quoted(result.name);
  const cases = result.run.cases.flatMap((one, index) =>
    one.attempts.flatMap((attempt, repetition) =>
      result.scorers.map(({ name: score }) => {
        const title = `${index + 1}${result.repetitions > 1 ? `.${repetition + 1}` : ''} ${score}: ${nameOf(one)}`;
        const said = attempt.error === null ? caseText(attempt.judgments[score]) : `the output failed: ${attempt.error}`;
        const time = ((attempt.latencyMs ?? 0) / 1000).toFixed(3);
        const open = `    <testcase classname=${name} name=${quoted(title)} time="${time}"`;
        return said === null ? `${open}/>` : `${open}><skipped message=${quoted(oneLine(said, 300))}/></testcase>`;
      }),
    ),
  );
  const skipped = cases.filter((line) => line.includes('<skipped')).length;
  const counts = { tests: cases.length + 1, failures: status === 'failed' ? 1 : 0, errors: status === 'not_measured' ? 1 : 0, skipped };
  const head = `  <testsuite name=${name} tests="${counts.tests}" failures="${counts.failures}" errors="${counts.errors}" skipped="${skipped}" time="${result.seconds.toFixed(3)}">`;
  const decides = `    <testcase classname=${name} name="verdict" time="${result.seconds.toFixed(3)}">${verdict}</testcase>`;
  return { text: [head, decides, ...cases, '  </testsuite>'].join('\n'), ...counts };
}

function brokenSuite({ name, message }: Broken): Suite {
  const text = [
    `  <testsuite name=${quoted(name)} tests="1" failures="0" errors="1" skipped="0" time="0">`,
    `    <testcase classname=${quoted(name)} name="verdict"><error message=${quoted(message)}/></testcase>`,
    '  </testsuite>',
  ].join('\n');
  return { text, tests: 1, failures: 0, errors: 1, skipped: 0 };
}

/** Null: a pass, or a judgment that is neither pass nor fail. */
function caseText(judged: Judged | undefined): string | null {
  if (judged === undefined) return 'nobody judged it';
  if (judged.outcome === 'failed') return `the judgment failed: ${judged.error}`;
  if (judged.outcome === 'not_judged') return `not judged: ${judged.reason}`;
  return judged.value === false ? `false${judged.reason === null ? '' : `: ${judged.reason}`}` : null;
}

const quoted = (text: string): string => `"${escaped(text).replaceAll('"', '&quot;').replaceAll('\n', '&#10;')}"`;
/** XML 1.0 has no form for most control characters, nor for halves of surrogate pairs. */
const escaped = (text: string): string =>
  text
    .toWellFormed()
    // oxlint-disable-next-line no-control-regex
    .replaceAll(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
