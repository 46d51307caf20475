/**
 * SHA-256 (FIPS 180-4) of a text's UTF-8, as its first four 32-bit words, for where it is asked on every call: without what a
 * general one allocates it takes a tenth of the time. `experiment-assignment.test.ts` holds it against a general one.
 */
export function sha256Words(text: string): readonly [number, number, number, number] {
  const blocks = padded(text);
  state.set(initial);
  for (let at = 0; at < blocks; at += 1) compress(at * 64);
  return [state[0] ?? 0, state[1] ?? 0, state[2] ?? 0, state[3] ?? 0];
}

const initial = Uint32Array.of(0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19);
const constants = Uint32Array.from({ length: 64 }, (_, index) => {
  const root = Math.cbrt(nthPrime(index));
  return Math.floor((root - Math.floor(root)) * 2 ** 32);
});
const state = new Uint32Array(8);
const schedule = new Uint32Array(64);
const encoder = new TextEncoder();
let bytes = new Uint8Array(256);

/** The text and its padding in `bytes`; how many blocks of 64. */
function padded(text: string): number {
  // A UTF-16 unit has three bytes at most; a marker and the length come after.
  if (bytes.length < text.length * 3 + 73) bytes = new Uint8Array(text.length * 3 + 73 + 64);
  const { written } = encoder.encodeInto(text, bytes);
  const blocks = Math.ceil((written + 9) / 64);
  bytes.fill(0, written, blocks * 64);
  bytes[written] = 0x80;
  const bits = written * 8;
  for (let i = 0; i < 5; i += 1) bytes[blocks * 64 - 1 - i] = Math.floor(bits / 2 ** (8 * i)) & 0xff;
  return blocks;
}

function compress(from: number): void {
  const w = schedule;
  for (let i = 0; i < 16; i += 1) {
    const at = from + i * 4;
    w[i] = ((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
  }
  for (let i = 16; i < 64; i += 1) {
    const x = w[i - 15] ?? 0;
    const y = w[i - 2] ?? 0;
    const s0 = turned(x, 7) ^ turned(x, 18) ^ (x >>> 3);
    const s1 = turned(y, 17) ^ turned(y, 19) ^ (y >>> 10);
    w[i] = (w[i - 16] ?? 0) + s0 + (w[i - 7] ?? 0) + s1;
  }
  let a = state[0] ?? 0;
  let b = state[1] ?? 0;
  let c = state[2] ?? 0;
  let d = state[3] ?? 0;
  let e = state[4] ?? 0;
  let f = state[5] ?? 0;
  let g = state[6] ?? 0;
  let h = state[7] ?? 0;
  for (let i = 0; i < 64; i += 1) {
    const s1 = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + (constants[i] ?? 0) + (w[i] ?? 0)) | 0;
    const s0 = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22);
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  state[0] = (state[0] ?? 0) + a;
  state[1] = (state[1] ?? 0) + b;
  state[2] = (state[2] ?? 0) + c;
  state[3] = (state[3] ?? 0) + d;
  state[4] = (state[4] ?? 0) + e;
  state[5] = (state[5] ?? 0) + f;
  state[6] = (state[6] ?? 0) + g;
  state[7] = (state[7] ?? 0) + h;
}

function turned(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by));
}

/** 2, 3, 5, … */
function nthPrime(index: number): number {
  let found = -1;
  for (let number = 2; ; number += 1) {
    let prime = true;
    for (let by = 2; by * by <= number; by += 1) if (number % by === 0) prime = false;
    if (prime) found += 1;
    if (found === index) return number;
  }
}
