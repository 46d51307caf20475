import { crc32 } from 'node:zlib';
import type { Framing, FrameReader } from './dialect.ts';

/**
 * AWS's event stream (`application/vnd.amazon.eventstream`): frames of total length, length of headers, checksum of these
 * two, headers, payload, checksum of it all, numbers being big-endian (the specification is part of Smithy's).
 */
export const eventStreamFraming: Framing = {
  type: 'application/vnd.amazon.eventstream',
  reader: (onEvent, maxEventBytes) => new EventStreamReader(onEvent, maxEventBytes),
};

const preludeBytes = 12;
const checksumBytes = 4;

class EventStreamReader implements FrameReader {
  readonly #onEvent: (data: string, name: string) => void;
  readonly #maxEventBytes: number;
  #rest: Buffer = Buffer.alloc(0);

  constructor(onEvent: (data: string, name: string) => void, maxEventBytes: number) {
    this.#onEvent = onEvent;
    this.#maxEventBytes = maxEventBytes;
  }

  push(bytes: Buffer): void {
    let rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    while (rest.length >= preludeBytes) {
      const total = rest.readUInt32BE(0);
      if (crc32(rest.subarray(0, 8)) !== rest.readUInt32BE(8))
        throw new Error('The provider sent a piece of its stream with a wrong checksum.');
      if (total > this.#maxEventBytes) throw new Error(`A piece of the provider's stream is longer than ${this.#maxEventBytes} bytes.`);
      if (rest.length < total) break;
      this.#frame(rest.subarray(0, total));
      rest = rest.subarray(total);
    }
    this.#rest = rest;
  }

  /** Half a frame is nobody's: that the answer is not complete shows elsewhere. */
  end(): void {
    this.#rest = Buffer.alloc(0);
  }

  #frame(frame: Buffer): void {
    const headersEnd = preludeBytes + frame.readUInt32BE(4);
    const bodyEnd = frame.length - checksumBytes;
    if (headersEnd > bodyEnd || crc32(frame.subarray(0, bodyEnd)) !== frame.readUInt32BE(bodyEnd)) {
      throw new Error('The provider sent a piece of its stream with a wrong checksum.');
    }
    const headers = readHeaders(frame.subarray(preludeBytes, headersEnd));
    const kind = headers.get(':message-type');
    const name = headers.get(kind === 'exception' ? ':exception-type' : ':event-type') ?? headers.get(':error-code') ?? '';
    const data = frame.toString('utf8', headersEnd, bodyEnd);
    if (kind === 'error') this.#onEvent(JSON.stringify({ message: headers.get(':error-message') ?? data }), `${name}Error`);
    else this.#onEvent(data, name);
  }
}

/** Lengths of the values by their type's number; types 6 and 7, bytes and text, carry their own. */
const fixed = [0, 0, 1, 2, 4, 8, null, null, 8, 16] as const;
const text = 7;

function readHeaders(bytes: Buffer): Map<string, string> {
  const headers = new Map<string, string>();
  let at = 0;
  while (at < bytes.length) {
    const nameEnd = at + 1 + bytes.readUInt8(at);
    const name = bytes.toString('utf8', at + 1, nameEnd);
    const type = bytes.readUInt8(nameEnd);
    const length = fixed[type];
    if (length === undefined) throw new Error('The provider sent a piece of its stream with an unknown kind of header.');
    const from = nameEnd + 1 + (length === null ? 2 : 0);
    const to = from + (length ?? bytes.readUInt16BE(nameEnd + 1));
    if (type === text) headers.set(name, bytes.toString('utf8', from, to));
    at = to;
  }
  return headers;
}
