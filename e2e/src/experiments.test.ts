import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HumanloopClient } from 'humanloop';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Whetstone as Client } from '../../sdk/src/index.ts';
import { type FakeProvider, startFakeProvider } from '../../server/src/fake-provider/index.ts';
import { describeOnEditions } from './editions.ts';
import { byKey, caller, type Caller, send } from './send.ts';
import { eventually, startWhetstone, type Whetstone } from './whetstone.ts';

interface Experiment {
  id: string;
  state: string;
  arms: { id: string; version: { id: string } | null }[];
  epochs: { number: number }[];
  ended_why: string | null;
}
interface Fetched {
  version_id: string;
  experiment?: { id: string; arm: string; propensity: number };
}
interface Log {
  id: string;
  experiment_id: string | null;
  arm_id: string | null;
  unit: string | null;
  environment: string | null;
  prompt: { version_id: string };
}

/** Experiments as applications meet them: published clients, two replicas, a server that is killed. */
describeOnEditions(describe, 'experiments', (start, edition, envOf) => {
  let whetstone: Whetstone;
  let provider: FakeProvider;
  let admin: Caller;
  const secret = 'a secret that both replicas have, long enough';
  const env = () => ({ OPENAI_API_KEY: 'sk-operator', OPENAI_BASE_URL: `${provider.url}/v1`, WHETSTONE_SECRET: secret });
  const dataDir = mkdtempSync(join(tmpdir(), 'whetstone-e2e-'));

  beforeAll(async () => {
    provider = await startFakeProvider();
    whetstone = await start({ env: env(), dataDir });
    admin = caller(whetstone.url, byKey(whetstone.apiKey));
  });
  afterAll(async () => {
    await whetstone?.close();
    await provider?.close();
  });

  let count = 0;
  /** A prompt of two versions with an experiment that runs. */
  const running = async (more: Record<string, unknown> = {}) => {
    const path = `shop/answer-${(count += 1)}`;
    const save = (system: string, model: string) =>
      admin<{ id: string; version_id: string }>('POST', '/v5/prompts', {
        path,
        model,
        template: [
          { role: 'system', content: system },
          { role: 'user', content: '{{question}}' },
        ],
      });
    const control = await save('You are thorough.', 'gpt-4o-mini');
    const b = await save('You are brief.', 'gpt-4o');
    const drafted = await admin<Experiment>('POST', '/v5/experiments', {
      name: `Brief ${count}`,
      file_id: control.id,
      arms: [{ weight: 0.5 }, { version_id: b.version_id, weight: 0.5 }],
      metric: { value: 'vote:good' },
      smallest_difference: 0.05,
      ...more,
    });
    const experiment = await admin<Experiment>('POST', `/v5/experiments/${drafted.id}/start`);
    const versionOf = (arm: string) => (arm === 'b' ? b.version_id : control.version_id);
    return { path, fileId: control.id, experiment, control: control.version_id, b: b.version_id, versionOf };
  };
  type Running = Awaited<ReturnType<typeof running>>;
  const assignment = async ({ experiment }: Running, unit: string) =>
    (await admin<{ assignment: Fetched['experiment'] | null }>('GET', `/v5/experiments/${experiment.id}/assignment?unit=${unit}`))
      .assignment;
  const logOf = (id: string) => eventually(`log ${id}`, () => admin<Log>('GET', `/v5/logs/${id}`));
  const ask = { inputs: { question: 'Why?' }, messages: [] };

  it('take the calls of the published clients: gateway, v5 and streams', async () => {
    const made = await running();
    const openai = new OpenAI({ apiKey: whetstone.apiKey, baseURL: `${whetstone.url}/v1`, maxRetries: 0 });
    const arms = new Set<string>();
    for (const user of ['ada', 'ben', 'cleo', 'dan', 'eve', 'fay']) {
      const arm = (await assignment(made, user))?.arm ?? '';
      arms.add(arm);
      const asked = { model: `prompt:${made.path}`, user, ...ask };
      const { response, data } = await openai.chat.completions
        .create(asked as OpenAI.ChatCompletionCreateParamsNonStreaming)
        .withResponse();
      expect(data.model).toContain(arm === 'b' ? 'gpt-4o' : 'gpt-4o-mini');
      expect([response.headers.get('x-whetstone-experiment'), response.headers.get('x-whetstone-arm')]).toEqual([made.experiment.id, arm]);
      expect(await logOf(response.headers.get('x-whetstone-log-id') ?? '')).toMatchObject({
        experiment_id: made.experiment.id,
        arm_id: arm,
        unit: user,
        environment: 'production',
        prompt: { version_id: made.versionOf(arm) },
      });
    }
    expect([...arms].toSorted()).toEqual(['b', 'control']);
    const streamed = await openai.chat.completions
      .create({ model: `prompt:${made.path}`, user: 'ada', stream: true, ...ask } as OpenAI.ChatCompletionCreateParamsStreaming)
      .withResponse();
    let chunks = 0;
    for await (const { choices } of streamed.data) chunks += choices.length;
    expect(chunks).toBeGreaterThan(0);
    expect(streamed.response.headers.get('x-whetstone-arm')).toBe((await assignment(made, 'ada'))?.arm);
    const client = new HumanloopClient({ apiKey: whetstone.apiKey, baseUrl: `${whetstone.url}/v5` });
    const called = await client.prompts.call({ path: made.path, user: 'ada', inputs: { question: 'Why?' } });
    expect(called.prompt.versionId).toBe(made.versionOf((await assignment(made, 'ada'))?.arm ?? ''));
    expect(await logOf(called.id)).toMatchObject({ experiment_id: made.experiment.id, arm_id: (await assignment(made, 'ada'))?.arm });
  });

  it('leave out who names a version, no unit, or another environment', async () => {
    const made = await running();
    const call = (query: string, body: object) =>
      admin<{ id: string; prompt: { version_id: string } }>('POST', `/v5/prompts/call${query}`, { path: made.path, ...ask, ...body });
    const pinned = await call(`?version_id=${made.b}`, { user: 'ada' });
    expect(await logOf(pinned.id)).toMatchObject({ experiment_id: null, arm_id: null, prompt: { version_id: made.b } });
    const nobody = await call('', {});
    expect(await logOf(nobody.id)).toMatchObject({
      experiment_id: made.experiment.id,
      arm_id: '~no_unit',
      prompt: { version_id: made.control },
    });
    await admin('POST', `/v5/prompts/${made.fileId}/environments/${await environment('staging')}?version_id=${made.b}`);
    const staging = await call('?environment=staging', { user: 'ada' });
    expect(await logOf(staging.id)).toMatchObject({ experiment_id: null, prompt: { version_id: made.b } });
  });
  const environment = async (name: string) =>
    (await admin<{ id: string; name: string }[]>('GET', '/v5/environments')).find((each) => each.name === name)?.id ?? '';

  it('answer who only asks for the version with its arm, and take the log that it makes then', async () => {
    const made = await running();
    const client = new HumanloopClient({ apiKey: whetstone.apiKey, baseUrl: `${whetstone.url}/v5` });
    for (const user of ['ada', 'ben', 'cleo', 'dan']) {
      const expected = await assignment(made, user);
      const got = await admin<Fetched>('GET', `/v5/prompts/${made.fileId}?user=${user}`);
      expect(got).toMatchObject({ version_id: made.versionOf(expected?.arm ?? ''), experiment: expected });
      const headers = { ...byKey(whetstone.apiKey), 'x-whetstone-unit': user };
      const populated = await send(whetstone.url, `/v5/prompts/${made.fileId}/populate`, {
        method: 'POST',
        headers,
        body: { question: 'Why?' },
      });
      expect(populated.json()).toMatchObject({ version_id: got.version_id, experiment: expected });
      const byPath = await send(whetstone.url, '/v5/files/retrieve-by-path', { method: 'POST', headers, body: { path: made.path } });
      expect(byPath.json()).toMatchObject({ version_id: got.version_id, experiment: expected });
      const right = await client.prompts.log({
        path: made.path,
        versionId: got.version_id,
        environment: 'production',
        user,
        output: 'Because.',
      });
      const logged = await admin<{ id: string }>('POST', `/v5/prompts/log?version_id=${got.version_id}`, {
        path: made.path,
        environment: 'production',
        user,
        output: 'So.',
      });
      const wrong = await admin<{ id: string }>('POST', `/v5/prompts/log?version_id=${got.version_id === made.b ? made.control : made.b}`, {
        path: made.path,
        environment: 'production',
        user,
        output: 'So.',
      });
      for (const id of [right.id, logged.id])
        expect(await logOf(id)).toMatchObject({ experiment_id: made.experiment.id, arm_id: expected?.arm });
      expect(await logOf(wrong.id)).toMatchObject({ experiment_id: made.experiment.id, arm_id: '~off' });
    }
    const nobody = await admin<Fetched>('GET', `/v5/prompts/${made.fileId}`);
    expect([nobody.version_id, nobody.experiment]).toEqual([made.control, undefined]);
  });

  it('try versions of an agent as well, by v5 and by the gateway', async () => {
    const save = (template: string) =>
      admin<{ id: string; version_id: string }>('POST', '/v5/agents', {
        path: 'shop/agent',
        model: 'gpt-4o-mini',
        template: [{ role: 'system', content: template }],
      });
    const control = await save('You are thorough.');
    const b = await save('You are brief.');
    const drafted = await admin<Experiment>('POST', '/v5/experiments', {
      name: 'Brief agent',
      file_id: control.id,
      arms: [{ weight: 0.5 }, { version_id: b.version_id, weight: 0.5 }],
      metric: { value: 'cost', direction: 'down' },
      smallest_difference: 0.001,
    });
    await admin('POST', `/v5/experiments/${drafted.id}/start`);
    const messages = [{ role: 'user', content: 'Why?' }];
    for (const user of ['ada', 'ben', 'cleo', 'dan']) {
      const { assignment: expected, version_id: version } = await admin<{ assignment: { arm: string }; version_id: string }>(
        'GET',
        `/v5/experiments/${drafted.id}/assignment?unit=${user}`,
      );
      const called = await admin<{ id: string; experiment: unknown }>('POST', '/v5/agents/call', { path: 'shop/agent', user, messages });
      expect(called.experiment).toMatchObject({ id: drafted.id, arm: expected.arm });
      const answer = await send(whetstone.url, '/v1/chat/completions', {
        method: 'POST',
        headers: byKey(whetstone.apiKey),
        body: { model: 'agent:shop/agent', user, messages },
      });
      expect(answer.headers).toMatchObject({ 'x-whetstone-experiment': drafted.id, 'x-whetstone-arm': expected.arm });
      for (const id of [called.id, String(answer.headers['x-whetstone-log-id'])])
        expect(await logOf(id)).toMatchObject({ experiment_id: drafted.id, arm_id: expected.arm, agent: { version_id: version } });
    }
  });

  it('are taken part in by the SDK, with the logs of a wrapped client', async () => {
    const made = await running();
    const client = new Client({ apiKey: whetstone.apiKey, baseUrl: whetstone.url });
    const openai = client.wrapOpenAI(new OpenAI({ apiKey: 'sk-app', baseURL: `${provider.url}/v1`, maxRetries: 0 }));
    for (const user of ['ada', 'ben', 'cleo', 'dan']) {
      const expected = await assignment(made, user);
      const prompt = await client.prompt(made.path, { user });
      expect(prompt.experiment).toMatchObject({ id: made.experiment.id, arm: expected?.arm });
      expect(prompt.versionId).toBe(made.versionOf(expected?.arm ?? ''));
      await openai.chat.completions.create(prompt.openai({ question: 'Why?' }) as never);
    }
    expect((await client.prompt(made.path)).versionId).toBe(made.control);
    await client.close();
    const { records } = await eventually('the logs', async () => {
      const found = await admin<{ records: Log[] }>('GET', `/v5/logs?file_id=${made.fileId}&size=50`);
      return found.records.length >= 4 ? found : null;
    });
    for (const log of records) {
      const arm = (await assignment(made, log.unit ?? ''))?.arm;
      expect(log).toMatchObject({ experiment_id: made.experiment.id, arm_id: arm, environment: 'production' });
    }
  });

  it('refuse another deployment with the experiment’s id, until it is stopped', async () => {
    const made = await running();
    const fresh = await admin<{ version_id: string }>('POST', '/v5/prompts', {
      path: made.path,
      model: 'gpt-4o',
      template: 'New {{question}}',
    });
    const target = `/v5/prompts/${made.fileId}/environments/${await environment('production')}?version_id=${fresh.version_id}`;
    const headers = byKey(whetstone.apiKey);
    const refused = await send(whetstone.url, target, { method: 'POST', headers });
    expect([refused.status, refused.json()]).toMatchObject([409, { detail: { experiment_id: made.experiment.id } }]);
    const arm = await send(whetstone.url, `/v5/prompts/${made.fileId}/versions/${made.b}`, { method: 'DELETE', headers });
    expect([arm.status, arm.json()]).toMatchObject([409, { detail: { experiment_id: made.experiment.id } }]);
    await admin('POST', `/v5/experiments/${made.experiment.id}/stop`, { reason: 'We found something better.' });
    expect((await send(whetstone.url, target, { method: 'POST', headers })).status).toBe(200);
  });

  it('lose no exposure when the server is killed', async () => {
    const made = await running();
    const units = Array.from({ length: 200 }, (_, n) => `killed-${n}`);
    const acknowledged: string[] = [];
    const asking = units.map(async (unit) => {
      try {
        const answer = await send(whetstone.url, `/v5/prompts/${made.fileId}?user=${unit}`, { headers: byKey(whetstone.apiKey) });
        if (answer.status === 200) acknowledged.push(unit);
      } catch {
        // It was on its way when the server died.
      }
    });
    await eventually('some exposures', async () => acknowledged.length > 20, 30_000);
    await whetstone.kill('SIGKILL');
    await Promise.all(asking);
    whetstone = await start({ env: env(), dataDir });
    admin = caller(whetstone.url, byKey(whetstone.apiKey));
    const seen = await eventually(
      'every exposure',
      async () => {
        const { primary, left_out: leftOut } = await admin<{ primary: { arms: { units: number }[] }; left_out: { no_unit: number } }>(
          'GET',
          `/v5/experiments/${made.experiment.id}/result`,
        );
        expect(leftOut.no_unit).toBe(0);
        const total = primary.arms.reduce((sum, { units: n }) => sum + n, 0);
        return total >= acknowledged.length ? total : null;
      },
      60_000,
    );
    expect(seen).toBeLessThanOrEqual(units.length);
  });

  if (edition === 'postgres')
    it('give thousands of units the same arm on two replicas, also right after a change', { timeout: 180_000 }, async () => {
      const second = await startWhetstone({ env: { ...env(), ...(await envOf(dataDir)) } });
      try {
        const made = await running({ traffic: 0.5 });
        const ofReplica = async (url: string, unit: string): Promise<string | null> => {
          const answer = await send(url, `/v5/experiments/${made.experiment.id}/assignment?unit=${unit}`, {
            headers: byKey(whetstone.apiKey),
          });
          return answer.json<{ assignment: { arm: string } | null }>().assignment?.arm ?? null;
        };
        const served = async (url: string, unit: string): Promise<[string, string | null]> => {
          const answer = await send(url, `/v5/prompts/${made.fileId}?user=${unit}`, { headers: byKey(whetstone.apiKey) });
          const { version_id: version, experiment } = answer.json<Fetched>();
          return [version, experiment?.arm ?? null];
        };
        const units = Array.from({ length: 1_500 }, (_, n) => `unit-${n}`);
        const arms = new Map<string | null, number>();
        for (let from = 0; from < units.length; from += 50) {
          await Promise.all(
            units.slice(from, from + 50).map(async (unit) => {
              const [here, there] = await Promise.all([served(whetstone.url, unit), served(second.url, unit)]);
              expect(there, unit).toEqual(here);
              arms.set(here[1], (arms.get(here[1]) ?? 0) + 1);
            }),
          );
        }
        expect([...arms.keys()].map(String).toSorted()).toEqual(['b', 'control', 'null']);
        await admin('POST', `/v5/experiments/${made.experiment.id}/stop`, { arm_id: 'b', reason: 'too slow' });
        await eventually(
          'the other replica to know',
          async () => (await admin<Experiment>('GET', `/v5/experiments/${made.experiment.id}`)).epochs.length === 2,
          10_000,
        );
        for (const unit of units.slice(0, 200)) expect(await ofReplica(second.url, unit)).not.toBe('b');
      } finally {
        await second.close();
      }
    });
});
