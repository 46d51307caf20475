import { setTimeout as sleep } from 'node:timers/promises';
import { apiKey, cpuSeconds, familyOf, makeData, startWhetstone } from './processes.ts';
import type { Figure } from './report.ts';

const perSecond = 500;
const path = 'bench/answer';
/** How long a log may wait for its judgment when the writers stop: the store gathers rows for a second, and a round takes one. */
const boundSeconds = 5;

/** A monitor that judges every log with code while applications write 500 a second: what is left when they stop, and how old it got. */
export async function benchMonitor(quick: boolean): Promise<Figure[]> {
  const seconds = quick ? 6 : 30;
  const data = makeData();
  const server = await startWhetstone(data.dir);
  const call = async <T>(method: string, to: string, body?: object): Promise<T> => {
    const answer = await fetch(`${server.url}/v5${to}`, {
      method,
      headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${to} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as T;
  };
  const lag = async (): Promise<number> => {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    return Number(/^whetstone_monitor_lag_seconds (\S+)/m.exec(text)?.[1] ?? Number.NaN);
  };
  try {
    const prompt = await call<{ id: string }>('POST', '/prompts', { path, model: 'gpt-4o-mini', template: 'Say {{word}}' });
    await call('POST', '/evaluators', {
      path: 'bench/short',
      spec: {
        evaluator_type: 'python',
        language: 'javascript',
        arguments_type: 'target_free',
        return_type: 'boolean',
        code: 'function evaluate(log) { return log.output.length < 400 }',
      },
    });
    const { id } = await call<{ id: string }>('POST', '/monitors', { file_id: prompt.id, evaluator: { path: 'bench/short' } });
    const judged = async (): Promise<number> => (await call<{ today: { judged: number } }>('GET', `/monitors/${id}`)).today.judged;
    const write = async (count: number): Promise<void> => {
      const logs = Array.from({ length: count }, (_, n) => ({
        type: 'prompt',
        log: { path, inputs: { word: `word ${n}` }, output: 'An answer of some length. '.repeat(10 + (n % 20)), user: `user-${n % 97}` },
      }));
      await call('POST', '/logs/batch', { logs });
    };
    // Runners start and code is compiled before what counts.
    await write(200);
    while ((await judged()) < 200) await sleep(200);
    const oldest: number[] = [];
    const before = cpuSeconds(familyOf(server.pid));
    const started = performance.now();
    let written = 200;
    for (let second = 0; second < seconds; second += 1) {
      for (let part = 0; part < 5; part += 1) {
        await sleep(Math.max(0, started + second * 1000 + part * 200 - performance.now()));
        await write(perSecond / 5);
        written += perSecond / 5;
      }
      oldest.push(await lag());
    }
    const wrote = (performance.now() - started) / 1000;
    while ((await judged()) < written) {
      await sleep(200);
      if (performance.now() - started > 300_000) throw new Error('the monitor does not get through');
    }
    const worked = cpuSeconds(familyOf(server.pid)) - before;
    const behind = (performance.now() - started) / 1000 - wrote;
    return [
      { suite: 'monitor', name: 'logs written', value: (written - 200) / wrote, unit: '/s', bound: { op: '>=', value: perSecond * 0.98 } },
      {
        suite: 'monitor',
        name: 'all judged after the writers stop',
        value: behind,
        unit: 's',
        bound: { op: '<=', value: boundSeconds },
        note: `${written} logs, one evaluator in JavaScript, every log`,
      },
      { suite: 'monitor', name: 'processor time a log, written, stored and judged', value: (worked / (written - 200)) * 1000, unit: 'ms' },
      { suite: 'monitor', name: 'oldest log that waited meanwhile', value: Math.max(...oldest), unit: 's' },
    ];
  } finally {
    await server.stop();
    data.remove();
  }
}
