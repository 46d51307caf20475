import { graceMs } from './limits.ts';

/** What a runner is to do: rows of one tenant's program. */
export interface Work {
  settings: object;
  rows: readonly string[];
  wallMs: number;
  memoryMb: number;
  /** Answers a question of a row. Its rejection is the answer's error; what it waits is not counted. */
  ask(row: number, request: string): Promise<unknown>;
  signal: AbortSignal | null;
}
export interface Reply {
  body: string;
  ms: number;
}
export interface Done {
  /** In the order of the rows; fewer than them unless `end` is `done`. */
  replies: Reply[];
  end: 'done' | 'timeout' | 'died';
  /** How it died, in words. */
  message: string;
}

/** How a job reaches its process. */
export interface Wire {
  answer(index: number, answer: { value: unknown } | { error: string }): void;
  kill(): void;
}

/** One job at its runner: the clock of each row, the questions, the end. */
export interface Job {
  done: Promise<Done>;
  /** The process has nothing more to do with it. */
  free: Promise<void>;
  take(kind: 'R' | 'A', row: number, body: Buffer): void;
  /** The runner says that it is over. */
  verdict(status: number): void;
  /** The process ended. */
  gone(): void;
  /** The process did what no runner does. */
  broke(how: string): void;
  /** Questions were asked: an answer that nobody read would be found by the next job. */
  asked(): boolean;
}

export function createJob(work: Work, wire: Wire): Job {
  const done = Promise.withResolvers<Done>();
  const free = Promise.withResolvers<void>();
  const replies: Reply[] = [];
  let settled = false;
  let questions = 0;
  let open = 0;
  /** What the row's clock showed when it was last stopped, and since when it goes again. */
  let spent = 0;
  let since = performance.now();
  let timer = clock(work.wallMs);

  const settle = (end: Done['end'], message: string): void => {
    if (settled) return;
    settled = true;
    work.signal?.removeEventListener('abort', abort);
    done.resolve({ replies, end, message });
  };
  const over = (): void => {
    clearTimeout(timer);
    free.resolve();
  };
  const kill = (end: Done['end'], message: string): void => {
    wire.kill();
    settle(end, message);
    over();
  };
  const abort = (): void => {
    settled = true;
    done.reject(work.signal?.reason as Error);
    wire.kill();
    over();
  };
  work.signal?.addEventListener('abort', abort, { once: true });

  function clock(ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      const known = replies.length;
      // What came in while this process was busy counts.
      setImmediate(() => {
        if (open === 0 && replies.length === known) kill('timeout', '');
      });
    }, ms + graceMs);
  }
  const go = (): void => {
    clearTimeout(timer);
    since = performance.now();
    timer = clock(work.wallMs - spent);
  };

  function question(row: number, body: Buffer): void {
    questions += 1;
    const text = body.toString();
    const cut = text.indexOf('\n');
    if (open === 0) {
      clearTimeout(timer);
      spent += performance.now() - since;
    }
    open += 1;
    const answer = (said: { value: unknown } | { error: string }): void => {
      open -= 1;
      if (settled) return;
      wire.answer(Number(text.slice(0, cut)), said);
      if (open === 0) go();
    };
    work.ask(row, text.slice(cut + 1)).then(
      (value) => answer({ value: value ?? null }),
      (error: unknown) => answer({ error: error instanceof Error ? error.message : String(error) }),
    );
  }

  return {
    done: done.promise,
    free: free.promise,
    asked: () => questions > 0,
    take(kind, row, body) {
      if (settled && replies.length < work.rows.length) return;
      if (row !== replies.length || row >= work.rows.length) return kill('died', "The evaluator's process sent what nobody waits for");
      if (kind === 'A') return question(row, body);
      replies.push({ body: body.toString(), ms: spent + performance.now() - since });
      spent = 0;
      if (replies.length === work.rows.length) settle('done', '');
      go();
    },
    verdict(status) {
      // The verdict has a pipe of its own: results that were sent before it are read within the next turn.
      setImmediate(() =>
        setImmediate(() => {
          settle(replies.length === work.rows.length ? 'done' : 'died', howItEnded(status));
          over();
        }),
      );
    },
    gone() {
      setImmediate(() =>
        setImmediate(() => {
          settle('died', 'The process of the evaluator ended');
          over();
        }),
      );
    },
    broke: (how) => kill('died', `The evaluator's process ${how}`),
  };
}

const signals: Record<number, string> = {
  4: 'SIGILL',
  6: 'SIGABRT',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  24: 'SIGXCPU',
  25: 'SIGXFSZ',
  31: 'SIGSYS',
};

/** `status` as `wait` gives it. */
function howItEnded(status: number): string {
  const signal = status & 0x7f;
  if (signal !== 0) return `The process of the evaluator ended by ${signals[signal] ?? `signal ${signal}`} without a result`;
  return `The process of the evaluator ended by itself (exit ${(status >> 8) & 0xff}) without a result`;
}
