/**
 * What travels between a runner and its host. Every frame begins with its length. `jail/zygote.py`, `jail/evaluate.py` and
 * `javascript/runner.ts` speak the other side.
 */

export interface DataFrame {
  /** `R`: a row's result. `A`: a question to the host. */
  kind: 'R' | 'A';
  row: number;
  body: Buffer;
}

/** A runner sent what is no frame, or one larger than any may be. */
export class BrokenFrames extends Error {}

/** Collects bytes until a frame is whole. */
function frames<T>(headBytes: number, mostBytes: number, read: (frame: Buffer) => T): { push(chunk: Buffer): T[]; rest(): number } {
  let held: Buffer[] = [];
  let length = 0;
  return {
    push(chunk) {
      held.push(chunk);
      length += chunk.length;
      if (length < headBytes) return [];
      let bytes = held.length === 1 ? chunk : Buffer.concat(held);
      const whole: T[] = [];
      while (bytes.length >= headBytes) {
        const size = headBytes + bytes.readUInt32LE(0);
        if (size > mostBytes) throw new BrokenFrames('a frame that is too large');
        if (bytes.length < size) break;
        whole.push(read(bytes.subarray(0, size)));
        bytes = bytes.subarray(size);
      }
      held = bytes.length === 0 ? [] : [bytes];
      length = bytes.length;
      return whole;
    },
    rest: () => length,
  };
}

const dataHead = 9;
const controlHead = 4;
const jobHead = 12;

export const dataFrames = (mostBytes: number) =>
  frames<DataFrame>(dataHead, mostBytes + dataHead, (frame) => {
    const kind = String.fromCharCode(frame[4] as number);
    if (kind !== 'R' && kind !== 'A') throw new BrokenFrames('a frame of no kind');
    return { kind, row: frame.readUInt32LE(5), body: frame.subarray(dataHead) };
  });

export const controlFrames = () =>
  frames<Record<string, unknown>>(controlHead, 1 << 20, (frame) => {
    return JSON.parse(frame.toString('utf8', controlHead)) as Record<string, unknown>;
  });

/** A job: the settings, then its rows, each behind its length. */
export function jobFrame(job: { settings: object; rows: readonly string[]; memoryMb: number; cpuSeconds: number }): Buffer {
  const texts = [JSON.stringify(job.settings), ...job.rows];
  const lengths = texts.map((text) => Buffer.byteLength(text));
  const bodyBytes = lengths.reduce((sum, length) => sum + 4 + length, 0);
  const frame = Buffer.allocUnsafe(jobHead + bodyBytes);
  frame.writeUInt32LE(bodyBytes, 0);
  frame.writeUInt32LE(job.memoryMb, 4);
  frame.writeUInt32LE(job.cpuSeconds, 8);
  let place = jobHead;
  for (const [index, text] of texts.entries()) {
    frame.writeUInt32LE(lengths[index] as number, place);
    place += 4;
    place += frame.write(text, place);
  }
  return frame;
}

/** The answer to a question, by its number. */
export function answerFrame(index: number, answer: { value: unknown } | { error: string }): Buffer {
  const body = Buffer.from(JSON.stringify(answer));
  const head = Buffer.allocUnsafe(8);
  head.writeUInt32LE(body.length + 4, 0);
  head.writeUInt32LE(index, 4);
  return Buffer.concat([head, body]);
}

/** Bytes behind their length. */
export function sized(bytes: Buffer): Buffer {
  const head = Buffer.allocUnsafe(4);
  head.writeUInt32LE(bytes.length, 0);
  return Buffer.concat([head, bytes]);
}
