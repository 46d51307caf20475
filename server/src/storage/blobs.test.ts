import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { FileBlobs } from './blobs.ts';

const directory = mkdtempSync(join(tmpdir(), 'whetstone-blobs-'));
const blobs = new FileBlobs(directory);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

async function* chunks(...parts: string[]): AsyncGenerator<Buffer> {
  for (const part of parts) yield Buffer.from(part);
}

describe('blobs', () => {
  test('content is found under its hash', async () => {
    const ref = await blobs.put(Buffer.from('hello'));
    expect(ref).toEqual({ sha256: sha256('hello'), size: 5 });
    expect((await blobs.get(ref.sha256))?.toString()).toBe('hello');
    expect(await blobs.has(ref.sha256)).toBe(true);
  });

  test('a stream is stored as the same bytes at once', async () => {
    const ref = await blobs.put(chunks('hel', '', 'lo, ', 'stream'));
    expect(ref).toEqual({ sha256: sha256('hello, stream'), size: 13 });
    const found = await blobs.stream(ref.sha256);
    const read: Buffer[] = [];
    for await (const chunk of found?.content ?? []) read.push(chunk as Buffer);
    expect(found?.size).toBe(13);
    expect(Buffer.concat(read).toString()).toBe('hello, stream');
  });

  test('the same content put by many at once is one blob', async () => {
    const refs = await Promise.all(Array.from({ length: 10 }, () => blobs.put(Buffer.from('same'))));
    expect(new Set(refs.map((ref) => ref.sha256)).size).toBe(1);
    expect(readdirSync(join(directory, sha256('same').slice(0, 2)))).toHaveLength(1);
  });

  test('a stream that breaks off leaves nothing', async () => {
    async function* broken(): AsyncGenerator<Buffer> {
      yield Buffer.from('half');
      throw new Error('cut off');
    }
    await expect(blobs.put(broken())).rejects.toThrow('cut off');
    expect(readdirSync(join(directory, 'drafts'))).toEqual([]);
    expect(await blobs.has(sha256('half'))).toBe(false);
  });

  test('what was deleted is absent, and absent is no error', async () => {
    const ref = await blobs.put(Buffer.from('short-lived'));
    expect(await blobs.delete(ref.sha256)).toBe(true);
    expect(await blobs.delete(ref.sha256)).toBe(false);
    expect(await blobs.get(ref.sha256)).toBeUndefined();
    expect(await blobs.stream(ref.sha256)).toBeUndefined();
  });

  test.each([
    '../../etc/passwd',
    `..%2f${'a'.repeat(59)}`,
    'A'.repeat(64),
    `${'a'.repeat(63)}/`,
    `${'a'.repeat(64)}\n`,
    '\0',
    '',
    'drafts',
  ])('T10: %j names no blob', async (name) => {
    await expect(blobs.get(name)).rejects.toThrow(TypeError);
    await expect(blobs.stream(name)).rejects.toThrow(TypeError);
    await expect(blobs.has(name)).rejects.toThrow(TypeError);
    await expect(blobs.delete(name)).rejects.toThrow(TypeError);
  });
});
