import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { Busboy, type BusboyFileStream, type BusboyInstance } from '@fastify/busboy';
import { AppError, type Datapoint } from '@whetstone/contract';
import { CsvError, parse } from 'csv-parse';
import { csvColumns, datapointOfRow } from './csv-datapoints.ts';

export interface Limits {
  maxBytes: number;
  maxRows: number;
}
interface Upload {
  datapoints: Datapoint[];
  /** The other fields of the form. */
  fields: Map<string, string>;
}

/** For the form around the file. */
const slackBytes = 64 * 1024;

/**
 * The file of a form, read as it arrives, so that no more of it is in memory than the datapoints that it makes.
 * @throws AppError 413, 415 or 422 that names the row
 */
export async function readCsvUpload(headers: IncomingHttpHeaders, body: unknown, limits: Limits): Promise<Upload> {
  if (!(body instanceof Readable) || headers['content-type']?.startsWith('multipart/form-data') !== true)
    throw new AppError('unsupported_media_type', 'Send the CSV file as `multipart/form-data`, in the field `file`.');
  if (Number(headers['content-length'] ?? 0) > limits.maxBytes + slackBytes) throw tooLarge(limits);
  const fields = new Map<string, string>();
  const stop = new AbortController();
  let file: Promise<Datapoint[]> | undefined;
  const form = formOf(headers, limits);
  form.addListener('field', (name: string, value: string) => void fields.set(name, value));
  form.addListener('file', (name: string, stream: BusboyFileStream) => {
    if (name !== 'file' || file) return void stream.resume();
    stream.once('limit', () => stream.destroy(tooLarge(limits)));
    file = readCsv(stream, limits.maxRows);
    file.catch((error: unknown) => {
      stream.resume();
      stop.abort(error);
    });
  });
  try {
    await pipeline(bounded(body, limits), form, { signal: stop.signal });
  } catch (error) {
    if (stop.signal.aborted) throw stop.signal.reason;
    throw error instanceof AppError ? error : notAForm(error);
  }
  if (!file) throw new AppError('invalid_input', 'The form has no file.', { details: [missing('file')] });
  return { datapoints: await file, fields };
}

function formOf(headers: IncomingHttpHeaders, { maxBytes }: Limits): BusboyInstance {
  const limits = { fileSize: maxBytes, files: 4, fields: 10, parts: 12, fieldSize: 10_000, headerPairs: 20 };
  try {
    return new Busboy({ headers: { ...headers, 'content-type': headers['content-type'] ?? '' }, limits });
  } catch (error) {
    throw notAForm(error);
  }
}

/** What is not read any more flows away, so that the answer gets through and the connection can be used again. */
async function* bounded(body: Readable, limits: Limits): AsyncGenerator<Buffer> {
  let bytes = 0;
  try {
    for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > limits.maxBytes + slackBytes) throw tooLarge(limits);
      yield chunk;
    }
  } finally {
    body.resume();
  }
}

async function readCsv(file: Readable, maxRows: number): Promise<Datapoint[]> {
  const datapoints: Datapoint[] = [];
  const parser = parse({ skip_empty_lines: true, max_record_size: 4 << 20, info: true });
  const collect = async (rows: AsyncIterable<{ record: string[]; info: { lines: number } }>): Promise<void> => {
    let columns: ReturnType<typeof csvColumns> | null = null;
    for await (const { record, info } of rows) {
      if (columns === null) {
        columns = csvColumns(record);
        continue;
      }
      if (datapoints.length >= maxRows) throw new AppError('too_large', `The file has more than ${maxRows} rows.`);
      datapoints.push(datapointOfRow(columns, record, info.lines));
    }
    if (columns === null) throw invalidFile('The file is empty: its first row names the columns.');
  };
  try {
    await pipeline(decoded(file), parser, collect);
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw invalidFile(`The file is no CSV: ${error.message}.`);
  }
  return datapoints;
}

/** UTF-8 with or without a BOM, and nothing else. */
async function* decoded(file: Readable): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const chunk of file.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>)
      yield decoder.decode(chunk, { stream: true });
    yield decoder.decode();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw invalidFile('The file is not UTF-8. Save it as “CSV UTF-8”.');
  }
}

function tooLarge({ maxBytes }: Limits): AppError {
  return new AppError('too_large', `The file is larger than ${Math.floor(maxBytes / 2 ** 20)} MB (WHETSTONE_MAX_BODY_MB).`);
}

function notAForm(error: unknown): AppError {
  const why = error instanceof Error ? error.message : 'it cannot be read';
  return new AppError('bad_request', `The body is no form: ${why}`, { cause: error });
}

function invalidFile(message: string): AppError {
  return new AppError('invalid_input', message, { details: [{ loc: ['body', 'file'], msg: message, type: 'value_error.csv' }] });
}

function missing(field: string) {
  return { loc: ['body', field], msg: 'field required', type: 'value_error.missing' };
}
