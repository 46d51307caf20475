import type { QuickJSContext, QuickJSHandle, QuickJSRuntime, QuickJSWASMModule } from 'quickjs-emscripten-core';
import { emit, readAnswer } from './pipes.ts';
import type { Job, Program } from './program.ts';

declare const prelude: string;

const stackBytes = 512 << 10;
const name = 'evaluator.js';

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
  private job!: Job;
  private number = 0;
  private doors!: QuickJSHandle;
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
    this.job = job;
    this.number = number;
    this.runtime.setMemoryLimit(job.memoryMb << 20);
    this.deadline.at = performance.now() + job.wallMs;
    const given = [context.newString(rowJson), context.newNumber(job.stdoutChars), job.canAsk ? context.true : context.false];
    this.doors = context.unwrapResult(context.callFunction(this.make, context.undefined, ...given));
    for (const handle of [this.make, ...given]) handle.dispose();
    const module = context.evalCode(program.text, name, { type: 'module' });
    if (module.error) {
      const { error } = module;
      this.tell(error);
      this.call('failed', error);
      error.dispose();
    } else {
      const entry = context.newString(program.entry ?? '');
      this.call('start', module.value, entry, this.job.mode === 'call' ? context.true : context.false);
      entry.dispose();
      module.value.dispose();
      this.settle();
    }
    return { outcome: this.text('outcome', this.job.resultBytes), printed: this.text('printed', this.job.stdoutChars * 6 + 64) };
  }

  dispose(): void {
    this.doors.dispose();
    this.context.dispose();
    this.runtime.dispose();
  }

  /** Runs what is ready, lets the host answer what was asked, until there is an outcome. */
  private settle(): void {
    for (;;) {
      const { error } = this.runtime.executePendingJobs(1000);
      if (error) {
        this.tell(error);
        this.call('failed', error);
        error.dispose();
        return;
      }
      if (performance.now() > this.deadline.at) throw new Abandoned('timeout');
      if (this.runtime.hasPendingJob()) continue;
      if (this.text('outcome', Infinity, true) !== '') return;
      if (!this.answerOne()) throw new Abandoned('stuck');
    }
  }

  /** False when nothing is asked: then nothing will ever happen. */
  private answerOne(): boolean {
    const requests = JSON.parse(this.text('asked', 1 << 24)) as string[];
    for (const request of requests) emit('A', this.number, `${this.asked++}\n${request}`);
    if (this.asked === this.answered) return false;
    const since = performance.now();
    const answer = readAnswer();
    this.deadline.at += performance.now() - since;
    const { context } = this;
    const index = context.newNumber(answer.readUInt32LE(0));
    const body = context.newString(answer.toString('utf8', 4));
    this.call('answer', index, body);
    index.dispose();
    body.dispose();
    this.answered += 1;
    return true;
  }

  private call(method: string, ...given: QuickJSHandle[]): void {
    const door = this.context.getProp(this.doors, method);
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
  private text(method: string, most: number, peek = false): string {
    const { context } = this;
    const door = context.getProp(this.doors, method);
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
