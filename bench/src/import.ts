import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { apiKey, cpuSeconds, familyOf, makeData, residentMb, type Running, startWhetstone } from './processes.ts';
import type { Figure } from './report.ts';

const linesPerFile = 1000;
/** A flow with so many prompt logs below it; a fifth of the lines are such traces. */
const childrenPerTrace = 4;
const words = 'return bike delivery frame battery warranty invoice parcel saddle brake wheel charge motor size order refund workshop'.split(
  ' ',
);
const textOf = (seed: number, length: number): string =>
  Array.from({ length }, (_, n) => words[(seed * 7 + n * n) % words.length]).join(' ');

const prompt = { id: 'pr_bench', type: 'prompt', path: 'bench/answer', version_id: 'prv_bench' };
const flow = { id: 'fl_bench', type: 'flow', path: 'bench/turn', version_id: 'flv_bench' };
const evaluator = { id: 'ev_bench', type: 'evaluator', path: 'bench/polite', version_id: 'evv_bench' };
const spec = { evaluator_type: 'external', arguments_type: 'target_free', return_type: 'boolean' };

/** A line as the vendor's tool writes it, 1.6 KB a log; every fifth log is judged. */
function promptLog(n: number): object {
  const at = new Date(Date.UTC(2025, 5, 1) + n * 20_000).toISOString().replace('Z', '');
  const id = `data_${n.toString(36).padStart(21, '0')}`;
  const judgment = { id: `ev_${id}`, parent_id: id, created_at: at, judgment: n % 3 === 0, evaluator: { ...evaluator, spec } };
  return {
    id,
    created_at: at,
    start_time: at,
    end_time: at,
    inputs: { question: textOf(n, 25) },
    messages: [{ role: 'user', content: textOf(n + 1, 55) }],
    output: textOf(n + 2, 45),
    output_message: { role: 'assistant', content: textOf(n + 2, 45) },
    prompt_tokens: 180,
    output_tokens: 90,
    provider_latency: 0.8,
    user: `user-${n % 997}`,
    session_id: `session-${n % 4999}`,
    environment: 'production',
    metadata: { region: 'eu', attempt: n % 3 },
    prompt,
    evaluator_logs: n % 5 === 0 ? [judgment] : [],
    trace_children: null,
  };
}

/** Writes the directory; what it holds. */
function makeExport(directory: string, count: number): { logs: number; judgments: number; bytes: number } {
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  };
  const made = { created_at: '2025-05-01T00:00:00' };
  for (const [file, content] of [
    [prompt, { model: 'gpt-4o', template: [{ role: 'user', content: '{{question}}' }] }],
    [flow, { attributes: {} }],
    [evaluator, { spec }],
  ] as const) {
    write(`files/${file.id}/file.json`, JSON.stringify(file));
    write(`files/${file.id}/versions/${file.version_id}`, JSON.stringify({ ...file, ...made, ...content }));
  }
  write(
    `files/${prompt.id}/deployments.json`,
    JSON.stringify([
      { version_id: prompt.version_id, environment_id: 'env_1', environment_name: 'production', environment_tag: 'default' },
    ]),
  );
  const totals = { logs: 0, judgments: 0, bytes: 0 };
  const lines: Record<string, string[]> = { [prompt.id]: [], [flow.id]: [] };
  const pages: Record<string, number> = {};
  const flush = (file: string): void => {
    const text = `${lines[file]!.join('\n')}\n`;
    totals.bytes += Buffer.byteLength(text);
    write(`files/${file}/logs/${(pages[file] = (pages[file] ?? 0) + 1)}.jsonl`, text);
    lines[file] = [];
  };
  const next = (): object => {
    const n = totals.logs;
    totals.logs += 1;
    if (n % 5 === 0) totals.judgments += 1;
    return promptLog(n);
  };
  for (let line = 0; totals.logs < count; line += 1) {
    const inTrace = line % 5 === 0 && totals.logs + childrenPerTrace < count;
    const file = inTrace ? flow.id : prompt.id;
    let record: object;
    if (inTrace) {
      const id = `trace_${line.toString(36).padStart(21, '0')}`;
      const children = Array.from({ length: childrenPerTrace }, () => ({ ...next(), trace_parent_id: id, trace_id: id }));
      record = { id, created_at: '2025-06-01T00:00:00', log_status: 'complete', flow, output: 'done', trace_children: children };
      totals.logs += 1;
    } else record = next();
    lines[file]!.push(JSON.stringify(record));
    if (lines[file]!.length >= linesPerFile) flush(file);
  }
  for (const file of [prompt.id, flow.id]) if (lines[file]!.length > 0) flush(file);
  return totals;
}

/** The command that users type; its answer and what it took. */
async function runImport(whetstone: Running, directory: string): Promise<{ out: string; seconds: number; cliMb: number; peakMb: number }> {
  const started = performance.now();
  const child = spawn(
    process.execPath,
    [resolve(import.meta.dirname, '../../sdk/src/cli/main.ts'), 'import', 'humanloop', directory, '--url', whetstone.url],
    { stdio: ['ignore', 'pipe', 'ignore'], env: { PATH: process.env['PATH'] ?? '', WHETSTONE_API_KEY: apiKey } },
  );
  let out = '';
  child.stdout.on('data', (part: Buffer) => (out += part.toString()));
  let [peakMb, cliMb] = [0, 0];
  const sample = setInterval(() => {
    peakMb = Math.max(peakMb, residentNow(whetstone.pid));
    cliMb = Math.max(cliMb, residentNow(child.pid as number));
  }, 200);
  const code = await new Promise((done) => child.once('exit', done));
  clearInterval(sample);
  const seconds = (performance.now() - started) / 1000;
  if (code !== 0) throw new Error(`the import ended with ${String(code)}: ${out}`);
  return { out, seconds, cliMb, peakMb };
}

/** Of the process and all below it; 0 when one of them ended while it was looked at. */
function residentNow(pid: number): number {
  try {
    return residentMb(familyOf(pid));
  } catch {
    return 0;
  }
}

/** 100,000 logs of an export directory, carried into a started server by the command line: packed, sent, read, durable. */
export async function benchImport(quick: boolean): Promise<Figure[]> {
  const data = makeData();
  const directory = mkdtempSync(join(tmpdir(), 'whetstone-bench-export-'));
  const whetstone = await startWhetstone(data.dir);
  try {
    const found = makeExport(directory, quick ? 10_000 : 100_000);
    const before = cpuSeconds(familyOf(whetstone.pid));
    const serverBefore = cpuSeconds([whetstone.pid]);
    const { out, seconds, cliMb, peakMb } = await runImport(whetstone, directory);
    const spent = cpuSeconds(familyOf(whetstone.pid)) - before;
    const server = cpuSeconds([whetstone.pid]) - serverBefore;
    const count = found.logs.toLocaleString('en');
    if (!out.includes(`${count} of ${count}`)) throw new Error(`not everything was carried: ${out}`);
    const note = `${count} logs, ${found.judgments.toLocaleString('en')} judgments, ${(found.bytes / found.logs / 1000).toFixed(1)} KB a log`;
    return [
      {
        suite: 'import',
        name: `import of ${count} logs`,
        value: seconds,
        unit: 's',
        bound: { op: '<=', value: quick ? 6 : 60 },
        note,
      },
      {
        suite: 'import',
        name: 'resident at most, server and engines',
        value: peakMb,
        unit: 'MB',
        bound: { op: '<=', value: 1000 },
        note: 'the server process and all below it, pages that they share counted once; sampled five times a second',
      },
      {
        suite: 'import',
        name: 'processor time, server and engines',
        value: spent,
        unit: 's',
        note: `${server.toFixed(1)} s in the server process`,
      },
      { suite: 'import', name: 'resident at most, the command line', value: cliMb, unit: 'MB' },
    ];
  } finally {
    await whetstone.stop();
    data.remove();
    rmSync(directory, { recursive: true, force: true });
  }
}
