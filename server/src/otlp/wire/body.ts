import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { isUtf8 } from 'node:buffer';
import { AppError } from '@whetstone/contract';
import { readJson } from './json.ts';
import { readProtobuf } from './protobuf.ts';
import { BadSpan, limits, TooManySpans, type Batch } from './span.ts';

export type Encoding = 'protobuf' | 'json';

const unzip = promisify(gunzip);
const openBrace = 0x7b;
/** In protobuf: field 1, length-delimited, with which every request begins that is not empty. In JSON: a line feed. */
const firstTag = 0x0a;

/** The body without its compression, at most so many bytes of it. */
export async function uncompressed(body: Buffer, encoding: string | undefined, maxBytes: number): Promise<Buffer> {
  const declared = (encoding ?? 'identity').trim().toLowerCase();
  if (declared !== 'identity' && declared !== 'gzip' && declared !== 'x-gzip' && declared !== '') {
    throw new AppError('unsupported_media_type', `The content encoding \`${declared}\` is not understood; send gzip or none.`);
  }
  // Neither protobuf nor JSON begins so: gzip is known by its first bytes, whatever the header says.
  if (body[0] !== 0x1f || body[1] !== 0x8b) {
    if (declared === 'gzip' && body.length > 0) throw new AppError('bad_request', 'The body is declared gzip and is not.');
    return body;
  }
  try {
    return await unzip(body, { maxOutputLength: maxBytes });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') {
      throw new AppError(
        'too_large',
        `The body has more than ${maxBytes} bytes when unpacked (WHETSTONE_MAX_BODY_MB). Send smaller batches.`,
      );
    }
    throw new AppError('bad_request', `The body is damaged gzip: ${(error as Error).message}.`);
  }
}

/** What a body is by its own first bytes, and by what is declared where those do not tell. */
export function encodingOf(body: Buffer, contentType: string | undefined): Encoding {
  const declared: Encoding = /json|text/i.test(contentType ?? '') ? 'json' : 'protobuf';
  if (body.length === 0) return declared;
  if (body[0] === openBrace) return 'json';
  // A line feed may be either; the ids and times of protobuf are never text.
  if (body[0] === firstTag) return firstOfText(body) === openBrace && isUtf8(body) && !body.includes(0) ? 'json' : 'protobuf';
  const first = firstOfText(body);
  return first === openBrace || first === 0x5b ? 'json' : declared;
}

/** Past a byte order mark and white space. */
function firstOfText(body: Buffer): number | undefined {
  let at = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0;
  while (body[at] === 0x20 || body[at] === 0x09 || body[at] === 0x0a || body[at] === 0x0d) at += 1;
  return body[at];
}

/** @throws AppError that says what is wrong with the request as a whole */
export function readBatch(body: Buffer, encoding: Encoding): Batch {
  try {
    return encoding === 'json' ? readJson(parsed(body)) : readProtobuf(body);
  } catch (error) {
    if (error instanceof AppError) throw error;
    if (error instanceof TooManySpans) {
      throw new AppError('too_large', `One request may hold ${limits.spans} spans. Send smaller batches.`);
    }
    const why = error instanceof BadSpan || error instanceof RangeError || error instanceof Error ? error.message : 'it cannot be read';
    throw new AppError('bad_request', `The body is no ExportTraceServiceRequest in ${encoding === 'json' ? 'JSON' : 'protobuf'}: ${why}.`);
  }
}

function parsed(body: Buffer): unknown {
  if (!isUtf8(body)) throw new AppError('bad_request', 'The body is not valid UTF-8.');
  const text = body.toString('utf8').replace(/^\ufeff/, '');
  // An empty body is an empty request in both encodings.
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AppError('bad_request', `The body is not valid JSON: ${(error as Error).message}`);
  }
}
