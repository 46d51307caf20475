/** Reads server-sent events from bytes that may be cut anywhere. */

const newline = 10;

export class SseError extends Error {}

/** Calls back once an event. Lines longer than `maxLineBytes` throw an SseError. */
export class SseReader {
  readonly #onEvent: (data: string, name: string) => void;
  readonly #maxLineBytes: number;
  #rest: Buffer[] = [];
  #restBytes = 0;
  #data: string[] = [];
  #name = '';
  #first = true;

  constructor(onEvent: (data: string, name: string) => void, maxLineBytes: number) {
    this.#onEvent = onEvent;
    this.#maxLineBytes = maxLineBytes;
  }

  push(bytes: Buffer): void {
    let from = 0;
    for (let to = bytes.indexOf(newline); to >= 0; to = bytes.indexOf(newline, from)) {
      const piece = bytes.subarray(from, to);
      from = to + 1;
      if (this.#restBytes === 0) this.#line(piece.toString('utf8'));
      else {
        this.#keep(piece);
        this.#line(this.#takeRest());
      }
    }
    if (from < bytes.length) this.#keep(from === 0 ? bytes : bytes.subarray(from));
  }

  /** An event that lacks only its closing blank line is still read. */
  end(): void {
    if (this.#restBytes > 0) this.#line(this.#takeRest());
    this.#dispatch();
  }

  #keep(piece: Buffer): void {
    this.#restBytes += piece.length;
    if (this.#restBytes > this.#maxLineBytes) throw new SseError(`A line of the event stream is longer than ${this.#maxLineBytes} bytes.`);
    this.#rest.push(piece);
  }

  #takeRest(): string {
    const text = (this.#rest.length === 1 ? (this.#rest[0] ?? Buffer.alloc(0)) : Buffer.concat(this.#rest)).toString('utf8');
    this.#rest = [];
    this.#restBytes = 0;
    return text;
  }

  #line(raw: string): void {
    let line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (this.#first) {
      this.#first = false;
      if (line.startsWith('\uFEFF')) line = line.slice(1);
    }
    if (line === '') this.#dispatch();
    else if (line.startsWith('data:')) this.#data.push(line.slice(line[5] === ' ' ? 6 : 5));
    else if (line.startsWith('event:')) this.#name = line.slice(6).trim();
  }

  #dispatch(): void {
    if (this.#data.length > 0) {
      const data = this.#data.length === 1 ? (this.#data[0] ?? '') : this.#data.join('\n');
      const name = this.#name;
      this.#data = [];
      this.#name = '';
      this.#onEvent(data, name);
    } else this.#name = '';
  }
}

export function sseEvent(data: unknown): string {
  return `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
}
