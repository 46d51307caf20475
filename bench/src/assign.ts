import { randomBytes } from 'node:crypto';
import { systemScope } from '@whetstone/contract';
import { createExperiments } from '../../server/src/experiments/index.ts';
import { createFiles } from '../../server/src/files/index.ts';
import { createLog } from '../../server/src/log.ts';
import { createLogs } from '../../server/src/logs/index.ts';
import { createStorage } from '../../server/src/storage/index.ts';
import { makeData } from './processes.ts';
import { type Figure, median } from './report.ts';

const rounds = 9;

/** What an experiment adds to a call: finding it in memory and hashing the unit, on real stores with one experiment running. */
export async function benchAssign(quick: boolean): Promise<Figure[]> {
  const perRound = quick ? 20_000 : 200_000;
  const data = makeData();
  const log = createLog('silent');
  const storage = await createStorage({ dataDir: data.dir, log });
  const audit = { record: async () => undefined };
  const clock = () => new Date();
  const files = await createFiles({ storage, audit, clock, randomBytes });
  const logs = createLogs({ storage, settings: () => ({ redaction: [] }) });
  const hooks = { tell: async () => [] };
  const experiments = await createExperiments({
    storage,
    audit,
    files,
    logs,
    hooks,
    guards: [],
    replicated: false,
    log,
    clock,
    randomBytes,
  });
  try {
    const scope = systemScope('ws_bench', 'bench');
    await files.prepareWorkspace(scope.workspaceId);
    const save = async (template: string) =>
      (await files.upsert(scope, 'prompt', { path: 'bench', kernel: { model: 'demo-small', template } })).snapshot;
    const control = await save('one');
    const b = await save('two');
    const metric = { value: 'vote:good', per_unit: 'any', direction: 'up', missing: 'zero' } as const;
    const { row } = await experiments.create(scope, {
      name: 'Bench',
      file_id: control.file.id,
      arms: [{ weight: 0.5 }, { version_id: b.version.id, weight: 0.5 }],
      traffic: 1,
      metric,
      secondary: [],
      guards: [],
      smallest_difference: 0.05,
      mode: 'sequential',
      window_hours: 24,
      forced: [],
    });
    await experiments.begin(scope, row.id);
    const environmentId = (await files.environments.list(scope))[0]?.id ?? '';
    const micros = async (fileId: string): Promise<number> => {
      const samples: number[] = [];
      for (let round = 0; round < rounds; round += 1) {
        await experiments.assign(scope, { fileId, environmentId, unit: 'warm' });
        const started = performance.now();
        for (let i = 0; i < perRound; i += 1) {
          const found = experiments.assign(scope, { fileId, environmentId, unit: `user-${i}@example.com` });
          if (found instanceof Promise) await found;
        }
        samples.push(((performance.now() - started) * 1_000) / perRound);
      }
      return median(samples);
    };
    return [
      {
        suite: 'assign',
        name: 'assignment of a unit, per call',
        value: await micros(control.file.id),
        unit: 'µs',
        bound: { op: '<=', value: 20 },
      },
      { suite: 'assign', name: 'asking where nothing runs, per call', value: await micros('pr_other'), unit: 'µs' },
    ];
  } finally {
    await experiments.close();
    await logs.close();
    await files.close();
    await storage.close();
    data.remove();
  }
}
