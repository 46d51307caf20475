import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judgedDatapoint, judgedLog } from '../../domain/src/index.ts';
import { judgeBySpec } from '../../sdk/src/eval/local/judge.ts';
import { openWorkbench } from '../../sdk/src/eval/local/run.ts';
import { byKey, send } from './send.ts';
import { eventually, startWhetstone, type Whetstone } from './whetstone.ts';

const count = 500;
const atOnce = 100;

/** What is compared, byte by byte. */
interface Told {
  outcome: 'judged' | 'not_judged' | 'failed';
  judgment: unknown;
  reason: string | null;
  error: string | null;
}
type Answer = Record<string, unknown>;

/** Every way in which code ends, by turns. */
const python = `
def evaluate(log, testcase):
    n = int(log["inputs"]["n"])
    print("case", n)
    kind = n % 9
    if kind == 0: raise ValueError(f"no {n} here: \\u00e4\\u4e2d")
    if kind == 1: return "not a number"
    if kind == 2: return float("nan")
    if kind == 3: return None
    if kind == 4: return {"value": n / 7, "reason": f"a seventh of {n}, \\U0001f600"}
    if kind == 5: return log["no such key"]
    if kind == 6: return 1e308 * 10
    if kind == 7: return len(testcase["target"]["output"]) / 3
    return n
`;
const javascript = `
function evaluate(log, testcase) {
  const n = Number(log.inputs.n);
  console.log('case', n);
  switch (n % 7) {
    case 0: throw new RangeError('no ' + n + ' here: \\u00e4\\u4e2d');
    case 1: return 'not a number';
    case 2: return NaN;
    case 3: return undefined;
    case 4: return { value: n / 7, reason: 'a seventh of ' + n + ' \\ud83d\\ude00' };
    case 5: return log.nothing.here;
    default: return testcase.target.output.length / 3;
  }
}
`;
const code = { evaluator_type: 'python', arguments_type: 'target_required', return_type: 'number' };
const specs: Record<string, object> = {
  python: { ...code, code: python },
  javascript: { ...code, language: 'javascript', code: javascript },
  library: {
    evaluator_type: 'external',
    arguments_type: 'target_required',
    return_type: 'boolean',
    library: { name: 'exact', options: {} },
  },
};

describe('one evaluator gives the same judgment wherever it judges', { timeout: 280_000 }, () => {
  let whetstone: Whetstone;
  beforeAll(async () => {
    whetstone = await startWhetstone({ unchecked: true });
  });
  afterAll(() => whetstone?.close());

  const ask = async <T = Answer>(method: string, path: string, body?: unknown): Promise<T> => {
    const { status, text } = await send(whetstone.url, `/v5${path}`, { method, headers: byKey(whetstone.apiKey), body });
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`);
    return JSON.parse(text) as T;
  };
  const outputOf = (n: number): string => (n % 2 === 0 ? `answer ${n}` : `wrong ${'x'.repeat(n % 5)}`);
  type Datapoint = Answer & { id: string; inputs: { n: string } };

  /** Logs of a file, one a datapoint and in their order. */
  const logAll = async (path: string, datapoints: readonly Datapoint[], more: object): Promise<string[]> => {
    const ids: string[] = [];
    for (let i = 0; i < datapoints.length; i += atOnce) {
      const logs = datapoints.slice(i, i + atOnce).map(({ id, inputs }) => ({
        type: 'flow',
        log: { path, inputs, output: outputOf(Number(inputs.n)), source_datapoint_id: id, log_status: 'complete', ...more },
      }));
      const { results } = await ask<{ results: { id: string }[] }>('POST', '/logs/batch', { logs });
      ids.push(...results.map(({ id }) => id));
    }
    return ids;
  };
  type Log = Answer & { inputs: { n: string }; evaluator_logs: (Answer & { evaluator: { id: string } })[] };
  /** All logs of a file, in the order of their datapoints. */
  const logsOf = async (fileId: string): Promise<Log[]> => {
    const found: Log[] = [];
    for (let page = 1; page <= count / atOnce; page += 1)
      found.push(...(await ask<{ records: Log[] }>('GET', `/logs?file_id=${fileId}&size=${atOnce}&page=${page}`)).records);
    return found.toSorted((one, other) => Number(one.inputs.n) - Number(other.inputs.n));
  };
  /** What the server judged the logs to be, once every evaluator has judged all of them. */
  const judgedOf = (fileId: string, evaluatorIds: readonly string[]): Promise<Map<string, string[]>> =>
    eventually(
      'a judgment of every log',
      async () => {
        const logs = await logsOf(fileId);
        const judged = new Map(evaluatorIds.map((id) => [id, logs.map((log) => toldOf(log, id))]));
        if ([...judged.values()].some((all) => all.some((each) => each === null))) {
          await new Promise((resolve) => setTimeout(resolve, 2_000));
          return null;
        }
        return judged as Map<string, string[]>;
      },
      120_000,
    );
  const toldOf = ({ evaluator_logs: all }: Log, evaluatorId: string): string | null => {
    const its = all.find(({ evaluator }) => evaluator.id === evaluatorId) as
      | (Answer & Pick<Told, 'error' | 'reason' | 'judgment'>)
      | undefined;
    if (its === undefined) return null;
    const { error, judgment } = its;
    const outcome = error !== null ? 'failed' : judgment === null ? 'not_judged' : 'judged';
    return JSON.stringify({ outcome, judgment, reason: its.reason ?? null, error });
  };

  it(`in the editor, in a run, in a monitor and in the command, on ${count} logs`, async () => {
    const evaluators: Record<string, { id: string; version_id: string }> = {};
    for (const [name, spec] of Object.entries(specs)) evaluators[name] = await ask('POST', '/evaluators', { path: `equal/${name}`, spec });
    const given = Array.from({ length: count }, (_, n) => ({ inputs: { n: String(n) }, target: { output: `answer ${n}` } }));
    const dataset = await ask<{ id: string; version_id: string }>('POST', '/datasets', { path: 'equal/cases', datapoints: given });
    const { datapoints: all } = await ask<{ datapoints: Datapoint[] }>('GET', `/datasets/${dataset.id}?include_datapoints=true`);
    const datapoints = all.toSorted((a, b) => Number(a.inputs.n) - Number(b.inputs.n));
    const [inRun, watched] = [
      await ask<{ id: string; version_id: string }>('POST', '/flows', { path: 'equal/run', attributes: { n: 1 } }),
      await ask<{ id: string; version_id: string }>('POST', '/flows', { path: 'equal/watched', attributes: { n: 2 } }),
    ];
    for (const { version_id } of Object.values(evaluators))
      await ask('POST', '/monitors', { file_id: watched.id, evaluator: { version_id } });
    const chosen = Object.values(evaluators).map(({ id }) => ({ id }));
    const { id: evaluation } = await ask<{ id: string }>('POST', '/evaluations', { name: 'equal', evaluators: chosen });
    const run = await ask<{ id: string }>('POST', `/evaluations/${evaluation}/runs`, {
      dataset: { version_id: dataset.version_id },
      version: { version_id: inRun.version_id },
      orchestrated: false,
    });
    const logs = await logAll('equal/run', datapoints, { run_id: run.id, flow: { attributes: { n: 1 } } });
    await logAll('equal/watched', datapoints, { flow: { attributes: { n: 2 } } });
    const evaluatorIds = Object.values(evaluators).map(({ id }) => id);
    const inRuns = await judgedOf(inRun.id, evaluatorIds);
    const inMonitors = await judgedOf(watched.id, evaluatorIds);
    const subjects = (await logsOf(inRun.id)).map((log, n) => ({ log: judgedLog(log), testcase: judgedDatapoint(datapoints[n] as never) }));
    const bench = openWorkbench({}, () => undefined);
    const none = (): never => {
      throw new Error('There is no model here.');
    };
    const means = { sandbox: bench.sandbox, provider: none, concurrency: 4, signal: new AbortController().signal, spent: () => undefined };
    try {
      for (const [name, spec] of Object.entries(specs)) {
        const editor: string[] = [];
        for (let i = 0; i < count; i += atOnce) {
          const body = { evaluator: { spec }, log_ids: logs.slice(i, i + atOnce) };
          const { judgments } = await ask<{ judgments: Told[] }>('POST', '/evaluators/try', body);
          editor.push(...judgments.map(({ outcome, judgment, reason, error }) => JSON.stringify({ outcome, judgment, reason, error })));
        }
        const local = (await judgeBySpec(spec as never, subjects as never, means)).map((judged) =>
          JSON.stringify({
            outcome: judged.outcome,
            judgment: judged.outcome === 'judged' ? judged.value : null,
            reason: judged.outcome === 'failed' ? null : judged.reason,
            error: judged.outcome === 'failed' ? judged.error : null,
          }),
        );
        const evaluatorId = evaluators[name]?.id ?? '';
        // Not all of one kind: the comparison looked at something.
        expect(new Set(editor).size).toBeGreaterThan(name === 'library' ? 1 : 100);
        expect(local).toEqual(editor);
        expect(inRuns.get(evaluatorId)).toEqual(editor);
        expect(inMonitors.get(evaluatorId)).toEqual(editor);
      }
    } finally {
      await bench.close();
    }
  });
});
