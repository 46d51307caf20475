import type { CaseLine, Conclusion, ScoreLine } from '../conclude.ts';
import type { Broken, Concluded } from './junit.ts';
import { interval, nameOf, oneLine, signed, tell, words } from './table.ts';

/** For a pull request: a heading that says it all, a table, and what to look at folded away. */

const shownCases = 20;
const marks = { passed: '✅', warned: '⚠️', failed: '❌', not_measured: '🚫' } as const;
const said = { passed: 'passed', warned: 'passed with warnings', failed: 'failed', not_measured: 'could not be measured' } as const;

export function markdownText(concluded: readonly Concluded[], broken: readonly Broken[]): string {
  // By which the comment is found again and replaced.
  const parts = ['<!-- whetstone-eval -->', '## Whetstone', ''];
  for (const one of concluded) parts.push(...evaluation(one));
  for (const { name, message } of broken)
    parts.push(`### ${marks.not_measured} ${text(name)}: ${said.not_measured}`, '', text(message), '');
  if (concluded.length === 0 && broken.length === 0) parts.push('Nothing to evaluate.', '');
  return parts.join('\n');
}

function evaluation({ result, conclusion }: Concluded): string[] {
  const { status, because, warnings, counts } = conclusion;
  const title = result.url === null ? text(result.name) : `[${text(result.name)}](${result.url})`;
  const repeated = result.repetitions > 1 ? ` × ${result.repetitions}` : '';
  return [
    `### ${marks[status]} ${title}: ${said[status]}`,
    '',
    ...because.map((line) => `- **${text(line)}**`),
    ...warnings.map((line) => `- ${text(line)}`),
    ...(because.length + warnings.length > 0 ? [''] : []),
    ...table(conclusion, result.baseline !== null),
    '',
    `${counts.cases} cases${repeated}${result.baseline === null ? '' : `, against ${text(result.baseline.label)}`}. \\* decides; intervals hold with 95 %.`,
    '',
    ...folded(conclusion, result.baseline !== null),
  ];
}

function table({ scores }: Conclusion, compared: boolean): string[] {
  const titles = compared ? ['score', 'this run', 'interval', 'baseline', 'difference', 'verdict'] : ['score', 'this run', 'interval'];
  return [
    `| ${titles.join(' | ')} |`,
    `|${titles.map((_, index) => (index === 0 ? ' --- ' : ' ---: ')).join('|')}|`,
    ...scores.map((line) => row(line, compared)),
  ];
}

function row({ name, primary, here, baseline, comparison, unit }: ScoreLine, compared: boolean): string {
  const cells = [`${text(name)}${primary ? ' \\*' : ''}`, tell(here, unit), interval(here, unit)];
  if (!compared) return `| ${cells.join(' | ')} |`;
  const difference = comparison?.difference == null ? '–' : signed(comparison.difference, unit);
  const verdict = comparison === null ? '' : comparison.verdict === 'worse' ? `**${words.worse}**` : words[comparison.verdict];
  return `| ${[...cells, baseline === null ? '' : tell(baseline, unit), difference, verdict].join(' | ')} |`;
}

function folded({ worst, flaky }: Conclusion, compared: boolean): string[] {
  const lines: string[] = [];
  if (worst.length > 0) {
    lines.push(
      `<details><summary>${compared ? `${worst.length} cases became worse` : `${worst.length} cases below the best`}</summary>`,
      '',
    );
    lines.push(`| case | ${compared ? 'before | ' : ''}now | said | why |`, `| --- | ${compared ? '---: | ' : ''}---: | --- | --- |`);
    for (const line of worst.slice(0, shownCases)) lines.push(caseRow(line, compared));
    if (worst.length > shownCases) lines.push('', `… and ${worst.length - shownCases} more.`);
    lines.push('', '</details>', '');
  }
  if (flaky.length > 0) {
    lines.push(`<details><summary>${flaky.length} flaky cases</summary>`, '', '| case | score | passed |', '| --- | --- | ---: |');
    for (const { case: one, score, passed, of } of flaky.slice(0, shownCases))
      lines.push(`| ${text(nameOf(one))} | ${text(score)} | ${passed} of ${of} |`);
    lines.push('', '</details>', '');
  }
  return lines;
}

function caseRow({ case: one, before, now, output, reason }: CaseLine, compared: boolean): string {
  const short = (value: number | null): string => (value === null ? '–' : String(Number(value.toPrecision(3))));
  const cells = [
    text(nameOf(one)),
    ...(compared ? [short(before)] : []),
    short(now),
    text(oneLine(output ?? '', 200)),
    text(oneLine(reason ?? '', 200)),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** Text of others as text: no markup, no mention, no link. */
const text = (given: string): string =>
  oneLine(given, 600)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/[\\`*_[\]|~#]/g, (sign) => `\\${sign}`)
    .replaceAll('@', '@\u200B')
    .replaceAll('://', ':\u200B//');
