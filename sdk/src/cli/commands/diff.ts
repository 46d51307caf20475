import { lineDiff } from '@whetstone/domain';
import type { Options } from '../options.ts';
import type { Output } from '../report.ts';
import { survey } from '../survey.ts';

const context = 3;

/** Line by line what a push would change in the workspace: what is there against what is here. */
export async function diff(options: Options, output: Output): Promise<number> {
  const { entries, workspace } = await survey(options);
  let different = false;
  for (const { name, text, remote, here, there } of entries) {
    if (here === 'none' && there === 'none') continue;
    const theirs = remote === null ? '' : ((await workspace.text(remote.kind, remote.id, remote.version)) ?? '');
    const lines = hunks(theirs, text ?? '');
    if (lines.length === 0) continue;
    different = true;
    output.out(`--- ${remote === null ? 'nothing' : `${name} in the workspace (${remote.version})`}`);
    output.out(`+++ ${text === null ? 'nothing' : `${name} here`}`);
    for (const line of lines) output.out(paint(line, output.colour));
  }
  if (!different) output.out('No differences.');
  return different && options.check ? 1 : 0;
}

/** Changed lines with a few around them; what is left out is a line `…`. */
export function hunks(before: string, after: string): string[] {
  const lines = lineDiff(before, after).flatMap(({ kind, text }) =>
    text
      .replace(/\n$/, '')
      .split('\n')
      .map((line) => `${kind === 'same' ? ' ' : kind === 'added' ? '+' : '-'}${line}`),
  );
  const near = (index: number) => lines.slice(Math.max(0, index - context), index + context + 1).some((line) => !line.startsWith(' '));
  const shown: string[] = [];
  let skipped = false;
  for (const [index, line] of lines.entries()) {
    if (near(index)) {
      if (skipped && shown.length > 0) shown.push('…');
      shown.push(line);
      skipped = false;
    } else skipped = true;
  }
  return shown;
}

function paint(line: string, colour: boolean): string {
  if (!colour || line.startsWith(' ')) return line;
  return `\u001B[${line.startsWith('+') ? '32' : line.startsWith('-') ? '31' : '2'}m${line}\u001B[0m`;
}
