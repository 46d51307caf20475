import { sha256Words } from './sha256-words.ts';

/**
 * Who gets what in an experiment: a pure function of a salt and the unit, so that every replica, client and later reader
 * finds the same without asking anyone. `spec/experiment-assignment.yaml` has vectors for other languages.
 */

/** Places at which arms divide the numbers from 0 to 1, in their order. */
export interface Slot {
  armId: string;
  weight: number;
}

/** What decides, as of one moment. */
export interface Shares {
  salt: string;
  /** Share of units that take part. */
  traffic: number;
  slots: readonly Slot[];
}

/** Where a unit stands: two numbers from 0 to 1, 1 excluded, that know nothing of each other. */
export interface Stand {
  /** Below the share of traffic it takes part. */
  participation: number;
  /** In which slot this lies is its arm. */
  arm: number;
}

const of48Bits = 2 ** 48;

/**
 * SHA-256 over the UTF-8 of `SALT:UNIT`; its first six bytes are one number, big-endian, its next six the other, each
 * divided by 2^48.
 */
export function standOf(salt: string, unit: string): Stand {
  const [a, b, c] = sha256Words(`${salt}:${unit}`);
  return { participation: (a * 2 ** 16 + (b >>> 16)) / of48Bits, arm: ((b & 0xffff) * 2 ** 32 + c) / of48Bits };
}

/** The arm of a unit, and with which probability those that take part get it; null when it takes no part. A growing share keeps who was in. */
export function assignUnit(shares: Shares, unit: string): { armId: string; propensity: number } | null {
  const stand = standOf(shares.salt, unit);
  if (stand.participation >= shares.traffic) return null;
  const armId = armAt(shares.slots, stand.arm);
  return armId === null ? null : { armId, propensity: weightOf(shares.slots, armId) };
}

/** Whether a unit stays on control after the winner was promoted: from the end at which control's slot is, so that it was there before. */
export function isHeldOut(salt: string, holdOut: number, unit: string): boolean {
  return standOf(salt, unit).arm < holdOut;
}

/** Several slots may be of one arm. */
export function weightOf(slots: readonly Slot[], armId: string): number {
  let sum = 0;
  for (const slot of slots) if (slot.armId === armId) sum += slot.weight;
  return sum;
}

function armAt(slots: readonly Slot[], place: number): string | null {
  let end = 0;
  let last: string | null = null;
  for (const { armId, weight } of slots) {
    if (weight <= 0) continue;
    end += weight;
    if (place < end) return armId;
    last = armId;
  }
  // Rounded sums may end a hair below 1.
  return last;
}

/** An arm's slots go to another: who was in the others stays there. */
export function giveSlots(slots: readonly Slot[], from: string, to: string): Slot[] {
  return slots.map((slot) => (slot.armId === from ? { ...slot, armId: to } : slot));
}
