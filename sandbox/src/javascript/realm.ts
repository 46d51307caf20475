import type { QuickJSContext, QuickJSHandle, QuickJSRuntime, QuickJSWASMModule } from 'quickjs-emscripten-core';
import { emit, readAnswer } from './pipes.ts';
import type { Job, Program } from './program.ts';

declare const prelude: string;
declare const extras: string;

const stackBytes = 512 << 10;
const name = 'evaluator.js';

export const nothingPrinted = '{"out":"","cut":false}';

export class Abandoned extends Error {}

/**
 * A runtime for one row, made ahead so that no caller waits for it. Throws Abandoned with the outcome's kind where the runtime
 * cannot be trusted any more.
 */
export class Row {
  private readonly deadline = { at: Infinity };
  private readonly runtime: QuickJSRuntime;
  private readonly context: QuickJSContext;
  private readonly make: QuickJSHandle;
  private number = 0;
  private doors!: QuickJSHandle;
  private extras: QuickJSHandle | null = null;
  private asked = 0;
  private answered = 0;

  constructor(module: QuickJSWASMModule) {
    const { deadline } = this;
    this.runtime = module.newRuntime();
    this.runtime.setMaxStackSize(stackBytes);
    this.runtime.setInterruptHandler(() => performance.now() > deadline.at);
    this.context = this.runtime.newContext();
    this.make = this.context.unwrapResult(this.context.evalCode(prelude, 'prelude.js'));
  }

  run(job: Job, number: number, program: Program, rowJson: string): { outcome: string; printed: string } {
    const { context } = this;
    this.number = number;
    this.runtime.setMemoryLimit(job.memoryMb << 20);
    this.deadline.at = performance.now() + job.wallMs;
    const { now, seed, args } = partsOf(rowJson);
    // What the engine asks for the time, and all that does so in this process: `performance` keeps the time of limits.
    Date.now = () => now;
    this.doors = this.open(this.make, [context.newNumber(seed)]);
    if (program.extras) {
      const extra = context.unwrapResult(context.evalCode(extras, 'extras.js'));
      this.extras = this.open(extra, [context.newNumber(job.stdoutChars), job.canAsk ? context.true : context.false]);
    }
    const module = context.evalCode(program.text, name, { type: 'module' });
    if (module.error) {
      const { error } = module;
      this.tell(error);
      this.call(this.doors, 'failed', error);
      error.dispose();
    } else {
      const given = [module.value, context.newString(program.entry ?? ''), context.newString(args)];
      this.call(this.doors, 'start', ...given, job.mode === 'call' ? context.true : context.false);
      for (const handle of given) handle.dispose();
      this.settle();
    }
    const printed = this.extras === null ? nothingPrinted : this.text(this.extras, 'printed', job.stdoutChars * 6 + 64);
    return { outcome: this.text(this.doors, 'outcome', job.resultBytes), printed };
  }

  dispose(): void {
    this.doors.dispose();
    this.extras?.dispose();
    this.context.dispose();
    this.runtime.dispose();
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
    const doors = this.context.unwrapResult(this.context.callFunction(make, this.context.undefined, ...given));
    for (const handle of [make, ...given]) handle.dispose();
    return doors;
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
