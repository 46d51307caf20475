import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const root = resolve(import.meta.dirname, '../..');
const script = join(root, 'ci-templates/run-eval.sh');

describe('the templates for CI', () => {
  let project: string;
  beforeAll(() => {
    project = mkdtempSync(join(tmpdir(), 'whetstone-ci-'));
    const command = join(project, 'node_modules/.bin/whetstone');
    mkdirSync(join(project, 'node_modules/.bin'), { recursive: true });
    const cli = join(root, 'sdk/src/cli/main.ts');
    writeFileSync(command, `#!/usr/bin/env bash\necho "$@" >words\nexec "${process.execPath}" "${cli}" "$@"\n`);
    chmodSync(command, 0o755);
    writeFileSync(join(project, 'a.eval.yaml'), 'name: a\ndata: [{ inputs: {}, output: yes, target: yes }]\nscores: [exact]\n');
    const failing =
      'name: b\ndata:\n' +
      '  - { inputs: {}, output: no, target: "yes" }\n'.repeat(20) +
      'scores: [exact]\nrules: { exact: { at_least: 0.9 } }\n';
    writeFileSync(join(project, 'b.eval.yaml'), failing);
  });
  afterAll(() => rmSync(project, { recursive: true, force: true }));

  const run = (env: Record<string, string>) => {
    const base = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '' };
    const files = { GITHUB_STEP_SUMMARY: join(project, 'summary.md'), GITHUB_OUTPUT: join(project, 'outputs') };
    for (const file of Object.values(files)) rmSync(file, { force: true });
    const { status, stdout, stderr } = spawnSync('bash', [script], { cwd: project, encoding: 'utf8', env: { ...base, ...files, ...env } });
    return { status, said: stdout + stderr };
  };
  const read = (name: string): string => readFileSync(join(project, name), 'utf8');

  it('run the evaluations and leave a summary, JUnit and outputs', () => {
    const ran = run({ EVAL_FILES: 'a.eval.yaml', EVAL_ARGS: '--local --strict', WHETSTONE_BASE_URL: '' });
    expect(ran).toEqual({ status: 0, said: expect.stringContaining('1 passed.') });
    expect(read('summary.md')).toContain('✅ a: passed');
    expect(read('whetstone-eval.xml')).toContain('<testsuite name="a"');
    expect(read('outputs')).toBe(`status=0\nreport=${join(project, 'whetstone-eval.md')}\n`);
  });

  it('fail the job with the status of the command, having told why', () => {
    expect(run({ EVAL_ARGS: '--local' })).toEqual({ status: 1, said: expect.stringContaining('rule: Broken') });
    expect(read('summary.md')).toContain('❌ b: failed');
    expect(read('outputs')).toContain('status=1');
  });

  it('compare a pull request with its target branch where there is a server', () => {
    const key = { WHETSTONE_API_KEY: 'k', WHETSTONE_BASE_URL: 'http://127.0.0.1:9' };
    expect(run({ EVAL_TARGET: 'main', EVAL_FILES: 'a.eval.yaml', ...key }).status).toBe(2);
    expect(read('words')).toContain('--baseline git:main');
  });

  it('say what is missing', () => {
    const { status, stderr } = spawnSync('bash', [script], { cwd: tmpdir(), encoding: 'utf8', env: { PATH: process.env['PATH'] ?? '' } });
    expect([status, stderr]).toEqual([2, expect.stringContaining('add @whetstone/sdk to the project')]);
  });

  it('are YAML of the form that GitHub and GitLab read, and every input is used', () => {
    const text = readFileSync(join(root, 'action.yml'), 'utf8');
    const action = parse(text) as { inputs: object; runs: { using: string; steps: { run: string; shell: string }[] } };
    expect(action.runs.using).toBe('composite');
    for (const step of action.runs.steps) {
      expect(step.shell).toBe('bash');
      const file = step.run.replace('${{ github.action_path }}', root);
      expect(spawnSync('bash', ['-n', file]).status).toBe(0);
    }
    for (const name of Object.keys(action.inputs)) expect(text).toContain(`inputs.${name}`);
    const gitlab = parse(readFileSync(join(root, 'ci-templates/gitlab/whetstone.gitlab-ci.yml'), 'utf8')) as Record<
      string,
      { script: string[]; artifacts: { reports: { junit: string } } }
    >;
    expect(gitlab['whetstone-eval']?.artifacts.reports.junit).toBe('whetstone-eval.xml');
    expect(gitlab['whetstone-eval']?.script.at(-1)).toBe('bash ci-templates/run-eval.sh');
  });
});
