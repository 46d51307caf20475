import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { apiKey, type Data, makeData, runWorker, startWhetstone } from './processes.ts';
import { type Figure, median } from './report.ts';

const headers = { 'x-api-key': apiKey, 'content-type': 'application/json' };
const versions = 5;

/** What the worker fills the runs from. */
export interface ReportPlan {
  workspaceId: string;
  fileId: string;
  evaluators: { id: string; versionId: string; type: 'boolean' | 'number' }[];
  runs: { id: string; versionId: string }[];
  datapointIds: string[];
}

/** The report of 5 versions over 5,000 cases with two evaluators, and what else its page asks for, through HTTP. */
export async function benchReport(quick: boolean): Promise<Figure[]> {
  const cases = quick ? 500 : 5_000;
  const data = makeData();
  try {
    const { id, plan } = await prepare(data, cases);
    const file = join(data.dir, 'report-plan.json');
    writeFileSync(file, JSON.stringify(plan));
    await runWorker('bench/src/report-worker.ts', [data.dir, file]);
    const whetstone = await startWhetstone(data.dir);
    try {
      const read = async (path: string): Promise<number> => {
        const samples: number[] = [];
        for (let i = 0; i < (quick ? 5 : 12); i += 1) {
          const started = performance.now();
          const response = await fetch(`${whetstone.url}/v5/evaluations/${id}/${path}`, { headers });
          const text = await response.text();
          if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
          // The first two find the process cold.
          if (i > 1) samples.push(performance.now() - started);
        }
        return median(samples);
      };
      const figure = (name: string, value: number, bound?: Figure['bound']): Figure => ({
        suite: 'report',
        name: `${name}, ${versions} versions x ${cases.toLocaleString('en')} cases, median`,
        value,
        unit: 'ms',
        ...(bound ? { bound } : {}),
      });
      return [
        figure('report of an evaluation', await read('report'), { op: '<=', value: 500 }),
        figure('every version against every other', await read('report/pairs')),
        figure('a page of 25 cases that flipped', await read('report/cases?flipped=worse&size=25')),
        figure('slices and what flips have in common', await read('report/slices?by=input_length')),
      ];
    } finally {
      await whetstone.stop();
    }
  } finally {
    data.remove();
  }
}

async function prepare(data: Data, cases: number): Promise<{ id: string; plan: ReportPlan }> {
  const server = await startWhetstone(data.dir);
  const ask = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const response = await fetch(server.url + path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  try {
    const workspaceId = (await ask<{ workspace: { id: string } }>('GET', '/v5/me')).workspace.id;
    const datapoints = Array.from({ length: cases }, (_, i) => ({ inputs: { question: `Where is parcel ${i} of customer ${i % 97}?` } }));
    const dataset = await ask<{ id: string; version_id: string }>('POST', '/v5/datasets', { path: 'bench/cases', datapoints });
    const evaluators: ReportPlan['evaluators'] = [];
    for (const type of ['boolean', 'number'] as const) {
      const limits = type === 'number' ? { number_limits: { min: 0, max: 1 } } : {};
      const spec = { evaluator_type: 'external', arguments_type: 'target_free', return_type: type, ...limits };
      const made = await ask<{ id: string; version_id: string }>('POST', '/v5/evaluators', { path: `bench/${type}`, spec });
      evaluators.push({ id: made.id, versionId: made.version_id, type });
    }
    const refs = evaluators.map(({ versionId }) => ({ version_id: versionId }));
    const evaluation = await ask<{ id: string }>('POST', '/v5/evaluations', { name: 'bench', evaluators: refs });
    const runs: ReportPlan['runs'] = [];
    let fileId = '';
    for (let i = 0; i < versions; i += 1) {
      const flow = await ask<{ id: string; version_id: string }>('POST', '/v5/flows', { path: 'bench/flow', attributes: { version: i } });
      fileId = flow.id;
      const run = { dataset: { version_id: dataset.version_id }, version: { version_id: flow.version_id } };
      runs.push({ id: (await ask<{ id: string }>('POST', `/v5/evaluations/${evaluation.id}/runs`, run)).id, versionId: flow.version_id });
    }
    const datapointIds: string[] = [];
    for (let page = 1; datapointIds.length < cases; page += 1) {
      const { records } = await ask<{ records: { id: string }[] }>('GET', `/v5/datasets/${dataset.id}/datapoints?page=${page}&size=1000`);
      datapointIds.push(...records.map(({ id }) => id));
    }
    return { id: evaluation.id, plan: { workspaceId, fileId, evaluators, runs, datapointIds } };
  } finally {
    await server.stop();
  }
}
