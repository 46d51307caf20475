import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createSandbox, type Item, type Language, type Outcome, type RunOptions } from './index.ts';
import { findPython } from './launch.ts';

const told: { fields: object; message: string }[] = [];
const log = {
  info: (fields: object, message: string) => void told.push({ fields, message }),
  warn: (fields: object, message: string) => void told.push({ fields, message }),
};
const sandbox = createSandbox({ log });
afterAll(() => sandbox.close());

const python = await findPython(null);
const noPython = 'missing' in python ? python.missing : null;
const languages: Language[] = noPython === null ? ['javascript', 'typescript', 'python'] : ['javascript', 'typescript'];

const judge = (language: Language, source: string, item: Item = { log: { output: 'x' } }, options: RunOptions = {}) =>
  sandbox.judge({ tenant: 'test', language, source }, item, options);
const withoutTime = (outcome: Outcome) => ({ ...outcome, ms: 0 });

/** The same evaluator in every language. */
function sources(bodies: Record<'javascript' | 'python', string>): Record<Language, string> {
  const script = (type: string) => `function evaluate(log${type}, testcase${type}) {\n${bodies.javascript}\n}`;
  return {
    javascript: script(''),
    typescript: script(': any'),
    python: `def evaluate(log, testcase=None):\n${bodies.python.replace(/^/gm, '    ')}`,
  };
}

describe.skipIf(noPython !== null)(`Python${noPython === null ? '' : ` (skipped: ${noPython})`}`, () => {
  it('says which level this machine has, in the log too', async () => {
    const { level, javascript, python: found } = await sandbox.probe();
    expect(['hardened', 'hardened+ns']).toContain(level);
    expect(javascript.walls).not.toBe('wasm-only');
    expect(found.modules).toContain('statistics');
    expect(found.missing).toEqual([]);
    expect(told.at(-1)?.fields).toMatchObject({ sandbox: level });
  });

  it('gives classes, generators, dataclasses and coroutines their usual meaning', async () => {
    const source = `
from __future__ import annotations
from dataclasses import dataclass, field
import enum, statistics, re

@dataclass
class Score:
    parts: list[float] = field(default_factory=list)

class Grade(enum.Enum):
    good = 1

async def total(parts):
    return sum(x for x in parts)

async def evaluate(log):
    score = Score([1.0, 2.5])
    return {"value": await total(score.parts), "reason": f"{Grade.good.name} {statistics.mean(score.parts)}"}
`;
    expect(await judge('python', source)).toMatchObject({ outcome: 'value', value: 3.5, reason: 'good 1.75' });
  });

  it('names the modules that are not there, where they are imported and where they are used', async () => {
    const source = 'import json\ndef evaluate(log):\n    import pandas.io\n    return True';
    const checked = await sandbox.check({ tenant: 'test', language: 'python', source });
    expect(checked).toMatchObject({ missing: [{ module: 'pandas.io', line: 3 }], entry: 'evaluate', parameters: ['log'] });
    expect(await judge('python', source)).toMatchObject({ outcome: 'error', line: 3, message: expect.stringContaining('pandas') });
  });

  it('calls a function by the names of its arguments and takes any JSON back', async () => {
    const program = {
      tenant: 'test',
      language: 'python' as const,
      source: 'def first(a):\n    return 1\n\ndef tool(a, b=2):\n    return {"sum": a + b, "all": [a, None]}',
    };
    expect(await sandbox.call(program, { a: 1 })).toMatchObject({ outcome: 'value', value: { json: { sum: 3, all: [1, null] } } });
    expect(await sandbox.call({ ...program, entry: 'first' }, { a: 1 })).toMatchObject({ value: { json: 1 } });
    expect(await sandbox.call(program, { c: 1 })).toMatchObject({ outcome: 'error', message: expect.stringContaining("'c'") });
  });

  it('goes on with the rows after one that ends its process', async () => {
    const source =
      'import os, time\ndef evaluate(log):\n    if log["n"] == 7: os._exit(1)\n    if log["n"] == 9: time.sleep(9)\n    return log["n"]';
    const items = Array.from({ length: 12 }, (_, n) => ({ log: { n } }));
    const outcomes = await sandbox.judgeMany({ tenant: 'test', language: 'python', source }, items, { limits: { wallMs: 300 } });
    const ended = [0, 1, 2, 3, 4, 5, 6, 'error', 8, 'timeout', 10, 11];
    expect(outcomes.map((outcome) => (outcome.outcome === 'value' ? outcome.value : outcome.outcome))).toEqual(ended);
  });

  it('leaves nothing of a row to the next of its batch', async () => {
    const source = 'seen = []\ndef evaluate(log):\n    seen.append(1)\n    return len(seen)';
    const outcomes = await sandbox.judgeMany({ tenant: 'test', language: 'python', source }, [{ log: {} }, { log: {} }, { log: {} }]);
    expect(outcomes.map((outcome) => outcome.outcome === 'value' && outcome.value)).toEqual([1, 1, 1]);
  });

  it('tells an interpreter that is not there, and jails JavaScript all the same', async () => {
    const other = createSandbox({ log, python: '/nowhere/python' });
    expect(await other.probe()).toMatchObject({
      level: 'python-disabled',
      python: { walls: 'disabled', why: 'there is no /nowhere/python' },
    });
    const item = { log: { output: 'x' } };
    expect(await other.judge({ tenant: 't', language: 'python', source: 'def f(log): return True' }, item)).toMatchObject({
      outcome: 'unavailable',
      message: 'python cannot run here: there is no /nowhere/python',
    });
    expect((await other.judge({ tenant: 't', language: 'javascript', source: 'const f = () => true' }, item)).outcome).toBe('value');
    await other.close();
  });

  it('names a module of the operator that cannot be loaded', async () => {
    const other = createSandbox({ log, modules: ['whetstone_nowhere'] });
    const { python: state } = await other.probe();
    expect(state.missing).toEqual([{ module: 'whetstone_nowhere', why: expect.stringContaining('No module named') }]);
    await other.close();
  });

  it('leaves no process behind when its host is killed', async () => {
    const program = `import { createSandbox } from ${JSON.stringify(join(import.meta.dirname, 'index.ts'))};
      const sandbox = createSandbox({ log: { info() {}, warn() {} }, concurrency: 1 });
      const item = { log: {} };
      await sandbox.judge({ tenant: 't', language: 'python', source: 'def f(log): return 1' }, item);
      void sandbox.judge({ tenant: 't', language: 'python', source: 'import time\\ndef f(log): time.sleep(60)' }, item, { limits: { wallMs: 60000 } });
      void sandbox.judge({ tenant: 't', language: 'javascript', source: 'const f = () => { for (;;); }' }, item, { limits: { wallMs: 60000 } });
      setTimeout(() => process.stdout.write('busy'), 1500);`;
    const host = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => void host.stdout.once('data', resolve));
    const children = descendants(host.pid as number);
    expect(children.length).toBeGreaterThanOrEqual(3);
    host.kill('SIGKILL');
    await expect.poll(() => children.filter((pid) => existsSync(`/proc/${pid}`)), { timeout: 5_000 }).toEqual([]);
  });
});

describe.each(languages)('%s', (language) => {
  const of = (javascript: string, inPython: string): string => sources({ javascript, python: inPython })[language];

  it.each([
    ['a boolean', 'return log.output === "x"', 'return log["output"] == "x"', true, null],
    ['a number', 'return 0.25', 'return 0.25', 0.25, null],
    ['text', 'return log.output', 'return log["output"]', 'x', null],
    ['a list of texts', 'return ["a", "b"]', 'return ["a", "b"]', ['a', 'b'], null],
    ['a value with a reason', 'return { value: 1, reason: "why" }', 'return {"value": 1, "reason": "why"}', 1, 'why'],
    ['a judgment with a reason', 'return { judgment: false, reason: "why" }', 'return {"judgment": False, "reason": "why"}', false, 'why'],
    ['zero, which is a value', 'return 0', 'return 0', 0, null],
  ])('takes %s', async (_, javascript, inPython, value, reason) => {
    expect(await judge(language, of(javascript, inPython))).toMatchObject({ outcome: 'value', value, reason });
  });

  it.each([
    ['nothing', 'return', 'return None', 'nothing'],
    ['a number that is none', 'return NaN', 'return float("nan")', 'not-finite'],
    ['an endless number', 'return Infinity', 'return float("inf")', 'not-finite'],
    ['an object without a value', 'return { a: 1 }', 'return {"a": 1}', 'wrong-type'],
    ['a list of numbers', 'return [1, 2]', 'return [1, 2]', 'wrong-type'],
  ])('tells %s apart', async (_, javascript, inPython, problem) => {
    expect(await judge(language, of(javascript, inPython))).toMatchObject({ outcome: 'invalid', problem });
  });

  it('keeps what is printed, up to a cap', async () => {
    const some = await judge(language, of('console.log("a", 1); return true', 'print("a", 1)\nreturn True'));
    expect(some).toMatchObject({ outcome: 'value', stdout: 'a 1\n', stdoutCut: false });
    const much = await judge(
      language,
      of('for (let i = 0; i < 2e4; i++) console.log("0123456789"); return true', 'for i in range(20000): print("0123456789")\nreturn True'),
    );
    expect(much).toMatchObject({ outcome: 'value', stdoutCut: true });
    expect(much.stdout.length).toBeLessThanOrEqual(64 << 10);
  });

  it('says what went wrong, and on which line', async () => {
    const outcome = await judge(language, of('const a = 1;\nnull.x;', 'a = 1\nNone.x'));
    expect(outcome).toMatchObject({ outcome: 'error', message: expect.stringMatching(/^(TypeError|AttributeError): /), line: 3 });
    const broken = await judge(language, of('return 1 +;', 'return 1 +'));
    expect(broken).toMatchObject({ outcome: 'error', message: expect.stringMatching(/^SyntaxError: /), line: 2 });
  });

  it('checks a source without running it', async () => {
    const fine = await sandbox.check({ tenant: 'test', language, source: of('for (;;);', 'while True: pass') });
    expect(fine).toEqual({
      outcome: 'checked',
      problems: [],
      entry: 'evaluate',
      parameters: fine.outcome === 'checked' ? fine.parameters : [],
      missing: [],
    });
    const broken = await sandbox.check({ tenant: 'test', language, source: of('return (', 'return (') });
    expect(broken).toMatchObject({ problems: [{ line: expect.any(Number), column: expect.any(Number) }] });
  });

  it('gives the testcase to those that take it', async () => {
    const two = of('return testcase.target === log.output', 'return testcase["target"] == log["output"]');
    expect(await judge(language, two, { log: { output: 'x' }, testcase: { target: 'x' } })).toMatchObject({ value: true });
    const one =
      language === 'python'
        ? 'def output_not_null(log):\n    return log["output"] is not None'
        : 'function f(log) { return log.output !== null }';
    expect(await judge(language, one, { log: { output: 'x' }, testcase: { target: 'x' } })).toMatchObject({ value: true });
  });

  it('calls the last function that is defined', async () => {
    const source =
      language === 'python' ? 'def a(log): return 1\ndef b(log): return 2' : 'function a(log) { return 1 }\nconst b = (log) => 2;';
    expect(await judge(language, source)).toMatchObject({ value: 2 });
    expect(await judge(language, 'x = 1')).toMatchObject({ outcome: 'error' });
  });

  it('lets code ask, counts, and stops the clock meanwhile', async () => {
    const asked: unknown[] = [];
    const ask = async (request: unknown) => {
      asked.push(request);
      await new Promise((resolve) => setTimeout(resolve, 400));
      return { answer: 42 };
    };
    const source =
      language === 'python'
        ? 'def f(log):\n    return ask("what", model="m")["answer"]'
        : 'async function f(log) { return (await ask("what", { model: "m" })).answer }';
    const outcome = await judge(language, source, undefined, { ask, limits: { wallMs: 300 } });
    expect(outcome).toMatchObject({ outcome: 'value', value: 42 });
    expect(outcome.ms).toBeLessThan(400);
    expect(asked).toEqual([{ input: 'what', model: 'm' }]);

    const many =
      language === 'python'
        ? 'def f(log):\n    for i in range(99): ask(i)'
        : 'async function f(log) { for (let i = 0; i < 99; i++) await ask(i) }';
    let count = 0;
    expect(await judge(language, many, undefined, { ask: async () => ++count })).toMatchObject({
      outcome: 'error',
      message: expect.stringContaining('20 times'),
    });
    expect(count).toBe(20);
  });

  it('passes on why a question has no answer', async () => {
    const source =
      language === 'python'
        ? 'def f(log):\n    try:\n        ask(1)\n    except Exception as e:\n        return str(e)'
        : 'async function f(log) { try { await ask(1) } catch (e) { return e.message } }';
    expect(await judge(language, source, undefined, { ask: () => Promise.reject(new Error('no budget')) })).toMatchObject({
      value: 'no budget',
    });
    expect(await judge(language, source)).toMatchObject({ value: 'ask() is not available here' });
  });

  it('refuses what is too large before it runs', async () => {
    expect(
      await judge(language, `${sources({ javascript: 'return 1', python: 'return 1' })[language]}\n${' '.repeat(300_000)}`),
    ).toMatchObject({ outcome: 'too-large' });
    expect(await judge(language, of('return 1', 'return 1'), { log: { output: 'x'.repeat(6 << 20) } })).toMatchObject({
      outcome: 'too-large',
    });
    expect(
      await judge(language, of('return log.output.length', 'return len(log["output"])'), { log: { output: 'x'.repeat(5 << 20) } }),
    ).toMatchObject({ value: 5 << 20 });
  });

  it('stops when it is told to', async () => {
    const controller = new AbortController();
    const running = judge(language, of('for (;;);', 'while True: pass'), undefined, { signal: controller.signal });
    setTimeout(() => controller.abort(new Error('enough')), 100);
    await expect(running).rejects.toThrow('enough');
  });

  it('judges alike wherever it runs: one by one, in a batch, in another process, with and without namespaces', async () => {
    const source = of(
      'console.log(Math.random(), new Date().toISOString(), Object.keys(log)); if (log.n % 7 === 0) throw new Error("seven " + log.n); return { value: log.n / 3, reason: [...new Set(["b", "a"])].join() }',
      'import random, datetime, uuid\nprint(random.random(), datetime.datetime.now(), uuid.uuid4(), set("abc"))\nif log["n"] % 7 == 0: raise ValueError(f"seven {log[\'n\']}")\nreturn {"value": log["n"] / 3, "reason": str(set(["b", "a"]))}',
    );
    const items = Array.from({ length: 60 }, (_, n) => ({
      log: { id: `log_${n}`, created_at: `2026-01-01T00:00:${String(n).padStart(2, '0')}Z`, n },
    }));
    const program = { tenant: 'test', language, source };
    const batch = (await sandbox.judgeMany(program, items)).map(withoutTime);
    const single = [];
    for (const item of items) single.push(withoutTime(await sandbox.judge(program, item)));
    const other = createSandbox({ log, namespaces: false, concurrency: 1 });
    const elsewhere = (await other.judgeMany({ ...program, tenant: 'another' }, items)).map(withoutTime);
    await other.close();
    expect(new Set(batch.map((outcome) => outcome.stdout)).size).toBe(items.length);
    expect(JSON.stringify(single)).toBe(JSON.stringify(batch));
    expect(JSON.stringify(elsewhere)).toBe(JSON.stringify(batch));
  });
});

it('gives every row of a JavaScript batch an engine as new, also where rows print and where they do not', async () => {
  const source = `let seen = 0;
    function evaluate(log) {
      if (Array.prototype.left || globalThis.left) return -1;
      if (log.n % 3 === 0) { Array.prototype.left = true; globalThis.left = new Uint8Array(9e6).fill(7); JSON.parse = () => 0; }
      return ++seen + Math.random();
    }`;
  const items = Array.from({ length: 30 }, (_, n) => ({ log: { id: 'log_same', n } }));
  const plain = await sandbox.judgeMany({ tenant: 'test', language: 'javascript', source }, items);
  const printing = await sandbox.judgeMany(
    { tenant: 'test', language: 'javascript', source: source.replace('++seen', 'console.log(log.n) ?? ++seen') },
    items,
  );
  const values = [...plain, ...printing].map((outcome) => outcome.outcome === 'value' && outcome.value);
  expect(new Set(values).size).toBe(1);
  expect(values[0]).toBeGreaterThan(1);
  expect(printing.map(({ stdout }) => stdout)).toEqual(items.map(({ log: { n } }) => `${n}\n`));
});

it('takes turns between tenants', async () => {
  const one = createSandbox({ log, concurrency: 1 });
  const order: string[] = [];
  const source = 'function f(log) { return true }';
  const call = async (tenant: string) => {
    await one.judge({ tenant, language: 'javascript', source }, { log: {} });
    order.push(tenant);
  };
  await call('a');
  order.length = 0;
  await Promise.all([call('a'), call('a'), call('a'), call('a'), call('b')]);
  expect(order.indexOf('b')).toBeLessThan(3);
  await one.close();
});

it('keeps no process when nothing is asked of it', async () => {
  const short = createSandbox({ log, idleMs: 100 });
  expect(short.state()).toBeNull();
  const before = descendants(process.pid).length;
  await short.judge({ tenant: 'a', language: 'javascript', source: 'const f = () => true' }, { log: {} });
  await expect.poll(() => descendants(process.pid).length, { timeout: 10_000 }).toBeLessThanOrEqual(before);
  await short.close();
});

it('reads types away, and says where TypeScript goes further than that', async () => {
  const source = 'interface Log { output: string }\nexport const evaluate = (log: Log): boolean => (log.output as string) === "x";';
  expect(await judge('typescript', source)).toMatchObject({ value: true });
  const checked = await sandbox.check({
    tenant: 'test',
    language: 'typescript',
    source: 'const a = 1;\n  enum Grade { good }\nconst f = () => 1',
  });
  expect(checked).toMatchObject({ problems: [{ line: 2, column: 3, message: expect.stringContaining('enum') }] });
});

/** Processes below one. */
function descendants(pid: number): number[] {
  const below = new Map<number, number[]>();
  for (const own of readdirSync('/proc').map(Number).filter(Number.isInteger)) {
    const stat = statOf(own);
    if (stat !== null && stat.state !== 'Z') below.set(stat.parent, [...(below.get(stat.parent) ?? []), own]);
  }
  const walk = (one: number): number[] => (below.get(one) ?? []).flatMap((child) => [child, ...walk(child)]);
  return walk(pid);
}

function statOf(pid: number): { state: string; parent: number } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state = '', parent = ''] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state, parent: Number(parent) };
  } catch {
    return null;
  }
}
