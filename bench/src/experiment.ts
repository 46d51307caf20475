import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { apiKey, type Data, makeData, type Running, runWorker, startWhetstone } from './processes.ts';
import { type Figure, median } from './report.ts';

const headers = { 'x-api-key': apiKey, 'content-type': 'application/json' };
const logsPerUnit = 5;
const settleWithinMs = 1_800_000;

/** What the worker fills the log store from. */
export interface ExperimentPlan {
  workspaceId: string;
  fileId: string;
  environmentId: string;
  experimentId: string;
  salt: string;
  arms: { id: string; versionId: string }[];
  evaluatorId: string;
  units: number;
  logsPerUnit: number;
}

/** The result of an experiment over 1,000,000 logs of 200,000 users, through HTTP, and how long their outcomes take to settle. */
export async function benchExperiment(quick: boolean): Promise<Figure[]> {
  const units = quick ? 10_000 : 200_000;
  const data = makeData();
  try {
    const plan = await prepare(data, units);
    const file = join(data.dir, 'experiment-plan.json');
    writeFileSync(file, JSON.stringify(plan));
    await runWorker('bench/src/experiment-worker.ts', [data.dir, file]);
    const whetstone = await startWhetstone(data.dir);
    try {
      const settled = await settle(whetstone, plan.experimentId, units);
      const samples: number[] = [];
      for (let i = 0; i < (quick ? 6 : 14); i += 1) {
        const started = performance.now();
        await result(whetstone, plan.experimentId);
        // The first two find the process cold.
        if (i > 1) samples.push(performance.now() - started);
      }
      const over = `${(units * logsPerUnit).toLocaleString('en')} logs of ${units.toLocaleString('en')} users`;
      return [
        { suite: 'experiment', name: `settling the outcomes of ${over}`, value: settled, unit: 's' },
        { suite: 'experiment', name: `result over ${over}, median`, value: median(samples), unit: 'ms', bound: { op: '<=', value: 500 } },
      ];
    } finally {
      await whetstone.stop();
    }
  } finally {
    data.remove();
  }
}

interface Outcome {
  arms: { matured: number }[];
}
interface Result {
  primary: Outcome;
  guards: { outcome: Outcome; arms: { state: string }[] }[];
}

async function result(whetstone: Running, id: string): Promise<Result> {
  const response = await fetch(`${whetstone.url}/v5/experiments/${id}/result`, { headers });
  if (!response.ok) throw new Error(`result: ${response.status} ${await response.text()}`);
  return (await response.json()) as Result;
}

async function settle(whetstone: Running, id: string, units: number): Promise<number> {
  const started = performance.now();
  for (;;) {
    const { primary, guards } = await result(whetstone, id);
    const outcomes = [primary, ...guards.map(({ outcome }) => outcome)];
    if (outcomes.every(({ arms }) => arms.reduce((sum, { matured }) => sum + matured, 0) === units))
      return (performance.now() - started) / 1_000;
    if (performance.now() - started > settleWithinMs) throw new Error('The outcomes were not settled within half an hour.');
    await sleep(2_000);
  }
}

async function prepare(data: Data, units: number): Promise<ExperimentPlan> {
  const server = await startWhetstone(data.dir);
  const ask = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const response = await fetch(server.url + path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  try {
    const workspaceId = (await ask<{ workspace: { id: string } }>('GET', '/v5/me')).workspace.id;
    const version = (temperature: number) =>
      ask<{ id: string; version_id: string }>('POST', '/v5/prompts', { path: 'bench/prompt', model: 'gpt-4o', temperature });
    const control = await version(0);
    const other = await version(1);
    const { records } = await ask<{ records: { id: string; path: string }[] }>('GET', '/v5/evaluators?size=100');
    const vote = records.find(({ path }) => path === 'feedback/vote');
    if (vote === undefined) throw new Error('There is no evaluator feedback/vote.');
    const metric = { value: 'vote:good' };
    const experiment = await ask<{ id: string; salt: string; environment: { id: string }; arms: { id: string }[] }>(
      'POST',
      '/v5/experiments',
      {
        name: 'bench',
        file_id: control.id,
        arms: [{ weight: 0.5 }, { version_id: other.version_id, weight: 0.5 }],
        metric,
        secondary: [
          { value: 'cost', per_unit: 'sum', direction: 'down', cap: 10 },
          { value: 'latency', per_unit: 'mean', direction: 'down', cap: 60_000 },
        ],
        guards: [{ metric: { value: 'error', direction: 'down' }, bound: { ratio: 1.5 } }],
        smallest_difference: 0.01,
        window_hours: 24,
      },
    );
    await ask('POST', `/v5/experiments/${experiment.id}/start`);
    return {
      workspaceId,
      fileId: control.id,
      environmentId: experiment.environment.id,
      experimentId: experiment.id,
      salt: experiment.salt,
      arms: experiment.arms.map(({ id }, index) => ({ id, versionId: index === 0 ? control.version_id : other.version_id })),
      evaluatorId: vote.id,
      units,
      logsPerUnit,
    };
  } finally {
    await server.stop();
  }
}
