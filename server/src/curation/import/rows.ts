import { Readable } from 'node:stream';
import { AppError } from '@whetstone/contract';
import { canonicalText } from '@whetstone/domain';
import { CsvError, parse } from 'csv-parse';

/** A row of a file, or what is wrong with it. */
export type Row = { line: number } & ({ problem: string } | { names: readonly string[]; cells: unknown[] });

const longestRow = 4 << 20;

/** Rows as they arrive. @throws AppError 422 for what is no such file at all */
export function rowsOf(format: 'csv' | 'jsonl', text: AsyncIterable<string>): AsyncGenerator<Row> {
  return format === 'csv' ? csvRows(text) : jsonRows(text);
}

/** UTF-8 with or without a byte order mark, and nothing else. */
export async function* decoded(file: Readable, maxBytes: number): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let bytes = 0;
  try {
    for await (const chunk of file.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes)
        throw new AppError('too_large', `The file is larger than ${Math.floor(maxBytes / 2 ** 20)} MB. Import it in parts.`);
      const text = decoder.decode(chunk, { stream: true });
      if (text !== '') yield text;
    }
    yield decoder.decode();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw invalidFile('The file is not UTF-8. Save it as “CSV UTF-8”, or as JSON lines.');
  } finally {
    // What is not read any more flows away, so that the answer gets through.
    file.resume();
  }
}

async function* csvRows(text: AsyncIterable<string>): AsyncGenerator<Row> {
  const { head, all } = await withHead(text);
  const delimiter = delimiterOf(head);
  const parser = parse({ delimiter, skip_empty_lines: true, relax_column_count: true, max_record_size: longestRow, info: true });
  const source = Readable.from(all);
  source.once('error', (error: Error) => parser.destroy(error));
  source.pipe(parser);
  let names: string[] | null = null;
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      if (names === null) names = headerOf(record);
      else if (record.length === names.length) yield { line: info.lines, names, cells: record };
      else yield { line: info.lines, problem: `it has ${cells(record.length)}, the first row names ${names.length}` };
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw invalidFile(`The file is no CSV: ${error.message}.`);
  } finally {
    source.destroy();
    parser.destroy();
  }
  if (names === null) throw invalidFile('The file is empty: its first row names the columns.');
}

function cells(count: number): string {
  return count === 1 ? '1 cell' : `${count} cells`;
}

function headerOf(record: readonly string[]): string[] {
  const names = record.map((cell) => canonicalText(cell).text.trim());
  const empty = names.indexOf('');
  if (empty >= 0) throw invalidFile(`Line 1 of the file: column ${empty + 1} has no name.`);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw invalidFile(`Line 1 of the file: the column \`${twice}\` is there twice.`);
  return names;
}

/** Spreadsheets write what the language of the machine wants: the one that is most often in the first line. */
function delimiterOf(head: string): string {
  const [line = ''] = head.replaceAll(/"[^"]*"/g, '').split(/\r?\n/, 1);
  const count = (mark: string): number => line.split(mark).length;
  return [',', ';', '\t'].reduce((best, mark) => (count(mark) > count(best) ? mark : best));
}

async function withHead(text: AsyncIterable<string>): Promise<{ head: string; all: AsyncGenerator<string> }> {
  const parts = text[Symbol.asyncIterator]();
  let head = '';
  let done = false;
  while (!done && !head.includes('\n') && head.length < longestRow) {
    const next = await parts.next();
    done = next.done === true;
    head += next.value ?? '';
  }
  async function* all(): AsyncGenerator<string> {
    try {
      yield head;
      for (let next = await parts.next(); next.done !== true; next = await parts.next()) yield next.value;
    } finally {
      await parts.return?.();
    }
  }
  return { head, all: all() };
}

async function* jsonRows(text: AsyncIterable<string>): AsyncGenerator<Row> {
  let line = 0;
  for await (const content of linesOf(text)) {
    line += 1;
    if (content.trim() === '') continue;
    if (content.length > longestRow) {
      yield { line, problem: 'it is longer than 4 MB' };
      continue;
    }
    const value = jsonOf(content);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      yield { line, names: Object.keys(value), cells: Object.values(value) };
    else if (line === 1 && content.trimStart().startsWith('['))
      throw invalidFile('The file is a JSON list. Write one object a line: `jq -c ".[]" file.json > file.jsonl`.');
    else yield { line, problem: value === undefined ? 'it is no JSON' : 'it is no JSON object' };
  }
}

async function* linesOf(text: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const part of text) {
    const lines = part.split('\n');
    for (const [index, line] of lines.entries()) {
      if (index < lines.length - 1) {
        yield (rest + line).replace(/\r$/, '');
        rest = '';
      } else rest += line;
    }
    if (rest.length > 4 * longestRow) throw invalidFile('A line of the file is longer than 16 MB: it is no file of JSON lines.');
  }
  if (rest !== '') yield rest;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function invalidFile(message: string, details: { line: number; problem: string }[] = []): AppError {
  const all =
    details.length === 0
      ? [{ loc: ['body', 'file'], msg: message, type: 'value_error.file' }]
      : details.map(({ line, problem }) => ({ loc: ['body', 'file', line], msg: `Line ${line}: ${problem}.`, type: 'value_error.file' }));
  return new AppError('invalid_input', message, { details: all });
}
