import type { Caller } from './send.ts';
import { eventually } from './whetstone.ts';
import { mark } from './workspace-of-everything.ts';

interface Made {
  id: string;
  version_id: string;
}

/** What evaluating leaves in a workspace: what decides, runs of the server, monitors with alerts, gates, results of branches, reviews. */
export async function liveJudging(ask: Caller, session: Caller): Promise<void> {
  const { evaluation, run } = await aRunOfTheServer(ask);
  await ask('PUT', `/v5/evaluations/${evaluation.id}/results/${run.id}`, {
    branch: 'main',
    commit: '0123abc',
    url: 'https://ci.example.com/7',
  });
  await ask('PUT', `/v5/evaluations/${evaluation.id}/results/${run.id}`, { branch: 'other' });
  const environments = await ask<{ id: string; name: string }[]>('GET', '/v5/environments');
  const staging = environments.find(({ name }) => name === 'staging')?.id ?? '';
  await ask('PUT', `/v5/environments/${staging}/gates`, {
    gates: [
      { evaluation: evaluation.id, no_regression: true, hard_rules: true, max_age_days: 30 },
      { evaluation: 'weekly', no_regression: false, hard_rules: true },
    ],
  });
  await monitorsAndAlerts(ask);
  await reviews(ask, session);
}

async function aRunOfTheServer(ask: Caller) {
  const prompt = await ask<Made>('POST', '/v5/files/retrieve-by-path', { path: `dir/${mark}-prompt` });
  const judge = await ask<Made>('POST', '/v5/files/retrieve-by-path', { path: 'support/judge-external' });
  const dataset = await ask<Made>('POST', '/v5/datasets', {
    path: 'support/labelled',
    datapoints: [
      { inputs: { question: 'one' }, target: { output: '1' }, metadata: { z: 1, a: ['b'] }, split: 'held-out', tags: ['hard', 'ä'] },
      { inputs: { question: 'two' }, target: { output: '2' }, tags: ['easy'] },
    ],
  });
  const evaluation = await ask<{ id: string }>('POST', '/v5/evaluations', {
    name: 'nightly',
    file: { id: prompt.id },
    evaluators: [{ id: judge.id, orchestrated: false }],
  });
  await ask('PATCH', `/v5/evaluations/${evaluation.id}/settings`, {
    primary_evaluator_version_id: judge.version_id,
    margin: 0.05,
    hard_rules: [{ evaluator_version_id: judge.version_id, at_least: 0.1 }],
  });
  const path = `/v5/evaluations/${evaluation.id}/runs`;
  const run = await ask<{ id: string }>('POST', path, {
    dataset: { version_id: dataset.version_id },
    version: { version_id: prompt.version_id },
    orchestrated: true,
    repetitions: 2,
    max_cost_usd: 3.5,
    cache: true,
    concurrency: 2,
  });
  const isMade = async (): Promise<boolean> => (await ask<{ total: number }>('GET', `/v5/logs?file_id=${prompt.id}&size=1`)).total >= 6;
  await eventually('the run has its logs', isMade, 30_000);
  await ask('PATCH', `${path}/${run.id}`, { status: 'completed' });
  return { evaluation, run };
}

async function monitorsAndAlerts(ask: Caller): Promise<void> {
  const answer = await ask<Made>('POST', '/v5/files/retrieve-by-path', { path: 'support/answer' });
  const judge = await ask<Made>('POST', '/v5/files/retrieve-by-path', { path: 'support/judge-python' });
  const monitor = await ask<{ id: string }>('POST', '/v5/monitors', {
    file_id: answer.id,
    evaluator: { version_id: judge.version_id },
    environment: 'staging',
    filter: 'status = error',
    rate: 0.25,
    budget_usd: 1.5,
  });
  await ask('POST', `/v5/monitors/${monitor.id}/backfills`, { start_date: '2020-01-01T00:00:00.000Z', rate: 1, max_cost_usd: 2.25 });
  await eventually('the end of the back-fill', async () => {
    const { records } = await ask<{ records: { state: string }[] }>('GET', `/v5/monitors/${monitor.id}/backfills`);
    return records.every(({ state }) => state !== 'running');
  });
  const events = ['alert.opened', 'alert.recovered'];
  const hook = await ask<{ id: string }>('POST', '/v5/webhooks', { url: 'http://127.0.0.1:9/alerts', events });
  const slack = await ask<{ id: string }>('POST', '/v5/webhooks', {
    url: 'https://hooks.slack.com/services/T0/B0/most-secret',
    format: 'slack',
    events,
  });
  const alert = await ask<{ id: string }>('POST', `/v5/monitors/${monitor.id}/alerts`, {
    name: 'fewer pass',
    rule: { type: 'threshold', side: 'below', value: 0.75, over: { hours: 24 } },
    channels: { webhook_ids: [hook.id, slack.id] },
  });
  await ask('POST', `/v5/monitors/${monitor.id}/alerts`, {
    name: 'drops',
    rule: { type: 'change', direction: 'down', average_run_length: 5000 },
  });
  await ask('POST', `/v5/alerts/${alert.id}/mute`, { until: '2099-01-01T00:00:00.000Z' });
}

async function reviews(ask: Caller, session: Caller): Promise<void> {
  const answer = await ask<Made>('POST', '/v5/files/retrieve-by-path', { path: 'support/answer' });
  const human = await ask<Made>('POST', '/v5/files/retrieve-by-path', { path: 'support/judge-human' });
  const me = await session<{ user: { id: string } }>('GET', '/v5/me');
  const queue = await session<{ id: string }>('POST', '/v5/reviews', {
    name: 'What people say',
    instructions: 'Be fair.',
    evaluators: [{ id: human.id }],
    source: { type: 'filter', file_id: [answer.id], live: true },
    assignees: [me.user.id],
    overlap: 2,
    share: 0.9,
    blind: true,
  });
  const claim = async () =>
    (await session<{ items: { id: string }[] }>('POST', `/v5/reviews/${queue.id}/claim`, { count: 1 })).items[0]?.id ?? '';
  const first = await claim();
  const said = { answers: [{ evaluator_id: human.id, judgment: ['a'], reason: 'Kind.' }], seconds: 4.5 };
  await session('PUT', `/v5/reviews/${queue.id}/items/${first}/answer`, { ...said, correction: 'It arrives on Friday.' });
  await session('POST', `/v5/reviews/${queue.id}/items/${first}/comments`, { text: 'I was not sure.' });
  await session('PUT', `/v5/reviews/${queue.id}/items/${first}/resolution`, { answers: [{ evaluator_id: human.id, judgment: ['b'] }] });
  await session('POST', `/v5/reviews/${queue.id}/items/${await claim()}/skip`);
  // Somebody reads it now.
  await claim();
  const score = await ask<Made>('POST', '/v5/evaluators', {
    path: 'support/people-score',
    spec: { evaluator_type: 'human', arguments_type: 'target_free', return_type: 'number' },
  });
  const judge = await ask<Made>('POST', '/v5/files/retrieve-by-path', { path: 'support/judge-external' });
  const chosen = await session<{ id: string }>('POST', `/v5/evaluators/${judge.id}/label-next`, {
    name: 'Worth a label',
    human_id: score.id,
    budget: 2,
    random_share: 0.5,
  });
  await session('PATCH', `/v5/reviews/${chosen.id}`, { closed: true });
}
