import { type Random, seededRandom } from '@whetstone/statistics';

/** One line of the table. */
export interface Figure {
  suite: string;
  name: string;
  value: number;
  /** Monte Carlo standard error of `value`; 0 when it was computed exactly. */
  error: number;
  runs: number;
  /** Absent: told for context, not judged. */
  bound?: Bound;
  note?: string;
}

export interface Bound {
  op: '>=' | '<=';
  value: number;
}

/** A bound holds when the figure keeps it or misses it by no more than two Monte Carlo errors. */
export function keepsBound({ value, error, bound }: Figure): boolean {
  if (bound === undefined) return true;
  const slack = 2 * error + 1e-12;
  return bound.op === '>=' ? value >= bound.value - slack : value <= bound.value + slack;
}

export const atMost = (value: number): Bound => ({ op: '<=', value });
export const atLeast = (value: number): Bound => ({ op: '>=', value });

/** What a study is given: how often to run, and a generator of its own by name, so that a study more leaves the others as they were. */
export interface Setting {
  runs: number;
  random: (study: string) => Random;
}

export function settingOf(runs: number): Setting {
  return { runs, random: (study) => seededRandom(1, hash(study)) };
}

/** FNV-1a: the same name, the same numbers. */
function hash(text: string): number {
  let value = 0x811c_9dc5;
  for (const character of text) value = Math.imul(value ^ character.codePointAt(0)!, 0x0100_0193);
  return value >>> 0;
}

export interface Told {
  bound?: Bound;
  note?: string;
}

/**
 * The share of runs of which `trial` is true; runs that it says nothing of (`null`) are left out of `runs`. Of figures that lie
 * just at their bound one in forty misses it by chance: what misses is run ten times as long and judged by that, which forgives
 * chance and is stricter with what is truly beyond.
 */
export function share(setting: Setting, suite: string, name: string, trial: (random: Random) => boolean | null, told: Told = {}): Figure {
  const random = setting.random(`${suite} ${name}`);
  let [hits, counted, total] = [0, 0, 0];
  const runTo = (runs: number): Figure => {
    for (; total < runs; total += 1) {
      const outcome = trial(random);
      if (outcome === null) continue;
      counted += 1;
      if (outcome) hits += 1;
    }
    return { suite, name, ...shareOf(hits, counted), ...told };
  };
  const figure = runTo(setting.runs);
  return keepsBound(figure) ? figure : runTo(10 * setting.runs);
}

/** A share with its Monte Carlo error; by Wilson's centre, so that none or all is not without error. */
export function shareOf(hits: number, runs: number): Pick<Figure, 'value' | 'error' | 'runs'> {
  const centre = (hits + 2) / (runs + 4);
  return { value: runs === 0 ? Number.NaN : hits / runs, error: Math.sqrt((centre * (1 - centre)) / (runs + 4)), runs };
}

/** The mean of a list of runs with its Monte Carlo error. */
export function averageOf(values: readonly number[]): Pick<Figure, 'value' | 'error' | 'runs'> {
  const runs = values.length;
  const value = values.reduce((sum, each) => sum + each, 0) / runs;
  const squares = values.reduce((sum, each) => sum + (each - value) ** 2, 0);
  return { value, error: Math.sqrt(squares / (runs - 1) / runs), runs };
}

/** Whether an interval holds the truth; null when none was shown. */
export function covers({ lower, upper }: { lower: number | null; upper: number | null }, truth: number): boolean | null {
  return lower === null || upper === null ? null : lower <= truth && truth <= upper;
}

const number = (value: number): string => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(4));

function cellsOf(figure: Figure): string[] {
  return [
    figure.suite,
    figure.name,
    figure.error === 0 ? number(figure.value) : `${number(figure.value)} ± ${number(figure.error)}`,
    figure.bound === undefined ? '' : `${figure.bound.op === '>=' ? 'at least' : 'at most'} ${figure.bound.value}`,
    figure.bound === undefined ? '' : keepsBound(figure) ? 'kept' : 'MISSED',
    figure.error === 0 ? 'exact' : figure.runs.toLocaleString('en'),
    figure.note ?? '',
  ];
}

const titles = ['suite', 'figure', 'value', 'bound', '', 'runs', 'note'];

export function printTable(figures: readonly Figure[]): string {
  const table = [titles, ...figures.map(cellsOf)];
  const widths = titles.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** The same for docs/statistics.md. */
export function printMarkdown(figures: readonly Figure[]): string {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [row(titles), row(titles.map(() => '---')), ...figures.map((figure) => row(cellsOf(figure)))].join('\n');
}
