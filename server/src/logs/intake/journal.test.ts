import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Journal, type Entry } from './journal.ts';

let directory: string;
let clock = 0;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'whetstone-journal-'));
  clock = 0;
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const open = () =>
  new Journal(
    directory,
    () => clock,
    (_table, line) => `key of ${line.toString('utf8', 0, 20)}`,
  );
const segments = () => readdirSync(directory).filter((name) => name.endsWith('.log'));
const onDisk = () =>
  segments()
    .map((name) => readFileSync(join(directory, name), 'latin1'))
    .join('');

function entry(seq: number, text: string, more: Partial<Entry> = {}): Entry {
  const line = Buffer.from(text);
  return { seq, table: 'logs', key: null, bytes: line.length, since: 0, line, durable: false, unsettled: false, place: null, ...more };
}
const textsOf = (journal: Journal) => journal.recovered().entries.map((found) => [found.seq, journal.read(found)?.toString()]);

describe('the journal', () => {
  test('gives back after a restart what was written and not forgotten, in order and whole', async () => {
    const before = open();
    await Promise.all([
      before.write([entry(1, 'one'), entry(2, 'two', { table: 'judgments', unsettled: true })]),
      before.write([entry(3, '')]),
      before.write([entry(4, 'ü'.repeat(100_000))]),
    ]);
    await before.beginBatch(1);
    await before.forget(1, 3);
    await before.close();
    const after = open();
    expect(textsOf(after)).toEqual([
      [2, 'two'],
      [3, ''],
      [4, 'ü'.repeat(100_000)],
    ]);
    expect(after.recovered().entries[0]).toMatchObject({ table: 'judgments', unsettled: true, key: 'key of two' });
    expect(after.batchEnd).toBeNull();
    expect(after.id).toBe(before.id);
    await after.close();
  });

  test('remembers the batch under way and the last number, also when everything was forgotten', async () => {
    const first = open();
    await first.write([entry(1, 'a'), entry(2, 'b')]);
    await first.beginBatch(2);
    await first.close();
    const second = open();
    expect(second.batchEnd).toBe(2);
    await second.forget(2, 0);
    await second.close();
    const third = open();
    expect(third.recovered()).toEqual({ entries: [], lastSeq: 2 });
    await third.close();
    const fourth = open();
    expect(fourth.recovered().lastSeq).toBe(2);
    await expect.poll(segments).toHaveLength(1);
    await fourth.close();
  });

  test.each(['at the end of the file', 'among zeros written ahead'])(
    'a write that was cut short %s, at any byte, loses nothing before it',
    async (where) => {
      const journal = open();
      await journal.write([entry(1, 'whole')]);
      await journal.write([entry(2, 'cut short')]);
      await journal.close();
      const [name = ''] = segments();
      const bytes = readFileSync(join(directory, name));
      const end = bytes.indexOf('cut short') + 'cut short'.length;
      expect(bytes.length).toBeGreaterThan(end);
      expect(bytes.subarray(end).every((byte) => byte === 0)).toBe(true);
      for (let length = end; length >= end - 29; length--) {
        const cut = Buffer.from(bytes);
        cut.fill(0, length);
        writeFileSync(join(directory, name), where === 'at the end of the file' ? cut.subarray(0, length) : cut);
        const again = open();
        const both: [number, string][] = [
          [1, 'whole'],
          [2, 'cut short'],
        ];
        expect([length, textsOf(again), again.damaged]).toEqual([length, length === end ? both : both.slice(0, 1), 0]);
        await again.close();
        for (const later of segments().slice(1)) rmSync(join(directory, later));
      }
    },
  );

  test('a record that the disk damaged is told and costs no other', async () => {
    const journal = open();
    await journal.write([entry(1, 'first'), entry(2, 'to be damaged'), entry(3, 'third')]);
    await journal.close();
    const path = join(directory, segments()[0] ?? '');
    const bytes = readFileSync(path);
    bytes[bytes.indexOf('damaged')] = 0x21;
    writeFileSync(path, bytes);
    const again = open();
    expect(textsOf(again)).toEqual([
      [1, 'first'],
      [3, 'third'],
    ]);
    expect(again.damaged).toBe(1);
    await again.close();
  });

  test('what a line was before it was replaced is nowhere on the disk', async () => {
    const journal = open();
    const secret = entry(1, 'the secret text');
    await journal.write([secret, entry(2, 'another')]);
    await journal.replace([{ entry: secret, line: Buffer.from('a tombstone that is longer than what it replaces') }]);
    expect(onDisk()).not.toContain('secret');
    await journal.close();
    const again = open();
    expect(textsOf(again)).toEqual([
      [1, 'a tombstone that is longer than what it replaces'],
      [2, 'another'],
    ]);
    expect(again.damaged).toBe(0);
    await again.close();
  });

  test('what was forgotten leaves the disk when something was deleted, or ten minutes later', async () => {
    const journal = open();
    await journal.write([entry(1, 'stored text')]);
    await journal.forget(1, 0);
    expect(onDisk()).toContain('stored text');
    journal.expire();
    await journal.write([entry(2, 'next text')]);
    await journal.forget(2, 0);
    await expect.poll(onDisk).not.toContain('text');
    await journal.write([entry(3, 'quiet text')]);
    clock += 11 * 60_000;
    await journal.forget(3, 0);
    await expect.poll(onDisk).not.toContain('text');
    await journal.close();
  });

  test('any sequence of writes, batches and restarts leaves what a list would hold', async () => {
    const step = fc.oneof(
      fc.record({ type: fc.constant('write' as const), texts: fc.array(fc.string({ maxLength: 30 }), { minLength: 1, maxLength: 4 }) }),
      fc.record({ type: fc.constant('forget' as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
      fc.record({ type: fc.constant('restart' as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        rmSync(directory, { recursive: true, force: true });
        let journal = open();
        let model: [number, string][] = [];
        let seq = 0;
        for (const each of steps) {
          if (each.type === 'write') {
            const entries = each.texts.map((text) => entry(++seq, text));
            await journal.write(entries);
            model.push(...entries.map((made): [number, string] => [made.seq, made.line?.toString() ?? '']));
          } else if (each.type === 'forget') {
            const last = model[Math.ceil(each.share * model.length) - 1];
            if (last === undefined) continue;
            await journal.beginBatch(last[0]);
            model = model.filter(([number]) => number > last[0]);
            await journal.forget(last[0], model.length);
          } else {
            await journal.close();
            journal = open();
            expect(textsOf(journal)).toEqual(model);
            expect(journal.recovered().lastSeq).toBe(seq);
          }
        }
        await journal.close();
      }),
      { numRuns: 40 },
    );
  });
});
