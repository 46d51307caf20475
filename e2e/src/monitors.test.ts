import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HumanloopClient } from 'humanloop';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { byKey, caller, type Caller } from './send.ts';
import { eventually, startWhetstone, type Whetstone } from './whetstone.ts';

const spec = {
  evaluator_type: 'python',
  language: 'javascript',
  arguments_type: 'target_free',
  return_type: 'boolean',
  code: 'function evaluate(log) { return log.output === "good" }',
};
const env = { WHETSTONE_ALLOW_PRIVATE_URLS: '1' };
interface Judged {
  records: { id: string; parent_id: string; judgment: boolean | null }[];
  total: number;
}

/** Evaluators over live traffic, on a server that is killed, and with the published client of the v5 contract. */
describe('monitors', { timeout: 180_000 }, () => {
  let whetstone: Whetstone;
  let admin: Caller;
  let receiver: Server;
  const received: { type: string; data: { text?: string } }[] = [];

  beforeAll(async () => {
    receiver = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        received.push(JSON.parse(body) as (typeof received)[number]);
        response.end();
      });
    });
    await new Promise<void>((done) => receiver.listen(0, '127.0.0.1', done));
    whetstone = await startWhetstone({ env });
    admin = caller(whetstone.url, byKey(whetstone.apiKey));
  });
  afterAll(async () => {
    receiver?.close();
    await whetstone?.close();
  });

  const write = async (path: string, count: number, output: (n: number) => string = () => 'good'): Promise<string[]> => {
    const logs = Array.from({ length: count }, (_, n) => ({ type: 'prompt', log: { path, inputs: { n: String(n) }, output: output(n) } }));
    const { results } = await admin<{ results: { id: string }[] }>('POST', '/v5/logs/batch', { logs });
    return results.map(({ id }) => id);
  };
  const judgmentsOf = (evaluatorId: string) => admin<Judged>('GET', `/v5/logs?file_id=${evaluatorId}&size=1000`);

  it('judge what the published client logs, once it attached an evaluator', async () => {
    const client = new HumanloopClient({ apiKey: whetstone.apiKey, baseUrl: `${whetstone.url}/v5` });
    const prompt = await client.prompts.upsert({ path: 'shop/client', model: 'gpt-4o-mini', template: 'Say {{n}}' });
    const evaluator = await admin<{ id: string; version_id: string }>('POST', '/v5/evaluators', { path: 'judges/client', spec });
    await client.prompts.updateMonitoring(prompt.id, { activate: [{ evaluatorVersionId: evaluator.version_id }] });
    const { id } = await client.prompts.log({ path: 'shop/client', inputs: { n: '1' }, output: 'bad' });
    const judgment = await eventually('a judgment', async () => (await client.logs.get(id)).evaluatorLogs[0], 30_000);
    expect(judgment).toMatchObject({ judgment: false, parentId: id });
  });

  it('judge each log once, though the server is killed in the midst', async () => {
    const prompt = await admin<{ id: string }>('POST', '/v5/prompts', { path: 'shop/killed', model: 'gpt-4o-mini', template: 'Say {{n}}' });
    const evaluator = await admin<{ id: string }>('POST', '/v5/evaluators', { path: 'judges/killed', spec });
    const monitor = await admin<{ id: string }>('POST', '/v5/monitors', { file_id: prompt.id, evaluator: { path: 'judges/killed' } });
    const ids = [...(await write('shop/killed', 300)), ...(await write('shop/killed', 300, (n) => (n % 2 === 0 ? 'good' : 'bad')))];
    const judged = async () => (await admin<{ today: { judged: number } }>('GET', `/v5/monitors/${monitor.id}`)).today.judged;
    await eventually('some judgments', async () => (await judged()) > 0, 60_000);
    await whetstone.kill('SIGKILL');
    whetstone = await startWhetstone({ env, dataDir: whetstone.dataDir });
    admin = caller(whetstone.url, byKey(whetstone.apiKey));
    ids.push(...(await write('shop/killed', 50)));
    await eventually('all judgments', async () => (await judged()) >= 650, 90_000);
    const { records, total } = await judgmentsOf(evaluator.id);
    expect(total).toBe(650);
    expect(new Set(records.map(({ parent_id }) => parent_id))).toEqual(new Set(ids));
    expect(records.filter(({ judgment }) => judgment === false)).toHaveLength(150);
  });

  it('tell a webhook of a lasting drop', async () => {
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
    await admin('POST', '/v5/webhooks', { url, format: 'json', events: ['alert.opened'] });
    const prompt = await admin<{ id: string }>('POST', '/v5/prompts', { path: 'shop/drop', model: 'gpt-4o-mini', template: 'Say {{n}}' });
    await admin('POST', '/v5/evaluators', { path: 'judges/drop', spec });
    const monitor = await admin<{ id: string }>('POST', '/v5/monitors', { file_id: prompt.id, evaluator: { path: 'judges/drop' } });
    const rule = { type: 'change', direction: 'down', average_run_length: 1_000, baseline: 0.9 };
    const alert = await admin<{ id: string }>('POST', `/v5/monitors/${monitor.id}/alerts`, { rule });
    await write('shop/drop', 100, (n) => (n % 2 === 0 ? 'good' : 'bad'));
    await eventually('a message', async () => received.length > 0, 60_000);
    expect(received).toMatchObject([{ type: 'alert.opened', data: { text: expect.stringMatching(/has gone down/) } }]);
    const { records } = await admin<{ records: { id: string }[] }>('GET', '/v5/alerts?state=open');
    expect(records.map(({ id }) => id)).toEqual([alert.id]);
  });
});
