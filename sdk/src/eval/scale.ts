import type { EvaluatorSpec } from '@whetstone/contract';
import type { Range } from '@whetstone/statistics';
import type { Judged } from './results.ts';

/** How judgments become numbers, and how these are told. */
export interface Scale {
  /** A share of passes, a number, or labels and texts that no number stands for. */
  kind: 'share' | 'number' | 'none';
  range: Range;
  higherIsBetter: boolean;
  valences: ReadonlyMap<string, number | null>;
  tell: (value: number) => string;
  difference: (value: number) => string;
  bareDifference: (value: number) => string;
}

const short = (value: number): string => (Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(3))));
const points = (value: number): string => (Math.abs(value) * 100).toFixed(1);
const asShare = {
  tell: (value: number) => `${(value * 100).toFixed(1)} %`,
  difference: (value: number) => `${points(value)} points`,
  bareDifference: points,
};
const asNumber = {
  tell: short,
  difference: (value: number) => short(Math.abs(value)),
  bareDifference: (value: number) => short(Math.abs(value)),
};

export function scaleOf(spec: EvaluatorSpec): Scale {
  const none = new Map<string, number | null>();
  if (spec.return_type === 'boolean') return { kind: 'share', range: [0, 1], higherIsBetter: true, valences: none, ...asShare };
  if (spec.return_type === 'number') {
    const { min, max } = spec.number_limits ?? {};
    const range: Range = min != null && max != null && max > min ? [min, max] : null;
    return { kind: 'number', range, higherIsBetter: spec.number_valence !== 'negative', valences: none, ...asNumber };
  }
  const worth = { positive: 1, negative: 0, neutral: null };
  const valences = new Map((spec.options ?? []).map(({ name, valence }) => [name, valence == null ? null : worth[valence]]));
  const ordered = spec.return_type === 'select' && [...valences.values()].some((value) => value !== null);
  if (ordered) return { kind: 'share', range: [0, 1], higherIsBetter: true, valences, ...asShare };
  return { kind: 'none', range: null, higherIsBetter: true, valences: none, ...asNumber };
}

export const rangeOf = ({ kind, range }: Scale): Range => (kind === 'share' ? [0, 1] : range);

/** Null: no judgment that counts. */
export function valueOf(judged: Judged | undefined, scale: Scale): number | null {
  if (judged?.outcome !== 'judged') return null;
  const { value } = judged;
  if (typeof value === 'boolean') return scale.kind === 'share' ? Number(value) : null;
  if (typeof value === 'number') {
    if (scale.kind !== 'number') return null;
    return scale.range !== null && (value < scale.range[0] || value > scale.range[1]) ? null : value;
  }
  return typeof value === 'string' ? (scale.valences.get(value) ?? null) : null;
}
