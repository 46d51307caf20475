import { readFileSync } from 'node:fs';
import { systemScope } from '@whetstone/contract';
import { createLogs } from '../../server/src/logs/index.ts';
import { createStorage } from '../../server/src/storage/index.ts';
import type { ReportPlan } from './report-page.ts';

/** `node report-worker.ts DIR PLAN`: a log for every case of every run, judged by every evaluator; prints one line of JSON. */
const [dataDir = '', file = ''] = process.argv.slice(2);
const plan = JSON.parse(readFileSync(file, 'utf8')) as ReportPlan;
const quiet = { debug() {}, info() {}, warn: console.error, error: console.error };
const storage = await createStorage({ dataDir, log: quiet });
const logs = createLogs({ storage, settings: () => ({ redaction: [] }), log: quiet });
const scope = systemScope(plan.workspaceId, 'bench');

/** The same every time: from 0 to 1. */
const chance = (run: number, at: number, salt: number): number => {
  const x = Math.sin(run * 7919 + at * 104_729 + salt * 15_485_863) * 43_758.5453;
  return x - Math.floor(x);
};

async function write(run: number, at: number): Promise<void> {
  const { id = '', versionId = '' } = plan.runs[run] ?? {};
  const place = { kind: 'prompt', origin: 'api', fileId: plan.fileId, versionId, runId: id } as const;
  const measured = {
    latencyMs: 300 + 2000 * chance(run, at, 1),
    promptCost: 0.0002,
    outputCost: 0.001 * chance(run, at, 2),
    promptTokens: 200,
    outputTokens: 80,
  };
  const output = `The parcel left the depot on day ${at % 28}. `.repeat(12);
  const log = await logs.record(scope, { ...place, ...measured, datapointId: plan.datapointIds[at] ?? null, output });
  for (const { id: evaluatorId, versionId: evaluatorVersionId, type } of plan.evaluators) {
    const luck = chance(0, at, 3) * 0.6 + chance(run, at, 4) * 0.4;
    const value = type === 'boolean' ? luck < 0.75 + 0.01 * run : Math.min(1, luck * (1 + 0.02 * run));
    const common = { evaluatorId, evaluatorVersionId, logId: log.id, source: 'external', origin: 'api' } as const;
    await logs.judge(scope, { ...common, value, reason: 'It says when the parcel left.' });
  }
}

let next = 0;
const all = plan.runs.length * plan.datapointIds.length;
const writer = async (): Promise<void> => {
  for (let i = next++; i < all; i = next++) await write(Math.floor(i / plan.datapointIds.length), i % plan.datapointIds.length);
};
await Promise.all(Array.from({ length: 256 }, writer));
while (!(await logs.drained(10_000)));
await logs.close();
await storage.close();
process.stdout.write(`${JSON.stringify({ logs: all })}\n`);
process.exit(0);
