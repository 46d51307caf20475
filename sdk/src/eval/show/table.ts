import { differenceWords, scoreWords } from '@whetstone/domain';
import type { CaseLine, Conclusion, ScoreLine } from '../conclude.ts';
import type { CaseResult, EvaluationResult } from '../results.ts';

/** What a person reads in a terminal or a job's log. */

type Paint = (text: string) => string;
export type Ink = Record<'good' | 'bad' | 'doubt' | 'quiet' | 'strong', Paint>;
const painted =
  (code: string) =>
  (text: string): string =>
    `\u001B[${code}m${text}\u001B[0m`;
const plain = (text: string): string => text;
export const inkOf = (colour: boolean): Ink =>
  colour
    ? { good: painted('32'), bad: painted('31'), doubt: painted('33'), quiet: painted('2'), strong: painted('1') }
    : { good: plain, bad: plain, doubt: plain, quiet: plain, strong: plain };

const shownCases = 5;
const shownChars = 100;

export const words = {
  better: 'better',
  worse: 'worse',
  no_difference: 'no difference',
  cannot_tell: 'cannot tell',
} as const;

export const statusWords = {
  passed: 'passed',
  warned: 'passed with warnings',
  failed: 'FAILED',
  not_measured: 'COULD NOT BE MEASURED',
} as const;

export function tableText(result: EvaluationResult, conclusion: Conclusion, ink: Ink): string {
  const { baseline, run } = result;
  const { counts } = conclusion;
  const repeated = result.repetitions > 1 ? ` × ${result.repetitions}` : '';
  const head = [
    ink.strong(result.name),
    ink.quiet(
      `  ${counts.cases} cases${repeated}, ${result.seconds.toFixed(1)} s${run.label === 'here' ? '' : `, ${run.label}`}${baseline === null ? '' : `, against ${baseline.label}`}`,
    ),
    '',
  ];
  const rows = conclusion.scores.map((line) => cellsOf(line, ink));
  const titles =
    baseline === null
      ? ['score', 'this run', 'interval (95 %)']
      : ['score', 'this run', 'interval (95 %)', 'baseline', 'difference', 'verdict'];
  return [
    ...head,
    ...columns([titles.map((title) => ({ text: title, shown: ink.quiet(title) })), ...rows.map((row) => row.slice(0, titles.length))]),
    '',
    ...casesText(conclusion, baseline !== null, ink),
    ...closing(result, conclusion, ink),
  ].join('\n');
}

interface Cell {
  text: string;
  shown: string;
}

function columns(rows: readonly (readonly Cell[])[]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.text.length ?? 0))) ?? [];
  return rows.map((row) =>
    `  ${row.map(({ text, shown }, column) => shown + ' '.repeat((widths[column] ?? 0) - text.length)).join('  ')}`.trimEnd(),
  );
}

function cellsOf(line: ScoreLine, ink: Ink): Cell[] {
  const { unit, here, baseline, comparison, primary } = line;
  const cell = (text: string, paint: (text: string) => string = plain): Cell => ({ text, shown: paint(text) });
  const cells = [cell(primary ? `${line.name} *` : line.name), cell(tell(here, unit)), cell(interval(here, unit), ink.quiet)];
  const broken = line.rules.some(({ outcome }) => outcome === 'broken');
  if (broken) cells[1] = cell(cells[1]?.text ?? '', ink.bad);
  if (comparison === null) return [...cells, cell(baseline === null ? '' : tell(baseline, unit)), cell(''), cell('')];
  const paint = { better: ink.good, worse: ink.bad, no_difference: ink.quiet, cannot_tell: ink.doubt }[comparison.verdict];
  return [
    ...cells,
    cell(baseline === null ? '' : tell(baseline, unit)),
    cell(comparison.difference === null ? '–' : signed(comparison.difference, unit)),
    cell(words[comparison.verdict], paint),
  ];
}

type Unit = ScoreLine['unit'];
type Shown = Pick<ScoreLine['here'], 'estimate' | 'lower' | 'upper'>;
export const signed = (value: number, unit: Unit): string =>
  `${value > 0 ? '+' : value < 0 ? '−' : '±'}${differenceWords(unit).format(value)}`;
export const tell = ({ estimate }: Shown, unit: Unit): string => (estimate === null ? '–' : scoreWords(unit, estimate));
export const interval = ({ lower, upper }: Shown, unit: Unit): string =>
  lower === null || upper === null ? 'no interval' : `${scoreWords(unit, lower)} to ${scoreWords(unit, upper)}`;

function casesText({ worst, flaky }: Conclusion, compared: boolean, ink: Ink): string[] {
  const lines: string[] = [];
  if (worst.length > 0) {
    lines.push(
      `  ${compared ? 'Cases that became worse' : 'Worst cases'}${worst.length > shownCases ? ` (${shownCases} of ${worst.length})` : ''}:`,
    );
    for (const line of worst.slice(0, shownCases)) lines.push(...caseText(line, ink));
    lines.push('');
  }
  if (flaky.length > 0) {
    lines.push(`  Flaky: the same case passes and fails${flaky.length > shownCases ? ` (${shownCases} of ${flaky.length})` : ''}:`);
    for (const { score, case: one, passed, of } of flaky.slice(0, shownCases))
      lines.push(`    ${score}: ${passed} of ${of} passed  ${ink.quiet(nameOf(one))}`);
    lines.push('');
  }
  return lines;
}

function caseText({ case: one, before, now, reason, output }: CaseLine, ink: Ink): string[] {
  const change = before === null ? short(now) : `${short(before)} → ${short(now)}`;
  return [
    `    ${change}  ${nameOf(one)}`,
    ...(output === null ? [] : [ink.quiet(`        said: ${oneLine(output)}`)]),
    ...(reason === null || reason === '' ? [] : [ink.quiet(`        why:  ${oneLine(reason)}`)]),
  ];
}

const short = (value: number): string => String(Number(value.toPrecision(3)));

export function oneLine(text: string, most = shownChars): string {
  // What was said by others must not move the reader's cursor.
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}

/** A case by what goes in. */
export function nameOf({ inputs, key }: CaseResult): string {
  const said = Object.entries(inputs ?? {}).map(([name, value]) => `${name}: ${value}`);
  return said.length === 0 ? `case ${key}` : oneLine(said.join(', '), 80);
}

function closing(result: EvaluationResult, { status, because, warnings }: Conclusion, ink: Ink): string[] {
  const paint = { passed: ink.good, warned: ink.doubt, failed: ink.bad, not_measured: ink.bad }[status];
  return [
    `  ${paint(statusWords[status])}`,
    ...because.map((text) => `  ${ink.bad('×')} ${text}`),
    ...warnings.map((text) => `  ${ink.doubt('!')} ${text}`),
    ...(result.url === null ? [] : [ink.quiet(`  ${result.url}`)]),
  ];
}
