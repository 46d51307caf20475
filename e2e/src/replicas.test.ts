import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeProvider, startFakeProvider } from '../../server/src/fake-provider/index.ts';
import { openReplicas, type Replicas } from './replicas.ts';
import { byKey, caller, type Caller } from './send.ts';
import { eventually, type Whetstone } from './whetstone.ts';

interface Made {
  id: string;
  version_id: string;
}
interface Log {
  evaluator_logs: { judgment: unknown; evaluator: { path: string } }[];
}
interface Summary {
  kinds: { evaluator: { path: string }; whole: { options: { name: string; logs: number }[] } }[];
}
interface Result {
  primary: { arms: { arm_id: string; units: number; matured: number; value: { estimate: number | null } }[] };
}
interface Run {
  status: string;
  progress: Record<string, number | null>;
}

const there = Boolean(process.env['TEST_DATABASE_URL']);
const label = there ? 'on PostgreSQL' : 'on PostgreSQL: skipped, neither installed nor TEST_DATABASE_URL';

/** Two processes of one server, as behind a load balancer: what is to be done once is done once, also when one of them is killed. */
describe.skipIf(!there)(`two replicas (${label})`, { timeout: 240_000 }, () => {
  let replicas: Replicas;
  let provider: FakeProvider;
  let servers: [Whetstone, Whetstone];
  let ask: [Caller, Caller];
  const callerOf = ({ url, apiKey }: Whetstone): Caller => caller(url, byKey(apiKey));
  const startOne = () => replicas.start({ env: { OPENAI_API_KEY: 'sk-x', OPENAI_BASE_URL: `${provider.url}/v1` } });

  beforeAll(async () => {
    provider = await startFakeProvider({ behave: () => ({ delayMs: 60 }) });
    replicas = await openReplicas();
    // The first makes the owner and the key.
    const first = await startOne();
    servers = [first, await startOne()];
    ask = [callerOf(servers[0]), callerOf(servers[1])];
  }, 120_000);
  afterAll(async () => {
    await Promise.all((servers ?? []).map((each) => each.close()));
    await provider?.close();
    await replicas?.close();
  });

  let made = 0;
  const prompt = (): Promise<Made & { path: string }> => {
    const path = `shop/answer-${(made += 1)}`;
    return ask[0]<Made>('POST', '/v5/prompts', { path, model: 'gpt-4o-mini', template: [{ role: 'user', content: '{{q}}' }] }).then(
      (answer) => ({ ...answer, path }),
    );
  };
  const log = (at: Caller, path: string, more: object): Promise<{ id: string }> =>
    at('POST', '/v5/prompts/log', {
      path,
      prompt: { model: 'gpt-4o-mini', template: [{ role: 'user', content: '{{q}}' }] },
      output: 'Soon.',
      ...more,
    });
  const judgments = async (at: Caller, id: string): Promise<[string, unknown][]> =>
    (await at<Log>('GET', `/v5/logs/${id}`)).evaluator_logs.map(({ judgment, evaluator }) => [evaluator.path, judgment]);

  it('count what came to both, at the same moment, once', async () => {
    const { id: fileId, path } = await prompt();
    const logs = await Promise.all(Array.from({ length: 20 }, (_, n) => log(ask[n % 2]!, path, { user: `u${n}` })));
    const vote = logs.map(({ id }) => ({ log_id: id, kind: 'vote', value: 'good' }));
    const action = logs.map(({ id }) => ({ log_id: id, kind: 'action', value: 'copied' }));
    const other = logs.map(({ id }) => ({ log_id: id, kind: 'action', value: 'shared' }));
    // Options that hold together come to one and to the other; neither loses the other's.
    await Promise.all([
      ask[0]('POST', '/v5/feedback', { feedback: [...vote, ...action] }),
      ask[1]('POST', '/v5/feedback', { feedback: [...vote, ...other] }),
      ask[0]('POST', '/v5/feedback', { feedback: vote }),
    ]);
    for (const at of ask)
      await eventually(
        'the count',
        async () => {
          const { kinds } = await at<Summary>('GET', `/v5/feedback/summary?file_id=${fileId}`);
          const options = kinds.flatMap(({ evaluator, whole }) =>
            whole.options.map(({ name, logs: n }) => `${evaluator.path} ${name} ${n}`),
          );
          expect(options.filter((text) => !text.endsWith(' 0'))).toEqual(
            expect.arrayContaining(['feedback/vote good 20', 'feedback/action copied 20', 'feedback/action shared 20']),
          );
          return true;
        },
        20_000,
      );
    for (const { id } of logs)
      expect(Object.fromEntries(await judgments(ask[1], id))).toEqual({
        'feedback/action': expect.toSatisfy((value: string[]) => value.toSorted().join() === 'copied,shared'),
        'feedback/vote': 'good',
      });
  });

  it('join what waited at either with its log once, whichever the log came to', async () => {
    const { path } = await prompt();
    const references = Array.from({ length: 10 }, (_, n) => `${path}-order-${n}`);
    for (const at of ask)
      await at('POST', '/v5/feedback', {
        feedback: references.map((reference_id) => ({ reference_id, kind: 'vote', value: 'bad', user: 'bo' })),
      });
    const logs = await Promise.all(references.map((reference_id, n) => log(ask[n % 2]!, path, { reference_id, user: 'bo' })));
    for (const { id } of logs)
      expect(
        await eventually('joining', async () => {
          const all = await judgments(ask[0], id);
          return all.length > 0 && all;
        }),
      ).toEqual([['feedback/vote', 'bad']]);
  });

  it('give a user one arm and one outcome, and go on when the one that counted is killed', async () => {
    const { id: fileId, version_id: control, path } = await prompt();
    const b = await ask[0]<Made>('POST', '/v5/prompts', { path, model: 'gpt-4o', template: [{ role: 'user', content: '{{q}}' }] });
    const drafted = await ask[0]<Made>('POST', '/v5/experiments', {
      name: 'On two',
      file_id: fileId,
      arms: [{ weight: 0.5 }, { version_id: b.version_id, weight: 0.5 }],
      metric: { value: 'vote:good' },
      smallest_difference: 0.05,
      window_hours: 0.01,
    });
    await ask[1]('POST', `/v5/experiments/${drafted.id}/start`);
    const served = new Map<string, Set<string>>();
    const visit = async (at: Caller, user: string): Promise<void> => {
      const answer = await at<{ id: string; prompt: { version_id: string } }>('POST', '/v5/prompts/call', {
        path,
        user,
        inputs: { q: 'Why?' },
      });
      served.set(user, (served.get(user) ?? new Set()).add(answer.prompt.version_id));
      // Of those who got the other version all are pleased; each says so to both.
      if (answer.prompt.version_id === b.version_id)
        for (const each of ask) await each('POST', '/v5/feedback', { log_id: answer.id, kind: 'vote', value: 'good' });
    };
    // The start has to have come to the replica that did not make it.
    await eventually(
      'the other to know',
      async () => (await ask[0]<{ state: string }>('GET', `/v5/experiments/${drafted.id}`)).state === 'running',
    );
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    for (let n = 0; n < 60; n += 10)
      await Promise.all(Array.from({ length: 10 }, (_, i) => Promise.all(ask.map((at) => visit(at, `user-${n + i}`)))));
    expect([...served.values()].every((versions) => versions.size === 1)).toBe(true);
    const given = [...served.values()].map(([version]) => version);
    const units = {
      control: given.filter((version) => version === control).length,
      b: given.filter((version) => version === b.version_id).length,
    };
    expect(units.control + units.b).toBe(60);
    await servers[0].kill('SIGKILL');
    const arms = await eventually(
      'the outcomes',
      async () => {
        const result = await ask[1]<Result>('GET', `/v5/experiments/${drafted.id}/result`);
        return result.primary.arms.every(({ matured, arm_id }) => matured === units[arm_id as 'b']) && result.primary.arms;
      },
      120_000,
    );
    expect(arms.map(({ arm_id, units: n, value }) => [arm_id, n, value.estimate])).toEqual([
      ['control', units.control, 0],
      ['b', units.b, 1],
    ]);
    servers[0] = await startOne();
    ask[0] = callerOf(servers[0]);
  });

  it('work on one run, and the other finishes it when the one that did is killed', async () => {
    const { id: fileId, version_id } = await prompt();
    const code = 'function evaluate(log) { return log.output.length > 0 }';
    const spec = { evaluator_type: 'python', language: 'javascript', arguments_type: 'target_free', return_type: 'boolean', code };
    const judge = await ask[0]<Made>('POST', '/v5/evaluators', { path: `judges/run-${made}`, spec });
    const datapoints = Array.from({ length: 120 }, (_, n) => ({ inputs: { q: `case ${n}` } }));
    const dataset = await ask[0]<Made>('POST', '/v5/datasets', { path: `cases/run-${made}`, datapoints });
    const evaluation = await ask[0]<Made>('POST', '/v5/evaluations', {
      name: 'On two',
      file: { id: fileId },
      evaluators: [{ version_id: judge.version_id }],
    });
    provider.reset();
    await ask[0]('POST', `/v5/evaluations/${evaluation.id}/runs`, {
      version: { version_id },
      dataset: { version_id: dataset.version_id },
      orchestrated: true,
      concurrency: 8,
    });
    await eventually('the first calls', async () => provider.received.length >= 30, 60_000);
    await servers[0].kill('SIGKILL');
    expect(provider.received.length).toBeLessThan(120);
    const run = await eventually(
      'the end of the run',
      async () => {
        const { runs } = await ask[1]<{ runs: Run[] }>('GET', `/v5/evaluations/${evaluation.id}/runs`);
        return runs[0]?.status === 'completed' && runs[0];
      },
      120_000,
    );
    expect(run.progress).toMatchObject({ total: 120, done: 120, failed: 0, judged: 120 });
    // Beside what was under way, what ended in the last moments: that it did was known to the dead one alone.
    expect(provider.received.length - 120).toBeLessThan(60);
    servers[0] = await startOne();
    ask[0] = callerOf(servers[0]);
  });

  it('judge every log that came to either once, by one monitor', async () => {
    const { id: fileId, path } = await prompt();
    const code = 'function evaluate(log) { return log.output.length > 0 }';
    const spec = { evaluator_type: 'python', language: 'javascript', arguments_type: 'target_free', return_type: 'boolean', code };
    const judge = await ask[0]<Made>('POST', '/v5/evaluators', { path: `judges/monitor-${made}`, spec });
    const monitor = await ask[1]<Made>('POST', '/v5/monitors', { file_id: fileId, evaluator: { version_id: judge.version_id } });
    const logs: { id: string }[] = [];
    for (let n = 0; n < 100; n += 20)
      logs.push(...(await Promise.all(Array.from({ length: 20 }, (_, i) => log(ask[i % 2]!, path, { user: `m${n + i}` })))));
    await eventually(
      'all judgments',
      async () => (await ask[0]<{ today: { judged: number } }>('GET', `/v5/monitors/${monitor.id}`)).today.judged >= 100,
      90_000,
    );
    for (const { id } of logs) expect(await judgments(ask[1], id)).toEqual([[`judges/monitor-${made}`, true]]);
  });
});
