import { createSandbox, type Item, type Language } from '@whetstone/sandbox';
import { type Figure, quantile } from './report.ts';

/** Judgments before the first that counts: runners get faster while V8 compiles them. */
const warmUp = 300;
const log = { info: () => undefined, warn: () => undefined };
const evaluators: Record<Language, string> = {
  javascript: 'function evaluate(log, testcase) { return { value: log.output === testcase.target, reason: "exact" } }',
  typescript: 'const evaluate = (log: { output: string }, testcase: { target: string }): boolean => log.output === testcase.target;',
  python: 'def evaluate(log, testcase):\n    return {"value": log["output"] == testcase["target"], "reason": "exact"}',
};

/** Other people's code: one judgment when runners are warm, one after another as an editor asks; and many rows at once, as a run does. */
export async function benchSandbox(quick: boolean): Promise<Figure[]> {
  const sandbox = createSandbox({ log });
  const { level, python } = await sandbox.probe();
  const figures: Figure[] = [];
  const singles = quick ? 200 : 1_000;
  try {
    for (const [language, boundMs] of [
      ['javascript', 1],
      ['typescript', undefined],
      ['python', 3],
    ] as const) {
      if (language === 'python' && python.walls === 'disabled') continue;
      const ms = await oneByOne(sandbox, language, singles);
      const bound = boundMs === undefined ? {} : { bound: { op: '<=' as const, value: boundMs } };
      figures.push({
        suite: 'sandbox',
        name: `one judgment in ${language}, p50`,
        value: quantile(ms, 0.5),
        unit: 'ms',
        ...bound,
        note: level,
      });
      figures.push({ suite: 'sandbox', name: `one judgment in ${language}, p95`, value: quantile(ms, 0.95), unit: 'ms' });
    }
    for (const [language, bound] of [
      ['javascript', undefined],
      ['python', 20_000],
    ] as const) {
      if (language === 'python' && python.walls === 'disabled') continue;
      const rows = language === 'python' ? (quick ? 10_000 : 50_000) : quick ? 1_000 : 5_000;
      const value = await manyAtOnce(sandbox, language, rows);
      figures.push({
        suite: 'sandbox',
        name: `rows at once in ${language}`,
        value,
        unit: 'rows/s',
        ...(bound === undefined ? {} : { bound: { op: '>=' as const, value: bound } }),
        note: level,
      });
    }
  } finally {
    await sandbox.close();
  }
  return figures;
}

type Runs = Pick<ReturnType<typeof createSandbox>, 'judge' | 'judgeMany'>;

async function oneByOne(sandbox: Runs, language: Language, count: number): Promise<number[]> {
  const program = { tenant: 'bench', language, source: evaluators[language] };
  const times: number[] = [];
  for (const [index, item] of items(count + warmUp).entries()) {
    const since = performance.now();
    const { outcome } = await sandbox.judge(program, item);
    if (outcome !== 'value') throw new Error(`a judgment ended as ${outcome}`);
    if (index >= warmUp) times.push(performance.now() - since);
  }
  return times;
}

async function manyAtOnce(sandbox: Runs, language: Language, count: number): Promise<number> {
  const program = { tenant: 'bench', language, source: evaluators[language] };
  await sandbox.judgeMany(program, items(200));
  const rows = items(count);
  const since = performance.now();
  const outcomes = await sandbox.judgeMany(program, rows);
  const seconds = (performance.now() - since) / 1000;
  if (outcomes.some(({ outcome }) => outcome !== 'value')) throw new Error('a judgment did not end in a value');
  return count / seconds;
}

function items(count: number): Item[] {
  return Array.from({ length: count }, (_, n) => ({
    log: { id: `log_${n}`, created_at: '2026-01-02T03:04:05Z', output: `answer ${n % 3}`, inputs: { question: 'What is it?' } },
    testcase: { target: 'answer 1' },
  }));
}
