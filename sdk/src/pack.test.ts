import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

/** The tarball as somebody gets it: in a project that has nothing else, without a network. */
describe('the package', { timeout: 300_000 }, () => {
  let project: string;
  let server: Server;
  let url: string;
  const received: { path: string; body: string }[] = [];

  beforeAll(async () => {
    project = mkdtempSync(join(tmpdir(), 'whetstone-sdk-pack-'));
    const tarball = execFileSync(process.execPath, [join(root, 'sdk/build/pack.ts'), project], { encoding: 'utf8' }).trim();
    writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'plain', private: true, type: 'module' }));
    execFileSync('npm', ['install', '--offline', '--no-audit', '--no-fund', tarball], { cwd: project, stdio: 'ignore' });
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (part: Buffer) => (body += part.toString()));
      request.on('end', () => {
        received.push({ path: request.url ?? '', body });
        const { logs = [] } = JSON.parse(body === '' ? '{}' : body) as { logs?: unknown[] };
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ results: logs.map(() => ({ id: 'log_1', error: null })) }));
      });
    });
    await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }, 300_000);
  afterAll(() => {
    server?.close();
    rmSync(project, { recursive: true, force: true });
  });

  const installed = (name: string) => join(project, 'node_modules/@whetstone/sdk', name);
  const runs = async (code: string): Promise<string> => {
    writeFileSync(
      join(project, 'program.js'),
      `import { Whetstone } from '@whetstone/sdk';\nconst whetstone = new Whetstone({ apiKey: 'k', baseUrl: '${url}' });\n${code}`,
    );
    received.length = 0;
    // Not synchronously: the server that it speaks to is in this process.
    const { spawn } = await import('node:child_process');
    const child = spawn(process.execPath, ['program.js'], { cwd: project, stdio: ['ignore', 'pipe', 'pipe'] });
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (printed += part.toString()));
    await new Promise((done) => child.once('close', done));
    return printed;
  };
  const sent = () =>
    received.flatMap(({ body }) =>
      (JSON.parse(body) as { logs: { log: { path: string; output: string } }[] }).logs.map(({ log }) => log.output),
    );

  it('brings no other package along, and names the licences of what is in it', () => {
    expect(JSON.parse(readFileSync(installed('package.json'), 'utf8'))).not.toHaveProperty('dependencies');
    expect(Object.keys((JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8')) as { packages: object }).packages)).toEqual([
      '',
      'node_modules/@whetstone/sdk',
    ]);
    const notices = readFileSync(installed('THIRD-PARTY-NOTICES.md'), 'utf8');
    for (const name of ['yaml', 'node-diff3', 'quickjs-emscripten-core', 'acorn', 'zod']) expect(notices).toContain(`## ${name} `);
    expect(existsSync(installed('LICENSE'))).toBe(true);
  });

  it('sends what waits when the program ends by itself', async () => {
    expect(await runs(`whetstone.observe(() => 'by itself', { path: 'a/b' })();`)).toBe('');
    expect(sent()).toEqual(['by itself']);
  });

  it('sends what waits when the program ends with process.exit()', async () => {
    expect(await runs(`whetstone.observe(() => 'at once', { path: 'a/b' })(); process.exit(0);`)).toBe('');
    expect(sent()).toEqual(['at once']);
  });

  it('sends what waits when the program gets SIGTERM, and ends by it', async () => {
    await runs(
      `whetstone.observe(() => 'told to', { path: 'a/b' })(); setTimeout(() => process.kill(process.pid, 'SIGTERM'), 20); setTimeout(() => console.log('lived on'), 20000);`,
    );
    expect(sent()).toEqual(['told to']);
  });

  it('has types that a strict project accepts, and that refuse what the API does not have', () => {
    const check = (code: string) => {
      writeFileSync(
        join(project, 'typed.ts'),
        `import { Whetstone } from '@whetstone/sdk';\nconst whetstone = new Whetstone();\n${code}\n`,
      );
      const args = [
        join(root, 'node_modules/typescript/bin/tsc'),
        '--noEmit',
        '--strict',
        '--exactOptionalPropertyTypes',
        '--ignoreConfig',
        '--module',
        'nodenext',
        '--target',
        'es2022',
        '--lib',
        'es2022,dom,dom.asynciterable',
        '--types',
        '',
        'typed.ts',
      ];
      return spawnSync(process.execPath, args, { cwd: project, encoding: 'utf8' }).stdout;
    };
    expect(
      check(`
        const file = await whetstone.api.prompts.upsert({ path: 'a/b', model: 'gpt-4o', template: [{ role: 'user', content: 'Hi' }] });
        const name: string = file.version_id;
        for await (const event of await whetstone.api.prompts.call({ path: 'a/b', stream: true })) console.log(event['output'], name);
        const double: (n: number) => Promise<number> = whetstone.observe(async (n: number) => n * 2, { path: 'a/double' });
        void double;`),
    ).toBe('');
    expect(check(`await whetstone.api.prompts.upsert({ path: 'a/b' });`)).toContain("Property 'model' is missing");
    expect(check(`await whetstone.api.prompts.get({ identifier: 'x' });`)).toContain('identifier');
  });

  it('evaluates without a server: functions, the library, code in the sandbox, and fails for the stated reason', () => {
    writeFileSync(join(project, 'polite.py'), 'def evaluate(log, testcase):\n    return "please" in log["output"]\n');
    writeFileSync(
      join(project, 'short.js'),
      'function evaluate(log) { return { value: log.output.length < 30, reason: `${log.output.length}` } }\n',
    );
    writeFileSync(
      join(project, 'polite.eval.mjs'),
      `import { code, evaluate, library } from '@whetstone/sdk/eval';
      evaluate('polite', {
        data: Array.from({ length: 30 }, (_, n) => ({ inputs: { n }, target: \`\${n} please\` })),
        task: ({ n }) => (process.env.BAD === '1' ? \`\${n} now\` : \`\${n} please\`),
        scores: [library('exact'), code('polite.py'), code('short.js'), library('pii')],
        rules: { polite: { atLeast: 0.9 } },
      });`,
    );
    const evaluates = (env: Record<string, string>, ...args: string[]) =>
      spawnSync('npx', ['--offline', 'whetstone', 'eval', '--local', ...args], {
        cwd: project,
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
      });
    const good = evaluates({}, '--json', 'good.json');
    expect([good.stdout, good.stderr, good.status]).toEqual([expect.stringContaining('100.0 %'), expect.any(String), 0]);
    expect(good.stdout).toContain('short');
    const bad = evaluates({ BAD: '1' }, '--baseline', 'file:good.json');
    expect(bad.status).toBe(1);
    expect(bad.stdout).toContain('exact: This run is worse by');
    expect(bad.stdout).toMatch(/polite: rule: Broken\. This run: 0\.0 %/);
  });

  it('has the command, which tells what is missing', () => {
    const { status, stderr } = spawnSync(join(project, 'node_modules/.bin/whetstone'), ['status'], {
      cwd: project,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] },
    });
    expect(stderr).toContain('WHETSTONE_API_KEY');
    expect(status).toBe(2);
  });
});
