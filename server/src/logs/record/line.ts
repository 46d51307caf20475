import { blankRow, contentOf, type LogRow } from './row.ts';

/** How a row travels: a line of JSON, as the queue keeps it and the store takes it. */

export const timeColumns = ['at', 'received_at', 'start_time', 'end_time'] as const;
type Written = Exclude<keyof LogRow, 'workspace_id' | 'id' | (typeof timeColumns)[number]>;
/** Columns of short text that a line always has: the store's own blank is not one of their values. */
const always = new Set<string>(['kind', 'origin', 'status']);
const written = (Object.keys(blankRow) as (keyof LogRow)[]).filter(
  (column): column is Written => column !== 'workspace_id' && column !== 'id' && !(timeColumns as readonly string[]).includes(column),
);

/**
 * The line that is queued. Workspace and id come first, because the queue reads them without parsing the rest; what is
 * blank is left out, and an output that is the content of its message is there once.
 */
export function toLine(row: LogRow): Buffer {
  let line = `{"workspace_id":${JSON.stringify(row.workspace_id)},"id":${JSON.stringify(row.id)}`;
  for (const column of timeColumns) {
    const micros = row[column];
    if (micros !== null) line += `,"${column}":"${timeText(micros)}"`;
  }
  const said = row.output !== null && row.output_message?.content === row.output;
  if (said) line += ',"output_said":1';
  for (const column of written) {
    const value = row[column];
    if (value === blankRow[column] && !always.has(column)) continue;
    if (column === 'output' && said) continue;
    if ((column === 'metadata' || column === 'blob_hashes' || column === 'blobs') && Object.keys(row[column]).length === 0) continue;
    line += `,"${column}":${JSON.stringify(value)}`;
  }
  return utf8(`${line}}`);
}

const slabBytes = 1 << 20;
let slab = Buffer.allocUnsafeSlow(0);
let slabUsed = 0;

/** Lines live and die together, so they share slabs: a buffer of its own for each costs more than filling it. */
export function utf8(text: string): Buffer {
  const most = text.length * 3;
  if (most > slabBytes / 4) return Buffer.from(text);
  if (slabUsed + most > slab.length) {
    slab = Buffer.allocUnsafeSlow(slabBytes);
    slabUsed = 0;
  }
  const start = slabUsed;
  slabUsed += slab.write(text, start);
  return slab.subarray(start, slabUsed);
}

export function fromLine(line: Buffer): LogRow {
  return rowOf(JSON.parse(line.toString('utf8')) as LineObject);
}

/** A line as JSON has it: times are text, blank columns are absent or undefined. */
type LineObject = { [Column in Exclude<keyof LogRow, Times>]?: LogRow[Column] | undefined } & {
  [Column in Times]?: string | undefined;
} & { output_said?: number | undefined };
type Times = (typeof timeColumns)[number];

export function rowOf(line: LineObject): LogRow {
  const { at, received_at, start_time, end_time, output_said, ...columns } = line;
  const row: Record<string, unknown> = { ...blankRow };
  for (const [column, value] of Object.entries(columns)) if (value !== undefined) row[column] = value;
  row['at'] = at === undefined ? 0 : microsOf(at);
  row['received_at'] = received_at === undefined ? 0 : microsOf(received_at);
  row['start_time'] = start_time === undefined ? null : microsOf(start_time);
  row['end_time'] = end_time === undefined ? null : microsOf(end_time);
  const whole = row as unknown as LogRow;
  if (output_said === 1) whole.output = contentOf(whole.output_message);
  return whole;
}

// Most times of a busy moment are of the same second.
let lastSecond = Number.NaN;
let lastText = '';

/** `2026-11-23T10:50:53.123456Z` of microseconds since 1970. */
export function timeText(micros: number): string {
  const second = Math.floor(micros / 1_000_000);
  if (second !== lastSecond) {
    lastText = new Date(second * 1000).toISOString().slice(0, -4);
    lastSecond = second;
  }
  // The leading 1 keeps the zeros.
  return `${lastText}${String(1_000_000 + micros - second * 1_000_000).slice(1)}Z`;
}

export function microsOf(text: string): number {
  return Date.parse(`${text.slice(0, 23)}Z`) * 1000 + Number(text.slice(23, 26));
}
