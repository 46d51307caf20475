import type { ChildProcess } from 'node:child_process';
import type { Duplex, Readable, Writable } from 'node:stream';
import { answerFrame, BrokenFrames, controlFrames, dataFrames, jobFrame } from './frames.ts';
import { createJob, type Done, type Job, type Work } from './job.ts';
import { sizes } from './limits.ts';

/** What a runner told about itself when it was ready. */
export interface Readiness {
  /** Absent: it runs without a jail. */
  jail?: { namespaces: boolean; landlock: number; seccomp: boolean; uid: number };
  /** Python's modules by name, with what went wrong for those that could not be loaded. */
  modules?: Record<string, string | null>;
  version?: string;
}

/** The host's side of one process. It never throws for what the process does: that is an outcome. */
export interface Runner {
  /** Rejects with why it did not start. */
  readiness: Promise<Readiness>;
  pid: number | undefined;
  /** One job at a time. `done` rejects only with the signal's reason; `free` when another may follow, if it is still `sound`. */
  run(work: Work): { done: Promise<Done>; free: Promise<void> };
  sound(): boolean;
  kill(): void;
  exited: Promise<void>;
}

const readyMs = 20_000;
/** Frames hold a result with what was printed (JSON makes six characters of one), or a question. */
const mostFrameBytes = Math.max(sizes.resultBytes + 6 * sizes.stdoutChars + 1024, sizes.askBytes + 64);
/** Memory of WebAssembly grows and never shrinks, so no runner is used for ever. */
const mostJobs = 5_000;

/** @param preload what the process reads before it is ready */
export function createRunner(child: ChildProcess, preload: Buffer | null): Runner {
  const [jobs, data, errors, answers, control] = child.stdio as [Writable, Readable, Readable, Writable, Duplex];
  const results = dataFrames(mostFrameBytes);
  const reports = controlFrames();
  const ready = Promise.withResolvers<Readiness>();
  const exited = Promise.withResolvers<void>();
  ready.promise.catch(() => undefined);
  let current: Job | null = null;
  let told: Readiness = {};
  let said = '';
  let dead = false;
  let worn = false;
  let jobsDone = 0;

  const kill = (): void => {
    dead = true;
    child.kill('SIGKILL');
  };
  const refuse = (why: string): void => {
    clearTimeout(late);
    ready.reject(new Error(why));
    kill();
  };
  const late = setTimeout(() => refuse('it did not get ready in time'), readyMs);

  // Writing to a process that has ended is no error here: its end is told by `exit`.
  for (const stream of [jobs, data, errors, answers, control]) stream.on('error', () => undefined);
  errors.on('data', (chunk: Buffer) => {
    if (said.length < 4000) said += chunk.toString();
  });
  data.on('data', (chunk: Buffer) => {
    try {
      for (const { kind, row, body } of results.push(chunk)) current?.take(kind, row, body);
    } catch (error) {
      if (!(error instanceof BrokenFrames)) throw error;
      current?.broke(`sent ${error.message}`);
      kill();
    }
  });
  control.on('data', (chunk: Buffer) => {
    try {
      for (const message of reports.push(chunk)) hear(message);
    } catch {
      refuse('it spoke out of turn');
    }
  });
  const hear = (message: Record<string, unknown>): void => {
    if (typeof message['refused'] === 'string') return refuse(message['refused']);
    if (typeof message['status'] === 'number') {
      worn ||= message['status'] !== 0 || message['worn'] === true;
      return current?.verdict(message['status']);
    }
    told = { ...told, ...(message as Readiness) };
    if (message['ready'] !== true) return;
    clearTimeout(late);
    ready.resolve(told);
  };
  child.on('error', (error) => refuse(error.message));
  child.on('exit', (code, signal) => {
    dead = true;
    clearTimeout(late);
    ready.reject(new Error(lastLine(said) ?? `it ended with ${signal ?? code}`));
    current?.gone();
    exited.resolve();
  });
  if (preload !== null) jobs.write(preload);

  return {
    readiness: ready.promise,
    pid: child.pid,
    exited: exited.promise,
    sound: () => !dead && !worn && jobsDone < mostJobs,
    kill,
    run(work) {
      const job = createJob(work, { answer: (index, answer) => void answers.write(answerFrame(index, answer)), kill });
      current = job;
      const cpuSeconds = Math.min(3600, Math.ceil((work.wallMs * work.rows.length) / 1000) + 1);
      jobs.write(jobFrame({ settings: work.settings, rows: work.rows, memoryMb: work.memoryMb, cpuSeconds }));
      if (dead) job.gone();
      const free = job.free.then(() => {
        current = null;
        jobsDone += 1;
        worn ||= job.asked() || results.rest() > 0;
      });
      return { done: job.done, free };
    },
  };
}

function lastLine(text: string): string | undefined {
  return text.trim().split('\n').at(-1) || undefined;
}
