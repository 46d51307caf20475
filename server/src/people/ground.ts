import { hash, randomBytes } from 'node:crypto';
import { base62, type IdKind, idPrefixes, makeId } from '@whetstone/domain';
import type { Kysely } from 'kysely';
import type { AuditTrail } from './audit/audit.ts';
import type { PeopleTables } from './tables.ts';

export interface PeopleLog {
  info(data: object, message: string): void;
  warn(data: object, message: string): void;
  error(data: object, message: string): void;
}

/** What every part of this room stands on. */
export interface Ground {
  db: Kysely<PeopleTables>;
  now: () => Date;
  log: PeopleLog;
  audit: AuditTrail;
  /** Public URL without a trailing slash. */
  url: () => string;
}

export function newId(kind: IdKind): string {
  return makeId(idPrefixes[kind], randomBytes(21));
}

/** 256 random bits as text. */
export function newToken(): string {
  return base62(randomBytes(32));
}

/** How keys and the tokens of links and sessions are stored and found: without a slow hash, for they are 256 random bits. */
export function hashToken(token: string): string {
  return hash('sha256', token, 'base64url');
}

/** Whether PostgreSQL refused a row because another has the same name, e-mail or hash. */
export function isDuplicate(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '23505';
}
