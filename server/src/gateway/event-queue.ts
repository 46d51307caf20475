/** Events from callbacks, read by one `for await`. */
export class EventQueue<T> implements AsyncIterable<T> {
  readonly #waiting: T[] = [];
  readonly #capacity: number;
  #wake: (() => void) | null = null;
  #resumes: (() => void)[] = [];
  #over = false;
  #error: unknown = null;

  constructor(capacity = 256) {
    this.#capacity = capacity;
  }

  get isFull(): boolean {
    return this.#waiting.length >= this.#capacity;
  }
  put(event: T): void {
    this.#waiting.push(event);
    this.#notify();
  }
  /** Calls once when there is room again. */
  whenDrained(resume: () => void): void {
    if (this.isFull) this.#resumes.push(resume);
    else resume();
  }
  end(): void {
    this.#over = true;
    this.#notify();
  }
  fail(error: unknown): void {
    this.#error = error;
    this.end();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      const event = this.#waiting.shift();
      if (event !== undefined) {
        if (this.#resumes.length > 0 && this.#waiting.length < this.#capacity / 2) {
          for (const resume of this.#resumes.splice(0)) resume();
        }
        yield event;
        continue;
      }
      if (this.#over) {
        if (this.#error !== null) throw this.#error;
        return;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #notify(): void {
    this.#wake?.();
    this.#wake = null;
  }
}
