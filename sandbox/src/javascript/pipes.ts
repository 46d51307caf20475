/** The pipes of a jailed Node, and what its bootstrap hands on. */

declare const parts: {
  wasm: Buffer<ArrayBuffer>;
  fs: typeof import('node:fs');
  readExactly(fd: number, length: number): Buffer;
  readFrame(fd: number): Buffer;
};

export const { wasm } = parts;
export const readJob = (length: number): Buffer => parts.readExactly(0, length);
export const readAnswer = (): Buffer => parts.readFrame(3);

export function emit(kind: 'R' | 'A', row: number, body: string): void {
  const bytes = Buffer.from(body);
  const head = Buffer.alloc(9);
  head.writeUInt32LE(bytes.length, 0);
  head[4] = kind.charCodeAt(0);
  head.writeUInt32LE(row, 5);
  writeAll(1, Buffer.concat([head, bytes]));
}

export function report(message: object): void {
  const bytes = Buffer.from(JSON.stringify(message));
  const head = Buffer.alloc(4);
  head.writeUInt32LE(bytes.length, 0);
  writeAll(4, Buffer.concat([head, bytes]));
}

function writeAll(fd: number, bytes: Buffer): void {
  for (let place = 0; place < bytes.length;) place += parts.fs.writeSync(fd, bytes, place);
}
