import { type Scope, systemScope } from '@whetstone/contract';
import type { Logger } from 'pino';
import type { Experiments } from '../experiments/index.ts';
import type { FileGuard, Files, Snapshot } from '../files/index.ts';
import type { Gateway } from '../gateway/index.ts';
import type { Logs } from '../logs/index.ts';
import type { People } from '../people/index.ts';
import type { Storage } from '../storage/index.ts';
import { holdDemoLock } from './store.ts';
import { type Application, converse, type Rooms } from './conversation.ts';
import { Trial } from './trial.ts';
import { answerVersions, classifyVersion, type DemoVersion, houseStyle, retrieveTool, summaryVersion } from './prompts.ts';
import { makeVisits, type Visit } from './traffic.ts';

/** A small believable application in a workspace of its own, made by running the real system with a clock that is set back. */
export interface Demo {
  /** Once per instance: makes the workspace and fills it. Started again after an interruption, it begins anew. */
  load(): Promise<void>;
  stop(): void;
}
export interface DemoDeps {
  storage: Pick<Storage, 'pool'>;
  people: Pick<People, 'workspaces'>;
  logs: Logs;
  /** The rooms whose clock the demo sets. */
  filesWith(clock: () => Date, guards: FileGuard[]): Promise<Files>;
  experimentsWith(clock: () => Date, files: Files, guards: FileGuard[]): Promise<Experiments>;
  gatewayWith(clock: () => Date, rooms: { files: Files; experiments: Experiments }): Promise<Gateway>;
  log: Pick<Logger, 'info' | 'error'>;
  now?: () => Date;
}

const days = 14;
const visitsPerDay = 72;
const seed = 20_260;
const dayMs = 86_400_000;
/** Conversations at once: enough to fill a batch of the intake queue, few enough to leave the server to its visitors. */
const width = 8;

export function createDemo(deps: DemoDeps): Demo {
  const stopped = new AbortController();
  return {
    stop: () => stopped.abort(),
    async load() {
      const free = await holdDemoLock(deps.storage);
      if (free === null) return;
      const workspace = await deps.people.workspaces.ensureDemo().catch(async (error: unknown) => {
        await free();
        throw error;
      });
      if (workspace === null || workspace.demo === 'ready') return free();
      const started = performance.now();
      try {
        const logs = await fill(deps, systemScope(workspace.id, 'demo'), stopped.signal);
        if (stopped.signal.aborted) return;
        await deps.people.workspaces.setDemo(workspace.id, 'ready');
        deps.log.info({ conversations: logs, seconds: Math.round((performance.now() - started) / 100) / 10 }, 'demo workspace ready');
      } catch (error) {
        if (stopped.signal.aborted) return;
        deps.log.error({ err: error }, 'the demo workspace could not be filled');
        await deps.people.workspaces.setDemo(workspace.id, 'failed');
      } finally {
        await free();
      }
    },
  };
}

async function fill(deps: DemoDeps, scope: Scope, signal: AbortSignal): Promise<number> {
  const end = (deps.now ?? (() => new Date()))();
  const start = new Date(end.getTime() - days * dayMs);
  let time = start;
  const clock = (): Date => time;
  const guards: FileGuard[] = [];
  const files = await deps.filesWith(clock, guards);
  const experiments = await deps.experimentsWith(clock, files, guards);
  guards.push(experiments.guard);
  const gateway = await deps.gatewayWith(clock, { files, experiments });
  const rooms: Rooms = { files, gateway, logs: deps.logs, setTime: (at) => (time = at) };
  const trial = new Trial(files, experiments, scope);
  try {
    await files.prepareWorkspace(scope.workspaceId);
    const application = await makeApplication(files, scope, new Date(start.getTime() + summaryVersion.day * dayMs));
    const visits = makeVisits(end, days, visitsPerDay, seed);
    let done = 0;
    for (let day = 0; day < days && !signal.aborted; day += 1) {
      time = new Date(start.getTime() + day * dayMs);
      await release(files, scope, application, day);
      await trial.day(day);
      // By the quarter of a day, so that what runs beside the visits keeps pace with them.
      for (let quarter = 0; quarter < 4; quarter += 1) {
        const from = start.getTime() + (day + quarter / 4) * dayMs;
        const until = from + dayMs / 4;
        const these = visits.filter(({ at }) => at.getTime() >= from && at.getTime() < until);
        done += await converseAll(rooms, scope, application, these, signal);
        time = new Date(until);
        await trial.look();
      }
    }
    return done;
  } finally {
    await gateway.close();
    await experiments.close();
    await files.close();
  }
}

async function converseAll(
  rooms: Rooms,
  scope: Scope,
  application: Application,
  visits: readonly Visit[],
  signal: AbortSignal,
): Promise<number> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let visit = visits[next++]; visit !== undefined && !signal.aborted; visit = visits[next++])
      await converse(rooms, scope, application, visit, signal);
  };
  await Promise.all(Array.from({ length: width }, worker));
  return visits.length;
}

/** What does not change over the fortnight. */
async function makeApplication(files: Files, scope: Scope, summariesFrom: Date): Promise<Application> {
  const environments = await files.environments.list(scope);
  const { snapshot: assistant } = await files.upsert(scope, 'flow', {
    path: 'support/assistant',
    kernel: { attributes: { steps: ['classify', 'search_articles', 'answer'] } },
    description: 'Sorts a customer’s question, searches the help centre and answers.',
  });
  const { snapshot: search } = await files.upsert(scope, 'tool', {
    path: 'support/search_articles',
    kernel: retrieveTool,
    description: 'Finds the three articles that match best.',
  });
  await files.upsert(scope, 'tool', {
    path: 'support/house_style',
    kernel: houseStyle,
    description: 'How we talk to customers; used by the answer prompt.',
  });
  const feedback = new Map<string, Snapshot<'evaluator'>>();
  for (const name of ['vote', 'action', 'correction', 'issue']) {
    const evaluator = await files.find(scope, 'evaluator', { path: `feedback/${name}` });
    if (evaluator !== null) feedback.set(`feedback/${name}`, evaluator);
  }
  return {
    assistant: assistant,
    search: search,
    feedback,
    environments: new Map(environments.map(({ name, id }) => [name, id])),
    summariesFrom,
  };
}

/** Saves and deploys the versions of a day. */
async function release(files: Files, scope: Scope, application: Application, day: number): Promise<void> {
  const due: [string, DemoVersion][] = [
    ...(classifyVersion.day === day ? [['support/classify', classifyVersion] as [string, DemoVersion]] : []),
    ...(summaryVersion.day === day ? [['support/summary', summaryVersion] as [string, DemoVersion]] : []),
    ...answerVersions.filter((version) => version.day === day).map((version): [string, DemoVersion] => ['support/answer', version]),
  ];
  for (const [path, version] of due) {
    const { snapshot } = await files.upsert(scope, 'prompt', {
      path,
      kernel: version.kernel,
      versionName: version.name,
      versionDescription: version.description,
    });
    for (const name of version.deploy) {
      const environmentId = application.environments.get(name);
      if (environmentId === undefined || snapshot.environments.some((environment) => environment.id === environmentId)) continue;
      await files.deploy(scope, 'prompt', snapshot.file.id, environmentId, snapshot.version.id, { message: version.description });
    }
  }
}
