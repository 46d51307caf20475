import { availableParallelism } from 'node:os';
import type { Json, JsonObject } from '@whetstone/contract';
import { createGround, type GroundDeps } from './ground.ts';
import type { Check, Item, Program, RunOptions, Sandbox } from './index.ts';
import { type Limits, sizes, usualLimits } from './limits.ts';
import { jsonValue, judgmentValue, type Outcome, readReply, tooLarge, unavailable, withoutReply } from './outcome.ts';
import { createPool, type Lease } from './pool.ts';
import { itemRow, rowText } from './row.ts';
import type { Reply } from './job.ts';

export interface SandboxDeps {
  /** `WHETSTONE_PYTHON`: an interpreter or a virtual environment. Absent: the system's python3. */
  python?: string | null;
  /** Modules beside the published lists that Python's code may import. */
  modules?: readonly string[];
  log: GroundDeps['log'];
  limits?: Partial<Limits>;
  /** Jobs at a time and language. Default: one a core, at most four. */
  concurrency?: number;
  /** After so long without a job no process is kept. Default 60 s. */
  idleMs?: number;
  /** False: no namespaces even where they are allowed. */
  namespaces?: boolean;
}

/** Rows of one job: enough that a job costs little beside them, few enough that cores share them and one can be repeated. */
const rowsAtOnce = { python: 500, javascript: 50 } as const;
const bytesAtOnce = 4 << 20;

/** Starts nothing: processes come with the first job or `probe`. */
export function createSandbox(deps: SandboxDeps): Sandbox {
  const { python = null, modules = [], log, namespaces = true, idleMs = 60_000 } = deps;
  const most = deps.concurrency ?? Math.min(4, availableParallelism());
  const ground = createGround({ python, modules, namespaces, log });
  const pools = {
    javascript: createPool({ start: ground.startJavascript, most, idleMs }),
    python: createPool({ start: ground.startPython, most, idleMs }),
  };
  const familyOf = (program: Program) => (program.language === 'python' ? 'python' : 'javascript');

  interface Job<V> {
    program: Program;
    mode: 'judge' | 'call' | 'check';
    entry?: string | null;
    options: RunOptions;
    read(reply: Reply, limits: Limits): Outcome<V>;
  }

  /** Rows of one job, each to its outcome: a row that ends its process is told so, and those after it go on in another. */
  async function runRows<V>(job: Job<V>, rows: readonly string[]): Promise<Outcome<V>[]> {
    const { program, mode, entry, options } = job;
    const limits = { ...usualLimits, ...deps.limits, ...options.limits };
    const signal = options.signal ?? null;
    const pool = pools[familyOf(program)];
    const outcomes: Outcome<V>[] = [];
    // Replies that travel together do not tell which row ended the process; then the rest is run again, one reply at a time.
    let together = rows.length > 1;
    while (outcomes.length < rows.length) {
      let lease: Lease;
      try {
        lease = await pool.take(program.tenant, signal);
      } catch (error) {
        signal?.throwIfAborted();
        const why = unavailable(`${program.language} cannot run here: ${error instanceof Error ? error.message : String(error)}`);
        return [...outcomes, ...rows.slice(outcomes.length).map(() => why)];
      }
      const asking = new AbortController();
      const asked = new Map<number, number>();
      const settings = {
        mode,
        language: program.language,
        source: program.source,
        ...(entry ? { entry } : {}),
        fresh: lease.fresh,
        canAsk: options.ask !== undefined,
        together,
        wallMs: limits.wallMs,
        memoryMb: limits.memoryMb,
        resultBytes: sizes.resultBytes,
        stdoutChars: sizes.stdoutChars,
      };
      const { done, free } = lease.runner.run({
        settings,
        rows: rows.slice(outcomes.length),
        wallMs: limits.wallMs,
        memoryMb: limits.memoryMb,
        signal,
        ask: async (row, request) => {
          const count = (asked.get(row) ?? 0) + 1;
          asked.set(row, count);
          if (count > limits.asks) throw new Error(`ask() may be called ${limits.asks} times a judgment`);
          if (options.ask === undefined) throw new Error('ask() is not available here');
          return options.ask(JSON.parse(request) as Json, asking.signal);
        },
      });
      void free.then(() => pool.give(lease));
      try {
        const ended = await done;
        outcomes.push(...ended.replies.map((reply) => job.read(reply, limits)));
        if (ended.end === 'done') continue;
        if (together) together = false;
        else outcomes.push(withoutReply(ended, limits.wallMs));
      } finally {
        asking.abort();
      }
    }
    return outcomes;
  }

  /** What is too large is told without being run; the rest goes in jobs of some hundred rows, over all cores. */
  async function run<V>(job: Job<V>, rows: readonly string[]): Promise<Outcome<V>[]> {
    job.options.signal?.throwIfAborted();
    const sourceBytes = Buffer.byteLength(job.program.source);
    if (sourceBytes > sizes.sourceBytes) return rows.map(() => tooLarge('The source', sourceBytes, sizes.sourceBytes));
    const outcomes: Outcome<V>[] = Array.from({ length: rows.length });
    const jobs = batches(rows, rowsAtOnce[familyOf(job.program)], outcomes);
    const work = async (): Promise<void> => {
      for (let batch = jobs.shift(); batch !== undefined; batch = jobs.shift()) {
        const found = await runRows(
          job,
          batch.map((index) => rows[index] as string),
        );
        for (const [place, index] of batch.entries()) outcomes[index] = found[place] as Outcome<V>;
      }
    };
    await Promise.all(Array.from({ length: Math.min(most, jobs.length) }, work));
    return outcomes;
  }

  const judgeMany = (program: Program, items: readonly Item[], options: RunOptions = {}): Promise<Outcome[]> =>
    run(
      { program, mode: 'judge', options, read: (reply, limits) => readReply(reply, limits.wallMs, limits.memoryMb, judgmentValue) },
      items.map(itemRow),
    );

  return {
    probe: ground.probe,
    state: ground.state,
    judgeMany,
    judge: async (program, item, options) => (await judgeMany(program, [item], options))[0] as Outcome,
    async call(program, args: JsonObject, options = {}) {
      const { entry = null, ...rest } = program;
      const read = (reply: Reply, limits: Limits) => readReply(reply, limits.wallMs, limits.memoryMb, jsonValue);
      const [outcome] = await run({ program: rest, mode: 'call', entry, options, read }, [rowText(args, null)]);
      return outcome as Outcome<{ json: Json }>;
    },
    async check(program) {
      const checked: { found: Check | null } = { found: null };
      const read = (reply: Reply): Outcome<never> => {
        checked.found = readCheck(reply);
        return unavailable('');
      };
      const [outcome] = await run({ program, mode: 'check', options: {}, read }, ['{}']);
      if (checked.found !== null) return checked.found;
      const { message } = outcome as { message: string };
      if (outcome?.outcome === 'unavailable') return { outcome: 'unavailable', message };
      return { outcome: 'checked', problems: [{ message, line: 1, column: 1 }], entry: null, parameters: [], missing: [] };
    },
    async close() {
      await Promise.all([pools.javascript.close(), pools.python.close()]);
    },
  };
}

/** Indexes of rows that go together; those that are too large have their outcome at once. */
function batches(rows: readonly string[], mostRows: number, outcomes: Outcome<unknown>[]): number[][] {
  const found: number[][] = [];
  let batch: number[] = [];
  let bytes = 0;
  for (const [index, row] of rows.entries()) {
    const size = Buffer.byteLength(row);
    if (size > sizes.inputBytes) {
      outcomes[index] = tooLarge('The log with its testcase', size, sizes.inputBytes);
      continue;
    }
    if (batch.length === mostRows || (batch.length > 0 && bytes + size > bytesAtOnce)) {
      found.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(index);
    bytes += size;
  }
  return batch.length > 0 ? [...found, batch] : found;
}

/** The parser runs in the jail too, on a stranger's source: what it says is read with care. */
function readCheck(reply: Reply): Check {
  const said = JSON.parse(reply.body.slice(0, reply.body.indexOf('\n'))) as Partial<Extract<Check, { outcome: 'checked' }>>;
  const { problems = [], entry = null, parameters = [], missing = [] } = said;
  return { outcome: 'checked', problems, entry, parameters, missing };
}
