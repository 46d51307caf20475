import { type BatchItem, type BatchType, type EndpointName, endpoints } from '@whetstone/contract';
import { invalidInput, toAppError } from '../errors.ts';
import type { HttpDeps } from '../index.ts';
import type { Call, Handlers } from './call.ts';

const operations = {
  prompt: 'prompts.log',
  tool: 'tools.log',
  flow: 'flows.log',
  agent: 'agents.log',
  evaluator: 'evaluators.log',
} as const satisfies Record<BatchType, EndpointName>;
type Writers = Pick<Handlers, (typeof operations)[BatchType]>;
type Result = { id: string | null; error: { status: number; message: string } | null };

/** Several logs in one request, each by the handler that takes it alone. A bad one costs only itself. */
export function batchHandlers(deps: HttpDeps, writers: Writers): Handlers<'logs.batch'> {
  const write = async (call: Call<'logs.batch'>, item: BatchItem): Promise<Result> => {
    try {
      const operation = operations[item.type];
      const parsed = endpoints[operation].body.safeParse(item.log, { reportInput: true });
      if (!parsed.success) throw invalidInput(parsed.error, 'body');
      const query = { version_id: item.version_id, environment: item.environment };
      const run = writers[operation] as (single: unknown) => Promise<{ id: string }>;
      const { id } = await run({ ...call, query, body: parsed.data });
      return { id, error: null };
    } catch (error) {
      const { status, message } = toAppError(error, deps.log);
      return { id: null, error: { status, message } };
    }
  };
  return {
    async 'logs.batch'(call) {
      const results: Result[] = [];
      const all = [...call.body.logs.entries()];
      await writeAll(
        call,
        all.filter(([, { type }]) => type !== 'evaluator'),
        results,
      );
      // A judgment needs the log that it judges, which may be of the same batch.
      await writeAll(
        call,
        all.filter(([, { type }]) => type === 'evaluator'),
        results,
      );
      return { results };
    },
  };

  async function writeAll(call: Call<'logs.batch'>, items: [number, BatchItem][], results: Result[]): Promise<void> {
    // Logs of one file follow each other: the first may make the file, and the same id merges in order.
    const lines = new Map<string, Promise<void>>();
    for (const [index, item] of items) {
      const line = `${item.type} ${String(item.log['path'] ?? item.log['id'])}`;
      const next = (lines.get(line) ?? Promise.resolve()).then(async () => {
        results[index] = await write(call, item);
      });
      lines.set(line, next);
    }
    await Promise.all(lines.values());
  }
}
