import { AppError } from '@whetstone/contract';
import { type ConstructorOptions, fromKysely, getConstructionPlans, type JobWithMetadata, PgBoss } from 'pg-boss';
import { type Storage, StoreUnavailableError } from '../storage/index.ts';
import type { JobRun, Jobs } from './index.ts';
import { type JobKind, type JobName, jobTable } from './table.ts';

export interface JobsDeps {
  storage: Pick<Storage, 'executeSql' | 'listen' | 'onReconnect'>;
  log: { warn(data: object, message: string): void; error(data: object, message: string): void };
}

type Handler = (payload: never, run: JobRun) => Promise<void>;

/** A sent job wakes its workers by NOTIFY; polling is for what was missed, so it may be rare. */
const POLL_SECONDS = 60;
const RETAIN_DONE_SECONDS = 3 * 24 * 3_600;
const HOUR = 3_600;
const SCHEMA = 'jobs';

/** What `start` does on a database without the queue's tables, in a second of processor: ahead of it, in a database that is made to be copied. */
export async function createJobTables(storage: Pick<Storage, 'executeSql'>): Promise<void> {
  await storage.executeSql(getConstructionPlans(SCHEMA));
}

export function createJobs({ storage, log }: JobsDeps): Jobs {
  const boss = new PgBoss({
    db: databaseOf(storage),
    schema: SCHEMA,
    useListenNotify: true,
    // Idle, all of this is five queries a minute.
    cronWorkerIntervalSeconds: 45,
    cronMonitorIntervalSeconds: 45,
    superviseIntervalSeconds: 300,
    flowIntervalSeconds: HOUR,
    bamIntervalSeconds: HOUR,
    maintenanceIntervalSeconds: HOUR,
    monitorIntervalSeconds: HOUR,
    queueCacheIntervalSeconds: HOUR,
    monitorVacuum: false,
    reindex: false,
  });
  boss.on('error', (error) => log.warn({ err: error }, 'the job queue met an error'));
  const wakes = createWakes(boss);
  const handlers = new Map<JobName, Handler>();
  const schedules = new Map<JobName, { cron: string; payload: object }>();
  let working = false;
  let begin: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  let state: 'new' | 'started' | 'stopped' = 'new';

  const takeUp = async (name: JobName, handler: Handler): Promise<void> => {
    const kind: JobKind = jobTable[name];
    for (let n = 0; n < kind.concurrency; n++) {
      let workerId = '';
      const run = async ([job]: JobWithMetadata[]): Promise<void> => {
        if (job === undefined) return;
        // There may be more: look again at once, not at the next poll.
        wakes.now(workerId);
        await runJob(name, kind, handler, job, { log, wakes });
      };
      workerId = await boss.work<object, void, typeof workOptions>(name, workOptions, run);
      wakes.add(name, workerId);
    }
  };

  return {
    async start({ work = true } = {}) {
      if (state !== 'new') return;
      await boss.start();
      for (const name of jobNames()) await prepareQueue(boss, name);
      state = 'started';
      begin();
      await unscheduleOthers(boss, schedules);
      for (const [name, { cron, payload }] of schedules) await boss.schedule(name, cron, payload);
      working = work;
      if (working) for (const [name, handler] of handlers) await takeUp(name, handler);
    },
    async enqueue(name, payload, { afterSeconds = 0, transaction } = {}) {
      // An open transaction may hold the one backend that the start needs.
      if (state === 'new' && transaction !== undefined) {
        throw new AppError('unavailable', 'The server is still starting. Try again in a moment.', { retryAfterSeconds: 1 });
      }
      await begun;
      if (state === 'stopped') throw new StoreUnavailableError('postgres', 'the job queue has stopped');
      await boss.send(name, jobTable[name].payload.parse(payload), {
        ...(afterSeconds > 0 ? { startAfter: afterSeconds } : {}),
        ...(transaction === undefined ? {} : { db: fromKysely(transaction) }),
      });
      if (afterSeconds > 0) wakes.after(name, afterSeconds);
    },
    work(name, handler) {
      if (handlers.has(name)) throw new Error(`There is a handler of ${name} already.`);
      handlers.set(name, handler);
      if (working)
        void takeUp(name, handler as Handler).catch((error: unknown) => log.error({ err: error, job: name }, 'a handler was not taken up'));
    },
    schedule(name, cron, payload) {
      schedules.set(name, { cron, payload });
      if (state === 'started')
        void boss.schedule(name, cron, payload).catch((error: unknown) => log.error({ err: error, job: name }, 'a schedule was not kept'));
    },
    async stop(deadlineMs = 5_000) {
      if (state !== 'started') {
        state = 'stopped';
        return;
      }
      state = 'stopped';
      wakes.close();
      await boss.stop({ graceful: true, timeout: deadlineMs, close: true });
    },
  };
}

const workOptions = {
  includeMetadata: true,
  batchSize: 1,
  pollingIntervalSeconds: 15,
  notifyPollingIntervalSeconds: POLL_SECONDS,
} as const;

function jobNames(): JobName[] {
  return Object.keys(jobTable) as JobName[];
}

async function runJob(
  name: JobName,
  kind: JobKind,
  handler: Handler,
  job: JobWithMetadata,
  { log, wakes }: { log: JobsDeps['log']; wakes: Wakes },
): Promise<void> {
  const run: JobRun = { attempt: job.retryCount + 1, isLast: job.retryCount >= job.retryLimit, signal: job.signal };
  try {
    await handler(kind.payload.parse(job.data) as never, run);
  } catch (error) {
    log.warn({ err: error, job: name, id: job.id, attempt: run.attempt, isLast: run.isLast }, 'a job failed');
    // Up to double, for pg-boss spreads retries at random.
    if (!run.isLast) wakes.after(name, Math.min(kind.longestWaitSeconds, kind.firstWaitSeconds * 2 ** job.retryCount) + 1);
    throw error;
  }
}

async function prepareQueue(boss: PgBoss, name: JobName): Promise<void> {
  const kind: JobKind = jobTable[name];
  const options = {
    retryLimit: kind.retries,
    retryDelay: kind.firstWaitSeconds,
    retryBackoff: true,
    retryDelayMax: kind.longestWaitSeconds,
    expireInSeconds: kind.limitSeconds,
    deleteAfterSeconds: RETAIN_DONE_SECONDS,
    notify: true,
  };
  if ((await boss.getQueue(name)) === null) await boss.createQueue(name, options);
  else await boss.updateQueue(name, options);
}

/** What an older version scheduled and this one does not. */
async function unscheduleOthers(boss: PgBoss, schedules: ReadonlyMap<string, unknown>): Promise<void> {
  for (const { name } of await boss.getSchedules()) if (!schedules.has(name)) await boss.unschedule(name);
}

interface Wakes {
  add(name: JobName, workerId: string): void;
  now(workerId: string): void;
  after(name: JobName, seconds: number): void;
  close(): void;
}

/** NOTIFY tells of new jobs, not of those whose time has come: these are looked for by a timer here, or by the next poll. */
function createWakes(boss: PgBoss): Wakes {
  const workers = new Map<JobName, string[]>();
  const timers = new Set<NodeJS.Timeout>();
  return {
    add: (name, workerId) => void workers.set(name, [...(workers.get(name) ?? []), workerId]),
    now: (workerId) => boss.notifyWorker(workerId),
    after(name, seconds) {
      const timer = setTimeout(() => {
        timers.delete(timer);
        for (const workerId of workers.get(name) ?? []) boss.notifyWorker(workerId);
      }, seconds * 1_000);
      timers.add(timer.unref());
    },
    close: () => timers.forEach((timer) => clearTimeout(timer)),
  };
}

function databaseOf(storage: JobsDeps['storage']): NonNullable<ConstructorOptions['db']> {
  return {
    executeSql: (text, values) => storage.executeSql(text, values),
    async listen(channel, onNotification, onReconnect) {
      const unlisten = await storage.listen(channel, onNotification);
      const forget = storage.onReconnect(onReconnect);
      return {
        close: async () => {
          unlisten();
          forget();
        },
      };
    },
  };
}
