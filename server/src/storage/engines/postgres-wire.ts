/** The few parts of PostgreSQL's frontend/backend protocol 3.0 that the front itself reads and writes. */

const SSL_REQUEST = 80877103;
const GSS_REQUEST = 80877104;
const CANCEL_REQUEST = 80877102;
const PROTOCOL_3 = 196608;
// PostgreSQL's own limits.
const LONGEST_STARTUP = 10_000;
const LONGEST_MESSAGE = 1 << 30;

export type Incoming = { kind: 'startup' } | { kind: 'encryption' } | { kind: 'cancel' } | { kind: 'message'; type: number; bytes: Buffer };

/** Cuts a byte stream into frontend messages. */
export class FrontendReader {
  #chunks: Buffer[] = [];
  #size = 0;
  #needed = 4;
  #started = false;

  /** @throws RangeError when the bytes cannot be the protocol */
  push(chunk: Buffer): Incoming[] {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    // A large message arrives in many chunks; joining them only once keeps that linear.
    if (this.#size < this.#needed) return [];
    let rest = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks, this.#size);
    const found: Incoming[] = [];
    for (;;) {
      const head = this.#started ? 1 : 0;
      if (rest.length < head + 4) {
        this.#needed = head + 4;
        break;
      }
      const length = head + rest.readInt32BE(head);
      if (length < head + 4 || length > (this.#started ? LONGEST_MESSAGE : LONGEST_STARTUP)) {
        throw new RangeError('a message of impossible length');
      }
      if (rest.length < length) {
        this.#needed = length;
        break;
      }
      found.push(this.#read(rest.subarray(0, length)));
      rest = rest.subarray(length);
    }
    this.#chunks = rest.length > 0 ? [rest] : [];
    this.#size = rest.length;
    return found;
  }

  #read(bytes: Buffer): Incoming {
    if (this.#started) return { kind: 'message', type: bytes.readUInt8(0), bytes };
    const code = bytes.length >= 8 ? bytes.readInt32BE(4) : 0;
    if (code === SSL_REQUEST || code === GSS_REQUEST) return { kind: 'encryption' };
    if (code === CANCEL_REQUEST) return { kind: 'cancel' };
    if (code >> 16 !== PROTOCOL_3 >> 16) throw new RangeError('a protocol other than 3.x');
    this.#started = true;
    return { kind: 'startup' };
  }
}

const READY = 0x5a;
const NOTIFICATION = 0x41;

export interface BackendOutput {
  /** What goes back to the connection that asked. */
  own: Buffer;
  /** Whole NotificationResponse messages, for every listening connection. */
  notifications: Buffer[];
  /** Status of the last ReadyForQuery: 'I' idle, 'T' in a transaction, 'E' in a failed one. */
  status: string | undefined;
}

/** Walks one complete run of backend messages. */
export function readBackend(output: Buffer): BackendOutput {
  const own: Buffer[] = [];
  const notifications: Buffer[] = [];
  let status: string | undefined;
  let from = 0;
  let at = 0;
  while (at + 5 <= output.length) {
    const end = at + 1 + output.readInt32BE(at + 1);
    const type = output[at];
    if (type === READY) status = String.fromCharCode(output[at + 5] ?? 0);
    if (type === NOTIFICATION) {
      notifications.push(output.subarray(at, end));
      own.push(output.subarray(from, at));
      from = end;
    }
    at = end;
  }
  if (from === 0) return { own: output, notifications, status };
  own.push(output.subarray(from));
  return { own: Buffer.concat(own), notifications, status };
}

function message(type: string, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(5);
  head.write(type, 0, 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

function text(value: string): Buffer {
  return Buffer.from(`${value}\0`);
}

/** What a server says after a startup packet: no password (the socket's directory is the guard). */
export function greeting(serverVersion: string, processId: number): Buffer {
  const settings: Record<string, string> = {
    server_version: serverVersion,
    server_encoding: 'UTF8',
    client_encoding: 'UTF8',
    DateStyle: 'ISO, MDY',
    IntervalStyle: 'postgres',
    TimeZone: 'UTC',
    integer_datetimes: 'on',
    standard_conforming_strings: 'on',
  };
  const key = Buffer.alloc(8);
  key.writeInt32BE(processId, 0);
  return Buffer.concat([
    message('R', Buffer.alloc(4)),
    ...Object.entries(settings).map(([name, value]) => message('S', text(name), text(value))),
    message('K', key),
    message('Z', Buffer.from('I')),
  ]);
}

export function fatal(code: string, reason: string): Buffer {
  const fields = { S: 'FATAL', V: 'FATAL', C: code, M: reason };
  const parts = Object.entries(fields).map(([name, value]) => text(name + value));
  return message('E', ...parts, Buffer.alloc(1));
}

export function query(sql: string): Buffer {
  return message('Q', text(sql));
}

export function sync(): Buffer {
  return message('S');
}
