import { AppError } from '@whetstone/contract';
import { canonicalJson } from '@whetstone/domain';
import type { LogChange, NewLog } from '../index.ts';

/** Applies a workspace's rules to a log (`redact` of the domain); returns the log itself when nothing matches. */
export type Redact = <T extends object>(log: T) => T;

const dateFields = ['createdAt', 'startTime', 'endTime'] as const;
const countFields = ['promptTokens', 'outputTokens', 'reasoningTokens', 'cachedTokens'] as const;
const amountFields = ['promptCost', 'outputCost', 'latencyMs', 'firstTokenMs'] as const;

const earliest = Date.UTC(1970, 0, 1);
const latest = Date.UTC(2263, 0, 1);
const largestCount = 2 ** 32 - 1;
const longestId = 512;

/**
 * The one form in which a log goes on: canonical text, redacted, numbers and dates within what the store can hold.
 * The given object stays as it was. Throws `invalid_input` that names the field.
 */
export function prepare<T extends NewLog | LogChange>(log: T, redact: Redact | null): { log: T; repaired: boolean } {
  check(log);
  const { createdAt, startTime, endTime, ...plain } = log as NewLog;
  const { value, changed } = canonicalJson(plain);
  const redacted = redact ? redact(value) : value;
  const clean: NewLog = redacted === plain ? plain : { ...redacted };
  if (createdAt !== undefined) clean.createdAt = createdAt;
  if (startTime !== undefined) clean.startTime = startTime;
  if (endTime !== undefined) clean.endTime = endTime;
  return { log: clean as T, repaired: changed || clean.textRepaired === true };
}

export function check(log: Partial<NewLog>): void {
  for (const field of dateFields) {
    const date = log[field];
    if (!date) continue;
    const time = date.getTime();
    if (!(time >= earliest && time < latest)) refuse(field, 'must be a date of the years 1970 to 2262');
  }
  for (const field of countFields) {
    const count = log[field];
    if (count === null || count === undefined) continue;
    if (!Number.isInteger(count) || count < 0 || count > largestCount) refuse(field, `must be a whole number from 0 to ${largestCount}`);
  }
  for (const field of amountFields) {
    const amount = log[field];
    if (amount === null || amount === undefined) continue;
    if (!Number.isFinite(amount)) refuse(field, 'must be a finite number');
  }
  if (log.id !== undefined) checkId(log.id, 'id');
  if (log.traceParentId) checkId(log.traceParentId, 'traceParentId');
}

export function checkId(id: string, field: string): void {
  if (id === '' || id.length > longestId) refuse(field, `must have 1 to ${longestId} characters`);
  if (!id.isWellFormed() || id.includes('\0')) refuse(field, 'must be well-formed text without NUL');
}

/** Names the field as the wire does. */
export function refuse(field: string, problem: string): never {
  const name = field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  throw new AppError('invalid_input', `\`${name}\` ${problem}.`, { details: [{ loc: ['body', name], msg: problem, type: 'value_error' }] });
}
