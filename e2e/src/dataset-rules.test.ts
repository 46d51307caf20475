import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { byKey, type Caller, caller } from './send.ts';
import { eventually, startWhetstone, type Whetstone } from './whetstone.ts';

interface Page {
  records: {
    id: string;
    log_id: string;
    rule: string;
    datapoint: { inputs: Record<string, string>; target: Record<string, string> | null };
  }[];
  total: number;
}

describe('what is said of logs, and the cases that come of it', { timeout: 120_000 }, () => {
  let whetstone: Whetstone;
  let api: Caller;
  let dataset: { id: string; version_id: string };
  let logs: { good: string; bad: string; unjudged: string };

  beforeAll(async () => {
    whetstone = await startWhetstone();
    api = caller(whetstone.url, byKey(whetstone.apiKey));
    const prompt = await api<{ id: string }>('POST', '/v5/prompts', {
      path: 'ruled/answer',
      model: 'demo-small',
      template: [{ role: 'user', content: '{{question}}' }],
    });
    dataset = await api('POST', '/v5/datasets', { path: 'ruled/cases', datapoints: [] });
    const log = async (question: string): Promise<string> =>
      (await api<{ id: string }>('POST', '/v5/prompts/log', { id: prompt.id, inputs: { question }, output: `answer to ${question}` })).id;
    logs = { good: await log('good'), bad: await log('bad'), unjudged: await log('unjudged') };
  });
  afterAll(() => whetstone?.close());

  const evaluator = (path: string, spec: object) =>
    api<{ id: string }>('POST', '/v5/evaluators', { path, spec: { evaluator_type: 'external', arguments_type: 'target_free', ...spec } });
  const judge = (id: string, parent: string, judgment: unknown) => api('POST', '/v5/evaluators/log', { id, parent_id: parent, judgment });
  const found = async (filter: string): Promise<string[]> =>
    (await api<{ records: { id: string }[] }>('GET', `/v5/logs?${new URLSearchParams({ filter, size: '50' }).toString()}`)).records
      .map(({ id }) => id)
      .toSorted();

  it('logs are found by judgments, their values and their size, and by having none', async () => {
    const score = await evaluator('ruled/score', { return_type: 'number' });
    const passes = await evaluator('ruled/passes', { return_type: 'boolean' });
    await judge(score.id, logs.good, 0.9);
    await judge(score.id, logs.bad, 0.2);
    await judge(passes.id, logs.bad, false);
    await eventually('the judgments are found', async () => (await found('judged:ruled/score')).length === 2);
    expect(await found('judged:ruled/score')).toEqual([logs.good, logs.bad].toSorted());
    expect(await found('judged:ruled/score<0.5')).toEqual([logs.bad]);
    expect(await found('judged:ruled/score>=0.9')).toEqual([logs.good]);
    expect(await found('judged:ruled/passes=false')).toEqual([logs.bad]);
    expect(await found('judged:ruled/passes=true')).toEqual([]);
    expect(await found('file:ruled/answer -judged:ruled/score')).toEqual([logs.unjudged]);
    expect(await found('judged:ruled/score<0.5 OR judged:ruled/score>0.8')).toEqual([logs.good, logs.bad].toSorted());
    expect(await found('judged:nobody/here')).toEqual([]);
  });

  it('a rule proposes what a judge called bad, with what a person corrected as target; deciding makes a version', async () => {
    const of = `/v5/datasets/${dataset.id}`;
    const words = await evaluator('ruled/correction', { evaluator_type: 'human', return_type: 'text' });
    const rule = await api<{ id: string }>('POST', `${of}/rules`, {
      name: 'Bad, and corrected',
      filter: 'judged:ruled/score<0.5',
      target: 'correction',
      correction: 'ruled/correction',
      tags: ['ruled'],
      since: '2026-01-01T00:00:00Z',
    });
    const run = () => api<{ counts: { waiting: number } }>('POST', `${of}/rules/${rule.id}/run`);
    expect((await run()).counts.waiting).toBe(0);
    await judge(words.id, logs.bad, 'what should have been said');
    await judge(words.id, logs.good, 'of a good one');
    await eventually('the corrected log waits', async () => (await run()).counts.waiting === 1);
    const { records } = await api<Page>('GET', `${of}/proposals`);
    expect(records).toMatchObject([
      {
        log_id: logs.bad,
        rule: 'Bad, and corrected',
        datapoint: { inputs: { question: 'bad' }, target: { output: 'what should have been said' } },
      },
    ]);
    const body = { accept: [{ id: records[0]?.id }] };
    const decided = await api<{ added: number; dataset: { version_id: string } }>('POST', `${of}/proposals/decide`, body);
    expect(decided.added).toBe(1);
    const datapoints = await api<{ records: object[] }>('GET', `${of}/datapoints?version_id=${decided.dataset.version_id}`);
    expect(datapoints.records).toMatchObject([{ tags: ['ruled'], metadata: { log_id: logs.bad } }]);
    expect(await api('POST', `${of}/proposals/decide`, body)).toMatchObject({ added: 0, gone: 1 });
    expect((await run()).counts).toMatchObject({ waiting: 0, added: 1 });
  });
});
