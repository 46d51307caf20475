import type { QuickJSContext, QuickJSHandle, QuickJSRuntime, QuickJSWASMModule } from 'quickjs-emscripten-core';
import { emit, readAnswer } from './pipes.ts';
import type { Job, Program } from './program.ts';

declare const prelude: string;
declare const extras: string;

const stackBytes = 512 << 10;
const name = 'evaluator.js';

export const nothingPrinted = '{"out":"","cut":false}';

export class Abandoned extends Error {}

/** What the memory of an engine held at one moment. Pages that were empty are left alone: they are free memory, or stack not in use. */
class Image {
  private readonly memory: Memory;
  private readonly runs: { at: number; bytes: Uint8Array }[] = [];

  constructor(memory: Memory) {
    this.memory = memory;
    const bytes = new Uint8Array(memory.buffer);
    for (let at = 0; at < bytes.length; at += pageBytes) {
      const page = bytes.subarray(at, at + pageBytes);
      if (Buffer.compare(page, emptyPage) === 0) continue;
      const last = this.runs.at(-1);
      if (last !== undefined && last.at + last.bytes.length === at) last.bytes = bytes.slice(last.at, at + pageBytes);
      else this.runs.push({ at, bytes: page.slice() });
    }
  }

  restore(): void {
    const bytes = new Uint8Array(this.memory.buffer);
    for (const run of this.runs) bytes.set(run.bytes, run.at);
  }
}
type Memory = ReturnType<QuickJSWASMModule['getWasmMemory']>;
const pageBytes = 4096;
const emptyPage = Buffer.alloc(pageBytes);

/**
 * An engine that is as new for every row: what it held after the prelude was compiled is put back into its memory, which takes a
 * tenth of making a runtime. Throws Abandoned with the outcome's kind where the engine cannot be trusted any more.
 */
export class Realm {
  private readonly deadline = { at: Infinity };
  private readonly runtime: QuickJSRuntime;
  private readonly context: QuickJSContext;
  private readonly memory: Memory;
  private readonly make: QuickJSHandle;
  private readonly plain: Image;
  private makeExtras: QuickJSHandle | null = null;
  private withExtras: Image | null = null;
  private number = 0;
  private doors!: QuickJSHandle;
  private extras: QuickJSHandle | null = null;
  private asked = 0;
  private answered = 0;

  constructor(module: QuickJSWASMModule) {
    const { deadline } = this;
    this.memory = module.getWasmMemory();
    this.runtime = module.newRuntime();
    this.runtime.setMaxStackSize(stackBytes);
    this.runtime.setInterruptHandler(() => performance.now() > deadline.at);
    this.context = this.runtime.newContext();
    this.make = this.context.unwrapResult(this.context.evalCode(prelude, 'prelude.js'));
    this.plain = new Image(this.memory);
  }

  run(job: Job, number: number, program: Program, rowJson: string): { outcome: string; printed: string } {
    const { context } = this;
    this.begin(program.extras);
    this.number = number;
    this.runtime.setMemoryLimit(job.memoryMb << 20);
    this.deadline.at = performance.now() + job.wallMs;
    const { now, seed, args } = partsOf(rowJson);
    // What the engine asks for the time, and all that does so in this process: `performance` keeps the time of limits.
    Date.now = () => now;
    this.doors = this.open(this.make, [context.newNumber(seed)]);
    if (this.makeExtras !== null && program.extras)
      this.extras = this.open(this.makeExtras, [context.newNumber(job.stdoutChars), job.canAsk ? context.true : context.false]);
    const module = context.evalCode(program.text, name, { type: 'module' });
    if (module.error) {
      const { error } = module;
      this.tell(error);
      this.call(this.doors, 'failed', error);
    } else {
      const given = [module.value, context.newString(program.entry ?? ''), context.newString(args)];
      this.call(this.doors, 'start', ...given, job.mode === 'call' ? context.true : context.false);
      this.settle();
    }
    const printed = this.extras === null ? nothingPrinted : this.text(this.extras, 'printed', job.stdoutChars * 6 + 64);
    return { outcome: this.text(this.doors, 'outcome', job.resultBytes), printed };
  }

  /** Handles of the row before point at what is not there any more; nobody has them. */
  private begin(extended: boolean): void {
    this.deadline.at = Infinity;
    this.asked = 0;
    this.answered = 0;
    this.extras = null;
    (extended && this.withExtras !== null ? this.withExtras : this.plain).restore();
    if (!extended || this.withExtras !== null) return;
    this.makeExtras = this.context.unwrapResult(this.context.evalCode(extras, 'extras.js'));
    this.withExtras = new Image(this.memory);
  }

  /** Runs what is ready, lets the host answer what was asked, until there is an outcome. */
  private settle(): void {
    for (;;) {
      const { error } = this.runtime.executePendingJobs(1000);
      if (error) {
        this.tell(error);
        this.call(this.doors, 'failed', error);
        error.dispose();
        return;
      }
      if (performance.now() > this.deadline.at) throw new Abandoned('timeout');
      if (this.runtime.hasPendingJob()) continue;
      if (this.text(this.doors, 'outcome', Infinity, true) !== '') return;
      if (!this.answerOne()) throw new Abandoned('stuck');
    }
  }

  /** False when nothing is asked: then nothing will ever happen. */
  private answerOne(): boolean {
    if (this.extras === null) return false;
    const requests = JSON.parse(this.text(this.extras, 'asked', 1 << 24)) as string[];
    for (const request of requests) emit('A', this.number, `${this.asked++}\n${request}`);
    if (this.asked === this.answered) return false;
    const since = performance.now();
    const answer = readAnswer();
    this.deadline.at += performance.now() - since;
    const { context } = this;
    const index = context.newNumber(answer.readUInt32LE(0));
    const body = context.newString(answer.toString('utf8', 4));
    this.call(this.extras, 'answer', index, body);
    index.dispose();
    body.dispose();
    this.answered += 1;
    return true;
  }

  /** Calls what a text of ours evaluated to, for the functions by which the runner reaches into the realm. */
  private open(make: QuickJSHandle, given: QuickJSHandle[]): QuickJSHandle {
    return this.context.unwrapResult(this.context.callFunction(make, this.context.undefined, ...given));
  }

  private call(doors: QuickJSHandle, method: string, ...given: QuickJSHandle[]): void {
    const door = this.context.getProp(doors, method);
    const result = this.context.callFunction(door, this.context.undefined, ...given);
    door.dispose();
    if (result.error) {
      this.tell(result.error);
      result.error.dispose();
      throw new Abandoned('broken');
    }
    result.value.dispose();
  }

  /** A text out of the realm; its length is looked at before it is copied. `peek`: only whether it is empty. */
  private text(doors: QuickJSHandle, method: string, most: number, peek = false): string {
    const { context } = this;
    const door = context.getProp(doors, method);
    const value = context.unwrapResult(context.callFunction(door, context.undefined));
    door.dispose();
    const lengthHandle = context.getProp(value, 'length');
    const length = context.getNumber(lengthHandle);
    lengthHandle.dispose();
    const text = peek
      ? length > 0
        ? '+'
        : ''
      : length > most
        ? JSON.stringify({ k: 'too-large', bytes: length })
        : context.getString(value);
    value.dispose();
    return text;
  }

  /** Errors of the engine itself end the runner: interrupted, out of memory, stack overflow. */
  private tell(error: QuickJSHandle): void {
    const read = (key: string): string => {
      const handle = this.context.getProp(error, key);
      const text = this.context.typeof(handle) === 'string' ? this.context.getString(handle) : '';
      handle.dispose();
      return text;
    };
    const kind = this.context.typeof(error) === 'null' ? 'memory' : read('name') === 'InternalError' ? engineError(read('message')) : null;
    if (kind !== null) throw new Abandoned(kind);
  }
}

function engineError(message: string): string | null {
  if (message === 'interrupted') return 'timeout';
  if (message === 'out of memory') return 'memory';
  return null;
}

/** A row as the host wrote it (`row.ts`): its arguments are parsed in the realm, not here. */
function partsOf(rowJson: string): { now: number; seed: number; args: string } {
  const head = /^\{"now":(-?\d+),"seed":(\d+),"args":/.exec(rowJson);
  if (head === null) throw new Error('a row of another form');
  return { now: Number(head[1]), seed: Number(head[2]), args: rowJson.slice(head[0].length, -1) };
}
