import type { FileKind } from '@whetstone/contract';

/** Ids are a prefix and 21 base62 characters. The alphabet is in ASCII order, so byte order is value order. */

export const filePrefixes: Record<FileKind, string> = {
  prompt: 'pr_',
  tool: 'tl_',
  dataset: 'ds_',
  evaluator: 'ev_',
  flow: 'fl_',
  agent: 'ag_',
};

export const versionPrefixes: Record<FileKind, string> = {
  prompt: 'prv_',
  tool: 'tv_',
  dataset: 'dsv_',
  evaluator: 'evv_',
  flow: 'flv_',
  agent: 'agv_',
};

export const idPrefixes = {
  datapoint: 'dp_',
  log: 'log_',
  directory: 'dir_',
  environment: 'env_',
  evaluation: 'evr_',
  run: 'rn_',
  user: 'usr_',
  workspace: 'ws_',
  key: 'key_',
  credential: 'cred_',
  invitation: 'inv_',
  webhook: 'wh_',
  deployment: 'dpl_',
  session: 'ses_',
  audit: 'aud_',
  price: 'prc_',
  comment: 'cmt_',
  experiment: 'exp_',
  monitor: 'mon_',
} as const;
export type IdKind = keyof typeof idPrefixes;

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const idLength = 21;
const timeLength = 9;
const randomLength = 10;
const oldestMicros = Date.UTC(2000, 0, 1) * 1000;
const newestMicros = Date.UTC(2200, 0, 1) * 1000;
const digitOf = new Map(Array.from(alphabet, (character, index) => [character, index] as const));

/** How many random bytes `makeId` and `makeLogId` read. */
export const idRandomBytes = idLength;

/** `bytes` as one base62 number, padded so that equal lengths of input give equal lengths of text. */
export function base62(bytes: Uint8Array): string {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  const length = Math.ceil((bytes.length * 8) / Math.log2(62));
  let text = '';
  for (let i = 0; i < length; i++) {
    text = alphabet.charAt(Number(value % 62n)) + text;
    value /= 62n;
  }
  return text;
}

/** A random id: 124 bits from at least 21 random bytes. The prefix ends with its underscore. */
export function makeId(prefix: string, randomBytes: Uint8Array): string {
  return prefix + randomText(randomBytes, idLength);
}

/**
 * The id of a log made by us: `log_`, nine characters of microseconds since 1970 (byte order is time order; PostgreSQL
 * needs COLLATE "C" for it), ten random ones and two that check the others. Reads at least 10 bytes.
 * Throws a RangeError for a time outside the years 2000 to 2199.
 */
export function makeLogId(atMicros: bigint | number, randomBytes: Uint8Array): string {
  const at = Number(atMicros);
  if (!Number.isSafeInteger(at) || at < oldestMicros || at >= newestMicros) {
    throw new RangeError(`A log id needs whole microseconds of the years 2000 to 2199, not ${atMicros}.`);
  }
  const body = base62Number(at, timeLength) + randomText(randomBytes, randomLength);
  return idPrefixes.log + body + base62Number(checkOf(body), 2);
}

/**
 * Microseconds since 1970 that an id made by `makeLogId` carries, else null. A foreign id of 21 base62 characters passes
 * the check once in some 8,000, so null proves that an id is foreign, and a number is only a place to look first: an id
 * that a caller chose is a caller's id whatever its form, and the store's key table decides about it.
 */
export function logIdAt(id: string): number | null {
  if (id.length !== idPrefixes.log.length + idLength || !id.startsWith(idPrefixes.log)) return null;
  const body = id.slice(idPrefixes.log.length, -2);
  const check = checkOf(body);
  if (check < 0 || id.slice(-2) !== base62Number(check, 2)) return null;
  let at = 0;
  for (let i = 0; i < timeLength; i++) at = at * 62 + (digitOf.get(body.charAt(i)) ?? 0);
  return at >= oldestMicros && at < newestMicros ? at : null;
}

/** Whether an id has the form of this prefix: the prefix and 21 base62 characters. */
export function hasPrefix(id: string, prefix: string): boolean {
  return id.length === prefix.length + idLength && id.startsWith(prefix) && /^[0-9A-Za-z]+$/.test(id.slice(prefix.length));
}

function randomText(randomBytes: Uint8Array, length: number): string {
  if (randomBytes.length < length) throw new RangeError(`An id needs ${length} random bytes, not ${randomBytes.length}.`);
  let text = '';
  // 256 is not a multiple of 62: eight characters come a little more often, which costs 0.05 bits a character.
  for (let i = 0; i < length; i++) text += alphabet.charAt((randomBytes[i] ?? 0) % 62);
  return text;
}

function base62Number(value: number, length: number): string {
  let text = '';
  for (let rest = value, i = 0; i < length; i++) {
    text = alphabet.charAt(rest % 62) + text;
    rest = Math.floor(rest / 62);
  }
  return text;
}

/** A number under 62 * 62 that depends on every character and its place; -1 when one is not base62. */
function checkOf(body: string): number {
  let sum = 7;
  for (const character of body) {
    const digit = digitOf.get(character);
    if (digit === undefined) return -1;
    sum = (sum * 67 + digit + 1) % 3833;
  }
  return sum;
}
