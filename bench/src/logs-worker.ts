import { systemScope } from '@whetstone/contract';
import { createLogs, type Logs, type NewLog } from '../../server/src/logs/index.ts';
import { createStorage } from '../../server/src/storage/index.ts';

/**
 * The logs room alone in one process, on the real embedded engines.
 * `node logs-worker.ts DIR intake SECONDS` writes as fast as it is acknowledged, with a reader beside;
 * `node logs-worker.ts DIR fill COUNT WORKSPACE FILE VERSION` writes logs of a fortnight and waits until they are stored.
 * Prints one line of JSON.
 */
const [dataDir = '', mode = '', amount = '0', workspaceId = 'ws_bench', fileId = 'pr_bench', versionId = 'prv_bench'] =
  process.argv.slice(2);
const quiet = { debug() {}, info() {}, warn: console.error, error: console.error };
const storage = await createStorage({ dataDir, log: quiet });
const logs = createLogs({ storage, settings: () => ({ redaction: [] }), log: quiet });
const scope = systemScope(workspaceId, 'bench');

const words =
  'return bike delivery frame battery warranty invoice parcel saddle brake wheel charge motor size order refund workshop tyre sealant cable'.split(
    ' ',
  );
const models = ['gpt-4o', 'gpt-4o-mini', 'claude-sonnet-4-5', 'gemini-2.5-flash'];

/** About 1.6 KB as stored. */
function makeLog(i: number, at: Date): NewLog {
  const text = Array.from({ length: 110 }, (_, n) => words[(i * 7 + n * n + (n % 5) * i) % words.length]).join(' ');
  const failed = i % 97 === 0;
  return {
    kind: 'prompt',
    fileId,
    versionId,
    contentHash: 'b'.repeat(64),
    origin: 'api',
    createdAt: at,
    startTime: at,
    latencyMs: 200 + ((i * 7919) % 3000),
    model: models[i % models.length] ?? 'gpt-4o',
    provider: 'openai',
    promptTokens: 100 + (i % 400),
    outputTokens: 40 + (i % 160),
    promptCost: 0.0002,
    outputCost: 0.0004,
    user: `user-${i % 5000}`,
    session: `session-${i % 20_000}`,
    metadata: { plan: i % 3 === 0 ? 'pro' : 'free' },
    inputs: { question: text.slice(0, 300) },
    messages: [{ role: 'user', content: text.slice(0, 300) }],
    ...(failed ? { error: 'the provider did not answer', status: 'error' as const } : { output: `${text} #${i}` }),
  };
}

async function intake(seconds: number): Promise<object> {
  const listMs: number[] = [];
  let acknowledged = 0;
  const started = performance.now();
  const until = started + seconds * 1000;
  const writer = async (): Promise<void> => {
    while (performance.now() < until) {
      await logs.record(scope, makeLog(acknowledged, new Date()));
      acknowledged += 1;
    }
  };
  const reader = async (): Promise<void> => {
    while (performance.now() < until) {
      const asked = performance.now();
      await logs.list(scope, {}, { page: 1, size: 50, payload: false, count: false });
      listMs.push(performance.now() - asked);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  await Promise.all([...Array.from({ length: 128 }, writer), reader()]);
  const spent = (performance.now() - started) / 1000;
  const drained = await drainedAfter(logs);
  return { perSecond: acknowledged / spent, acknowledged, listMs, drainSeconds: drained };
}

async function fill(count: number): Promise<object> {
  const end = Date.now();
  const started = performance.now();
  let next = 0;
  const writer = async (): Promise<void> => {
    for (let i = next++; i < count; i = next++) {
      await logs.record(scope, makeLog(i, new Date(end - 14 * 86_400_000 * (1 - i / count))));
      // The queue is bounded; the store sets the pace.
      if (i % 1000 === 0) while (logs.backlog().waiting > 100_000) await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  await Promise.all(Array.from({ length: 256 }, writer));
  await drainedAfter(logs);
  return { seconds: (performance.now() - started) / 1000 };
}

async function drainedAfter(room: Logs): Promise<number> {
  const started = performance.now();
  while (!(await room.drained(10_000))) if (performance.now() - started > 600_000) throw new Error('the intake queue does not drain');
  return (performance.now() - started) / 1000;
}

const result = mode === 'intake' ? await intake(Number(amount)) : await fill(Number(amount));
await logs.close();
await storage.close();
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exit(0);
