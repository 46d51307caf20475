/** Why a number is not given. A closed list; `reasons` says each in words. */
export type Reason = keyof typeof reasons;

export const reasons = {
  no_data: 'There is nothing to measure yet.',
  one_unit: 'One case alone has no spread to judge by.',
  no_spread: 'All values are equal and nothing bounds them, so how far the mean may be off is unknown.',
  too_few_units: 'There are too few cases for this method.',
  too_early: 'Too early: the first look is at 100 units.',
  not_yet: 'A fixed plan shows its answer once, when the planned number of users is there.',
  too_skewed: 'Too skewed at this size: a few extreme values decide the mean.',
  one_category: 'Only one answer was ever given, so agreement beyond chance has no meaning.',
  not_identified: 'The judge does not tell good from bad.',
  too_little_overlap: 'Too little overlap: what was logged says little about what is asked.',
  missing_decides: 'What is missing could turn the verdict.',
} as const;

/** How many were left out, and why. */
export interface Dropped {
  count: number;
  why: string;
}

/**
 * What every estimate carries. `null` is undefined and `reason` says why; it is never NaN. Estimate, limits and standard error are
 * in the unit of what was measured (proportions from 0 to 1).
 */
export interface Estimate {
  estimate: number | null;
  lower: number | null;
  upper: number | null;
  /** Confidence of the interval, two-sided, from 0 to 1. */
  level: number;
  /** Values that went in. */
  n: number;
  /** Independent units among them: what was sampled or randomised. */
  units: number;
  method: string;
  dropped: readonly Dropped[];
  reason: Reason | null;
  /** What a reader should know beside the numbers, in sentences. */
  warnings: readonly string[];
}

type Given = Partial<Estimate> & Pick<Estimate, 'level' | 'n' | 'method'>;

/** An estimate with the parts that were not given at rest: no interval, nothing dropped, as many units as values. */
export function estimateOf<T extends object = object>(given: Given & T): Estimate & Omit<T, keyof Estimate> {
  return { estimate: null, lower: null, upper: null, units: given.n, dropped: [], reason: null, warnings: [], ...given };
}

/** The list of what was dropped, without the entries that count nothing. */
export function droppedOf(...parts: (Dropped | null)[]): Dropped[] {
  return parts.filter((part) => part !== null && part.count > 0) as Dropped[];
}
