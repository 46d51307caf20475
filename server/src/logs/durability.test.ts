import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemScope } from '@whetstone/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openTestStorage } from '../test/storage.ts';
import { createLogs } from './index.ts';

const writer = fileURLToPath(new URL('test/writer.ts', import.meta.url));
const scope = systemScope('ws_a', 'test');
/** The whole number of kills takes minutes; CI sets it. */
const rounds = Number(process.env['WHETSTONE_TEST_KILL_ROUNDS'] ?? 4);

/** The columns of what the writer sets, one a round. */
const roundColumns = ['end_user', 'session', 'unit', 'reference_id', 'source', 'model', 'provider', 'finish_reason'];

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'whetstone-kill-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

/** Runs a writer until it dies; how often each id was acknowledged, and how it ended. */
async function write(options: { round: number; step?: string; after?: number; kill?: { afterMs: number; signal: NodeJS.Signals } }) {
  const { round, step = 'nowhere', after = 0, kill } = options;
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', writer, dataDir, String(round), step, String(after)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  let timer: NodeJS.Timeout | undefined;
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    if (kill && timer === undefined && text.startsWith('ready\n')) timer = setTimeout(() => child.kill(kill.signal), kill.afterMs);
  });
  const ended = await new Promise<{ code: number | null; signal: string | null }>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal })),
  );
  clearTimeout(timer);
  // The last line may have been cut off by the kill.
  return { acked: text.slice(0, text.lastIndexOf('\n')).split('\n').slice(1), ended };
}

/** Opens what the writers left behind and compares it with what they were promised. */
async function verify(acked: ReadonlyMap<string, Set<number>>): Promise<void> {
  const storage = await openTestStorage({ dataDir });
  const logs = createLogs({ storage, settings: () => ({ redaction: [] }) });
  try {
    expect(await logs.drained(60_000)).toBe(true);
    const rows = await storage.logDatabase.query<Record<string, string> & { id: string }>(
      `SELECT id, ${roundColumns.join(', ')} FROM logs FINAL WHERE workspace_id = 'ws_a'`,
    );
    const stored = new Map(rows.map((row) => [row.id, row]));
    expect(stored.size).toBe(rows.length);
    expect([...acked.keys()].filter((id) => !stored.has(id))).toEqual([]);
    for (const [id, seen] of acked) {
      if (!id.startsWith('again-')) continue;
      for (const round of seen)
        expect([id, round, stored.get(id)?.[roundColumns[round % roundColumns.length] ?? '']]).not.toEqual([id, round, '']);
    }
    const [copies] = await storage.logDatabase.query<{ n: number; different: number }>(
      'SELECT count() AS n, uniqExact(id, row_version) AS different FROM logs',
    );
    expect(copies?.n).toBe(copies?.different);
    const [sample = ''] = acked.keys();
    if (sample !== '') expect(await logs.find(scope, sample)).not.toBeNull();
  } finally {
    await logs.close();
    await storage.close();
  }
}

function note(acked: Map<string, Set<number>>, round: number, ids: readonly string[]): void {
  for (const id of ids) acked.set(id, (acked.get(id) ?? new Set<number>()).add(round));
}

describe('durability', () => {
  test(
    `F1: ${rounds} kills at any moment lose no acknowledged log and leave none twice`,
    { timeout: rounds * 15_000 + 60_000 },
    async () => {
      const acked = new Map<string, Set<number>>();
      for (let round = 0; round < rounds; round++) {
        const { acked: ids, ended } = await write({ round, kill: { afterMs: 50 + ((round * 397) % 1_500), signal: 'SIGKILL' } });
        expect(ended.signal).toBe('SIGKILL');
        note(acked, round, ids);
      }
      expect(acked.size).toBeGreaterThan(50);
      await verify(acked);
    },
  );

  test(
    'F2: a kill before the flush, before the store has a batch, and after it has but before the queue forgets it',
    { timeout: 120_000 },
    async () => {
      const acked = new Map<string, Set<number>>();
      const steps = [
        { step: 'afterInsert', after: 0 },
        { step: 'afterInsert', after: 2 },
        { step: 'beforeInsert', after: 1 },
        { step: 'beforeFlush', after: 40 },
      ];
      for (const [round, step] of steps.entries()) {
        const { acked: ids, ended } = await write({ round, ...step });
        expect([step, ended.signal]).toEqual([step, 'SIGKILL']);
        note(acked, round, ids);
      }
      await verify(acked);
    },
  );

  test('F3: a polite end under load loses nothing', { timeout: 60_000 }, async () => {
    const { acked: ids, ended } = await write({ round: 0, step: 'sigterm', kill: { afterMs: 400, signal: 'SIGTERM' } });
    expect(ended).toEqual({ code: 0, signal: null });
    const acked = new Map<string, Set<number>>();
    note(acked, 0, ids);
    expect(acked.size).toBeGreaterThan(10);
    await verify(acked);
  });
});
