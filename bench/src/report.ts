/** One line of the table: a figure, the bound that it must keep, and what it was measured against. */
export interface Figure {
  suite: string;
  name: string;
  value: number;
  unit: string;
  /** Absent: told for context, not judged. */
  bound?: { op: '>=' | '<='; value: number };
  note?: string;
}

export function keepsBound({ value, bound }: Figure): boolean {
  if (bound === undefined) return true;
  return bound.op === '>=' ? value >= bound.value : value <= bound.value;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** @throws Error on an empty list: a figure from no sample is none */
export function quantile(values: readonly number[], q: number): number {
  if (values.length === 0) throw new Error('no samples');
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] as number;
}

export function printTable(figures: readonly Figure[]): string {
  const rows = figures.map((f) => [
    f.suite,
    f.name,
    `${round(f.value)} ${f.unit}`.trim(),
    f.bound === undefined ? '' : `${f.bound.op === '>=' ? 'at least' : 'at most'} ${f.bound.value}`,
    f.bound === undefined ? '' : keepsBound(f) ? 'kept' : 'MISSED',
    f.note ?? '',
  ]);
  const table = [['suite', 'figure', 'measured', 'bound', '', 'against'], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function round(value: number): string {
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}
