import type { Readable } from 'node:stream';
import { AppError, type Datapoint, type ImportProblem, maxDatapoints } from '@whetstone/contract';
import { valueText } from '@whetstone/domain';
import type { ImportPreview, ReadFile, ReadOptions } from '../index.ts';
import { breathe } from '../room.ts';
import { type Column, columnOf, datapointOfRow } from './columns.ts';
import { decoded, invalidFile, type Row, rowsOf } from './rows.ts';

const mostBytes = 512 << 20;
const previewBytes = 4 << 20;
const previewRows = 500;
const shownRows = 20;
const problemsTold = 100;
const problemsInAnswer = 20;
const examplesShown = 3;
const exampleLength = 120;
const rowsAtOnce = 1_000;

export async function readFile(file: Readable, options: ReadOptions & { skipBad: boolean }): Promise<ReadFile> {
  const reading = new Reading(options.mapping);
  for await (const row of rowsOf(options.format, decoded(file, mostBytes))) {
    reading.take(row);
    if (reading.rows > maxDatapoints) throw new AppError('too_large', `The file has more than ${maxDatapoints} rows.`);
    if (reading.rows % rowsAtOnce === 0) await breathe();
  }
  const { problems, problemsTotal } = reading;
  if (problemsTotal > 0 && !options.skipBad) throw badRows(problems, problemsTotal);
  return reading.result();
}

/** The start of a file, cut at the end of a line; what comes after is not looked at. */
export async function previewFile(file: Readable, options: ReadOptions & { partial: boolean }): Promise<ImportPreview> {
  const reading = new Reading(options.mapping);
  const text = options.partial ? wholeLines(decoded(file, previewBytes)) : decoded(file, previewBytes);
  try {
    for await (const row of rowsOf(options.format, text)) {
      reading.take(row);
      if (reading.rows >= previewRows) break;
    }
  } catch (error) {
    // Where the start was cut a quote may be open.
    if (!(options.partial && reading.rows > 0 && error instanceof AppError)) throw error;
  }
  const { datapoints, ...rest } = reading.result();
  return { ...rest, datapoints: datapoints.slice(0, shownRows), columns: reading.columns() };
}

async function* wholeLines(text: AsyncIterable<string>): AsyncGenerator<string> {
  let waiting = '';
  for await (const part of text) {
    const end = part.lastIndexOf('\n');
    if (end < 0) waiting += part;
    else {
      yield waiting + part.slice(0, end + 1);
      waiting = part.slice(end + 1);
    }
  }
}

function badRows(problems: readonly ImportProblem[], total: number): AppError {
  const shown = problems.slice(0, problemsInAnswer);
  const [first] = shown;
  const others = total === 1 ? '' : ` and ${total - 1} more ${total === 2 ? 'line is' : 'lines are'} wrong`;
  const message = `Nothing of the file was kept. Line ${first?.line}: ${first?.problem}${others}. Mend the file, or skip bad rows.`;
  return invalidFile(message, shown);
}

class Reading {
  rows = 0;
  problemsTotal = 0;
  readonly problems: ImportProblem[] = [];
  readonly #datapoints: Datapoint[] = [];
  readonly #mapping: ReadOptions['mapping'];
  readonly #columns = new Map<string, Column & { examples: string[] }>();
  readonly #ids = new Map<string, number>();
  #missingTargets = 0;

  constructor(mapping: ReadOptions['mapping']) {
    this.#mapping = mapping;
  }

  take(row: Row): void {
    this.rows += 1;
    if ('problem' in row) return this.#wrong(row.line, row.problem);
    const columns = row.names.map((name, index) => this.#column(name, row.cells[index]));
    const made = datapointOfRow(columns, row.cells);
    if (typeof made === 'string') return this.#wrong(row.line, made);
    const { datapoint, id } = made;
    const before = id === null ? undefined : this.#ids.get(id);
    if (before !== undefined) return this.#wrong(row.line, `its id “${id?.slice(0, 60)}” is that of line ${before}`);
    if (id !== null) this.#ids.set(id, row.line);
    if (Object.keys(datapoint.target ?? {}).length === 0) this.#missingTargets += 1;
    this.#datapoints.push(datapoint);
  }

  #wrong(line: number, problem: string): void {
    this.problemsTotal += 1;
    if (this.problems.length < problemsTold) this.problems.push({ line, problem });
  }

  #column(name: string, cell: unknown): Column {
    let column = this.#columns.get(name);
    if (column === undefined) {
      const given = Object.hasOwn(this.#mapping, name) ? this.#mapping[name] : undefined;
      column = { ...(given === undefined ? columnOf(name) : { ...given, name }), examples: [] };
      this.#columns.set(name, column);
    }
    if (column.examples.length < examplesShown && cell !== undefined && cell !== null && cell !== '')
      column.examples.push(valueText(cell).slice(0, exampleLength).toWellFormed());
    return column;
  }

  columns(): ImportPreview['columns'] {
    return [...this.#columns.values()].map(({ name, to, key, examples }) => ({ name, to, key: key ?? null, examples }));
  }

  result(): ReadFile {
    const { rows, problems, problemsTotal } = this;
    return { datapoints: this.#datapoints, rows, problems, problemsTotal, missingTargets: this.#missingTargets };
  }
}
