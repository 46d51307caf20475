import type { AnyObject } from '@whetstone/contract';

/** Reading values that others sent: each answer is of the asked type or null. */

export function asObject(value: unknown): AnyObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as AnyObject) : null;
}
export function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
export function asText(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
export function asNumber(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
/** A count that a log column can hold. */
export function asCount(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
