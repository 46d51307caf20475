import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { judgeLogs, Whetstone as Client } from '../../sdk/src/index.ts';
import { startWhetstone, type Whetstone } from './whetstone.ts';

const cli = join(resolve(import.meta.dirname, '../..'), 'sdk/src/cli/main.ts');

describe('whetstone judge', { timeout: 120_000 }, () => {
  let whetstone: Whetstone;
  let api: Client['api'];
  let here: string;
  let evaluator: string;
  let number = 0;

  beforeAll(async () => {
    whetstone = await startWhetstone({ unchecked: true });
    ({ api } = new Client({ apiKey: whetstone.apiKey, baseUrl: whetstone.url, logging: false }));
    here = mkdtempSync(join(tmpdir(), 'whetstone-judge-'));
    for (let n = 0; n < 12; n += 1)
      await api.prompts.log({ path: 'shop/answer', prompt: { model: 'm' }, inputs: { n: String(n) }, output: n % 3 === 0 ? 'no' : 'yes' });
    write(
      'judge.ts',
      `export default (log: { output: string }) => ({ judgment: log.output === 'yes', reason: 'it says ' + log.output });\n`,
    );
    write('judge.py', 'def evaluate(log, testcase):\n    print("thinking")\n    return log["output"] == "yes"\n');
  });
  afterAll(async () => {
    rmSync(here, { recursive: true, force: true });
    await whetstone?.close();
  });
  beforeEach(async () => {
    evaluator = `judges/outside-${(number += 1)}`;
    const spec = { evaluator_type: 'external' as const, arguments_type: 'target_free' as const, return_type: 'boolean' as const };
    await api.evaluators.upsert({ path: evaluator, spec });
  });

  const write = (name: string, text: string): void => writeFileSync(join(here, name), text);
  const judge = (...args: string[]): Promise<{ code: number | null; out: string; err: string }> =>
    new Promise((done) => {
      const env = {
        PATH: process.env['PATH'] ?? '',
        WHETSTONE_API_KEY: whetstone.apiKey,
        WHETSTONE_BASE_URL: whetstone.url,
        NO_COLOR: '1',
      };
      const child = spawn(process.execPath, [cli, 'judge', ...args], { cwd: here, env });
      let [out, err] = ['', ''];
      child.stdout.on('data', (text: Buffer) => (out += text.toString()));
      child.stderr.on('data', (text: Buffer) => (err += text.toString()));
      child.on('close', (code) => done({ code, out, err }));
    });
  const judged = async () => {
    const { records } = await api.logs.list({ filter: 'file:shop/answer', size: 100 });
    return records.flatMap((log) =>
      (log.evaluator_logs as { evaluator: { path: string }; judgment: unknown; reason: string | null; error: string | null }[])
        .filter((one) => one.evaluator.path === evaluator)
        .map((one) => ({ output: log.output, judgment: one.judgment, reason: one.reason, error: one.error })),
    );
  };

  it.each(['judge.ts', 'judge.py'])('posts what %s says of each log, once', async (file) => {
    const ran = await judge(evaluator, '--logs', 'file:shop/answer', file);
    expect(ran).toMatchObject({ code: 0, out: 'Judged 12 logs.\n' });
    const all = await judged();
    expect(all).toHaveLength(12);
    for (const { output, judgment } of all) expect(judgment).toBe(output === 'yes');
    if (file === 'judge.ts') expect(all[0]?.reason).toMatch(/^it says/);
    expect(await judge(evaluator, '--logs', 'file:shop/answer', file)).toMatchObject({
      code: 0,
      out: 'Judged 0 logs, 12 were judged before.\n',
    });
  });

  it('speaks JSON lines with any program, in any order, many at once', async () => {
    write(
      'shuffled.mjs.txt',
      `let text = ''; process.stdin.on('data', (d) => { text += d; const lines = text.split('\\n'); text = lines.pop();
        for (const line of lines.reverse()) { const { log_id, log } = JSON.parse(line);
          setTimeout(() => console.log(JSON.stringify({ log_id, judgment: log.output === 'yes' })), Math.random() * 30); } });`,
    );
    const ran = await judge(
      evaluator,
      '--logs',
      'file:shop/answer',
      '-c',
      '5',
      '--',
      process.execPath,
      '-e',
      `eval(require('fs').readFileSync('shuffled.mjs.txt', 'utf8'))`,
    );
    expect(ran).toMatchObject({ code: 0 });
    for (const { output, judgment } of await judged()) expect(judgment).toBe(output === 'yes');
  });

  it('goes on where it was cut off by a process that died', async () => {
    write('dying.ts', `let n = 0; export default () => { n += 1; if (n > 5) process.exit(3); return true; };\n`);
    const first = await judge(evaluator, '--logs', 'file:shop/answer', '-c', '1', 'dying.ts');
    expect(first.code).toBe(1);
    expect(first.err).toContain('status 3');
    expect(await judged()).toHaveLength(5);
    expect(await judge(evaluator, '--logs', 'file:shop/answer', 'judge.ts')).toMatchObject({
      code: 0,
      out: 'Judged 7 logs, 5 were judged before.\n',
    });
    expect(await judged()).toHaveLength(12);
  });

  it('leaves failed judgments for what throws and for values that the evaluator cannot give, and says so', async () => {
    write('odd.ts', `export default (log) => { if (log.output === 'no') throw new Error('I cannot'); return 'maybe'; };\n`);
    const ran = await judge(evaluator, '--logs', 'file:shop/answer', 'odd.ts');
    expect(ran).toMatchObject({ code: 1, out: 'Judged 0 logs, 12 failed.\n' });
    const all = await judged();
    expect(all.filter(({ error }) => error === 'I cannot')).toHaveLength(4);
    expect(all.every(({ judgment, error }) => judgment === null && error !== null)).toBe(true);
  });

  it.each([
    [['--logs', 'file:shop/answer'], 'whetstone judge EVALUATOR'],
    [['judge.ts'], 'Say which logs'],
    [['--logs', 'file:shop/answer', 'no-such-program-here'], 'cannot be started'],
    [['--logs', 'file:shop/answer', '-c', 'x', 'judge.ts'], 'whole number'],
  ])('says what is off about %j', async (args, said) => {
    const ran = await judge(evaluator, ...args);
    expect(ran.code).toBe(2);
    expect(ran.err).toContain(said);
  });

  it('says that there is no such evaluator', async () => {
    expect(await judge('judges/nobody', '--logs', 'file:shop/answer', 'judge.ts')).toMatchObject({ code: 1, out: '' });
  });

  it('is a function of the SDK', async () => {
    const seen: unknown[] = [];
    const told = await judgeLogs(api, {
      evaluator,
      filter: 'file:shop/answer',
      limit: 4,
      judge: ({ log, testcase }) => {
        seen.push([log['output'], testcase]);
        return { judgment: true, reason: 'so' };
      },
    });
    expect(told).toEqual({ judged: 4, failed: 0, skipped: 0 });
    expect(seen).toHaveLength(4);
  });
});
