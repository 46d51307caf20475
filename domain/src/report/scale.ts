import type { EvaluatorSpec, JudgmentValue, PairVerdict, Valence } from '@whetstone/contract';
import { judgmentMismatch } from '../judgment.ts';
import { isPairwise } from '../pairwise.ts';

/** How the judgments of an evaluator become numbers, and which way is better. */
export interface Scale {
  spec: EvaluatorSpec;
  /** Judgments are 1 or 0. */
  passFail: boolean;
  range: readonly [number, number] | null;
  /** Null: one value is no better than another. */
  higherIsBetter: boolean | null;
  unit: 'points' | 'number';
  options: { name: string; valence: Valence | null }[];
  /** As a sentence, when judgments are no numbers by themselves. */
  scoredBy: string | null;
  /** Undefined values stay out: `neutral` is neither good nor bad, `wrong_type` is nothing that the evaluator gives. */
  read(value: JudgmentValue): number | 'neutral' | 'wrong_type';
}

export function scaleOf(spec: EvaluatorSpec): Scale {
  if (isPairwise(spec)) return pairScale(spec);
  switch (spec.return_type) {
    case 'boolean':
      return booleanScale(spec);
    case 'number':
      return numberScale(spec);
    case 'select':
    case 'multi_select':
      return optionScale(spec);
    case 'text':
      return {
        ...plain(spec),
        scoredBy: 'Text has no better and worse: it is shown case by case.',
        read: (value) => (typeof value === 'string' ? 'neutral' : 'wrong_type'),
      };
  }
}

function plain(spec: EvaluatorSpec) {
  const options = (spec.options ?? []).map(({ name, valence }) => ({ name, valence: valence ?? null }));
  return { spec, passFail: false, range: null, higherIsBetter: null, unit: 'number', options, scoredBy: null } as const;
}

/** True is good, unless the evaluator says of its option `true` that it is bad. */
function booleanScale(spec: EvaluatorSpec): Scale {
  const valenceOf = (name: string) => spec.options?.find((option) => option.name.toLowerCase() === name)?.valence ?? null;
  const bad = valenceOf('true') === 'negative' || (valenceOf('true') === null && valenceOf('false') === 'positive');
  const options = [
    { name: 'true', valence: bad ? ('negative' as const) : ('positive' as const) },
    { name: 'false', valence: bad ? ('positive' as const) : ('negative' as const) },
  ];
  return {
    ...plain(spec),
    options,
    passFail: true,
    range: [0, 1],
    higherIsBetter: !bad,
    unit: 'points',
    read: (value) => (typeof value === 'boolean' ? Number(value) : 'wrong_type'),
  };
}

function numberScale(spec: EvaluatorSpec): Scale {
  const { min, max } = spec.number_limits ?? {};
  const range = min != null && max != null && max > min ? ([min, max] as const) : null;
  const fits = (value: number) => Number.isFinite(value) && (min == null || value >= min) && (max == null || value <= max);
  return {
    ...plain(spec),
    range,
    higherIsBetter: spec.number_valence === 'neutral' ? null : spec.number_valence !== 'negative',
    read: (value) => (typeof value === 'number' && fits(value) ? value : 'wrong_type'),
  };
}

const ofPair: Partial<Record<string, number>> = { better: 1, tie: 0.5, worse: 0 } satisfies Record<PairVerdict, number>;

/** Against the baseline: half is no better and no worse. */
function pairScale(spec: EvaluatorSpec): Scale {
  return {
    ...plain(spec),
    range: [0, 1],
    higherIsBetter: true,
    unit: 'points',
    scoredBy:
      'Each answer is compared with the baseline’s to the same case, in both orders; where the orders disagree it is a tie. Better counts 1, a tie one half, worse 0, so 50 % is no difference. A difference is the share of cases won minus the share lost.',
    read: (value) => (typeof value === 'string' ? (ofPair[value] ?? 'wrong_type') : 'wrong_type'),
  };
}

/** Good options count 1, bad ones 0; of several chosen the share of good ones among those that are either. */
function optionScale(spec: EvaluatorSpec): Scale {
  const base = plain(spec);
  const numbers = new Map(base.options.map(({ name, valence }) => [name, valence === 'positive' ? 1 : valence === 'negative' ? 0 : null]));
  const ordered = [...numbers.values()].some((value) => value !== null);
  const single = spec.return_type === 'select';
  const known = new Map<string, number | 'neutral' | 'wrong_type'>();
  const read = (value: JudgmentValue): number | 'neutral' | 'wrong_type' => {
    if (judgmentMismatch(spec, value) !== null) return 'wrong_type';
    const marks = (Array.isArray(value) ? value : [String(value)]).flatMap((name) => numbers.get(name) ?? []);
    if (marks.length === 0) return 'neutral';
    return marks.reduce<number>((sum, mark) => sum + mark, 0) / marks.length;
  };
  const how = single
    ? 'Good options count 1, bad ones 0; judgments that are neither stay out of the score and are counted.'
    : 'The share of good options among the chosen ones that are good or bad; judgments without any stay out of the score and are counted.';
  return {
    ...base,
    passFail: ordered && single,
    range: ordered ? [0, 1] : null,
    higherIsBetter: ordered ? true : null,
    unit: ordered ? 'points' : 'number',
    scoredBy: ordered ? how : 'None of the options is marked as good or bad, so there is no score: only how often each was chosen.',
    read(value) {
      if (typeof value !== 'string') return read(value);
      const found = known.get(value) ?? read(value);
      known.set(value, found);
      return found;
    },
  };
}

/** Whether scores of the scale can be given at all. */
export function isScored({ spec, range, higherIsBetter }: Scale): boolean {
  return spec.return_type === 'number' || (range !== null && higherIsBetter !== null);
}

/** Whether a judgment is good, bad or neither, as a person reads it in a list of cases. */
export function outcomeOf(scale: Scale, value: JudgmentValue | null): 'good' | 'bad' | 'neutral' | null {
  if (value === null) return null;
  const number = scale.read(value);
  if (number === 'wrong_type') return null;
  if (number === 'neutral' || scale.higherIsBetter === null || scale.range === null) return 'neutral';
  const [from, to] = scale.range;
  const unit = (number - from) / (to - from);
  const good = scale.higherIsBetter ? unit : 1 - unit;
  if (good >= 1) return 'good';
  return good <= 0 ? 'bad' : 'neutral';
}

/** The smallest difference worth having when nobody said: a twentieth of the range, known before any data. */
export function defaultMargin({ range }: Scale): number | null {
  return range === null ? null : (range[1] - range[0]) / 20;
}
