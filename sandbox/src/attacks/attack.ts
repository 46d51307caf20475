import type { Outcome } from '../index.ts';

/**
 * One way to get out, or to take the machine down. A probe looks for something that it should not find and returns what it found,
 * or an empty text; a denial of service ends in one of `ends`.
 */
export interface Attack {
  name: string;
  source: string;
  /** Outcomes that count as contained. A probe is contained by an error too: there was nothing to ask. */
  ends: readonly Outcome['outcome'][];
}

export function probe(name: string, source: string): Attack {
  return { name, source, ends: ['value', 'error'] };
}

export function denial(name: string, ends: readonly Outcome['outcome'][], source: string): Attack {
  return { name, source, ends };
}

export const marker = '{PORT}';
