import { byKey, send } from './send.ts';
import { eventually } from './whetstone.ts';

/** What a client knows for certain: ids that a 2xx came for, each with the text that it was sent with. */
export class Acknowledged {
  readonly texts = new Map<string, string>();
  /** Statuses of answers that were no 2xx. */
  readonly refused: number[] = [];
  attempts = 0;

  get ids(): string[] {
    return [...this.texts.keys()];
  }
}

export interface Writers {
  /** Lets what is under way finish and starts nothing new. */
  stop(): Promise<void>;
}

/**
 * Clients that write without pause through both doors until they are stopped or the server is gone. A broken
 * connection is no acknowledgement.
 * @param goOn keep trying while connections are refused, as clients with retries do
 */
export function startWriters(base: string, key: string, acked: Acknowledged, { count = 4, goOn = false, pauseMs = 5 } = {}): Writers {
  let stopped = false;
  const write = async (writer: number): Promise<void> => {
    for (let turn = 0; !stopped; turn += 1) {
      acked.attempts += 1;
      const text = `text ${acked.attempts} of writer ${writer}`;
      try {
        const id = turn % 3 === 2 ? await viaGateway(base, key, text, acked) : await viaLog(base, key, text, acked);
        if (id !== null) acked.texts.set(id, text);
      } catch {
        if (!goOn) return;
        await pause(20);
      }
      await pause(pauseMs);
    }
  };
  const running = Array.from({ length: count }, (_none, writer) => write(writer));
  return {
    async stop() {
      stopped = true;
      await Promise.all(running);
    },
  };
}

async function viaLog(base: string, key: string, text: string, acked: Acknowledged): Promise<string | null> {
  const body = {
    path: 'load/logged',
    prompt: { model: 'gpt-4o', template: [{ role: 'user', content: '{{q}}' }] },
    messages: [{ role: 'user', content: text }],
    output: text,
  };
  const answer = await send(base, '/v5/prompts/log', { method: 'POST', headers: byKey(key), body });
  if (answer.status === 200) return answer.json<{ id: string }>().id;
  acked.refused.push(answer.status);
  return null;
}

/** Every other call is a stream, which counts only when its end came. */
async function viaGateway(base: string, key: string, text: string, acked: Acknowledged): Promise<string | null> {
  const stream = acked.attempts % 2 === 0;
  const body = { model: 'demo-small', messages: [{ role: 'user', content: text }], max_tokens: 8, stream };
  const answer = await send(base, '/v1/chat/completions', { method: 'POST', headers: byKey(key), body });
  if (answer.status !== 200) {
    acked.refused.push(answer.status);
    return null;
  }
  // A stream has sent its headers by then and says it in a comment.
  const dropped = answer.headers['x-whetstone-log-dropped'] !== undefined || answer.text.includes(': x-whetstone-log-dropped');
  if ((stream && !answer.text.includes('data: [DONE]')) || dropped) return null;
  return String(answer.headers['x-whetstone-log-id']);
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export interface ExportedLog {
  id: string;
  output: string | null;
  messages: { content: string }[] | null;
}

/** Every log of the workspace with its payload, as the export tells them. */
export async function exportLogs(base: string, key: string, query = ''): Promise<ExportedLog[]> {
  const answer = await send(base, `/v5/logs/export?format=jsonl${query}`, { headers: byKey(key), timeoutMs: 120_000 });
  if (answer.status !== 200) throw new Error(`export: ${answer.status} ${answer.text.slice(0, 200)}`);
  return answer.text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ExportedLog);
}

/** What is missing, twice or changed of the acknowledged; all empty when the promise held. */
export async function compare(base: string, key: string, acked: Acknowledged) {
  // Lists may be a moment behind what was acknowledged, and on a loaded machine more than that.
  await eventually(
    'the intake to drain',
    async () => (await send(base, '/readyz')).json<{ intake: { waiting: number } }>().intake.waiting === 0,
    60_000,
  );
  const logs = await exportLogs(base, key);
  const seen = new Map<string, ExportedLog>();
  const twice: string[] = [];
  for (const log of logs) {
    if (seen.has(log.id)) twice.push(log.id);
    seen.set(log.id, log);
  }
  const missing = acked.ids.filter((id) => !seen.has(id));
  const changed = acked.ids.filter((id) => {
    const log = seen.get(id);
    return log !== undefined && log.messages?.at(-1)?.content !== acked.texts.get(id);
  });
  const unreadable: string[] = [];
  for (const id of acked.ids.slice(-100)) {
    const { status } = await send(base, `/v5/logs/${id}`, { headers: byKey(key) });
    if (status !== 200) unreadable.push(`${id}: ${status}`);
  }
  return { missing, twice, changed, unreadable };
}

export const intact = { missing: [], twice: [], changed: [], unreadable: [] };
