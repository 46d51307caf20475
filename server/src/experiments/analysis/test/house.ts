import { randomBytes } from 'node:crypto';
import type { Body, Endpoints, ExperimentResult, MetricSpec, Scope } from '@whetstone/contract';
import { assignUnit } from '@whetstone/domain';
import type { Files, Snapshot } from '../../../files/index.ts';
import { newWorkspace, openFiles } from '../../../files/test/room.ts';
import { createLog } from '../../../log.ts';
import { createLogs, type Logs, type NewLog } from '../../../logs/index.ts';
import type { Storage } from '../../../storage/index.ts';
import { openTestStorage } from '../../../test/storage.ts';
import { openRoom, type Room } from '../../context.ts';
import { createExperiments, type Experiments, type ExperimentsDeps } from '../../index.ts';
import { epochsOf } from '../../store.ts';
import { analyse } from '../engine.ts';

export const hourMs = 3_600_000;

/** Files, logs and experiments on real stores, with a clock that the test sets. */
export interface AnalysisHouse {
  storage: Storage;
  files: Files;
  logs: Logs;
  experiments: Experiments;
  room: Room;
  deps: ExperimentsDeps;
  scope: Scope;
  /** Milliseconds since 1970. */
  now: number;
  control: Snapshot;
  b: Snapshot;
  c: Snapshot;
  evaluatorId: string;
  environmentId: string;
  begin(more?: Partial<Body<Endpoints['experiments.create']>>): Promise<string>;
  /** Users call, each once, and what they say is judged; `say` null: nothing. */
  visit(experimentId: string, units: readonly string[], say: (armId: string, unit: string) => Visit): Promise<Map<string, string>>;
  settle(experimentId: string): Promise<number>;
  result(experimentId: string): Promise<ExperimentResult>;
  close(): Promise<void>;
}
export interface Visit {
  vote?: 'good' | 'bad' | null;
  log?: Partial<NewLog>;
}

export const voteGood: MetricSpec = { value: 'vote:good', per_unit: 'any', direction: 'up', missing: 'zero' };

export async function openAnalysisHouse(): Promise<AnalysisHouse> {
  const storage = await openTestStorage();
  const clock = { now: Date.parse('2026-03-01T10:00:00Z') };
  const { files, guards } = await openFiles(storage);
  const scope = await newWorkspace(files);
  const logs = createLogs({ storage, settings: () => ({ redaction: [] }), now: () => clock.now });
  const deps: ExperimentsDeps = {
    storage,
    audit: { record: async () => undefined },
    files,
    logs,
    hooks: { tell: async () => [] },
    guards,
    replicated: false,
    log: createLog('silent'),
    clock: () => new Date(clock.now),
    randomBytes,
  };
  const experiments = await createExperiments(deps);
  guards.push(experiments.guard);
  const room = openRoom(deps, () => undefined);
  const version = async (temperature: number): Promise<Snapshot> =>
    (await files.upsert(scope, 'prompt', { path: 'shop/answer', kernel: { model: 'gpt-4o', temperature } })).snapshot;
  const control = await version(0);
  const [b, c] = [await version(0.5), await version(1)];
  const vote = await files.upsert(scope, 'evaluator', {
    path: 'feedback/vote',
    kernel: {
      spec: { evaluator_type: 'human', arguments_type: 'target_free', return_type: 'select', options: [{ name: 'good' }, { name: 'bad' }] },
    },
  } as never);
  const evaluator = vote.snapshot;
  const environments = await files.environments.list(scope);
  const environmentId = environments.find(({ isDefault }) => isDefault)!.id;
  const house: AnalysisHouse = {
    storage,
    files,
    logs,
    experiments,
    room,
    deps,
    scope,
    get now() {
      return clock.now;
    },
    set now(ms: number) {
      clock.now = ms;
    },
    control,
    b,
    c,
    evaluatorId: evaluator.file.id,
    environmentId,
    async begin(more = {}) {
      const made = await experiments.create(scope, {
        name: 'shorter answers',
        file_id: control.file.id,
        traffic: 1,
        metric: voteGood,
        secondary: [],
        guards: [],
        smallest_difference: 0.05,
        mode: 'sequential',
        planned_units: 1_000,
        window_hours: 24,
        forced: [],
        arms: [{ weight: 0.5 }, { version_id: b.version.id, weight: 0.5 }],
        ...more,
      });
      await experiments.begin(scope, made.row.id);
      return made.row.id;
    },
    async visit(experimentId, units, say) {
      const { row } = await experiments.get(scope, experimentId);
      const epoch = (await epochsOf(room.db, [experimentId])).at(-1)!;
      const mine = units.flatMap((unit) => {
        const found = assignUnit({ salt: row.salt, traffic: epoch.traffic, slots: epoch.slots }, unit);
        return found === null ? [] : [{ unit, armId: found.armId, said: say(found.armId, unit) }];
      });
      const recorded = await Promise.all(
        mine.map(({ unit, armId, said }) =>
          logs.record(scope, {
            kind: 'prompt',
            fileId: control.file.id,
            versionId: control.version.id,
            environmentId,
            origin: 'api',
            output: 'an answer',
            experimentId,
            armId,
            unit,
            ...said.log,
          }),
        ),
      );
      const ids = recorded.map(({ id }) => id);
      await Promise.all(
        mine.map(async ({ unit, said }, index) => {
          if (said.vote == null) return;
          await logs.judge(scope, {
            logId: ids[index]!,
            evaluatorId: evaluator.file.id,
            evaluatorVersionId: evaluator.version.id,
            source: 'user',
            judge: unit,
            value: said.vote,
            origin: 'api',
          });
        }),
      );
      return new Map(mine.map(({ unit }, index) => [unit, ids[index]!]));
    },
    async settle(experimentId) {
      await logs.drained(20_000);
      return analyse(room, scope, (await experiments.get(scope, experimentId)).row);
    },
    result: (experimentId) => experiments.result(scope, experimentId),
    async close() {
      await experiments.close();
      await logs.close();
      await storage.close();
    },
  };
  return house;
}

export const users = (count: number, prefix = 'u'): string[] => Array.from({ length: count }, (_, n) => `${prefix}${n}`);

/** Seeded: who is lucky. */
export function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
