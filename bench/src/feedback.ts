import { Pool } from 'undici';
import { apiKey, cpuSeconds, makeData, startWhetstone } from './processes.ts';
import type { Figure } from './report.ts';

const connections = 16;
const itemsPerBatch = 100;
const warmUpSeconds = 2;
const headers = { 'content-type': 'application/json', 'x-api-key': apiKey };
const answer = 'The refund takes five days, and you get a message when it has left us. Send the frame back in the box that it came in.';

async function post<T>(pool: Pool, path: string, body: unknown): Promise<T> {
  const response = await pool.request({ path, method: 'POST', headers, body: JSON.stringify(body) });
  const text = await response.body.text();
  if (response.statusCode >= 300) throw new Error(`${path}: ${response.statusCode} ${text.slice(0, 300)}`);
  return JSON.parse(text) as T;
}

async function logsOf(pool: Pool, count: number): Promise<string[]> {
  const ids: string[] = [];
  const writer = async (): Promise<void> => {
    while (ids.length < count) {
      const place = ids.push('') - 1;
      const log = { path: 'shop/answer', prompt: { model: 'gpt-4o' }, output: answer, user: `user-${place}` };
      ids[place] = (await post<{ id: string }>(pool, '/v5/prompts/log', log)).id;
    }
  };
  await Promise.all(Array.from({ length: connections }, writer));
  return ids;
}

/** Of ten: six votes, three actions, a correction; each of another user, so that each is a judgment of its own. */
function itemOf(logs: readonly string[], n: number): object {
  const said =
    n % 10 < 6
      ? { kind: 'vote', value: n % 3 === 0 ? 'bad' : 'good' }
      : n % 10 < 9
        ? { kind: 'action', value: 'copied' }
        : { kind: 'correction', value: answer.replace('five', 'ten') };
  return { log_id: logs[(n * 7919) % logs.length], user: `user-${n}`, ...said };
}

/** Feedback acknowledged durable by one process: as an application's backend forwards it, and one by one. */
export async function benchFeedback(quick: boolean): Promise<Figure[]> {
  const data = makeData();
  const seconds = quick ? 4 : 15;
  const whetstone = await startWhetstone(data.dir);
  const pool = new Pool(whetstone.url, { connections });
  try {
    const logs = await logsOf(pool, quick ? 1_000 : 5_000);
    let next = 0;
    const giveFor = async (items: number): Promise<number> => {
      let given = 0;
      let counting = false;
      const until = performance.now() + (seconds + warmUpSeconds) * 1000;
      const giver = async (): Promise<void> => {
        while (performance.now() < until) {
          const feedback = Array.from({ length: items }, () => itemOf(logs, (next += 1)));
          const { refused } = await post<{ refused: number }>(pool, '/v5/feedback', { feedback });
          if (refused > 0) throw new Error(`${refused} were refused`);
          if (counting) given += items;
        }
      };
      setTimeout(() => (counting = true), warmUpSeconds * 1000);
      await Promise.all(Array.from({ length: connections }, giver));
      return given / seconds;
    };
    const before = cpuSeconds([whetstone.pid]);
    const batched = await giveFor(itemsPerBatch);
    const spent = cpuSeconds([whetstone.pid]) - before;
    const single = await giveFor(1);
    return [
      {
        suite: 'feedback',
        name: 'feedback acknowledged durable',
        value: batched,
        unit: '/s',
        bound: { op: '>=', value: 10_000 },
        note: `one process, ${connections} connections, batches of ${itemsPerBatch}: votes, actions and a tenth corrections`,
      },
      { suite: 'feedback', name: 'the same, one a call', value: single, unit: '/s' },
      {
        suite: 'feedback',
        name: 'processor time of the server for 1,000 in batches',
        value: (spent / ((seconds + warmUpSeconds) * batched)) * 1e6,
        unit: 'ms',
      },
    ];
  } finally {
    await pool.close();
    await whetstone.stop();
    data.remove();
  }
}
