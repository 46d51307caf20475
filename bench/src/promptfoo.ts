import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { assertions, promptText } from './evaluate.ts';

const version = '0.123.1';
/** In a folder of its own: it is no dependency of ours. */
const home = resolve(import.meta.dirname, '../../node_modules/.cache/promptfoo');
const installMs = 600_000;
const evalMs = 600_000;

/** Cases a second of promptfoo with the same dataset, provider and assertions, its start taken off; or why it could not be measured. */
export async function promptfooRate(baseUrl: string, cases: number, atOnce: number): Promise<{ rate: number; version: string } | string> {
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'package.json'), JSON.stringify({ private: true, allowScripts: { 'better-sqlite3': true } }));
  const install = ['install', '--no-audit', '--no-fund', '--no-save', '--loglevel=error', `promptfoo@${version}`];
  const installed = await run('npm', install, home, installMs);
  if (installed.code !== 0) return `promptfoo could not be installed: ${installed.said.slice(-200)}`;
  const dir = mkdtempSync(join(tmpdir(), 'whetstone-promptfoo-'));
  try {
    const one = await evaluate(dir, baseUrl, 1, atOnce);
    if (typeof one === 'string') return one;
    const all = await evaluate(dir, baseUrl, cases, atOnce);
    if (typeof all === 'string') return all;
    return { rate: ((cases - 1) / Math.max(1, all - one)) * 1000, version };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function evaluate(dir: string, baseUrl: string, cases: number, atOnce: number): Promise<number | string> {
  const output = join(dir, 'out.json');
  const config = {
    prompts: [promptText],
    providers: [{ id: 'openai:chat:gpt-4o-mini', config: { apiBaseUrl: baseUrl, apiKey: 'sk-bench' } }],
    defaultTest: { assert: assertions.map((value) => ({ type: 'javascript', value })) },
    tests: Array.from({ length: cases }, (_, n) => ({ vars: { word: `number ${n}` } })),
  };
  writeFileSync(join(dir, 'promptfooconfig.json'), JSON.stringify(config));
  const entry = join(home, 'node_modules/promptfoo', binOf());
  const flags = ['--no-cache', '--no-write', '--no-table', '--no-progress-bar', '-j', String(atOnce), '-o', output];
  const since = performance.now();
  const { code, said } = await run(process.execPath, [entry, 'eval', '-c', join(dir, 'promptfooconfig.json'), ...flags], dir, evalMs);
  const ms = performance.now() - since;
  if (code !== 0) return `promptfoo ended with ${code}: ${said.slice(-300)}`;
  const { results } = JSON.parse(readFileSync(output, 'utf8')) as { results: { stats: { successes: number } } };
  return results.stats.successes === cases ? ms : `promptfoo passed ${results.stats.successes} of ${cases} cases`;
}

function binOf(): string {
  const { bin } = JSON.parse(readFileSync(join(home, 'node_modules/promptfoo/package.json'), 'utf8')) as { bin: Record<string, string> };
  return bin['promptfoo'] ?? 'dist/src/main.js';
}

function run(command: string, args: readonly string[], cwd: string, limitMs: number): Promise<{ code: number | null; said: string }> {
  return new Promise((done) => {
    const env = { ...process.env, PROMPTFOO_DISABLE_TELEMETRY: '1', PROMPTFOO_DISABLE_UPDATE: '1', PROMPTFOO_CONFIG_DIR: cwd };
    const child = spawn(command, [...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: limitMs });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4_000)));
    child.once('error', (error) => done({ code: -1, said: error.message }));
    child.once('exit', (code) => done({ code, said }));
  });
}
