import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Whetstone as Client } from '../../sdk/src/index.ts';
import { judgeBySpec } from '../../sdk/src/eval/local/judge.ts';
import { openWorkbench } from '../../sdk/src/eval/local/run.ts';
import { judgedLog } from '../../domain/src/index.ts';
import { startWhetstone, type Whetstone } from './whetstone.ts';

const root = resolve(import.meta.dirname, '../..');
const cli = join(root, 'sdk/src/cli/main.ts');

interface Ran {
  code: number | null;
  out: string;
  err: string;
}

describe('whetstone eval', { timeout: 240_000 }, () => {
  let whetstone: Whetstone;
  let api: Client['api'];
  let here: string;

  beforeAll(async () => {
    whetstone = await startWhetstone({ unchecked: true });
    ({ api } = new Client({ apiKey: whetstone.apiKey, baseUrl: whetstone.url, logging: false }));
    here = mkdtempSync(join(tmpdir(), 'whetstone-eval-'));
    mkdirSync(join(here, 'node_modules/@whetstone'), { recursive: true });
    symlinkSync(join(root, 'sdk'), join(here, 'node_modules/@whetstone/sdk'));
    write('cases.csv', `n,target\n${Array.from({ length: 40 }, (_, n) => `${n},answer ${n}`).join('\n')}\n`);
    write('polite.py', 'def evaluate(log, testcase):\n    return {"value": "answer" in log["output"], "reason": "looked for it"}\n');
    write(
      'answers.eval.ts',
      `import { code, evaluate, library } from '@whetstone/sdk/eval';
      const wrong = Number(process.env.WRONG ?? 0);
      evaluate('answers', {
        data: 'cases.csv',
        task: ({ n }) => (Number(n) < wrong ? 'no idea' : \`answer \${n}\`),
        scores: [library('exact'), code('polite.py'), function mine({ output, target }) { return output === target; }],
        rules: { exact: { atLeast: 0.6 } },
      });`,
    );
  });
  afterAll(async () => {
    rmSync(here, { recursive: true, force: true });
    await whetstone?.close();
  });

  const write = (name: string, text: string): void => writeFileSync(join(here, name), text);
  const read = (name: string): string => readFileSync(join(here, name), 'utf8');
  const evaluate = (args: string[], env: Record<string, string> = {}, interrupt: RegExp | null = null): Promise<Ran> =>
    new Promise((done) => {
      const server = { WHETSTONE_API_KEY: whetstone.apiKey, WHETSTONE_BASE_URL: whetstone.url };
      const bare = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', NO_COLOR: '1' };
      const child = spawn(process.execPath, [cli, 'eval', ...args], {
        cwd: here,
        env: { ...bare, ...(args.includes('--local') ? {} : server), ...env },
      });
      const ran: Ran = { code: null, out: '', err: '' };
      let interrupted = false;
      child.stdout.on('data', (part: Buffer) => (ran.out += part.toString()));
      child.stderr.on('data', (part: Buffer) => {
        ran.err += part.toString();
        // Twice would end it at once.
        if (interrupted || interrupt?.test(ran.err) !== true) return;
        interrupted = true;
        child.kill('SIGINT');
      });
      child.on('close', (code) => done({ ...ran, code }));
    });

  describe('without a server', () => {
    it('passes, writes JUnit, Markdown and JSON, and is a baseline by its file', async () => {
      const good = await evaluate(['--local', '--json', 'good.json', '--junit', 'good.xml', '--markdown', 'good.md']);
      expect(good).toMatchObject({ code: 0, err: '' });
      expect(good.out).toMatch(/exact \*\s+100\.0 %\s+91\.\d % to 100\.0 %/);
      expect(read('good.xml')).toContain('<testsuites name="whetstone eval" tests="121" failures="0" errors="0" skipped="0">');
      expect(read('good.md')).toContain('### ✅ answers: passed');
    });

    it('fails with 1 for what is worse and says so, in every form', async () => {
      const bad = await evaluate(['--local', '--baseline', 'file:good.json', '--junit', 'bad.xml', '--markdown', 'bad.md'], {
        WRONG: '12',
      });
      expect(bad.code).toBe(1);
      expect(bad.out).toMatch(/× exact: This run is worse by \d+\.\d to \d+\.\d points\./);
      // 70 % is over the rule of 60 %.
      expect(bad.out).not.toContain('Broken');
      expect(bad.out).toContain('said: no idea');
      expect(read('bad.xml')).toMatch(/<failure message="exact: This run is worse/);
      expect(read('bad.md')).toContain('❌ answers: failed');
    });

    it('fails with 1 for a rule that is broken, without a baseline', async () => {
      const broken = await evaluate(['--local'], { WRONG: '30' });
      expect(broken.code).toBe(1);
      expect(broken.out).toMatch(/× exact: rule: Broken\. This run: 25\.0 % \(.*\), asked for at least 60\.0 %\./);
    });

    it('passes with a warning where the sample cannot tell, and fails for it with --strict', async () => {
      const args = ['--local', '--baseline', 'good.json'];
      const unsure = await evaluate(args, { WRONG: '2' });
      expect(unsure).toMatchObject({ code: 0 });
      expect(unsure.out).toMatch(/! exact: Cannot tell with this many cases/);
      const strict = await evaluate([...args, '--strict'], { WRONG: '2' });
      expect(strict.code).toBe(1);
      expect(strict.out).toContain('(--strict)');
      // Under the rule by the estimate alone.
      const doubtful = await evaluate(['--local'], { WRONG: '18' });
      expect(doubtful.code).toBe(0);
      expect(doubtful.out).toMatch(/! exact: rule: Cannot tell with this many cases\. This run: 55\.0 %/);
    });

    it('ends with 2 when it cannot be measured: no provider, all failed, a bad file, a bad baseline', async () => {
      write(
        'model.eval.yaml',
        'name: model\ndata: [{ inputs: { q: a } }]\ntask: { model: demo-small, messages: [{ role: user, content: "{{q}}" }] }\nscores: [pii]\n',
      );
      write(
        'fails.eval.mjs',
        `import { evaluate, library } from '@whetstone/sdk/eval';\nevaluate('fails', { data: [{ inputs: {} }], task: () => { throw new Error('out of order'); }, scores: [library('pii')] });\n`,
      );
      write('typo.eval.yaml', 'name: typo\ndata: []\nscores: [exakt]\n');
      const said = async (...args: string[]): Promise<[number | null, string]> => {
        const { code, out, err } = await evaluate(['--local', ...args]);
        return [code, out + err];
      };
      expect(await said('model.eval.yaml')).toEqual([2, expect.stringContaining('set OPENAI_API_KEY')]);
      expect(await said('fails.eval.mjs')).toEqual([2, expect.stringContaining('all 1 failed, the first with: out of order')]);
      expect(await said('typo.eval.yaml')).toEqual([2, expect.stringContaining('The library has no evaluator `exakt`')]);
      expect(await said('nothing.eval.ts')).toEqual([2, expect.stringContaining('There is no file nothing.eval.ts')]);
      expect(await said('answers.eval.ts', '--baseline', 'git:main')).toEqual([2, expect.stringContaining('is on a server')]);
      expect(await said('--repeat', 'often')).toEqual([2, expect.stringContaining('--repeat is a whole number')]);
      for (const name of ['model.eval.yaml', 'fails.eval.mjs', 'typo.eval.yaml']) rmSync(join(here, name));
    });

    it('stops when it is interrupted, and says what was done', async () => {
      write(
        'slow.eval.mjs',
        `import { evaluate, library } from '@whetstone/sdk/eval';
        evaluate('slow', { data: Array.from({ length: 400 }, (_, n) => ({ inputs: { n } })), task: async () => { await new Promise((done) => setTimeout(done, 60)); return 'x'; }, scores: [library('pii')] });`,
      );
      const ran = await evaluate(['--local', 'slow.eval.mjs', '--concurrency', '4'], {}, /slow: \d+ of 400/);
      rmSync(join(here, 'slow.eval.mjs'));
      expect(ran.code).toBe(130);
      expect(ran.out).toMatch(/It was interrupted: \d+ of 400 outputs were made/);
    });
  });

  describe('against a server', () => {
    it('keeps the result of a branch, and fails another branch that is worse, on the page as in the job', async () => {
      const main = await evaluate(['answers.eval.ts', '--branch', 'main']);
      expect([main.code, main.out, main.err]).toEqual([0, expect.stringContaining('passed'), '']);
      const topic = await evaluate(['answers.eval.ts', '--branch', 'topic', '--baseline', 'git:main'], { WRONG: '12' });
      expect([topic.code, topic.out]).toEqual([1, expect.stringMatching(/× exact: This run is worse by/)]);
      const id = /evaluations\/(evr_\w+)/.exec(topic.out)?.[1] ?? '';
      const report = await api.reports.get({ id });
      const exact = report.evaluators.find(({ primary }) => primary);
      expect(exact).toMatchObject({ name: 'exact' });
      const interval = /worse by ([\d.]+) to ([\d.]+) points/.exec(topic.out);
      expect(exact?.comparisons.at(-1)?.sentence).toContain(`worse by ${interval?.[1]} to ${interval?.[2]} points`);
      // The function of the file judged too, and its judgments are there.
      expect(report.evaluators.find(({ name }) => name === 'mine')?.scores.at(-1)).toMatchObject({ judged: 40 });
    });

    it('runs a local .prompt against what is deployed, and a saved evaluation by its name', async () => {
      mkdirSync(join(here, 'whetstone/shop'), { recursive: true });
      const prompt = (text: string) =>
        write('whetstone/shop/answer.prompt', `---\nmodel: demo-small\n---\n<user>\n${text} {{word}}\n</user>\n`);
      write(
        'shop.eval.yaml',
        'name: shop\ndata:\n  - inputs: { word: tea }\n  - inputs: { word: pot }\ntask: whetstone/shop/answer.prompt\nscores:\n  - length: { at_least: 1 }\n',
      );
      prompt('Say');
      expect(await evaluate(['shop.eval.yaml'])).toMatchObject({ code: 0 });
      prompt('Please say');
      const second = await evaluate(['shop.eval.yaml', '--baseline', 'env:production']);
      expect([second.code, second.out]).toEqual([0, expect.stringContaining('against shop/answer@production')]);
      prompt('Do say');
      const saved = await evaluate(['shop', '--baseline', 'env:production', '--repeat', '2']);
      expect([saved.code, saved.out]).toEqual([0, expect.stringContaining('2 cases × 2')]);
      const { records } = await api.prompts.listVersions({ id: (await api.files.retrieveByPath({ path: 'shop/answer' })).id });
      expect(records).toHaveLength(3);
    });

    it('ends with 2 when the server is away, the key is none, or nothing is called so', async () => {
      const said = async (args: string[], env: Record<string, string> = {}): Promise<[number | null, string]> => {
        const { code, out, err } = await evaluate(args, env);
        return [code, out + err];
      };
      expect(await said(['answers.eval.ts'], { WHETSTONE_BASE_URL: 'http://127.0.0.1:9' })).toEqual([
        2,
        expect.stringContaining('cannot be reached'),
      ]);
      expect(await said(['answers.eval.ts'], { WHETSTONE_API_KEY: 'nope' })).toEqual([
        2,
        expect.stringContaining('does not know this API key'),
      ]);
      expect(await said(['no such evaluation'])).toEqual([2, expect.stringContaining('no evaluation “no such evaluation”')]);
    });
  });

  it('judges here as the editor does there, byte for byte, errors included', async () => {
    const spec = (language: 'python' | 'javascript', code: string, type: 'boolean' | 'number' | 'text' = 'boolean') =>
      ({ evaluator_type: 'python', arguments_type: 'target_free', return_type: type, language, code }) as const;
    const library = (name: string, options: Record<string, unknown>, type: 'boolean' | 'number' = 'boolean') =>
      ({ evaluator_type: 'external', arguments_type: 'target_free', return_type: type, library: { name, options } }) as const;
    const specs = [
      library('contains', { texts: ['a'] }),
      library('regex', { pattern: '^[a-z ]+\\d*$' }),
      library('readability', {}, 'number'),
      library('exact', {}),
      spec(
        'python',
        'import random, time\ndef evaluate(log):\n    return random.random() + time.time() % 7 + len(log["output"])\n',
        'number',
      ),
      spec('python', 'def evaluate(log):\n    return 1 / (len(log["output"]) - 9)\n', 'number'),
      spec(
        'python',
        'def evaluate(log):\n    if "7" in log["output"]: raise KeyError("seven")\n    return str(sorted(set(log["output"])))\n',
        'text',
      ),
      spec(
        'javascript',
        'function evaluate(log) { return { value: Math.random() + Date.now() % 1000, reason: log.output.split("").reverse().join("") } }',
        'number',
      ),
      spec('javascript', 'const evaluate = (log: any) => log.output.includes("3") ? null!.x : true', 'text'),
      spec('javascript', 'function evaluate(log { }'),
    ];
    const outputs = Array.from({ length: 50 }, (_, n) =>
      `${'ab c\u00e9\ud83d\ude00'.slice(0, (n % 6) + 1)} ${n}\n`.repeat((n % 3) + 1).trim(),
    );
    const made = await api.logs.batch({
      logs: outputs.map((output) => ({ type: 'flow', log: { path: 'equal/logs', output, inputs: { length: output.length } } })),
    });
    const ids = made.results.map(({ id }) => id ?? '');
    const logs = await Promise.all(ids.map(async (id) => judgedLog((await api.logs.get({ id })) as unknown as Record<string, unknown>)));
    const bench = openWorkbench({}, () => undefined);
    const none = () => {
      throw new Error('no model');
    };
    const means = { sandbox: bench.sandbox, provider: none, concurrency: 4, signal: new AbortController().signal, spent: () => undefined };
    try {
      for (const one of specs) {
        const there = (await api.evaluators.try({ evaluator: { spec: one }, log_ids: ids })) as unknown as {
          judgments: { outcome: string; judgment: unknown; reason: string | null; error: string | null }[];
        };
        const local = await judgeBySpec(
          one,
          logs.map((log) => ({ log, testcase: null })),
          means,
        );
        const asThere = local.map((judged) => ({
          outcome: judged.outcome,
          judgment: judged.outcome === 'judged' ? judged.value : null,
          reason: judged.outcome === 'failed' ? null : judged.reason,
          error: judged.outcome === 'failed' ? judged.error : null,
        }));
        const editor = there.judgments.map(({ outcome, judgment, reason, error }) => ({ outcome, judgment, reason, error }));
        expect(JSON.stringify(asThere)).toBe(JSON.stringify(editor));
      }
    } finally {
      await bench.close();
    }
  });
});
