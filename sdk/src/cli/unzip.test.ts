import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { beforeAll, describe, expect, it } from 'vitest';
import { ZipFile } from 'yazl';
import { entriesOf } from './unzip.ts';

/** Random, so that the mark of an entry's end stands somewhere in a large one by chance, and once on purpose. */
const contents = new Map<string, Buffer>([
  ['empty', Buffer.alloc(0)],
  ['a/small', Buffer.from('x')],
  ['a/marks', Buffer.from('PK\u0007\u0008PK\u0003\u0004PK\u0001\u0002PK\u0005\u0006'.repeat(9), 'latin1')],
  ['ä/random', randomBytes(200_000)],
  ['repeated', Buffer.alloc(1_000_000, 'word ')],
]);

let streamed: Buffer;
let stored: Buffer;
beforeAll(async () => {
  const pack = async (add: (zip: ZipFile, path: string, content: Buffer) => void): Promise<Buffer> => {
    const zip = new ZipFile();
    for (const [path, content] of contents) add(zip, path, content);
    zip.end();
    return buffer(zip.outputStream);
  };
  streamed = await pack((zip, path, content) => zip.addReadStream(Readable.from([content], { objectMode: false }), path));
  stored = await pack((zip, path, content) => zip.addBuffer(content, path, { compress: path === 'repeated' }));
});

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(bytes: Buffer, size = 65_536): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>();
  for await (const { path, content } of entriesOf(inPieces(bytes, size))) {
    const parts: Buffer[] = [];
    for await (const part of content) parts.push(part);
    found.set(path, Buffer.concat(parts));
  }
  return found;
}

describe('a ZIP file that is read while it arrives', () => {
  it.each([1 << 20, 65_536, 4_099, 61])('is read whole in pieces of %d bytes, sizes told before or after', async (size) => {
    expect(await read(streamed, size)).toEqual(contents);
    expect(await read(stored, size)).toEqual(contents);
  });

  it('is refused when it is cut off, wherever that is', async () => {
    for (const length of [0, 3, 40, 100_000, streamed.length - 60, streamed.length - 1])
      await expect(read(streamed.subarray(0, length))).rejects.toThrow('cut off');
  });

  it('is refused when it is damaged or something else', async () => {
    const damaged = Buffer.from(stored);
    const place = damaged.indexOf(contents.get('ä/random')?.subarray(0, 20) ?? '');
    damaged[place] = (damaged[place] ?? 0) ^ 1;
    await expect(read(damaged)).rejects.toThrow('`ä/random` is damaged');
    await expect(read(Buffer.from('<html>Bad gateway</html>'))).rejects.toThrow('no ZIP file');
    const broken = Buffer.from(streamed);
    broken.fill(0xff, streamed.length / 2, streamed.length / 2 + 50);
    await expect(read(broken)).rejects.toThrow(/damaged|unpacked/);
  });
});
