import type { DecodeContext, Dialect, FrameReader, StreamDecoder } from '../providers/dialect.ts';
import type { Limits, Listener, NativeCall } from '../room.ts';
import { Accumulator } from '../wire/accumulate.ts';
import type { Answer, ChatChunk } from '../wire/chat.ts';
import { asObject, parseJson } from '../wire/read.ts';
import { SseError, sseEvent, SseReader } from '../wire/sse.ts';

/** Step 6: a provider's stream goes to who waits for it, and into the log. */
export interface Tee {
  /** False: who waits cannot keep up. Throws when the stream is not what it should be, or too large. */
  push(bytes: Buffer): boolean;
  /** What the log keeps, also of a stream that was cut. Throws when a piece was not what it should be. */
  end(): void;
  answer(): Answer;
  /** Whether the provider said everything it meant to. */
  readonly complete: boolean;
  /** Whether who waits has got anything. */
  readonly forwarded: boolean;
  /** The end mark, held back until the log is written. */
  tail(): Buffer | null;
}

export interface TeeOptions {
  dialect: Dialect;
  /** The caller speaks the provider's shape, which is not chat completions. */
  native: NativeCall | null;
  context: DecodeContext;
  listener: Listener;
  limits: Limits;
  /** Called before the first piece. */
  open(): void;
  /** The caller did not ask for usage; we did. */
  dropUsage: boolean;
  choiceOffset: number;
}

export function createTee(options: TeeOptions): Tee {
  const passes = options.native !== null || (options.listener.wants === 'bytes' && options.dialect.id === 'openai');
  return passes ? new PassThrough(options) : new Translation(options);
}

const done = Buffer.from('data: [DONE]\n\n');
const marks = [Buffer.from('data: [DONE]'), Buffer.from('data:[DONE]')];
const noChoices = [Buffer.from('"choices":[]'), Buffer.from('"choices": []')];
const newline = 10;

abstract class Counted {
  protected readonly options: TeeOptions;
  protected readonly decoder: StreamDecoder;
  protected readonly accumulator = new Accumulator();
  forwarded = false;
  #bytes = 0;

  constructor(options: TeeOptions) {
    this.options = options;
    this.decoder = (options.native ?? options.dialect).streaming(options.context);
  }

  get complete(): boolean {
    return this.decoder.done || this.accumulator.finished;
  }
  answer(): Answer {
    return this.accumulator.answer();
  }
  protected count(bytes: Buffer): void {
    this.#bytes += bytes.length;
    if (this.#bytes > this.options.limits.maxStreamBytes) {
      throw new SseError(`The stream is longer than ${this.options.limits.maxStreamBytes} bytes.`);
    }
  }
  protected open(): void {
    if (this.forwarded) return;
    this.forwarded = true;
    this.options.open();
  }
}

/**
 * The hot path: whole lines are handed on as they are and kept; they are read when the stream has ended. Until then a
 * piece costs a search for its last newline and for the end mark.
 */
class PassThrough extends Counted implements Tee {
  readonly #kept: Buffer[] = [];
  #rest: Buffer | null = null;
  #tail: Buffer | null = null;

  push(bytes: Buffer): boolean {
    this.count(bytes);
    const whole = this.#rest === null ? bytes : Buffer.concat([this.#rest, bytes]);
    const cut = whole.lastIndexOf(newline) + 1;
    this.#rest = cut === whole.length ? null : whole.subarray(cut);
    if (this.#rest !== null && this.#rest.length > this.options.limits.maxLineBytes) {
      throw new SseError(`A line of the event stream is longer than ${this.options.limits.maxLineBytes} bytes.`);
    }
    return cut === 0 ? true : this.#hand(whole.subarray(0, cut));
  }

  #hand(lines: Buffer): boolean {
    this.#kept.push(lines);
    if (this.#tail !== null) {
      this.#tail = Buffer.concat([this.#tail, lines]);
      return true;
    }
    let out = lines;
    for (const mark of this.options.native?.marks ?? marks) {
      const at = markAt(out, mark);
      if (at < 0) continue;
      this.#tail = out.subarray(at);
      out = out.subarray(0, at);
    }
    if (this.options.dropUsage && noChoices.some((text) => out.includes(text))) out = withoutUsage(out);
    if (out.length === 0) return true;
    this.open();
    return this.options.listener.bytes(out);
  }

  end(): void {
    const rest = this.#rest;
    this.#rest = null;
    // A last line that only lacks its newline is handed on, closed; half an event is nobody's.
    if (rest !== null && isWholeLine(rest)) this.#hand(Buffer.concat([rest, Buffer.from('\n\n')]));
    const reader = new SseReader((data, name) => {
      for (const chunk of this.decoder.event(data, name)) this.accumulator.add(chunk);
    }, this.options.limits.maxLineBytes);
    let problem: unknown = null;
    for (const lines of this.#kept) {
      try {
        reader.push(lines);
      } catch (error) {
        problem ??= error;
      }
    }
    try {
      reader.end();
    } catch (error) {
      problem ??= error;
    }
    if (problem !== null) throw problem;
  }

  tail(): Buffer | null {
    return this.#tail;
  }
}

/** Where a line starts with the mark; the mark inside an answer's text is no mark. */
function markAt(bytes: Buffer, mark: Buffer): number {
  for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + 1)) {
    if (at === 0 || bytes[at - 1] === newline) return at;
  }
  return -1;
}

function isWholeLine(line: Buffer): boolean {
  const text = line.toString('utf8').trim();
  if (!text.startsWith('data:')) return false;
  const data = text.slice(5).trim();
  return data === '[DONE]' || parseJson(data) !== undefined;
}

/** Drops the event that has usage only. A chunk whose text merely quotes the words has choices of its own and stays. */
function withoutUsage(lines: Buffer): Buffer {
  const kept = lines
    .toString('utf8')
    .split(/(?<=\n)/)
    .map((line, index, all) => (index > 0 && line.trim() === '' && isUsage(all[index - 1] ?? '') ? '' : isUsage(line) ? '' : line));
  return Buffer.from(kept.join(''));
}

function isUsage(line: string): boolean {
  if (!line.startsWith('data:') || !/"choices":\s?\[\]/.test(line)) return false;
  const chunk = asObject(parseJson(line.slice(5)));
  return Array.isArray(chunk?.['choices']) && chunk['choices'].length === 0 && asObject(chunk['usage']) !== null;
}

/** Reads events as they come and hands on chunks in OpenAI's shape. */
class Translation extends Counted implements Tee {
  readonly #reader: FrameReader;
  #writable = true;

  constructor(options: TeeOptions) {
    super(options);
    const onEvent = (data: string, name: string): void => {
      for (const chunk of this.decoder.event(data, name)) this.#hand(chunk);
    };
    const most = options.limits.maxLineBytes;
    this.#reader = options.dialect.framing?.reader(onEvent, most) ?? new SseReader(onEvent, most);
  }

  push(bytes: Buffer): boolean {
    this.count(bytes);
    this.#writable = true;
    this.#reader.push(bytes);
    return this.#writable;
  }

  #hand(chunk: ChatChunk): void {
    this.accumulator.add(chunk);
    const { listener, dropUsage, choiceOffset } = this.options;
    if (choiceOffset > 0) for (const choice of chunk.choices) choice.index += choiceOffset;
    if (listener.wants === 'chunks') {
      this.open();
      this.#writable = listener.chunk(chunk) && this.#writable;
      return;
    }
    if (dropUsage && Array.isArray(chunk.choices) && chunk.choices.length === 0) return;
    this.open();
    this.#writable = listener.bytes(Buffer.from(sseEvent(chunk))) && this.#writable;
  }

  end(): void {
    this.#reader.end();
  }

  tail(): Buffer | null {
    return this.options.listener.wants === 'bytes' ? done : null;
  }
}
