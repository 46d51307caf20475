import type { Attack } from './attack.ts';
import { javascriptDenials, javascriptProbes } from './javascript.ts';
import { nativeDenials, nativeProbes, pythonDenials, pythonProbes } from './python.ts';

/** The attacks as the documents show them. `node`: names of what any code of Node tries. */
export function attackTable(node: readonly string[]): string {
  const parts: [string, string[]][] = [
    ['JavaScript looks for', javascriptProbes.map(({ name }) => row(name, 'nothing found'))],
    ['JavaScript does', javascriptDenials.map((one) => row(one.name, endsOf(one)))],
    ['Any code of Node in the jail tries', node.map((name) => row(name, 'refused'))],
    ['Python looks for', pythonProbes.map(({ name }) => row(name, 'nothing found'))],
    ['Python does', pythonDenials.map((one) => row(one.name, endsOf(one)))],
    ['Python with the inner wall gone tries', nativeProbes.map(({ name }) => row(name, 'refused'))],
    ['Python with the inner wall gone does', nativeDenials.map((one) => row(one.name, endsOf(one)))],
  ];
  return parts.map(([title, rows]) => `| ${title} | and ends as |\n| --- | --- |\n${rows.join('\n')}`).join('\n\n');
}

const row = (name: string, ends: string): string => `| ${name.replaceAll('|', '\\|')} | ${ends} |`;
const words: Record<string, string> = {
  value: 'an ordinary value',
  invalid: 'no judgment',
  error: 'an error',
  timeout: 'out of time',
  memory: 'out of memory',
  'too-large': 'too large',
};
const endsOf = ({ ends }: Attack): string => ends.map((end) => words[end] ?? end).join(', or ');
