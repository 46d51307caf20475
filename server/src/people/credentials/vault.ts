import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Storage, StorageRefusedError } from '../../storage/index.ts';
import type { PeopleTables } from '../tables.ts';
import { lockSecretKeys, insertProof, readProofs } from './store.ts';

/** Seals secrets for storage: AES-256-GCM under a key derived from the master key. */
export interface Vault {
  /**
   * @param context what the secret belongs to, e.g. `[workspaceId, 'credential', origin]`; it opens only with the same
   */
  seal(secret: string, context: readonly string[]): string;
  /** @throws Error when a byte or the context differs, or the master key is not at hand */
  open(sealed: string, context: readonly string[]): string;
  /** Whether it was sealed under an older master key and wants sealing again. */
  isStale(sealed: string): boolean;
  /** A key of its own for another purpose, as hex. */
  derive(purpose: string): string;
  keyId: string;
}

const FORMAT = 'v1';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const PROOF = 'whetstone';
const PROOF_CONTEXT = ['proof'];

/**
 * The vault over the master key: `secret` (WHETSTONE_SECRET), else the file `secret` in the data directory, made at the
 * first start. `NEW,OLD` seals under the first and opens under both; a file beside WHETSTONE_SECRET counts as an old one.
 *
 * @throws StorageRefusedError when what is stored was sealed under a master key that is not given
 */
export async function openVault(options: {
  storage: Pick<Storage, 'database' | 'dataDir'>;
  secret: string | null;
  log: { warn(data: object, message: string): void };
}): Promise<Vault> {
  const given = (options.secret ?? '').split(',').filter((text) => text.trim() !== '');
  const file = join(options.storage.dataDir, 'secret');
  const masters = given.length === 0 ? [await readOrMake(file)] : [...given, ...(await readIfThere(file))];
  if (given.some((text) => text.length < 16))
    options.log.warn({}, 'WHETSTONE_SECRET is short; 32 random characters or more keep stored credentials safe');
  const vault = createVault(masters);
  await options.storage
    .database<PeopleTables>()
    .transaction()
    .execute(async (tx) => {
      await lockSecretKeys(tx);
      const proofs = await readProofs(tx);
      if (proofs.length > 0 && !proofs.some(({ proof }) => opens(vault, proof))) {
        throw new StorageRefusedError(
          `Stored credentials are sealed under another master key (${proofs.map(({ id }) => id).join(', ')}; this one is ${vault.keyId}). ` +
            'Set WHETSTONE_SECRET to the one they were stored with, or put back the file `secret` of the data directory.',
        );
      }
      if (!proofs.some(({ id }) => id === vault.keyId)) await insertProof(tx, vault.keyId, vault.seal(PROOF, PROOF_CONTEXT));
    });
  return vault;
}

/** @param masters texts, the current one first */
export function createVault(masters: readonly string[]): Vault {
  const keys = new Map(masters.map((master) => [deriveKey(master, 'key-id').toString('hex').slice(0, 12), master]));
  const [current] = keys;
  if (current === undefined) throw new Error('A vault needs a master key.');
  const [keyId, master] = current;
  const sealingKeys = new Map([...keys].map(([id, text]) => [id, deriveKey(text, 'seal')]));
  const sealingKey = deriveKey(master, 'seal');
  return {
    keyId,
    derive: (purpose) => deriveKey(master, purpose).toString('hex'),
    isStale: (sealed) => !sealed.startsWith(`${FORMAT}.${keyId}.`),
    seal(secret, context) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', sealingKey, nonce).setAAD(aad(keyId, context));
      const body = Buffer.concat([nonce, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return `${FORMAT}.${keyId}.${body.toString('base64url')}`;
    },
    open(sealed, context) {
      const [format, id = '', text = ''] = sealed.split('.');
      const key = sealingKeys.get(id);
      if (format !== FORMAT || key === undefined)
        throw new Error(`This secret was sealed under the master key ${id}, which is not at hand.`);
      const body = Buffer.from(text, 'base64url');
      const decipher = createDecipheriv('aes-256-gcm', key, body.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
        .setAAD(aad(id, context))
        .setAuthTag(body.subarray(-TAG_BYTES));
      return Buffer.concat([decipher.update(body.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]).toString('utf8');
    },
  };
}

function aad(keyId: string, context: readonly string[]): Buffer {
  return Buffer.from(JSON.stringify([FORMAT, keyId, ...context]));
}

function deriveKey(master: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', master, '', `whetstone:${purpose}`, 32));
}

function opens(vault: Vault, proof: string): boolean {
  try {
    return vault.open(proof, PROOF_CONTEXT) === PROOF;
  } catch {
    return false;
  }
}

async function readOrMake(file: string): Promise<string> {
  const [there] = await readIfThere(file);
  if (there !== undefined) return there;
  const secret = randomBytes(32).toString('base64url');
  await mkdir(join(file, '..'), { recursive: true });
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(`${secret}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return secret;
}

async function readIfThere(file: string): Promise<string[]> {
  try {
    const text = (await readFile(file, 'utf8')).trim();
    return text === '' ? [] : [text];
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
